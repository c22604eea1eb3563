"""`labtui migrate GUEST...`: the same plan and the same run as the key `m`, without the screen."""

from __future__ import annotations

import msgspec

from labtui.actions.action import Plan
from labtui.actions.migration.action import MIGRATE
from labtui.cli.exits import Exit, say
from labtui.cli.names import find_guest
from labtui.cli.plans import Terms, answered, over_lab, show_and_go
from labtui.config.schema import Config
from labtui.live.lab import LiveLab
from labtui.locale import _
from labtui.model.snapshot import Snapshot

_TOPICS = frozenset(("resources", "membership", "tasks", "ha", "rights", "hardware", "configs"))


class Wanted(msgspec.Struct, frozen=True):
    """What was asked for. `to` may be several nodes when guests are, with commas."""

    guests: tuple[str, ...]
    to: str = ""
    answers: tuple[str, ...] = ()
    unbroken: bool = False
    terms: Terms = Terms()


def migrate(config: Config, wanted: Wanted, *, read_only: bool) -> int:
    """Plan, ask, carry out, follow to the end."""
    return over_lab(
        config,
        _TOPICS,
        lambda lab, snapshot: _migrate(lab, snapshot, wanted),
        read_only=read_only,
    )


async def _migrate(lab: LiveLab, snapshot: Snapshot, wanted: Wanted) -> int:
    keys: dict[str, None] = {}
    for name in wanted.guests:
        subject = find_guest(snapshot, name)
        if isinstance(subject, Exit):
            return subject
        keys[subject] = None
    if len(keys) == 1:
        return await _one(lab, next(iter(keys)), wanted)
    return await _several(lab, ",".join(keys), wanted)


async def _one(lab: LiveLab, subject: str, wanted: Wanted) -> int:
    if against := MIGRATE.applies(subject, lab.store.snapshot):
        return say(against, Exit.BLOCKED)
    facts = await MIGRATE.survey(subject, lab.wire)
    facts = answered(MIGRATE, facts, MIGRATE.draft(facts, wanted.to, ""), wanted.answers)
    if isinstance(facts, Exit):
        return facts
    plan = MIGRATE.draft(facts, wanted.to, "")
    if wanted.to and plan.chosen != wanted.to:
        return say(_no_node(wanted.to, facts.guest.node, plan), Exit.USAGE)
    left = _("left; the cluster goes on with it by itself")
    return await show_and_go(lab, MIGRATE, plan, wanted.terms, left)


def _no_node(name: str, here: str, plan: Plan) -> str:
    """Why it can't go there, and where it can."""
    if name == here:
        return _("it is on {name} already").format(name=name)
    fits = " ".join(one.id for one in plan.choices if not one.blockers) or _("none")
    return _("no node '{name}' to move it to; there are: {nodes}").format(name=name, nodes=fits)


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
    return await evacuate.show_and_go(lab, plan, wanted.terms)
