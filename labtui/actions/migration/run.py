"""Carrying a migration out: one call, the task followed by its log, the result looked up.

A write is sent once. When its answer is lost the task list tells whether it was taken. With HA the
call only leaves a request and its task ends at once; the real task appears some rounds later
(`PVE/API2/Qemu.pm`, `PVE/HA/CRM.pm`), and is found by guest, kind, node and time. At the end the
guest's place is asked for, since that, not the task, is what was wanted.
"""

from __future__ import annotations

from labtui.actions.action import Call, Outcome, Plan, Progress, Report, Wire
from labtui.actions.migration.log import MigrationProgress, read_line
from labtui.locale import _
from labtui.model.errors import LabError, NotFound, OutcomeUnknown
from labtui.model.guests import Guest
from labtui.model.presence import presences, seen_guests
from labtui.model.text import clean

MIGRATION_KINDS = ("qmigrate", "vzmigrate")
HA_REQUEST = "hamigrate"
_POLL = 1.0
_HA_PATIENCE = 120.0
_LOOKUP_PATIENCE = 20.0
_SILENCE = 90.0
_ARRIVAL = 20.0


async def run(plan: Plan, wire: Wire, report: Report) -> Outcome:
    """Check the plan's facts once more, send the call, follow it to the end."""
    guest = _guest(plan.subject, wire)
    changed = _changed(plan, guest, wire)
    if guest is None or changed:
        return Outcome("failed", changed or _("the guest is gone"))
    started = wire.now()
    before = frozenset(upid for upid, _row in await _migrations(guest, guest.node, wire))
    report(Progress(note=_("asking {node} to start").format(node=guest.node)))
    try:
        upid = clean(str(await wire.call(plan.calls[0])))
    except OutcomeUnknown:
        upid = ""
    except LabError as error:
        return Outcome("failed", _reason(error))
    if not upid.startswith("UPID:"):
        report(Progress(note=_("the answer was lost: looking whether it was taken")))
        upid = await _find_task(guest, wire, before, None, _LOOKUP_PATIENCE)
        if not upid:
            return Outcome("unknown", _("no such task turned up: look before trying again"))
    return await follow(guest, upid, plan.chosen, wire, report, started)


async def follow(
    guest: Guest, upid: str, target: str, wire: Wire, report: Report, started: float
) -> Outcome:
    """From a running task to where the guest is. `target` empty: wherever it went."""
    if _kind_of(upid) == HA_REQUEST:
        report(Progress(note=_("asked the HA manager, waiting for its round"), upid=upid))
        asked = _started_at(upid)
        # The request's own task is in the list as well, and has ended.
        known = frozenset((upid,))
        upid = await _find_task(guest, wire, known, asked or started, _HA_PATIENCE)
        if not upid:
            return Outcome("unknown", await _ha_word(guest, wire))
    report(Progress(note=_("started"), upid=upid))
    told, exit_status = await _watch(guest, upid, target, wire, report)
    return await _conclude(guest, told, exit_status, target, wire)


async def cancel(subject: str, upid: str, wire: Wire) -> None:
    """Stop the task: a live migration leaves the guest where it was. Takes a few seconds."""
    cluster, parts = subject.split("/")[0], upid.split(":")
    if len(parts) < 2:
        raise NotFound(_("the task has no name yet: try again in a moment"), where=subject)
    node = parts[1]
    await wire.call(Call(cluster, "DELETE", f"/nodes/{node}/tasks/{upid}"))


def _guest(subject: str, wire: Wire) -> Guest | None:
    seen = seen_guests(wire.snapshot).get(subject)
    return seen.guest if seen else None


def _changed(plan: Plan, guest: Guest | None, wire: Wire) -> str:
    """Which fact of the plan no longer holds, in words; empty when all do.

    Quorum, age, rights and tasks of others are the interlock's, which has been asked already.
    """
    if guest is None:
        return _("the guest is gone")
    snapshot, facts = wire.snapshot, dict(plan.stands_on)
    if guest.node != facts["node"]:
        return _("it is on {node} now: plan again").format(node=guest.node)
    if guest.status != facts["status"]:
        return _("it is {status} now: plan again").format(status=guest.status)
    if guest.lock:
        return _("it is locked now ({lock}): wait").format(lock=guest.lock)
    target = presences(snapshot).get((guest.cluster, plan.chosen))
    if target is not None and target.online is False:
        return _("{node} is not online any more: plan again").format(node=plan.chosen)
    return ""


def _reason(error: LabError) -> str:
    return f"{error.problem.sentence}. {error.remedy}".rstrip(". ")


def _kind_of(upid: str) -> str:
    parts = upid.split(":")
    return parts[5] if len(parts) > 5 else ""


def _started_at(upid: str) -> float | None:
    """When a task began by its node's clock: the fifth part of its name, in hexadecimal."""
    parts = upid.split(":")
    try:
        return float(int(parts[4], 16)) if len(parts) > 4 else None
    except ValueError:
        return None


async def _find_task(
    guest: Guest, wire: Wire, before: frozenset[str], since: float | None, patience: float
) -> str:
    """A migration task of that guest on its node that is new, or an empty text.

    New is what was not there `before`, or began at `since` (by the servers' clocks) or later: their
    clocks may differ from ours by any amount.
    """
    deadline = wire.now() + patience
    while wire.now() < deadline:
        for upid, started in await _migrations(guest, guest.node, wire):
            if upid not in before and (since is None or started >= since - 2):
                return upid
        await wire.sleep(_POLL)
    return ""


async def _migrations(guest: Guest, node: str, wire: Wire) -> list[tuple[str, float]]:
    """(UPID, start) of the migrations of that guest that this node ran or runs."""
    try:
        rows = await wire.read(guest.cluster, "/cluster/tasks")
    except LabError:
        return []
    return [
        (clean(row["upid"]), float(row["starttime"]))
        for row in (rows if isinstance(rows, list) else [])
        if isinstance(row, dict)
        and isinstance(row.get("starttime"), int | float)
        and isinstance(row.get("upid"), str)
        and row.get("type") in (*MIGRATION_KINDS, HA_REQUEST)
        and str(row.get("id")) == str(guest.vmid)
        and row.get("node") == node
    ]


async def _ha_word(guest: Guest, wire: Wire) -> str:
    """What the HA manager says of a guest whose migration never began."""
    told = _("the HA manager did not start it in {seconds:.0f} s").format(seconds=_HA_PATIENCE)
    try:
        rows = await wire.read(guest.cluster, "/cluster/ha/status/current")
    except LabError as error:
        return f"{told}: {error}"
    for row in rows if isinstance(rows, list) else []:
        if isinstance(row, dict) and row.get("sid") == guest.sid:
            return f"{told}: {clean(str(row.get('status', '')))}"
    return told


async def _watch(
    guest: Guest, upid: str, target: str, wire: Wire, report: Report
) -> tuple[MigrationProgress, str | None]:
    """Read the log until the task ends; None as its exit when it fell silent."""
    told = MigrationProgress()
    memory = float(guest.memory_max or 0) if guest.kind == "qemu" else 0.0
    last, heard = 0, wire.now()
    while True:
        try:
            # The state first: a task that has ended prints no more, so no line is missed.
            state = await wire.task_state(guest.cluster, upid)
            lines = await wire.task_log(guest.cluster, upid, last)
        except LabError as error:
            if wire.now() - heard > _SILENCE:
                return told, None
            report(Progress(note=_("no news: {why}").format(why=error.why or error.what)))
            await wire.sleep(_POLL)
            continue
        heard = wire.now()
        for line in lines:
            told = read_line(told, line.text)
            last = max(last, line.number)
            report(Progress(line=line.text))
        report(_progress(told, memory, tell_target=not target))
        if not state.running:
            return told, state.exit or ""
        await wire.sleep(_POLL)


def _progress(told: MigrationProgress, memory: float, *, tell_target: bool) -> Progress:
    """News from the log; where it goes is told when the job's title could not say it."""
    note = _("moving")
    if told.passes > 1:
        note = _("memory, pass {n}").format(n=told.passes)
    elif told.ram_all:
        note = _("memory")
    elif told.disks:
        note = _("disks")
    if tell_target and told.target:
        note = _("to {node}: {note}").format(node=told.target, note=note)
    return Progress(
        note=note, fraction=told.fraction(memory), rate=told.rate, left=told.left(memory)
    )


async def _conclude(
    guest: Guest, told: MigrationProgress, exit_status: str | None, target: str, wire: Wire
) -> Outcome:
    succeeded = exit_status is not None and (
        exit_status == "OK" or exit_status.startswith("WARNINGS")
    )
    node, status = await _place(guest, target, wire, moved=succeeded)
    arrived = bool(node) and (node == target if target else node != guest.node)
    if exit_status is None:
        if arrived:
            return Outcome("done", _("the log is lost, but it is on {node}").format(node=node))
        return Outcome(
            "unknown", _("the log is lost; last seen on {node}").format(node=node or "?")
        )
    if succeeded and arrived:
        note = _("it is on {node}, {status}").format(node=node, status=status)
        if told.downtime is not None:
            note += _(", {ms} ms downtime").format(ms=told.downtime)
        return Outcome("done", note)
    why = told.error or clean(exit_status)
    if arrived:
        return Outcome("done", _("it is on {node}, but: {why}").format(node=node, why=why))
    if exit_status == "unexpected status" or "interrupted by signal" in f"{exit_status} {why}":
        return Outcome("cancelled", _("stopped; it stays on {node}").format(node=node))
    if succeeded:
        return Outcome(
            "unknown", _("the task ended well, yet it is on {node}").format(node=node or "?")
        )
    return Outcome("failed", _("{why} (it is on {node})").format(why=why, node=node or "?"))


async def _place(guest: Guest, target: str, wire: Wire, *, moved: bool) -> tuple[str, str]:
    """Node and status of the guest as the cluster says now.

    `moved`: the task ended well, so the row may only be late and is waited for a little.
    """
    deadline = wire.now() + _ARRIVAL
    node = status = ""
    while True:
        try:
            rows = await wire.read(guest.cluster, "/cluster/resources", type="vm")
        except LabError:
            rows = []
        for row in rows if isinstance(rows, list) else []:
            if isinstance(row, dict) and str(row.get("vmid")) == str(guest.vmid):
                node, status = clean(str(row.get("node", ""))), clean(str(row.get("status", "")))
        arrived = bool(node) and (node == target if target else node != guest.node)
        if arrived or wire.now() > deadline or (not moved and node == guest.node):
            return node, status
        await wire.sleep(_POLL)
