"""Change a lease, ask for cards, withdraw that: what is written about cards, no card is moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labtui.actions.action import Action, Outcome, Plan, Report, Scope, Wire
from labtui.locale import N_, _
from labtui.model.snapshot import Snapshot

if TYPE_CHECKING:
    from labtui.actions.cards.lease import LeaseFacts
    from labtui.actions.cards.request import RequestFacts


def _leased(subject: str, snapshot: Snapshot) -> str:
    from labtui.model.leases_held import assignments

    there = any(row.key in subject.split(",") for row in assignments(snapshot).rows)
    return "" if there else _("{subject} is not there any more").format(subject=subject)


def _lease_scope(subject: str, snapshot: Snapshot) -> Scope:
    from labtui.actions.cards.facts import OPTIONS, guests_of
    from labtui.actions.guest_facts import scope_of

    return scope_of(",".join(dict.fromkeys(guests_of(subject))), snapshot, OPTIONS)


async def _survey_lease(subject: str, wire: Wire) -> LeaseFacts:
    from labtui.actions.cards.lease import survey

    return await survey(subject, wire)


def _draft_lease(facts: LeaseFacts, choice: str, mode: str) -> Plan:
    from labtui.actions.cards.lease import draft

    return draft(facts, choice, mode)


def _answer_lease(facts: LeaseFacts, name: str, value: str) -> LeaseFacts:
    from labtui.actions.cards.lease import answer

    return answer(facts, name, value)


async def _run_lease(plan: Plan, wire: Wire, report: Report) -> Outcome:
    from labtui.actions.cards.lease import run

    return await run(plan, wire, report)


def _always(subject: str, snapshot: Snapshot) -> str:
    return ""


def _notes_scope(subject: str, snapshot: Snapshot) -> Scope:
    from labtui.actions.cards.request import scope

    return scope(subject, snapshot)


async def _survey_request(subject: str, wire: Wire) -> RequestFacts:
    from labtui.actions.cards.request import survey

    return await survey(subject, wire)


async def _survey_gone(subject: str, wire: Wire) -> RequestFacts:
    from labtui.actions.cards.request import survey_gone

    return await survey_gone(subject, wire)


def _draft_request(facts: RequestFacts, choice: str, mode: str) -> Plan:
    from labtui.actions.cards.request import draft

    return draft(facts, choice, mode)


def _answer_request(facts: RequestFacts, name: str, value: str) -> RequestFacts:
    from labtui.actions.cards.request import answer

    return answer(facts, name, value)


async def _run_request(plan: Plan, wire: Wire, report: Report) -> Outcome:
    from labtui.actions.cards.request import run

    return await run(plan, wire, report)


EDIT_LEASE = Action(
    id="lease.edit",
    noun="lease",
    key="e",
    title=N_("lease"),
    hint=N_("Whose, until when, what for."),
    applies=_leased,
    scope=_lease_scope,
    survey=_survey_lease,
    draft=_draft_lease,
    run=_run_lease,
    answer=_answer_lease,
)
REQUEST = Action(
    id="gpu.request",
    noun="gpu",
    key="",
    title=N_("request"),
    hint=N_("Say who wants such cards, and when."),
    applies=_always,
    scope=_notes_scope,
    survey=_survey_request,
    draft=_draft_request,
    run=_run_request,
    answer=_answer_request,
    bulk=True,
    weight=3,
)
WITHDRAW = Action(
    id="request.withdraw",
    noun="request",
    key="D",
    title=N_("withdraw"),
    hint=N_("The request is not wanted any more."),
    applies=_always,
    scope=_notes_scope,
    survey=_survey_gone,
    draft=_draft_request,
    run=_run_request,
)
