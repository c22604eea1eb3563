"""Snapshots of a guest: make one, go back to one, delete one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

from labtui.actions.action import Action, Outcome, Plan, Report, Scope, Wire
from labtui.actions.guest_action import applies, cancel, scope
from labtui.locale import N_, _
from labtui.model.errors import LabError
from labtui.model.guests import Guest
from labtui.model.snapshot import Snapshot

if TYPE_CHECKING:
    from labtui.actions.guest_task import Checked
    from labtui.actions.snapshots.facts import SnapshotFacts, What

_KINDS = {
    "snapshot": ("qmsnapshot", "vzsnapshot"),
    "rollback": ("qmrollback", "vzrollback"),
    "delsnapshot": ("qmdelsnapshot", "vzdelsnapshot"),
}


def _applies(subject: str, snapshot: Snapshot) -> str:
    return applies(subject, snapshot, _("{guest} is a template: those have no snapshots"))


def _scope(subject: str, snapshot: Snapshot) -> Scope:
    return scope("VM.Snapshot", subject, snapshot)


def _survey(what: What) -> Callable[[str, Wire], Awaitable[SnapshotFacts]]:
    async def survey(subject: str, wire: Wire) -> SnapshotFacts:
        from labtui.actions.snapshots import facts as snapshot_facts

        return await snapshot_facts.survey(what, subject, wire)

    return survey


def _draft(facts: SnapshotFacts, choice: str, mode: str) -> Plan:
    from labtui.actions.snapshots.draft import draft

    return draft(facts, choice, mode)


def _answer(facts: SnapshotFacts, name: str, value: str) -> SnapshotFacts:
    from labtui.actions.snapshots.facts import answer

    return answer(facts, name, value)


async def _run(plan: Plan, wire: Wire, report: Report) -> Outcome:
    from labtui.actions.guest_task import carry

    what = plan.action.partition(".")[2]
    name = plan.chosen or str(dict(plan.calls[0].params).get("snapname", ""))
    return await carry(plan, wire, report, _KINDS[what], partial(_check, what, name))


async def _check(what: str, name: str, guest: Guest, since: float, wire: Wire) -> Checked:
    """What the list of its snapshots says now."""
    from labtui.actions.guest_task import Checked
    from labtui.actions.snapshots.list import CURRENT, read_snapshots

    try:
        snapshots = {s.name: s for s in await read_snapshots(guest, wire)}
    except LabError as error:
        return Checked(None, _("its snapshots can't be read: {why}").format(why=error.why))
    if what == "rollback":
        back = CURRENT in snapshots and snapshots[CURRENT].parent == name
        text = _("it is at {name} again") if back else _("it is not at {name}")
        return Checked(back, text.format(name=name))
    there = name in snapshots
    text = _("snapshot {name} is there") if there else _("snapshot {name} is not there")
    return Checked(there == (what == "snapshot"), text.format(name=name))


SNAPSHOT = Action(
    id="guest.snapshot",
    noun="guest",
    key="n",
    title=N_("snapshot"),
    hint=N_("Keep the state of now, with memory or without."),
    applies=_applies,
    scope=_scope,
    survey=_survey("snapshot"),
    draft=_draft,
    run=_run,
    cancel=cancel,
    answer=_answer,
    weight=6,
)
ROLLBACK = Action(
    id="guest.rollback",
    noun="guest",
    key="",
    title=N_("roll back"),
    hint=N_("To a snapshot; what came after it is lost."),
    applies=_applies,
    scope=_scope,
    survey=_survey("rollback"),
    draft=_draft,
    run=_run,
    cancel=cancel,
    danger=True,
)
DELETE_SNAPSHOT = Action(
    id="guest.delsnapshot",
    noun="guest",
    key="",
    title=N_("delete snapshot"),
    hint=N_("One of its snapshots, chosen from the tree."),
    applies=_applies,
    scope=_scope,
    survey=_survey("delsnapshot"),
    draft=_draft,
    run=_run,
    cancel=cancel,
)
