"""Where each rule about a cluster, its guests and its GPUs fires, and where it must not."""

from __future__ import annotations

from typing import Any

from labtui.model.cluster import HaService, HaStatus, Storage, Task
from labtui.model.devices import Hardware, MappingEntry, PciDevice, PciMapping
from labtui.model.guests import Guest, HostPci
from labtui.model.snapshot import Snapshot
from labtui.model.witnesses import Witness
from tests.findings.labs import Shots, cluster, default_guests, lab, overlay, records, twice, well
from tests.snapshots import GIB, NOW, config, configs, gpu, guest

T = NOW
_ALL, _REST = ("pve1", "pve2", "pve3"), ("pve1", "pve2")


def _lab(*guests: Guest, now: float = T, **changes: Any) -> Snapshot:
    return lab(now, overlay(now), cluster(*guests, **changes), records())


def _clean() -> Shots:
    return twice(well())


def _parted(answers: bool = True) -> Snapshot:
    cut = Witness("10.3.0.11", "pve3", False, _ALL, ("pve3",))
    if not answers:
        cut = Witness("10.3.0.11", "pve3", problem="no answer")
    rest = Witness("10.1.0.11", "pve1", True, _ALL, _REST)
    return _lab(away=["pve3"], witnesses=(rest, cut))


def _hung(uptimes: tuple[int, ...]) -> Shots:
    """Looks 30 s apart at a node with these uptimes."""
    return [
        (T + 30 * n, _lab(now=T + 30 * n, nodes={"pve2": {"uptime": uptime}, **_others(n)}))
        for n, uptime in enumerate(uptimes)
    ]


def _others(step: int) -> dict[str, dict[str, int]]:
    return {name: {"uptime": 5000 + 30 * step} for name in ("pve1", "pve3")}


def _task(kind: str, subject: str, *, status: str | None, at: float = T - 300) -> Task:
    ended = None if status is None else at + 10
    return Task("lab", f"UPID:{kind}:{subject}", "pve1", kind, subject, "root@pam", at, ended,
                status)  # fmt: skip


def _one(**change: Any) -> tuple[Guest, ...]:
    """The guests, the second one changed."""
    here, *rest = default_guests()[1:]
    return (default_guests()[0], guest(here.vmid, here.node, name=here.name, **change), *rest)


def _storage(**change: Any) -> tuple[Storage, ...]:
    values: dict[str, Any] = {"status": "available", "used": GIB, **change}
    return tuple(
        Storage("lab", name, "ceph", "rbd", values["status"], True, values["used"], 100 * GIB)
        for name in _ALL
    )


def _local() -> tuple[Storage, ...]:
    return tuple(
        Storage("lab", name, "local", "dir", "available", False, GIB, 100 * GIB) for name in _ALL
    )


def _stops(by: str = "") -> Shots:
    tasks = (_task(by, "101", status="OK", at=T + 55),) if by else ()
    off = _lab(*_one(status="stopped"), now=T + 60, tasks=tasks)
    later = _lab(*_one(status="stopped"), now=T + 70, tasks=tasks)
    return [(T, well()), (T + 60, off), (T + 70, later)]


def _cards(
    *devices: PciDevice,
    claims: tuple[int, ...] = (),
    off: int = 0,
    boot: bool = False,
    mappings: tuple[PciMapping, ...] = (),
) -> Snapshot:
    """GPUs in pve1, one of which these guests name; the guest `off` is stopped."""
    guests = tuple(
        guest(100 + n, "pve1", "stopped" if 100 + n == off else "running") for n in range(3)
    )
    named = HostPci(0, ("0000:01:00",))
    known = configs(
        *(config(100 + n, *((named,) if 100 + n in claims else ()), onboot=boot) for n in range(3))
    )
    hardware = Hardware({"pve1": devices}, mappings)
    return lab(T, overlay(T), cluster(*guests), [("lab", known), ("lab", hardware)])  # fmt: skip


_CARD, _OTHER = gpu("pve1", "0000:01:00"), gpu("pve1", "0000:02:00", group=2)


def _mapping(device: str) -> tuple[PciMapping, ...]:
    return (PciMapping("big", (MappingEntry("pve1", ("0000:01:00.0",), device, 1),)),)


_FAILED = HaStatus(True, services=(HaService("vm:101", "pve1", "error"),))
_STARTED = HaStatus(True, services=(HaService("vm:101", "pve1", "started"),))
_BACKUP = _task("vzdump", "101", status="job errors")
_BETTER = _task("vzdump", "101", status="OK", at=T - 100)
_REBOOT = (9000, 9030, 20, 50)

CLUSTER_CASES: dict[str, tuple[Shots, Shots]] = {
    "node-down": (twice(_lab(away=["pve3"])), _clean()),
    "node-partitioned": (twice(_parted()), twice(_parted(answers=False))),
    "quorum-lost": (
        twice(_lab(away=["pve2", "pve3"], quorate=False, ha=HaStatus(False))),
        # The HA manager was asked as late, and is right where the membership lags behind.
        twice(_lab(away=["pve2", "pve3"], quorate=False, ha=HaStatus(True))),
    ),
    "statistics-hung": (_hung((900, 930, 930, 930, 930, 930)), _hung((900, 930, 960, 990, 1020))),
    "root-full": (
        twice(_lab(nodes={"pve2": {"disk": 99 * GIB, "disk_max": 100 * GIB}})),
        twice(_lab(nodes={"pve2": {"disk": 80 * GIB, "disk_max": 100 * GIB}})),
    ),
    "node-fenced": (twice(_lab(nodes={"pve2": {"ha_state": "fence"}})),
                    twice(_lab(nodes={"pve2": {"ha_state": "online"}}))),
    "node-rebooted": (_hung(_REBOOT), _hung((900, 930, 960))),
    "storage-full": (twice(_lab(storages=_storage(used=99 * GIB))),
                     twice(_lab(storages=_storage(used=85 * GIB)))),
    "storage-away": (twice(_lab(storages=(*_storage(status="unknown"), *_local()))),
                     twice(_lab(storages=_storage(status="unknown")))),
    "backup-failed": (twice(_lab(tasks=(_BACKUP,))), twice(_lab(tasks=(_BETTER, _BACKUP)))),
    "ha-error": (twice(_lab(ha=_FAILED)), twice(_lab(ha=_STARTED))),
    "guest-broken": (twice(_lab(*_one(status="internal-error"))),
                     twice(_lab(*_one(status="paused")))),
    "guest-locked": (
        twice(_lab(*_one(status="running", lock="backup"))),
        twice(_lab(*_one(status="running", lock="backup"),
                   tasks=(_task("vzdump", "101", status=None),))),
    ),
    "guest-stopped": (_stops(), _stops(by="qmshutdown")),
    "guest-memory": (twice(_lab(*_one(status="running", memory=4 * GIB))),
                     twice(_lab(*_one(status="stopped", memory=4 * GIB)))),
    "gpu-twice": (twice(_cards(_CARD, claims=(100, 101))),
                  twice(_cards(_CARD, claims=(100, 101), off=101))),
    "gpu-twice-at-boot": (twice(_cards(_CARD, claims=(100, 101), off=101, boot=True)),
                          twice(_cards(_CARD, claims=(100, 101), off=101))),
    "gpu-gone": (
        [(T, _cards(_CARD, _OTHER, claims=(100,))), (T + 20, _cards(_OTHER, claims=(100,)))],
        [(T, _cards(_OTHER)), (T + 20, _cards(_CARD, _OTHER))],
    ),
    "mapping-broken": (twice(_cards(_CARD, mappings=_mapping("10de:ffff"))),
                       twice(_cards(_CARD, mappings=_mapping("10de:2684")))),
}  # fmt: skip
"""Rule -> looks after which it must have found something, and looks after which it must not."""
