"""Where each rule about the use of GPUs fires, and where it must not."""

from __future__ import annotations

import msgspec

from labtui.findings.gpu_use import IDLE_FOR, OFF_FOR
from labtui.model.devices import Hardware, PciDevice
from labtui.model.errors import Problem
from labtui.model.guests import HostPci
from labtui.model.snapshot import Part, Snapshot
from labtui.model.use import CardUse, CardUses, Idle, UseReport
from tests.findings.labs import cluster, lab, overlay, twice
from tests.snapshots import NOW, config, configs, gpu, guest

T = NOW
_CARD = gpu("pve1", "0000:01:00", 1)
_NVME = msgspec.structs.replace(
    _CARD, address="0000:03:00.0", device_class=0x010802, model="NVMe SSD"
)
_BRIDGE = msgspec.structs.replace(_CARD, address="0000:00:01.0", device_class=0x060400)


def _lab(
    *devices: PciDevice, status: str = "running", now: float = T, use: CardUses | None = None
) -> Snapshot:
    """A card that guest 100 has, and what else is in its node."""
    guests = (guest(100, "pve1", status), guest(101, "pve1", "running"))
    known = configs(config(100, HostPci(0, ("0000:01:00",))), config(101))
    parts: list[tuple[str, Part]] = [("lab", known), ("lab", Hardware({"pve1": (_CARD, *devices)}))]
    if use is not None:
        parts.append(("lab", use))
    return lab(now, overlay(now), cluster(*guests), parts)


def _rests(since: float, seen: float = T) -> CardUses:
    card = CardUse("0000:00:10.0", "NVIDIA GeForce RTX 4090", "GPU-1", "10de:2684", 0.0)
    report = UseReport("pve1", 100, "agent", seen, seen, (card,), "nvidia-smi")
    return CardUses({"guest/100": report}, {"GPU-1": Idle(since, seen)})


def _failed(why: Problem, at: float | None = T - 60) -> CardUses:
    """A guest whose tool told something at that time, and tells nothing now."""
    return CardUses({"guest/100": UseReport("pve1", 100, "ssh", T, at, (), "nvidia-smi", "",
                                            why)})  # fmt: skip


_OTHER_KEY = Problem("host-key", "connecting over SSH", "pve1", "the host key is another")
_NO_DRIVER = Problem("unexpected", "asking", "web", "nvidia-smi ended with 9: no driver")
_SLOW = Problem("timed-out", "asking", "web", "the program has not ended")

GPU_CASES = {
    "ssh-key-changed": (
        twice(_lab(use=_failed(_OTHER_KEY))),
        # One that was never written down is for whoever sets the console up.
        twice(_lab(use=_failed(_OTHER_KEY, at=None))),
    ),
    "card-driver": (
        [*twice(_lab(use=_failed(_NO_DRIVER))), (T + 20, _lab(use=_failed(_NO_DRIVER)))],
        [*twice(_lab(use=_failed(_SLOW))), (T + 20, _lab(use=_failed(_NO_DRIVER, at=None)))],
    ),
    "gpu-idle": (
        twice(_lab(use=_rests(T - IDLE_FOR - 60))),
        twice(_lab(use=_rests(T - IDLE_FOR + 60))),
    ),
    "gpu-off": (
        [(T, _lab(status="stopped")), (T + OFF_FOR, _lab(status="stopped", now=T + OFF_FOR))],
        [(T, _lab(status="running")), (T + OFF_FOR, _lab(status="stopped", now=T + OFF_FOR))],
    ),
    "gpu-group": (twice(_lab(_NVME)), twice(_lab(_BRIDGE))),
}
"""Rule -> looks after which it must have found something, and looks after which it must not."""
