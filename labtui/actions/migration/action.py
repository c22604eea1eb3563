"""Migrate: move a guest to another node, live, offline or by restart; several at once by waves.

Its parts are imported when they are first needed: no frame has to wait for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from labtui.actions.action import Action, Outcome, Plan, Report, Right, Scope, Wire, subjects
from labtui.locale import N_, _
from labtui.model.cluster import Membership
from labtui.model.guests import Guest
from labtui.model.presence import presences, seen_guests
from labtui.model.snapshot import Snapshot

if TYPE_CHECKING:
    from labtui.actions.evacuation.facts import EvacuationFacts
    from labtui.actions.migration.answers import MigrationFacts


def _applies(subject: str, snapshot: Snapshot) -> str:
    """Why not, from what is known without asking; the plan says the rest."""
    seen = seen_guests(snapshot).get(subject)
    if seen is None:
        return _("{subject} is not there any more").format(subject=subject)
    guest = seen.guest
    if seen.node_online is False:
        text = _(
            "{guest} can't be moved: {node} is away. Bring it back; only what is under HA is "
            "started elsewhere"
        )
        return text.format(guest=guest.label, node=guest.node)
    membership = snapshot.one(Membership, guest.cluster)
    if membership is not None and len(membership.members) < 2:
        return _("there is no other node to move it to")
    others = [
        presence
        for (cluster, node), presence in presences(snapshot).items()
        if cluster == guest.cluster and node != guest.node and presence.online
    ]
    if not others:
        return _("no other node is online")
    return ""


def _scope(subject: str, snapshot: Snapshot) -> Scope:
    """The guest and the node it is on; a guest that is gone is for the plan to say."""
    if len(subjects(subject)) > 1:
        from labtui.actions.evacuation.facts import scope_of

        # Guests that can't go are left out; each is looked at by itself before its turn.
        return scope_of(subject)
    cluster, _slash, vmid = subject.partition("/")
    seen = seen_guests(snapshot).get(subject)
    return Scope(
        cluster,
        seen.guest.label if seen else vmid,
        (seen.guest.node,) if seen else (),
        (vmid,),
        (Right("VM.Migrate", f"/vms/{vmid}"),),
    )


async def _survey(subject: str, wire: Wire) -> MigrationFacts | EvacuationFacts:
    if len(subjects(subject)) > 1:
        from labtui.actions.evacuation.survey import several

        return await several(subject, wire)
    from labtui.actions.migration.facts import survey

    return await survey(subject, wire, _scope(subject, wire.snapshot))


def _draft(facts: MigrationFacts | EvacuationFacts, choice: str, mode: str) -> Plan:
    from labtui.actions.migration.answers import MigrationFacts

    if isinstance(facts, MigrationFacts):
        from labtui.actions.migration.draft import draft

        return draft(facts, choice, mode)
    from labtui.actions.evacuation.draft import draft as draft_several

    return draft_several(facts, choice, mode)


def _answer(
    facts: MigrationFacts | EvacuationFacts, name: str, value: str
) -> MigrationFacts | EvacuationFacts:
    from labtui.actions.evacuation.wishes import answer as answer_several
    from labtui.actions.migration.answers import MigrationFacts
    from labtui.actions.migration.wishes import answer

    if isinstance(facts, MigrationFacts):
        return answer(facts, name, value)
    return answer_several(facts, name, value)


async def _run(plan: Plan, wire: Wire, report: Report) -> Outcome:
    if plan.steps:
        from labtui.actions.evacuation.run import run as run_several

        return await run_several(plan, wire, report)
    from labtui.actions.migration.run import run

    return await run(plan, wire, report)


async def _follow(
    guest: Guest, upid: str, target: str, wire: Wire, report: Report, started: float
) -> Outcome:
    from labtui.actions.migration.run import follow

    return await follow(guest, upid, target, wire, report, started)


async def _cancel(subject: str, upid: str, wire: Wire) -> None:
    if len(subjects(subject)) > 1:
        from labtui.actions.evacuation.survey import stop

        await stop(subject, wire)
        return
    from labtui.actions.migration.run import cancel

    await cancel(subject, upid, wire)


MIGRATE = Action(
    id="guest.migrate",
    noun="guest",
    key="m",
    direct_key="M",
    title=N_("migrate"),
    hint=N_("To another node, with a plan."),
    applies=_applies,
    scope=_scope,
    survey=_survey,
    draft=_draft,
    run=_run,
    cancel=_cancel,
    kinds=("qmigrate", "vzmigrate", "hamigrate"),
    follow=_follow,
    answer=_answer,
    bulk=True,
)
