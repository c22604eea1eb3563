"""Allocate: have NetBox hand out what is free in a prefix, or in a range of AS numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labtui.actions.action import Action, Outcome, Plan, Report, Scope, Wire
from labtui.locale import N_
from labtui.model.snapshot import Snapshot

if TYPE_CHECKING:
    from labtui.actions.records.allot import AllotFacts


def _applies(subject: str, snapshot: Snapshot) -> str:
    from labtui.actions.records.allot import applies

    return applies(subject, snapshot)


def _scope(subject: str, snapshot: Snapshot) -> Scope:
    del snapshot
    return Scope("", subject, records=True)


async def _survey(subject: str, wire: Wire) -> AllotFacts:
    from labtui.actions.records.allot import survey

    return await survey(subject, wire)


async def _resumed(book: str, wire: Wire) -> AllotFacts:
    from labtui.actions.records.allot import resumed

    return await resumed(book, wire)


def _draft(facts: AllotFacts, choice: str, mode: str) -> Plan:
    from labtui.actions.records.allot import draft

    return draft(facts, choice, mode)


def _answer(facts: AllotFacts, name: str, value: str) -> AllotFacts:
    from labtui.actions.records.allot import answer

    return answer(facts, name, value)


async def _run(plan: Plan, wire: Wire, report: Report) -> Outcome:
    from labtui.actions.records.allot import run

    return await run(plan, wire, report)


ALLOCATE = Action(
    id="prefix.allocate",
    noun="prefix",
    key="a",
    title=N_("allocate"),
    hint=N_("The next free address or prefix."),
    applies=_applies,
    scope=_scope,
    survey=_survey,
    draft=_draft,
    run=_run,
    answer=_answer,
    resumed=_resumed,
)
