"""A node's status, clock, services and replication: answers of `/nodes/{node}/...` to the model."""

from __future__ import annotations

from typing import Any

import msgspec

from labtui.locale import _
from labtui.model.node_facts import NodeClock, NodeStatus, Replication, Service
from labtui.sources.proxmox.decode import Rows, Unfit, flag, plain
from labtui.sources.proxmox.errors import Question, unexpected
from labtui.sources.proxmox.values import real, table, whole, word

Complaints = tuple[str, ...]
# Proxmox VE tells whole seconds, cut off: the middle of that second is the best guess.
_CUT = 0.5


class _ServiceRow(msgspec.Struct):
    service: Any
    name: Any = None
    desc: Any = None
    state: Any = None
    active: Any = msgspec.field(default=None, name="active-state")
    unit: Any = msgspec.field(default=None, name="unit-state")


class _JobRow(msgspec.Struct):
    id: Any
    guest: Any = None
    target: Any = None
    schedule: Any = None
    disable: Any = None
    last_sync: Any = None
    last_try: Any = None
    next_sync: Any = None
    fail_count: Any = None
    duration: Any = None
    error: Any = None


_SERVICES = Rows(_ServiceRow)
_JOBS = Rows(_JobRow)


def read_status(body: bytes, question: Question) -> NodeStatus:
    """`GET /nodes/{node}/status`. Raises `Unexpected`."""
    data = _object(body, question)
    memory, swap, root = (
        table(data.get("memory")),
        table(data.get("swap")),
        table(data.get("rootfs")),
    )
    processor, boot = table(data.get("cpuinfo")), table(data.get("boot-info"))
    kernel = word(table(data.get("current-kernel")).get("release")) or word(data.get("kversion"))
    load = data.get("loadavg")
    return NodeStatus(
        _version(word(data.get("pveversion"))),
        kernel,
        whole(data.get("uptime")) or 0,
        word(boot.get("mode"), 40),
        flag(_plainly(boot.get("secureboot"))),
        word(processor.get("model")),
        whole(processor.get("sockets")) or 0,
        whole(processor.get("cores")) or 0,
        whole(processor.get("cpus")) or 0,
        # Without virtualisation `hvm` is an empty text (recorded).
        flag(_plainly(processor.get("hvm", 1))),
        real(data.get("cpu")) or 0.0,
        real(data.get("wait")) or 0.0,
        tuple(real(each) or 0.0 for each in load[:3]) if isinstance(load, list) else (),
        whole(memory.get("used")) or 0,
        whole(memory.get("total")) or 0,
        whole(memory.get("available")),
        whole(swap.get("used")) or 0,
        whole(swap.get("total")) or 0,
        whole(root.get("used")) or 0,
        whole(root.get("total")) or 0,
        whole(table(data.get("ksm")).get("shared")) or 0,
    )


def read_clock(body: bytes, question: Question, asked: float, answered: float) -> NodeClock:
    """`GET /nodes/{node}/time`, asked and answered at these times by our clock (epoch seconds).

    Raises `Unexpected`.
    """
    data = _object(body, question)
    told = real(data.get("time"))
    if told is None:
        raise unexpected(question, _("the answer lacks parts, or has others"))
    took = max(0.0, answered - asked)
    ahead = told + _CUT - (asked + took / 2)
    return NodeClock(ahead, _CUT + took / 2, word(data.get("timezone"), 60))


def read_services(body: bytes, question: Question) -> tuple[tuple[Service, ...], Complaints]:
    """`GET /nodes/{node}/services`, by name."""

    def row(row: _ServiceRow) -> Service:
        name = word(row.service, 80) or word(row.name, 80)
        if not name:
            raise Unfit(_("name of the service missing"))
        active, state = word(row.active, 40), word(row.state, 40)
        return Service(name, active or state, state, word(row.unit, 40), word(row.desc))

    made, complaints = _SERVICES.read(body, question, row)
    return tuple(sorted(made, key=lambda service: service.name)), complaints


def read_replication(body: bytes, question: Question) -> tuple[tuple[Replication, ...], Complaints]:
    """`GET /nodes/{node}/replication`: jobs of the guests there, by id."""

    def row(row: _JobRow) -> Replication:
        name = word(row.id, 40)
        vmid = whole(row.guest) or whole(name.partition("-")[0])
        if not name or vmid is None:
            raise Unfit(_("id of the job missing"))
        return Replication(
            name,
            vmid,
            word(row.target, 80),
            word(row.schedule, 80),
            flag(_plainly(row.disable)),
            _moment(row.last_sync),
            _moment(row.last_try),
            _moment(row.next_sync),
            whole(row.fail_count) or 0,
            real(row.duration),
            word(row.error, 400),
        )

    made, complaints = _JOBS.read(body, question, row)
    return tuple(sorted(made, key=lambda job: job.id)), complaints


def _moment(value: Any) -> float | None:
    """A time; 0 is never (`PVE/ReplicationState.pm`)."""
    return real(value) or None


def _version(text: str) -> str:
    """`pve-manager/9.2.11/43df2e01f27a1a19` -> `9.2.11`."""
    parts = text.split("/")
    return parts[1] if len(parts) > 1 else text


def _plainly(value: Any) -> Any:
    return value if isinstance(value, bool | int | str) else None


def _object(body: bytes, question: Question) -> dict[str, Any]:
    data = plain(body, question)
    if not isinstance(data, dict):
        raise unexpected(question, _("the answer lacks parts, or has others"))
    return data
