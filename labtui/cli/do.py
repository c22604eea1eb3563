"""`labtui do ACTION GUEST...`: the plans and the runs of the keys, without the screen."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import msgspec

from labtui.actions import ACTIONS
from labtui.actions.action import Action, Plan
from labtui.actions.modes import mode_text
from labtui.cli.exits import Exit
from labtui.cli.migrate import agreed, carried_out, find_guest, held_back, plan_text, say
from labtui.cli.reading import asker, quiet_logs, settled
from labtui.config.paths import journal_folder
from labtui.config.schema import Config
from labtui.live.lab import LiveLab
from labtui.locale import _
from labtui.model.errors import LabError
from labtui.model.snapshot import Snapshot

_TOPICS = frozenset(("resources", "membership", "tasks", "ha", "rights"))
# What a start needs besides: who has which card.
_CARDS = frozenset(("configs", "hardware"))


class Wanted(msgspec.Struct, frozen=True):
    """What the words of the command ask for. `answers` are `name=value` for the plan's inputs."""

    deed: str
    guests: tuple[str, ...]
    to: str = ""
    way: str = ""
    answers: tuple[str, ...] = ()
    confirm: str = ""
    dry_run: bool = False
    sure: bool = False
    output: str = "table"
    reason: str = ""


def do(config: Config, wanted: Wanted, *, read_only: bool) -> int:
    """Plan, ask, carry out, follow to the end; returns the exit status."""
    codes = asker(config)
    with quiet_logs():
        lab = LiveLab(
            config,
            ACTIONS,
            read_only=read_only,
            journal=None if config.demo else journal_folder(config.lab) / "journal.jsonl",
            codes=codes,
            topics=_TOPICS | _CARDS if wanted.deed == "start" else _TOPICS,
        )
        return asyncio.run(_do(lab, wanted))


async def _do(lab: LiveLab, wanted: Wanted) -> int:
    action = next(a for a in ACTIONS if a.id == f"guest.{wanted.deed}")
    try:
        snapshot = await settled(lab)
        subject = _subject(snapshot, action, wanted)
        if isinstance(subject, Exit):
            return subject
        plan = await _plan(lab, action, subject, wanted)
        if isinstance(plan, Exit):
            return plan
        sys.stdout.write(_told(plan, wanted))
        if not plan.ready:
            return Exit.BLOCKED
        if wanted.dry_run:
            return Exit.DONE
        if against := await held_back(lab, wanted.reason):
            return say(against, Exit.BLOCKED)
        if not await _sure(plan, wanted):
            return Exit.USAGE
        left = _("left; the cluster goes on with it by itself")
        return await carried_out(lab, action, plan, left, told=wanted.output != "json")
    except LabError as error:
        remedy = f" {error.remedy}." if error.remedy else ""
        return say(f"{error}.{remedy}", Exit.FAILED)
    finally:
        await lab.close()


def _subject(snapshot: Snapshot, action: Action, wanted: Wanted) -> str | Exit:
    """The keys of the guests; how to end after saying why not."""
    if len(wanted.guests) > 1 and not action.bulk:
        text = _("{action} takes one guest at a time").format(action=wanted.deed)
        return say(text, Exit.USAGE)
    keys: list[str] = []
    for name in wanted.guests:
        key = find_guest(snapshot, name)
        if isinstance(key, Exit):
            return key
        if key not in keys:
            keys.append(key)
    if len(keys) == 1 and (against := action.applies(keys[0], snapshot)):
        return say(against, Exit.BLOCKED)
    return ",".join(keys)


async def _plan(lab: LiveLab, action: Action, subject: str, wanted: Wanted) -> Plan | Exit:
    facts: Any = await action.survey(subject, lab.wire)
    plan = action.draft(facts, "", "")
    names = {item.id for item in plan.inputs}
    for pair in wanted.answers:
        name, equals, value = pair.partition("=")
        if not equals or name not in names or action.answer is None:
            text = _("--set {pair}: what can be set here is {names}")
            known = ", ".join(sorted(names)) or "-"
            return say(text.format(pair=pair, names=known), Exit.USAGE)
        facts = action.answer(facts, name, value)
    plan = action.draft(facts, wanted.to, wanted.way)
    if wanted.way and plan.mode != wanted.way:
        ways = ", ".join(f"{mode} ({mode_text(mode)})" for mode in plan.modes) or "-"
        text = _("no way '{way}' here; there are: {ways}").format(way=wanted.way, ways=ways)
        return say(text, Exit.USAGE)
    if wanted.to and plan.chosen != wanted.to:
        known = ", ".join(choice.id for choice in plan.choices) or "-"
        text = _("'{name}' can't be chosen here; there are: {names}")
        return say(text.format(name=wanted.to, names=known), Exit.USAGE)
    return plan


async def _sure(plan: Plan, wanted: Wanted) -> bool:
    """Whether it may go: a dangerous plan wants its text, whatever else is said."""
    if plan.confirm:
        if wanted.confirm == plan.confirm:
            return True
        if wanted.confirm or wanted.sure:
            text = _("this wants --confirm {text}: --yes alone is not enough")
            say(text.format(text=plan.confirm), Exit.USAGE)
            return False
        return await agreed(plan.confirm)
    return wanted.sure or await agreed()


def _told(plan: Plan, wanted: Wanted) -> str:
    if wanted.output == "json":
        return msgspec.json.encode(msgspec.to_builtins(plan)).decode() + "\n"
    return plan_text(plan)
