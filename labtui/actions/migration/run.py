"""Carrying a migration out: one call, the task followed by its log, the result looked up.

A write is sent once. When its answer is lost the task list tells whether it was taken. With HA the
call only leaves a request and its task ends at once; the real task appears some rounds later
(`PVE/API2/Qemu.pm`, `PVE/HA/CRM.pm`), and is found by guest, kind, node and time. At the end the
guest's place is asked for, since that, not the task, is what was wanted.
"""

from __future__ import annotations

from labtui.actions.action import Call, Outcome, Plan, Progress, Report, Wire
from labtui.actions.migration.ending import conclude, watch
from labtui.actions.migration.log import MigrationProgress
from labtui.actions.migration.speed import KnowsMoves, Move
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


async def run(plan: Plan, wire: Wire, report: Report) -> Outcome:
    """Check the plan's facts once more, eject, send the call, follow it to the end."""
    guest = _guest(plan.subject, wire)
    changed = _changed(plan, guest, wire)
    if guest is None or changed:
        return Outcome("failed", changed or _("the guest is gone"))
    for call in plan.calls[:-1]:
        if why := await _eject(call, wire, report):
            return Outcome("failed", why)
    started = wire.now()
    before = frozenset(upid for upid, _row in await _migrations(guest, guest.node, wire))
    report(Progress(note=_("asking {node} to start").format(node=guest.node)))
    try:
        upid = clean(str(await wire.call(plan.calls[-1])))
    except OutcomeUnknown:
        upid = ""
    except LabError as error:
        return Outcome("failed", _reason(error))
    if not upid.startswith("UPID:"):
        report(Progress(note=_("the answer was lost: looking whether it was taken")))
        upid = await _find_task(guest, wire, before, None, _LOOKUP_PATIENCE)
        if not upid:
            return Outcome("unknown", _("no such task turned up: look before trying again"))
    outcome, told = await _followed(guest, upid, plan.chosen, wire, report, started)
    if outcome.state == "done":
        await _remember(plan, guest, told, started, wire)
    return outcome


async def follow(
    guest: Guest, upid: str, target: str, wire: Wire, report: Report, started: float
) -> Outcome:
    """From a running task to where the guest is. `target` empty: wherever it went."""
    return (await _followed(guest, upid, target, wire, report, started))[0]


async def _followed(
    guest: Guest, upid: str, target: str, wire: Wire, report: Report, started: float
) -> tuple[Outcome, MigrationProgress]:
    if _kind_of(upid) == HA_REQUEST:
        report(Progress(note=_("asked the HA manager, waiting for its round"), upid=upid))
        asked = _started_at(upid)
        # The request's own task is in the list as well, and has ended.
        known = frozenset((upid,))
        upid = await _find_task(guest, wire, known, asked or started, _HA_PATIENCE)
        if not upid:
            return Outcome("unknown", await _ha_word(guest, wire)), MigrationProgress()
    report(Progress(note=_("started"), upid=upid))
    told, exit_status = await watch(guest, upid, target, wire, report)
    return await conclude(guest, told, exit_status, target, wire), told


async def _eject(call: Call, wire: Wire, report: Report) -> str:
    """Empty the drives; why that failed, or an empty text. A lost answer is looked up."""
    drives = [name for name, value in call.params if str(value).startswith("none,")]
    report(Progress(note=_("ejecting {drives}").format(drives=", ".join(drives))))
    try:
        await wire.call(call)
    except OutcomeUnknown:
        report(Progress(note=_("the answer was lost: looking whether it was taken")))
    except LabError as error:
        return _("not ejected: {why}").format(why=_reason(error))
    try:
        config = await wire.read(call.source, call.path)
    except LabError as error:
        return _("nobody can say whether it was ejected: {why}").format(why=_reason(error))
    config = config if isinstance(config, dict) else {}
    left = [name for name in drives if not str(config.get(name, "none")).startswith("none")]
    if left:
        return _("the image is still in {drives}").format(drives=", ".join(left))
    return ""


async def _remember(
    plan: Plan, guest: Guest, told: MigrationProgress, started: float, wire: Wire
) -> None:
    """What it took, for the estimates of later ones."""
    if not isinstance(wire, KnowsMoves):
        return
    facts = dict(plan.stands_on)
    now = wire.now()
    size = told.copied or float(facts.get("bytes") or 0)
    await wire.moved(
        Move(
            now,
            guest.cluster,
            plan.mode,
            guest.node,
            plan.chosen,
            size,
            now - started,
            managed=bool(facts.get("managed")),
        )
    )


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
