"""A new link between two routers, and taking one away.

The parts are imported when they are first needed: no frame has to wait for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from labtui.actions.action import Action, Outcome, Plan, Report, Scope, Wire
from labtui.locale import N_, _
from labtui.model.snapshot import Snapshot

if TYPE_CHECKING:
    from labtui.actions.link.facts import LinkFacts
    from labtui.actions.link.removal import RemovalFacts


def _applies_new(subject: str, snapshot: Snapshot) -> str:
    del subject
    few = len(snapshot.sources("routeros")) < 2
    return _("a link needs two routers in the configuration") if few else ""


def _scope(subject: str, snapshot: Snapshot) -> Scope:
    from labtui.actions.link.facts import scope

    return scope(subject, snapshot)


async def _survey(subject: str, wire: Wire) -> LinkFacts:
    from labtui.actions.link.facts import survey

    return await survey(subject, wire)


async def _resumed(book: str, wire: Wire) -> LinkFacts:
    from labtui.actions.overlay.resume import subject_of

    return await _survey(await subject_of(book, wire), wire)


async def _resumed_removal(book: str, wire: Wire) -> RemovalFacts:
    from labtui.actions.overlay.resume import subject_of

    return await _survey_remove(await subject_of(book, wire), wire)


def _draft(facts: LinkFacts, choice: str, mode: str) -> Plan:
    from labtui.actions.link.draft import draft

    return draft(facts, choice, mode)


def _answer(facts: Any, field: str, value: str) -> LinkFacts:
    from labtui.actions.link.facts import answer

    return answer(facts, field, value)


async def _run(plan: Plan, wire: Wire, report: Report) -> Outcome:
    from labtui.actions.link.run import run

    return await run(plan, wire, report)


def _applies_remove(subject: str, snapshot: Snapshot) -> str:
    if subject.startswith("wireguard/") or not subject.partition("/")[1]:
        return ""
    del snapshot
    return _("WireGuard links are taken away as a whole; choose that row")


async def _survey_remove(subject: str, wire: Wire) -> RemovalFacts:
    from labtui.actions.link.removal import survey

    return await survey(subject, wire)


def _draft_remove(facts: RemovalFacts, choice: str, mode: str) -> Plan:
    from labtui.actions.link.removal import draft

    return draft(facts, choice, mode)


async def _run_remove(plan: Plan, wire: Wire, report: Report) -> Outcome:
    from labtui.actions.link.removing import run

    return await run(plan, wire, report)


NEW = Action(
    id="link.new",
    noun="link",
    key="n",
    title=N_("new link"),
    hint=N_("A tunnel with its session between two routers, all or nothing."),
    applies=_applies_new,
    scope=_scope,
    survey=_survey,
    draft=_draft,
    run=_run,
    answer=_answer,
    weight=1,
    resumed=_resumed,
)
REMOVE = Action(
    id="link.remove",
    noun="link",
    key="",
    title=N_("remove link"),
    hint=N_("Off on both routers first, then away there and in NetBox."),
    applies=_applies_remove,
    scope=_scope,
    survey=_survey_remove,
    draft=_draft_remove,
    run=_run_remove,
    danger=True,
    resumed=_resumed_removal,
)
