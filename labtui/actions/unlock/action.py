"""Take a lock off a guest.

The parts are imported when they are first needed: no frame has to wait for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from labtui.actions import guest_action
from labtui.actions.action import Action, Outcome, Plan, Report, Scope, Wire
from labtui.locale import N_, _
from labtui.model.presence import seen_guests
from labtui.model.snapshot import Snapshot

if TYPE_CHECKING:
    from labtui.actions.unlock.plan import UnlockFacts


def _applies(subject: str, snapshot: Snapshot) -> str:
    if why := guest_action.applies(subject, snapshot):
        return why
    guest = seen_guests(snapshot)[subject].guest
    return "" if guest.lock else _("{guest} is not locked").format(guest=guest.label)


def _scope(subject: str, snapshot: Snapshot) -> Scope:
    from labtui.actions.unlock.plan import PRIVILEGE

    return guest_action.scope(PRIVILEGE, subject, snapshot)


async def _survey(subject: str, wire: Wire) -> UnlockFacts:
    from labtui.actions.unlock.plan import survey

    return await survey(subject, wire)


def _draft(facts: UnlockFacts, choice: str, mode: str) -> Plan:
    from labtui.actions.unlock.plan import draft

    return draft(facts, choice, mode)


async def _run(plan: Plan, wire: Wire, report: Report) -> Outcome:
    from labtui.actions.unlock.plan import run

    return await run(plan, wire, report)


UNLOCK = Action(
    id="guest.unlock",
    noun="guest",
    key="",
    title=N_("unlock"),
    hint=N_("Take off a lock that was left behind."),
    applies=_applies,
    scope=_scope,
    survey=_survey,
    draft=_draft,
    run=_run,
    danger=True,
)
