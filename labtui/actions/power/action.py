"""Start, shut down, stop hard, reboot, reset, suspend and resume: of one guest or of several.

Their parts are imported when they are first needed: no frame has to wait for them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

from labtui.actions.action import Action, Outcome, Plan, Report, Scope, Wire
from labtui.locale import N_, _
from labtui.model.presence import seen_guests
from labtui.model.snapshot import Snapshot

if TYPE_CHECKING:
    from labtui.actions.power.facts import PowerFacts, Verb


def _applies(verb: Verb, subject: str, snapshot: Snapshot) -> str:
    """Why not, from what is known without asking; the plan says the rest."""
    seen = seen_guests(snapshot).get(subject)
    if seen is None:
        return _("{subject} is not there any more").format(subject=subject)
    guest = seen.guest
    if seen.node_online is False:
        return _("{node} is away: nothing can be done to {label} until it is back").format(
            node=guest.node, label=guest.label
        )
    if guest.template:
        return _("{guest} is a template: those can't be started").format(guest=guest.label)
    off, paused = guest.status == "stopped", guest.status in ("paused", "suspended")
    if verb == "start":
        return _("{guest} runs already").format(guest=guest.label) if seen.running else ""
    if verb == "resume":
        still = paused or guest.lock == "suspended" or guest.status == "unknown"
        return "" if still else _("{guest} is not paused").format(guest=guest.label)
    if verb == "reset" and guest.kind == "lxc":
        return _("a container has no reset button: reboot it")
    return _("{guest} does not run").format(guest=guest.label) if off else ""


def _scope(subject: str, snapshot: Snapshot) -> Scope:
    from labtui.actions.guest_facts import scope_of
    from labtui.actions.power.facts import PRIVILEGE

    return scope_of(subject, snapshot, PRIVILEGE)


def _survey(verb: Verb) -> Callable[[str, Wire], Awaitable[PowerFacts]]:
    async def survey(subject: str, wire: Wire) -> PowerFacts:
        from labtui.actions.power import facts as power_facts

        return await power_facts.survey(verb, subject, wire)

    return survey


def _draft(facts: PowerFacts, choice: str, mode: str) -> Plan:
    from labtui.actions.power.draft import draft

    return draft(facts, choice, mode)


def _answer(facts: PowerFacts, name: str, value: str) -> PowerFacts:
    from labtui.actions.power.facts import answer

    return answer(facts, name, value)


async def _run(plan: Plan, wire: Wire, report: Report) -> Outcome:
    from labtui.actions.power.run import run

    return await run(plan, wire, report)


async def _cancel(subject: str, upid: str, wire: Wire) -> None:
    from labtui.actions.task_run import cancel

    await cancel(subject, upid, wire)


def _power(
    verb: Verb,
    *,
    key: str,
    title: str,
    hint: str,
    danger: bool = False,
    bulk: bool = False,
    weight: int = 0,
) -> Action:
    """The action of that verb: all of them are planned and carried out the same way."""
    return Action(
        id=f"guest.{verb}",
        noun="guest",
        key=key,
        title=title,
        hint=hint,
        applies=partial(_applies, verb),
        scope=_scope,
        survey=_survey(verb),
        draft=_draft,
        run=_run,
        cancel=_cancel,
        answer=_answer,
        danger=danger,
        bulk=bulk,
        weight=weight,
    )


START = _power(
    "start",
    key="s",
    title=N_("start"),
    hint=N_("Where it is, with a look at what it needs."),
    bulk=True,
    weight=1,
)
SHUTDOWN = _power(
    "shutdown",
    key="d",
    title=N_("shut down"),
    hint=N_("Its system is asked to end."),
    bulk=True,
    weight=1,
)
STOP = _power(
    "stop",
    key="D",
    title=N_("stop hard"),
    hint=N_("As if its plug were pulled."),
    danger=True,
    bulk=True,
    weight=6,
)
REBOOT = _power(
    "reboot",
    key="b",
    title=N_("reboot"),
    hint=N_("Its system ends and starts again."),
    bulk=True,
    weight=6,
)
RESET = _power(
    "reset",
    key="",
    title=N_("reset"),
    hint=N_("The reset button of a machine."),
    danger=True,
)
SUSPEND = _power(
    "suspend",
    key="",
    title=N_("suspend"),
    hint=N_("Paused in memory, or written to disk."),
    bulk=True,
)
RESUME = _power(
    "resume",
    key="",
    title=N_("resume"),
    hint=N_("What was paused goes on."),
    bulk=True,
)
