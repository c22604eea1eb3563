"""`labtui drift --mend KEY...`: the same plan and the same run as the key in the drift pane."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable, Coroutine
from fnmatch import fnmatchcase
from typing import Any

import msgspec

from labtui.actions import ACTIONS
from labtui.actions.action import Action, Plan
from labtui.actions.records.action import MEND
from labtui.cli.exits import Exit
from labtui.cli.following import carried_out
from labtui.cli.migrate import agreed, held_back, plan_text, say
from labtui.cli.reading import asker, quiet_logs, settled, topics_of
from labtui.config.paths import journal_folder
from labtui.config.schema import Config
from labtui.live.lab import LiveLab
from labtui.locale import _
from labtui.model.drift.needs import NEEDS
from labtui.model.drift.whole import drift
from labtui.model.errors import LabError


class Wanted(msgspec.Struct, frozen=True):
    """What the words of the command ask for; `why` is also what an allocation is for."""

    keys: tuple[str, ...] = ()
    side: str = "record"
    choose: str = ""
    why: str = ""
    length: str = ""
    confirm: str = ""
    dry_run: bool = False
    sure: bool = False
    output: str = "table"
    reason: str = ""


def wanted_of(options: argparse.Namespace) -> Wanted:
    """The words of either command."""
    return Wanted(
        keys=tuple(getattr(options, "mend", ())),
        side=getattr(options, "side", ""),
        choose=getattr(options, "choose", ""),
        why=getattr(options, "why", "") or getattr(options, "about", ""),
        length=getattr(options, "length", ""),
        confirm=getattr(options, "confirm", ""),
        dry_run=options.dry_run,
        sure=options.yes,
        output=options.output,
        reason=options.reason,
    )


def mend(config: Config, wanted: Wanted, *, read_only: bool) -> int:
    """Plan, ask, carry out, follow to the end; returns the exit status."""
    topics = topics_of(NEEDS) | {"tasks", "ha", "rights", "hardware"}
    return over_lab(config, read_only, topics, lambda lab: _mend(lab, wanted))


def over_lab(
    config: Config,
    read_only: bool,
    topics: frozenset[str],
    work: Callable[[LiveLab], Coroutine[Any, Any, int]],
) -> int:
    """Do that with a lab of which those topics were read."""
    if config.netbox is None:
        return say(_("the configuration has no [netbox]"), Exit.USAGE)
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
        return asyncio.run(_with(lab, work))


async def _with(lab: LiveLab, work: Callable[[LiveLab], Coroutine[Any, Any, int]]) -> int:
    try:
        await settled(lab)
        return await work(lab)
    except LabError as error:
        remedy = f" {error.remedy}." if error.remedy else ""
        return say(f"{error}.{remedy}", Exit.FAILED)
    finally:
        await lab.close()


async def _mend(lab: LiveLab, wanted: Wanted) -> int:
    found = drift(lab.store.snapshot).differences
    keys = [d.key for d in found if any(fnmatchcase(d.key, p) for p in _patterns(wanted.keys))]
    if not keys:
        return say(_("nothing that differs fits: `labtui drift -o json` has the keys"), Exit.USAGE)
    facts = await MEND.survey(",".join(keys), lab.wire)
    if wanted.why and MEND.answer is not None:
        facts = MEND.answer(facts, "why", wanted.why)
    plan = MEND.draft(facts, "", wanted.side)
    if wanted.choose:
        ids = [each.id for each in plan.choices if each.id.partition(" ")[0] == wanted.choose]
        if not ids:
            known = "; ".join(each.id for each in plan.choices) or "-"
            text = _("'{name}' can't be chosen here; there are: {names}")
            return say(text.format(name=wanted.choose, names=known), Exit.USAGE)
        plan = MEND.draft(facts, ids[0], wanted.side)
    if plan.mode != wanted.side:
        return say(_("nothing can be done on that side"), Exit.BLOCKED)
    return await go(lab, MEND, plan, wanted)


def _patterns(keys: tuple[str, ...]) -> tuple[str, ...]:
    """What is said, and the same for any kind of difference: `guest*` fits `different:guest:`."""
    return (*keys, *(f"*:{key}" for key in keys))


async def go(lab: LiveLab, action: Action, plan: Plan, wanted: Wanted) -> int:
    """Show the plan, ask, carry it out."""
    as_json = wanted.output == "json"
    told = msgspec.json.encode(msgspec.to_builtins(plan)).decode() + "\n"
    sys.stdout.write(told if as_json else plan_text(plan))
    if not plan.ready:
        return Exit.BLOCKED
    if wanted.dry_run:
        return Exit.DONE
    if against := await held_back(lab, wanted.reason):
        return say(against, Exit.BLOCKED)
    if plan.confirm and wanted.sure and wanted.confirm != plan.confirm:
        text = _("this wants --confirm {text}: --yes alone is not enough")
        return say(text.format(text=plan.confirm), Exit.USAGE)
    given = wanted.sure or (plan.confirm and wanted.confirm == plan.confirm)
    if not given and not await agreed(plan.confirm):
        return Exit.USAGE
    left = _("left; what was sent is done")
    return await carried_out(lab, action, plan, left, told=not as_json)
