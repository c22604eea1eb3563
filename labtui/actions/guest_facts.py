"""What a plan about guests rests on: each guest as its node has it now. Reads only.

The server's statistics are ten seconds old, so the state is asked of the node that has the guest.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from labtui.actions import interlock
from labtui.actions.action import Right, Scope, Wire, subjects
from labtui.actions.interlock import Standing
from labtui.actions.locks import lock_sentence
from labtui.locale import _
from labtui.model.cluster import HaStatus, Rights, Task
from labtui.model.errors import LabError, NotFound
from labtui.model.guests import Guest
from labtui.model.presence import seen_guests
from labtui.model.snapshot import Snapshot
from labtui.model.text import clean

_AT_ONCE = 4


class Subject(msgspec.Struct, frozen=True):
    """One guest of a plan. `state` is what its QEMU says (running, stopped, paused, ...).

    `blockers` and `warnings` hold for any action; `config` is as it will be after a restart, and
    `pending` are the keys that wait for one with their new values. `unread`: why it is not known.
    """

    guest: Guest
    state: str
    blockers: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    config: Mapping[str, Any] = {}
    current: Mapping[str, Any] = {}
    pending: tuple[tuple[str, str], ...] = ()
    lock_text: str = ""
    ha_error: bool = False

    @property
    def running(self) -> bool:
        """Whether there is a process of it, paused or not."""
        return self.state not in ("stopped", "unknown", "")

    @property
    def paused(self) -> bool:
        return self.state in ("paused", "suspended")

    @property
    def managed(self) -> bool:
        """Whether the HA manager acts on it; one that it ignores is like any other."""
        return self.guest.ha_state not in ("", "ignored")


def scope_of(subject: str, snapshot: Snapshot, *privileges: str) -> Scope:
    """The guests of a subject and the nodes they are on; what is gone is for the plan to say."""
    keys = subjects(subject)
    seen = seen_guests(snapshot)
    cluster = keys[0].partition("/")[0] if keys else ""
    vmids = [key.partition("/")[2] for key in keys]
    guests = [seen[key].guest for key in keys if key in seen]
    if len(keys) == 1:
        label = guests[0].label if guests else vmids[0]
    else:
        label = _("{n} guests").format(n=len(keys))
    return Scope(
        cluster,
        label,
        tuple(dict.fromkeys(guest.node for guest in guests)),
        tuple(vmids),
        tuple(Right(privilege, f"/vms/{vmid}") for vmid in vmids for privilege in privileges),
    )


async def look_at(
    subject: str, wire: Wire, *privileges: str, config: bool = True, pending: bool = False
) -> tuple[Subject, ...]:
    """Each guest as it is now. Raises `NotFound` when none of them is there.

    What can't be read is a blocker of that guest.
    """
    seen = seen_guests(wire.snapshot)
    guests = [seen[key].guest for key in subjects(subject) if key in seen]
    if not guests:
        raise NotFound(_("guest not found"), where=subject, remedy=_("press r to read again"))
    tasks = {name: await _tasks(name, wire) for name in {guest.cluster for guest in guests}}
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one(guest: Guest) -> Subject:
        scope = scope_of(guest.key, wire.snapshot, *privileges)
        found = tasks[guest.cluster]
        standing = interlock.judge(scope, wire.snapshot, wire.now(), wire.max_age, found)
        known = () if isinstance(found, str) else found
        base = _known(guest, wire.snapshot, standing, known)
        if standing.blockers:
            # The server would refuse or can't be asked; the draft says why.
            return base
        async with gate:
            return await _read(base, wire, config=config, pending=pending)

    return tuple(await asyncio.gather(*(one(guest) for guest in guests)))


async def _tasks(cluster: str, wire: Wire) -> Sequence[Task] | str:
    try:
        return interlock.running(cluster, await wire.read(cluster, "/cluster/tasks"))
    except LabError as error:
        return error.why or error.what


def _known(guest: Guest, snapshot: Snapshot, standing: Standing, tasks: Sequence[Task]) -> Subject:
    """What the snapshot says of it."""
    blockers = list(standing.blockers)
    if any(job.running and guest.key in subjects(job.subject) for job in snapshot.jobs):
        blockers.append(_("a job of this console works on it: wait until that ends, or cancel it"))
    ha = snapshot.one(HaStatus, guest.cluster)
    service = ha.service(guest.sid) if ha is not None else None
    warnings = list(standing.warnings)
    if guest.ha_state and ha is not None and not ha.master:
        warnings.append(_("HA has no master: what is asked of it waits until it has one"))
    return Subject(
        guest,
        guest.status,
        tuple(blockers),
        tuple(warnings),
        standing.notes,
        lock_text=lock_sentence(guest, tasks, snapshot.one(Rights, guest.cluster))
        if guest.lock
        else "",
        ha_error="error" in (guest.ha_state, service.state if service else ""),
    )


async def _read(base: Subject, wire: Wire, *, config: bool, pending: bool) -> Subject:
    """With what its node says of it now."""
    guest = base.guest
    path = f"/nodes/{guest.node}/{guest.kind}/{guest.vmid}"
    try:
        current, found, waiting = await asyncio.gather(
            wire.read(guest.cluster, f"{path}/status/current"),
            wire.read(guest.cluster, f"{path}/config") if config else _nothing(),
            wire.read(guest.cluster, f"{path}/pending") if pending else _nothing(),
        )
    except LabError as error:
        text = _("its state can't be read: {why}").format(why=error.why or error.what)
        return msgspec.structs.replace(base, blockers=(*base.blockers, text))
    current = current if isinstance(current, dict) else {}
    return msgspec.structs.replace(
        base,
        state=state_of(current) or base.state,
        current=current,
        config=cleaned(found if isinstance(found, dict) else {}),
        pending=pending_of(waiting),
    )


def cleaned(config: Mapping[str, Any]) -> dict[str, Any]:
    """A configuration with harmless texts, nothing cut off: a text may be edited and sent back."""
    return {
        clean(str(key), 80): whole(value) if isinstance(value, str) else value
        for key, value in config.items()
    }


def whole(text: str) -> str:
    """Every line of a text made harmless, however long."""
    return "\n".join(clean(line, len(line) + 1) for line in text.split("\n"))


async def _nothing() -> None:
    return None


def state_of(current: Mapping[str, Any]) -> str:
    """What `.../status/current` says: the QEMU's own word where there is one."""
    status = clean(str(current.get("status") or ""))
    word = clean(str(current.get("qmpstatus") or ""))
    return word if word and status == "running" else status


def pending_of(rows: Any) -> tuple[tuple[str, str], ...]:
    """(key, new value) of what waits for a restart; an empty value is one that goes away."""
    found = []
    for row in rows if isinstance(rows, list) else []:
        if not isinstance(row, dict) or not isinstance(row.get("key"), str):
            continue
        if row.get("delete"):
            found.append((clean(row["key"]), ""))
        elif "pending" in row:
            found.append((clean(row["key"]), clean(str(row["pending"]), 200)))
    return tuple(sorted(found))


def pending_text(pending: Sequence[tuple[str, str]]) -> str:
    """What waits for a restart, in a line."""
    return ", ".join(f"{key}={value}" if value else f"-{key}" for key, value in pending)
