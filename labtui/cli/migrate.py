"""`labtui migrate GUEST...`: the same plan and the same run as the key `m`, without the screen."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from typing import Any

import msgspec

from labtui.actions import ACTIONS
from labtui.actions.action import Action, Plan
from labtui.actions.migration.action import MIGRATE
from labtui.actions.modes import mode_text
from labtui.cli.exits import Exit
from labtui.cli.following import carried_out
from labtui.cli.output import padded
from labtui.cli.reading import asker, failures, quiet_logs, settled
from labtui.config.paths import journal_folder
from labtui.config.schema import Config
from labtui.live.lab import LiveLab
from labtui.locale import _
from labtui.model.errors import LabError
from labtui.model.presence import seen_guests
from labtui.model.snapshot import Snapshot

_TOPICS = frozenset(("resources", "membership", "tasks", "ha", "rights", "hardware", "configs"))


class Wanted(msgspec.Struct, frozen=True):
    """What was asked for. `to` may be several nodes when guests are, with commas."""

    guests: tuple[str, ...]
    to: str = ""
    answers: tuple[str, ...] = ()
    unbroken: bool = False
    confirm: str = ""
    dry_run: bool = False
    sure: bool = False
    output: str = "table"
    reason: str = ""


def migrate(config: Config, wanted: Wanted, *, read_only: bool) -> int:
    """Plan, ask, carry out, follow to the end. With a `reason`: elevated, where that is wanted."""
    codes = asker(config)
    with quiet_logs():
        lab = LiveLab(
            config,
            ACTIONS,
            read_only=read_only,
            journal=None if config.demo else journal_folder(config.lab) / "journal.jsonl",
            codes=codes,
            topics=_TOPICS,
        )
        return asyncio.run(_migrate(lab, wanted))


async def _migrate(lab: LiveLab, wanted: Wanted) -> int:
    try:
        snapshot = await settled(lab)
        keys: list[str] = []
        for name in wanted.guests:
            subject = find_guest(snapshot, name)
            if isinstance(subject, Exit):
                return subject
            keys.append(subject)
        keys = list(dict.fromkeys(keys))
        if len(keys) == 1:
            return await _one(lab, keys[0], wanted)
        return await _several(lab, ",".join(keys), wanted)
    except LabError as error:
        remedy = f" {error.remedy}." if error.remedy else ""
        return say(f"{error}.{remedy}", Exit.FAILED)
    finally:
        await lab.close()


async def _one(lab: LiveLab, subject: str, wanted: Wanted) -> int:
    if against := MIGRATE.applies(subject, lab.store.snapshot):
        return say(against, Exit.BLOCKED)
    facts = await MIGRATE.survey(subject, lab.wire)
    facts = answered(MIGRATE, facts, MIGRATE.draft(facts, wanted.to, ""), wanted.answers)
    if isinstance(facts, Exit):
        return facts
    plan = MIGRATE.draft(facts, wanted.to, "")
    if wanted.to and plan.chosen != wanted.to:
        return say(_("no node '{name}' to move it to").format(name=wanted.to), Exit.USAGE)
    if wanted.output == "json":
        sys.stdout.write(msgspec.json.encode(msgspec.to_builtins(plan)).decode() + "\n")
    else:
        sys.stdout.write(plan_text(plan))
    if not plan.ready:
        return Exit.BLOCKED
    if wanted.dry_run:
        return Exit.DONE
    if against := await held_back(lab, wanted.reason):
        return say(against, Exit.BLOCKED)
    if not await may_go(plan, wanted.confirm, sure=wanted.sure):
        return Exit.USAGE
    left = _("left; the cluster goes on with it by itself")
    return await carried_out(lab, MIGRATE, plan, left, told=wanted.output != "json")


async def _several(lab: LiveLab, subject: str, wanted: Wanted) -> int:
    """One plan with a place for each, as for emptying a node."""
    from labtui.actions.evacuation.ways import UNBROKEN
    from labtui.cli import evacuate

    mode = UNBROKEN if wanted.unbroken else ""
    facts = await MIGRATE.survey(subject, lab.wire)
    facts = answered(MIGRATE, facts, MIGRATE.draft(facts, wanted.to, mode), wanted.answers)
    if isinstance(facts, Exit):
        return facts
    plan = MIGRATE.draft(facts, wanted.to, mode)
    known = {choice.id for choice in plan.choices}
    wrong = [name for name in wanted.to.split(",") if name and name not in known]
    if wrong and not plan.book:
        return say(_("no node '{name}' to move it to").format(name=" ".join(wrong)), Exit.USAGE)
    return await evacuate.go(
        lab,
        evacuate.Wanted(
            "",
            confirm=wanted.confirm,
            dry_run=wanted.dry_run,
            sure=wanted.sure,
            output=wanted.output,
            reason=wanted.reason,
        ),
        plan,
    )


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


async def held_back(lab: LiveLab, reason: str) -> str:
    """Why nothing may be sent, or an empty text; elevated first, where there is a reason."""
    if reason and lab.gate.longest:
        lab.gate.elevate(lab.gate.longest, reason)
    await lab.gate.look()
    against = lab.gate.sentence()
    if against and lab.gate.longest and not reason:
        against += _("; here: --reason TEXT")
    return against


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


def find_guest(snapshot: Snapshot, wanted: str) -> str | Exit:
    """The key of the guest of that number, name or key; how to end after saying why not."""
    seen = seen_guests(snapshot)
    if wanted in seen:
        return wanted
    found = [
        key
        for key, guest in seen.items()
        if str(guest.guest.vmid) == wanted or guest.guest.name == wanted
    ]
    if len(found) == 1:
        return found[0]
    if found:
        text = _("'{name}' is more than one guest: {keys}").format(
            name=wanted, keys=" ".join(sorted(found))
        )
    else:
        text = _("no guest '{name}'").format(name=wanted)
        listing = tuple(f"{feed}:" for feed in snapshot.freshness if feed.topic == "resources")
        unread = [line for line in failures(snapshot) if line.startswith(listing)]
        if unread:
            # It may be there, where nobody could look.
            return say("; ".join([text, *unread]), Exit.FAILED)
    return say(text, Exit.USAGE)


def say(text: str, status: Exit) -> Exit:
    """Why it ends so, on standard error."""
    sys.stderr.write(f"labtui: {text}\n")
    return status


async def may_go(plan: Plan, confirm: str, *, sure: bool) -> bool:
    """Whether it may go: a dangerous plan wants its text, whatever else is said."""
    if not plan.confirm:
        return sure or await agreed()
    if confirm == plan.confirm:
        return True
    if confirm or sure:
        text = _("this wants --confirm {text}: --yes alone is not enough")
        say(text.format(text=plan.confirm), Exit.USAGE)
        return False
    return await agreed(plan.confirm)


async def agreed(wanted: str = "") -> bool:
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
    return text == wanted if wanted else text.lower() in ("y", "yes", "是")
