"""A plan on the command line: made over a lab, shown, asked for, carried out, and how that ends.

Every command that changes something goes this way, so that the same options mean the same.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from typing import Any

import msgspec

from labtui.actions import ACTIONS
from labtui.actions.action import Action, Plan
from labtui.actions.modes import mode_text
from labtui.cli.exits import Exit, say
from labtui.cli.following import carried_out
from labtui.cli.looking import Work, worked
from labtui.cli.output import padded
from labtui.cli.reading import asker, quiet_logs
from labtui.config.paths import journal_folder
from labtui.config.schema import Config
from labtui.live.holdback import Holdback
from labtui.live.lab import LiveLab
from labtui.locale import _


class Terms(msgspec.Struct, frozen=True):
    """Whether a plan goes, and how that is told.

    `sure`: nobody is asked; `confirm` is what a dangerous plan wants typed, `reason` elevates where
    the configuration wants that, `output` is `table` or `json`.
    """

    dry_run: bool = False
    sure: bool = False
    confirm: str = ""
    output: str = "table"
    reason: str = ""

    @property
    def for_script(self) -> bool:
        """Whether the output is read by a program."""
        return self.output == "json"


def terms_of(options: argparse.Namespace) -> Terms:
    """What the words of a command say of it."""
    return Terms(
        dry_run=getattr(options, "dry_run", False),
        sure=options.yes,
        confirm=getattr(options, "confirm", ""),
        output=options.output,
        reason=options.reason,
    )


def over_lab(config: Config, topics: frozenset[str], work: Work[int], *, read_only: bool) -> int:
    """Do that with a lab of which those topics were read; a demo lab keeps no journal.

    Raises `LabError`.
    """
    codes = asker(config)
    with quiet_logs():
        lab = LiveLab(
            config,
            ACTIONS,
            read_only=read_only,
            journal=None if config.demo else journal_folder(config.lab) / "journal.jsonl",
            codes=codes,
            topics=topics,
        )
        return asyncio.run(worked(lab, work))


def answered(action: Action, facts: Any, plan: Plan, pairs: Sequence[str]) -> Any | Exit:
    """The facts with `NAME=VALUE` for inputs of the plan; how to end after saying what is wrong."""
    for pair in pairs:
        names = {item.id for item in plan.inputs}
        name, equals, value = pair.partition("=")
        if not equals or name not in names or action.answer is None:
            text = _("--set {pair}: what can be set here is {names}")
            known = ", ".join(sorted(names)) or "-"
            return say(text.format(pair=pair, names=known), Exit.USAGE)
        facts = action.answer(facts, name, value)
        # What is said of one may be what another is asked for.
        plan = action.draft(facts, plan.chosen, plan.mode)
    return facts


async def show_and_go(lab: LiveLab, action: Action, plan: Plan, terms: Terms, left: str) -> int:
    """Show the plan, then `go` where it can and is wanted; returns the exit status."""
    sys.stdout.write(as_json(plan) if terms.for_script else plan_text(plan))
    if not plan.ready:
        return Exit.BLOCKED
    return await go(lab, action, plan, terms, left)


async def go(lab: LiveLab, action: Action, plan: Plan, terms: Terms, left: str) -> int:
    """Ask, carry out a plan that was shown, follow it to its end; returns the exit status.

    `left` is said when control-C ends the command before that.
    """
    if terms.dry_run:
        return Exit.DONE
    if against := await held_back(lab.gate, terms.reason):
        return say(against, Exit.BLOCKED)
    if not await _may_go(plan, terms):
        return Exit.USAGE
    return await carried_out(lab, action, plan, left, told=not terms.for_script)


async def held_back(gate: Holdback, reason: str) -> str:
    """Why nothing may be sent, or an empty text; elevated first, where there is a reason."""
    if reason and gate.longest:
        gate.elevate(gate.longest, reason)
    await gate.look()
    against = gate.sentence()
    if against and gate.longest and not reason:
        against += _("; here: --reason TEXT")
    return against


async def _may_go(plan: Plan, terms: Terms) -> bool:
    """Whether it may go: a dangerous plan wants its text, whatever else is said."""
    if not plan.confirm:
        return terms.sure or await _agreed()
    if terms.confirm == plan.confirm:
        return True
    if terms.confirm or terms.sure:
        text = _("this wants --confirm {text}: --yes alone is not enough")
        say(text.format(text=plan.confirm), Exit.USAGE)
        return False
    return await _agreed(plan.confirm)


async def _agreed(wanted: str = "") -> bool:
    """Whether the person at the terminal says yes, or types what is wanted."""
    if not sys.stdin.isatty():
        say(_("not a terminal: give --yes to go on without being asked"), Exit.USAGE)
        return False
    asked = _("type {text} to go:").format(text=wanted) + " " if wanted else _("Go? [y/N] ")
    sys.stdout.write(asked)
    sys.stdout.flush()
    loop = asyncio.get_running_loop()
    typed = asyncio.Event()
    # A thread that reads could not be interrupted: control-C would wait for the enter key.
    loop.add_reader(sys.stdin.fileno(), typed.set)
    try:
        await typed.wait()
    finally:
        loop.remove_reader(sys.stdin.fileno())
    text = sys.stdin.readline().strip()
    if wanted and text != wanted:
        say(_("that is not {text}: nothing is sent").format(text=wanted), Exit.USAGE)
    return text == wanted if wanted else text.lower() in ("y", "yes", "是")


def as_json(plan: Plan) -> str:
    """The plan as it is, for scripts."""
    return msgspec.json.encode(msgspec.to_builtins(plan)).decode() + "\n"


def plan_text(plan: Plan) -> str:
    """The plan as the dialog shows it, in plain text."""
    lines = [plan.title + (f"  [{mode_text(plan.mode)}]" if plan.mode else "")]
    told = [(fact.label, fact.text) for fact in plan.facts]
    told += [
        (item.id, f"{item.value}  ({item.problem})" if item.problem else item.value)
        for item in plan.inputs
    ]
    told += [(_("blocked"), text) for text in plan.blockers]
    for choice in plan.choices:
        # When the guest itself can't be moved, no other target helps.
        if choice.id != plan.chosen and not plan.stuck:
            words = "; ".join(choice.blockers or (*choice.reasons, *choice.warnings))
            told.append((_("other"), f"{'-' if choice.blockers else '+'} {choice.id}  {words}"))
    told += [(_("warning"), text) for text in plan.warnings]
    told += [(_("does"), str(call)) for call in plan.calls if not plan.stuck]
    lines += [f"  {padded(label, 10)} {text}" for label, text in told]
    return "\n".join(lines) + "\n"
