"""`labtui do ACTION NAME...`: the plans and the runs of the keys, of guests and of a node."""

from __future__ import annotations

from typing import Any

import msgspec

from labtui.actions import ACTIONS
from labtui.actions.action import Action, Plan
from labtui.actions.modes import mode_text
from labtui.cli.arguments import OVERLAY_DEEDS
from labtui.cli.exits import Exit, say
from labtui.cli.names import find_guest, find_node
from labtui.cli.plans import Terms, answered, over_lab, show_and_go
from labtui.config.schema import Config
from labtui.live.lab import LiveLab
from labtui.locale import _
from labtui.model.cluster import Resources
from labtui.model.presence import seen_guests
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
    terms: Terms = Terms()


def do(config: Config, wanted: Wanted, *, read_only: bool) -> int:
    """Plan, ask, carry out, follow to the end; returns the exit status."""
    if wanted.deed in OVERLAY_DEEDS:
        from labtui.cli.link import switch

        return switch(config, wanted, read_only=read_only)
    return over_lab(
        config,
        _TOPICS | _CARDS if wanted.deed == "start" else _TOPICS,
        lambda lab, snapshot: _do(lab, snapshot, wanted),
        read_only=read_only,
    )


async def _do(lab: LiveLab, snapshot: Snapshot, wanted: Wanted) -> int:
    found = _found(snapshot, wanted)
    if isinstance(found, Exit):
        return found
    action, subject = found
    plan = await _plan(lab, action, subject, wanted)
    if isinstance(plan, Exit):
        return plan
    left = _("left; the cluster goes on with it by itself")
    return await show_and_go(lab, action, plan, wanted.terms, left)


def _found(snapshot: Snapshot, wanted: Wanted) -> tuple[Action, str] | Exit:
    """What is to be done to what; how to end after saying why not."""
    of_guest = next((a for a in ACTIONS if a.id == f"guest.{wanted.deed}"), None)
    of_node = next((a for a in ACTIONS if a.id == f"node.{wanted.deed}"), None)
    if of_node is not None and (of_guest is None or _is_node(snapshot, wanted.guests)):
        if len(wanted.guests) > 1:
            return say(_("one node at a time"), Exit.USAGE)
        key = find_node(snapshot, wanted.guests[0])
        if of_guest is not None and (twin := _guest_named(snapshot, wanted.guests[0])):
            text = _("'{name}' is a node and a guest: say {node} or {guest}")
            told = text.format(name=wanted.guests[0], node=key, guest=twin)
            return say(told, Exit.USAGE)
        if not isinstance(key, Exit) and (against := of_node.applies(key, snapshot)):
            return say(against, Exit.BLOCKED)
        return key if isinstance(key, Exit) else (of_node, key)
    if of_guest is None:
        return say(_("nothing does that"), Exit.USAGE)
    subject = _subject(snapshot, of_guest, wanted)
    return subject if isinstance(subject, Exit) else (of_guest, subject)


def _is_node(snapshot: Snapshot, names: tuple[str, ...]) -> bool:
    """Whether the first name is a node's."""
    nodes = (node for _cluster, part in snapshot.of(Resources) for node in part.nodes)
    return any(names[0] in (node.name, node.key) for node in nodes)


def _guest_named(snapshot: Snapshot, name: str) -> str:
    """The key of the guest that is called so, empty when none is."""
    named = (key for key, seen in seen_guests(snapshot).items() if seen.guest.name == name)
    return next(named, "")


def _subject(snapshot: Snapshot, action: Action, wanted: Wanted) -> str | Exit:
    """The keys of the guests; how to end after saying why not."""
    if len(wanted.guests) > 1 and not action.bulk:
        text = _("{action} takes one guest at a time").format(action=wanted.deed)
        return say(text, Exit.USAGE)
    keys: list[str] = []
    for name in wanted.guests:
        gone = _gone(snapshot, name) if wanted.deed == "restore" else ""
        key = gone or find_guest(snapshot, name)
        if isinstance(key, Exit):
            return key
        if key not in keys:
            keys.append(key)
    if len(keys) == 1 and (against := action.applies(keys[0], snapshot)):
        return say(against, Exit.BLOCKED)
    return ",".join(keys)


def _gone(snapshot: Snapshot, name: str) -> str:
    """The key of a guest that is no more, of which there may be backups; empty when it is there."""
    cluster, slash, number = name.rpartition("/")
    clusters = [known for known, _part in snapshot.of(Resources)]
    if not slash and len(clusters) == 1:
        cluster = clusters[0]
    key = f"{cluster}/{number}"
    gone = number.isdecimal() and cluster in clusters and key not in seen_guests(snapshot)
    return key if gone else ""


async def _plan(lab: LiveLab, action: Action, subject: str, wanted: Wanted) -> Plan | Exit:
    facts: Any = await action.survey(subject, lab.wire)
    facts = answered(action, facts, action.draft(facts, wanted.to, wanted.way), wanted.answers)
    if isinstance(facts, Exit):
        return facts
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
