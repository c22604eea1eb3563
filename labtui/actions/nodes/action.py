"""Reboot, shut down and wake a node.

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
    from labtui.actions.nodes.facts import NodeFacts
    from labtui.actions.nodes.guests import Verb


def _applies(verb: Verb, subject: str, snapshot: Snapshot) -> str:
    """Why not, from what is known without asking; the plan says the rest."""
    cluster, _slash, node = subject.partition("/")
    presence = presences(snapshot).get((cluster, node))
    if presence is None:
        return _("{subject} is not there any more").format(subject=subject)
    if verb == "wake":
        return _("{node} is there already").format(node=node) if presence.online else ""
    if presence.online is False:
        return _("{node} is away").format(node=node)
    return ""


def _scope(verb: Verb, subject: str, snapshot: Snapshot) -> Scope:
    del snapshot
    from labtui.actions.nodes.facts import scope_of

    return scope_of(verb, subject)


def _survey(verb: Verb) -> Callable[[str, Wire], Awaitable[NodeFacts]]:
    async def survey(subject: str, wire: Wire) -> NodeFacts:
        from labtui.actions.nodes import facts

        return await facts.survey(verb, subject, wire)

    return survey


def _draft(facts: NodeFacts, choice: str, mode: str) -> Plan:
    from labtui.actions.nodes.draft import draft

    return draft(facts, choice, mode)


async def _run(plan: Plan, wire: Wire, report: Report) -> Outcome:
    from labtui.actions.nodes.run import run

    return await run(plan, wire, report)


def _power(verb: Verb, *, key: str, title: str, hint: str, weight: int) -> Action:
    return Action(
        id=f"node.{verb}",
        noun="node",
        key=key,
        title=title,
        hint=hint,
        applies=partial(_applies, verb),
        scope=partial(_scope, verb),
        survey=_survey(verb),
        draft=_draft,
        run=_run,
        weight=weight,
    )


REBOOT = _power(
    "reboot",
    key="b",
    title=N_("reboot"),
    hint=N_("A node, and what that does to its guests."),
    weight=4,
)
SHUTDOWN = _power(
    "shutdown",
    key="d",
    title=N_("shut down"),
    hint=N_("A node, until it is woken."),
    weight=4,
)
WAKE = _power(
    "wake", key="s", title=N_("wake"), hint=N_("A node that is off, over the network."), weight=3
)
