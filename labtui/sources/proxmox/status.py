"""Membership, tasks, HA and rights: the small cluster-wide answers."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from labtui.locale import _
from labtui.model.cluster import HaService, HaStatus, Member, Membership, Task, Tasks
from labtui.model.text import clean
from labtui.sources.proxmox.decode import (
    Cleaner,
    Flag,
    Rows,
    Text,
    Unfit,
    as_struct,
    flag,
    keep_same,
    once,
    plain,
)
from labtui.sources.proxmox.errors import Question, unexpected
from labtui.sources.proxmox.upid import parse_upid

Complaints = tuple[str, ...]


class Privileges(NamedTuple):
    """What is held by path, and what of it goes no deeper."""

    held: dict[str, frozenset[str]]
    shallow: dict[str, frozenset[str]]


class _StatusRow(msgspec.Struct):
    type: str
    name: Text = ""
    quorate: Flag = None
    online: Flag = None
    local: Flag = None
    ip: Text | None = None


class _TaskRow(msgspec.Struct):
    upid: str
    endtime: float | None = None
    status: Text | None = None


class _HaRow(msgspec.Struct):
    type: str
    quorate: Flag = None
    node: Text | None = None
    sid: str | None = None
    state: Text | None = None
    crm_state: Text | None = None
    request_state: Text | None = None


class _Version(msgspec.Struct):
    version: Text


_STATUS_ROWS = Rows(_StatusRow)
_TASK_ROWS = Rows(_TaskRow)
_HA_ROWS = Rows(_HaRow)


def read_membership(body: bytes, question: Question, cluster: str) -> tuple[Membership, Complaints]:
    """`GET /cluster/status`. A stand-alone node sends no cluster row: `quorate` is None then."""

    def row(row: _StatusRow) -> Member | bool | None:
        if row.type == "cluster":
            return flag(row.quorate)
        if row.type != "node":
            return None
        name = clean(str(row.name))
        if not name:
            raise Unfit(_("name of the node missing"))
        address = clean(str(row.ip)) if row.ip is not None else ""
        return Member(name, flag(row.online), address, flag(row.local))

    made, complaints = _STATUS_ROWS.read(body, question, row)
    members, complaints = once(
        (each for each in made if isinstance(each, Member)), lambda member: member.name, complaints
    )
    if not members:
        raise unexpected(question, _("the answer names no node"))
    quorate = next((each for each in made if isinstance(each, bool)), None)
    ordered = tuple(sorted(members, key=lambda member: member.name))
    return Membership(cluster, quorate, ordered), complaints


def read_tasks(
    body: bytes, question: Question, cluster: str, before: Tasks | None = None
) -> tuple[Tasks, Complaints]:
    """`GET /cluster/tasks`, newest first. What a task is about is read from its UPID."""
    text = Cleaner()

    def row(row: _TaskRow) -> Task:
        upid = parse_upid(row.upid)
        if upid is None:
            raise Unfit(_("not the name of a task"))
        return Task(
            cluster,
            upid.text,
            upid.node,
            text[upid.kind],
            text[upid.subject],
            text[upid.user],
            float(upid.started),
            row.endtime,
            None if row.status is None else text[row.status],
        )

    made, complaints = _TASK_ROWS.read(body, question, row)
    # A task that just ended may still stand among the running ones: the row with an end wins.
    made.sort(key=lambda task: task.running)
    rows = {task.upid: task for task in reversed(made)}
    newest = sorted(rows.values(), key=lambda task: (-task.started, task.upid))
    old = before.tasks if before else ()
    return Tasks(keep_same(newest, old, lambda task: task.upid)), complaints


def read_ha(body: bytes, question: Question) -> tuple[HaStatus, Complaints]:
    """`GET /cluster/ha/status/current`: quorum, master and services; lrm rows are not needed."""
    quorate: list[bool] = []
    masters: list[str] = []

    def row(row: _HaRow) -> HaService | None:
        if row.type == "quorum":
            quorate.append(flag(row.quorate))
        if row.type == "master" and row.node is not None:
            masters.append(clean(str(row.node)))
        if row.type != "service":
            return None
        if not row.sid:
            raise Unfit(_("id of the service missing"))
        state = row.state if row.state is not None else row.crm_state
        return HaService(
            clean(row.sid), _word(row.node), _word(state) or "unknown", _word(row.request_state)
        )

    made, complaints = _HA_ROWS.read(body, question, row)
    services, complaints = once(made, lambda service: service.sid, complaints)
    ordered = tuple(sorted(services, key=lambda service: service.sid))
    return HaStatus(
        quorate[0] if quorate else None, masters[0] if masters else "", ordered
    ), complaints


def read_version(body: bytes, question: Question) -> str:
    """`GET /version`, like `9.2.11`."""
    return clean(str(as_struct(body, question, _Version).version), 40)


def read_privileges(body: bytes, question: Question) -> Privileges:
    """`GET /access/permissions`: path -> privileges, and those of them that go no deeper (0)."""
    data: Any = plain(body, question)
    if not isinstance(data, dict):
        raise unexpected(question, _("the answer lacks parts, or has others"))
    listed = {clean(str(path)): held for path, held in data.items() if isinstance(held, dict)}
    held = {path: frozenset(clean(str(name)) for name in told) for path, told in listed.items()}
    shallow = {
        path: frozenset(clean(str(name)) for name, deeper in told.items() if deeper in (0, "0"))
        for path, told in listed.items()
    }
    return Privileges(held, {path: names for path, names in shallow.items() if names})


def _word(value: Text | None) -> str:
    return "" if value is None else clean(str(value))
