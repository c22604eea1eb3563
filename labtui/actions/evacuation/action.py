"""Empty a node, and bring its guests back. Bulk moves of guests use the same machinery.

The parts are imported when they are first needed: no frame has to wait for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from labtui.actions.action import Action, Outcome, Plan, Report, Scope, Wire
from labtui.locale import N_, _
from labtui.model.cluster import Membership
from labtui.model.presence import presences, seen_guests
from labtui.model.snapshot import Snapshot

if TYPE_CHECKING:
    from labtui.actions.evacuation.facts import EvacuationFacts


def _applies(subject: str, snapshot: Snapshot) -> str:
    """Why not, from what is known without asking; the plan says the rest."""
    cluster, _slash, node = subject.partition("/")
    presence = presences(snapshot).get((cluster, node))
    if presence is None:
        return _("{subject} is not there any more").format(subject=subject)
    if presence.online is False:
        return _("{node} is away: its guests can't be moved").format(node=node)
    membership = snapshot.one(Membership, cluster)
    if membership is not None and len(membership.members) < 2:
        return _("there is no other node to move it to")
    return ""


def _leaves(subject: str, snapshot: Snapshot) -> str:
    if why := _applies(subject, snapshot):
        return why
    cluster, _slash, node = subject.partition("/")
    guests = (seen.guest for seen in seen_guests(snapshot).values())
    if not any(guest.cluster == cluster and guest.node == node for guest in guests):
        return _("{node} has no guests").format(node=node)
    return ""


def _scope(subject: str, snapshot: Snapshot) -> Scope:
    del snapshot
    cluster, _slash, node = subject.partition("/")
    return Scope(cluster, node, (node,))


async def _survey(subject: str, wire: Wire) -> EvacuationFacts:
    from labtui.actions.evacuation.survey import leaving, offered

    return offered(await leaving(subject, wire), wire)


async def _survey_back(subject: str, wire: Wire) -> EvacuationFacts:
    from labtui.actions.evacuation.survey import offered, returning

    return offered(await returning(subject, wire), wire)


def _draft(facts: EvacuationFacts, choice: str, mode: str) -> Plan:
    from labtui.actions.evacuation.draft import draft

    return draft(facts, choice, mode)


def _answer(facts: EvacuationFacts, name: str, value: str) -> EvacuationFacts:
    from labtui.actions.evacuation.wishes import answer

    return answer(facts, name, value)


async def _run(plan: Plan, wire: Wire, report: Report) -> Outcome:
    from labtui.actions.evacuation.run import run

    return await run(plan, wire, report)


async def _cancel(subject: str, upid: str, wire: Wire) -> None:
    """What is under way ends as it does; nothing more begins."""
    del upid
    from labtui.actions.evacuation.survey import stop

    await stop(subject, wire)


EVACUATE = Action(
    id="node.evacuate",
    noun="node",
    key="E",
    title=N_("empty"),
    hint=N_("Its guests to other nodes, with a plan."),
    applies=_leaves,
    scope=_scope,
    survey=_survey,
    draft=_draft,
    run=_run,
    cancel=_cancel,
    answer=_answer,
)
RETURN = Action(
    id="node.return",
    noun="node",
    key="",
    title=N_("bring the guests back"),
    hint=N_("Those that left it when it was emptied."),
    applies=_applies,
    scope=_scope,
    survey=_survey_back,
    draft=_draft,
    run=_run,
    cancel=_cancel,
    answer=_answer,
)
