"""Mend: one difference or several, in NetBox or in the lab. Its parts are loaded on first use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labtui.actions.action import Action, Outcome, Plan, Report, Scope, Wire
from labtui.locale import N_, _
from labtui.model.snapshot import Snapshot

if TYPE_CHECKING:
    from labtui.actions.records.facts import MendFacts


def _applies(subject: str, snapshot: Snapshot) -> str:
    """Why not, from what is known without asking; the plan says the rest."""
    from labtui.actions.records.survey import found_in

    about = found_in(snapshot).get(subject)
    if about is None:
        return _("it does not differ any more")
    if about.sure == "ambiguous":
        return _("several records would do: say in NetBox which one it is")
    return "" if about.mends else _("there is nothing that labtui could write: decide it yourself")


def _scope(subject: str, snapshot: Snapshot) -> Scope:
    del snapshot
    return Scope("", subject, records=True)


async def _survey(subject: str, wire: Wire) -> MendFacts:
    from labtui.actions.records.survey import survey

    return await survey(subject, wire)


def _draft(facts: MendFacts, choice: str, mode: str) -> Plan:
    from labtui.actions.records.draft import draft

    return draft(facts, choice, mode)


def _answer(facts: MendFacts, name: str, value: str) -> MendFacts:
    from labtui.actions.records.survey import answer

    return answer(facts, name, value)


async def _run(plan: Plan, wire: Wire, report: Report) -> Outcome:
    from labtui.actions.records.run import run

    return await run(plan, wire, report)


MEND = Action(
    id="difference.mend",
    noun="difference",
    key="m",
    title=N_("mend"),
    hint=N_("In NetBox or in the lab, with a plan."),
    applies=_applies,
    scope=_scope,
    survey=_survey,
    draft=_draft,
    run=_run,
    answer=_answer,
    bulk=True,
)
