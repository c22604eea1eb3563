"""HA maintenance on and off, as actions of their own.

The parts are imported when they are first needed: no frame has to wait for them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

from labtui.actions.action import Action, Outcome, Plan, Report, Scope, Wire
from labtui.locale import N_, _
from labtui.model.presence import presences
from labtui.model.snapshot import Snapshot

if TYPE_CHECKING:
    from labtui.actions.maintenance.plan import MaintenanceFacts


def _applies(on: bool, subject: str, snapshot: Snapshot) -> str:
    from labtui.actions.maintenance.plan import maintained

    cluster, _slash, node = subject.partition("/")
    if (cluster, node) not in presences(snapshot):
        return _("{subject} is not there any more").format(subject=subject)
    if maintained(snapshot, cluster, node) is on:
        text = _("{node} is in maintenance mode already") if on else _("{node} is not in it")
        return text.format(node=node)
    return ""


def _scope(subject: str, snapshot: Snapshot) -> Scope:
    del snapshot
    from labtui.actions.maintenance.plan import scope_of

    return scope_of(subject)


def _survey(on: bool) -> Callable[[str, Wire], Awaitable[MaintenanceFacts]]:
    async def survey(subject: str, wire: Wire) -> MaintenanceFacts:
        from labtui.actions.maintenance import plan

        return await plan.survey(on, subject, wire)

    return survey


def _draft(facts: MaintenanceFacts, choice: str, mode: str) -> Plan:
    from labtui.actions.maintenance.plan import draft

    return draft(facts, choice, mode)


async def _run(plan: Plan, wire: Wire, report: Report) -> Outcome:
    from labtui.actions.maintenance.run import run

    return await run(plan, wire, report)


def _turn(action_id: str, title: str, hint: str, *, on: bool) -> Action:
    return Action(
        id=action_id,
        noun="node",
        key="",
        title=title,
        hint=hint,
        applies=partial(_applies, on),
        scope=_scope,
        survey=_survey(on),
        draft=_draft,
        run=_run,
    )


MAINTENANCE = _turn(
    "node.maintenance",
    N_("HA maintenance on"),
    N_("HA guests leave the node and stay away."),
    on=True,
)
MAINTENANCE_OFF = _turn(
    "node.maintenance-off",
    N_("HA maintenance off"),
    N_("HA guests may come back to the node."),
    on=False,
)
