"""A migration's task followed by its log, and how it ended by where the guest is then."""

from __future__ import annotations

from labtui.actions.action import Outcome, Progress, Report, Wire
from labtui.actions.amounts import size
from labtui.actions.migration.log import MigrationProgress, read_line
from labtui.locale import _
from labtui.model.errors import LabError
from labtui.model.guests import Guest
from labtui.model.text import clean

_POLL = 1.0
_SILENCE = 90.0
_ARRIVAL = 20.0


async def watch(
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
        report(progress(told, memory, tell_target=not target))
        if not state.running:
            return told, state.exit or ""
        await wire.sleep(_POLL)


def progress(told: MigrationProgress, memory: float, *, tell_target: bool) -> Progress:
    """News from the log; where it goes is told when the job's title could not say it."""
    note = _stage(told)
    if tell_target and told.target:
        note = _("to {node}: {note}").format(node=told.target, note=note)
    return Progress(
        note=note, fraction=told.fraction(memory), rate=told.rate, left=told.left(memory)
    )


def _stage(told: MigrationProgress) -> str:
    """What it is at: disks, memory; what keeps it from coming to an end is said."""
    if not told.ram_all:
        return _("disks") if told.disks else _("moving")
    note = _("memory")
    if told.passes > 1:
        note = _("memory, pass {n}").format(n=told.passes)
    if told.dirty:
        note += _(", it writes {rate}/s meanwhile").format(rate=size(told.dirty))
        if told.passes > 1:
            # Auto-converge is on in every live move (QemuMigrate/Helpers.pm, `set_migration_caps`)
            # and begins where more than half of what is sent is written anew; how far it goes is
            # in no line of the log.
            note += _(" and is slowed down by QEMU")
    if told.allowed:
        note += _(", downtime raised to {ms} ms").format(ms=told.allowed)
    if told.compressed:
        note += _(", sent again compressed")
    return note


async def conclude(
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
        if told.passes > 1:
            note += _(", memory in {n} passes").format(n=told.passes)
        if told.problems:
            note += _(", but its cleaning up failed: see the log")
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

    `moved`: the task ended well, so the row may only be late and is waited for a little; its status
    comes with the next statistics, up to ten seconds after its node.
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
        awake = not moved or guest.status != "running" or status == "running"
        if (arrived and awake) or wire.now() > deadline or (not moved and node == guest.node):
            return node, status
        await wire.sleep(_POLL)
