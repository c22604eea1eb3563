"""`labtui drift --mend KEY...`: the same plan and the same run as the key in the drift pane."""

from __future__ import annotations

import argparse
from fnmatch import fnmatchcase

import msgspec

from labtui.actions.records.action import MEND
from labtui.cli.exits import Exit, say
from labtui.cli.looking import Work
from labtui.cli.plans import Terms, over_lab, show_and_go, terms_of
from labtui.cli.reading import failures, topics_of, with_records
from labtui.config.schema import Config
from labtui.live.lab import LiveLab
from labtui.locale import _
from labtui.model.drift.needs import NEEDS
from labtui.model.drift.whole import drift
from labtui.model.records.index import first_inventory
from labtui.model.snapshot import Snapshot


class Wanted(msgspec.Struct, frozen=True):
    """What the words of the command ask for; `why` is also what an allocation is for."""

    keys: tuple[str, ...] = ()
    side: str = "record"
    choose: str = ""
    why: str = ""
    length: str = ""
    terms: Terms = Terms()


def wanted_of(options: argparse.Namespace) -> Wanted:
    """The words of either command."""
    return Wanted(
        keys=tuple(getattr(options, "mend", ())),
        side=getattr(options, "side", ""),
        choose=getattr(options, "choose", ""),
        why=getattr(options, "why", "") or getattr(options, "about", ""),
        length=getattr(options, "length", ""),
        terms=terms_of(options),
    )


def mend(config: Config, wanted: Wanted, *, read_only: bool) -> int:
    """Plan, ask, carry out, follow to the end; returns the exit status."""
    topics = topics_of(NEEDS) | {"tasks", "ha", "rights", "hardware"}
    return over_record(
        config,
        topics,
        lambda lab, snapshot: _mend(lab, snapshot, wanted),
        read_only=read_only,
    )


def over_record(config: Config, topics: frozenset[str], work: Work[int], *, read_only: bool) -> int:
    """As `over_lab`, of a lab whose record was read."""
    if config.netbox is None:
        return say(_("the configuration has no [netbox]"), Exit.USAGE)

    async def begin(lab: LiveLab, _snapshot: Snapshot) -> int:
        snapshot = await with_records(lab)
        if first_inventory(snapshot) is None:
            return say("; ".join(failures(snapshot)) or _("NetBox was not read."), Exit.BLOCKED)
        return await work(lab, snapshot)

    return over_lab(config, topics, begin, read_only=read_only)


async def _mend(lab: LiveLab, snapshot: Snapshot, wanted: Wanted) -> int:
    found = drift(snapshot).differences
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
    return await show_and_go(lab, MEND, plan, wanted.terms, _("left; what was sent is done"))


def _patterns(keys: tuple[str, ...]) -> tuple[str, ...]:
    """What is said, and the same for any kind of difference: `guest*` fits `different:guest:`."""
    return (*keys, *(f"*:{key}" for key in keys))
