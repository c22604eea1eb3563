"""`labtui cards`: where cards can be had, and hand-overs as in the console, by the same plans."""

from __future__ import annotations

import json
import sys
import time

import msgspec

from labtui.actions.action import Plan
from labtui.actions.cards.action import GIVE, TAKE
from labtui.cli.exits import Exit, say
from labtui.cli.names import find_guest
from labtui.cli.plans import Terms, answered, over_lab, show_and_go
from labtui.cli.reading import failures
from labtui.config.schema import Config
from labtui.live.lab import LiveLab
from labtui.locale import _
from labtui.model.card_places import Search, find, parse_wish
from labtui.model.claims import device_table
from labtui.model.snapshot import Snapshot
from labtui.views.places import place_lines

_TOPICS = frozenset(
    ("resources", "membership", "tasks", "ha", "rights", "configs", "hardware", "inventory")
)


class Wanted(msgspec.Struct, frozen=True):
    """What the words of the command ask for. `what` is a wish, or names of cards."""

    verb: str
    what: tuple[str, ...]
    to: str = ""
    answers: tuple[str, ...] = ()
    terms: Terms = Terms()


def cards(config: Config, wanted: Wanted, *, read_only: bool) -> int:
    """Find, or plan, ask, carry out and follow; returns the exit status."""
    return over_lab(
        config,
        _TOPICS,
        lambda lab, snapshot: _cards(lab, snapshot, wanted),
        read_only=read_only or wanted.verb == "find",
    )


async def _cards(lab: LiveLab, snapshot: Snapshot, wanted: Wanted) -> int:
    if wanted.verb == "find":
        return _find(snapshot, wanted)
    plan = await _plan(lab, snapshot, wanted)
    if isinstance(plan, Exit):
        return plan
    left = _("left; `labtui jobs resume` goes on with it or takes it back")
    action = TAKE if wanted.verb == "take" else GIVE
    return await show_and_go(lab, action, plan, wanted.terms, left)


async def _plan(lab: LiveLab, snapshot: Snapshot, wanted: Wanted) -> Plan | Exit:
    keys = []
    for name in wanted.what:
        key = find_card(snapshot, name)
        if isinstance(key, Exit):
            return key
        keys.append(key)
    target = ""
    if wanted.verb == "give":
        if not wanted.to:
            return say(_("give them to whom? --to GUEST"), Exit.USAGE)
        found = find_guest(snapshot, wanted.to)
        if isinstance(found, Exit):
            return found
        target = found
    action = TAKE if wanted.verb == "take" else GIVE
    facts = await action.survey(",".join(keys), lab.wire)
    if target and target not in facts.parties:
        text = _("{guest} is no virtual machine on {node}, where the cards are")
        return say(text.format(guest=wanted.to, node=facts.node), Exit.USAGE)
    facts = answered(action, facts, action.draft(facts, target, ""), wanted.answers)
    return facts if isinstance(facts, Exit) else action.draft(facts, target, "")


def find_card(snapshot: Snapshot, name: str) -> str | Exit:
    """The key of a device that is called `pve1/01:00`, `pve1/0000:01:00.0` or by its key."""
    found: dict[str, str] = {}
    for card in device_table(snapshot).cards:
        device = card.device
        short = f"{device.node}/{device.slot.removeprefix('0000:')}"
        names = (card.key, f"{device.node}/{device.slot}", f"{device.node}/{device.address}", short)
        if name in names:
            # The functions of a slot go together: its first one stands for it.
            found.setdefault(f"{device.cluster}/{device.node}/{device.slot}", card.key)
    if len(found) == 1:
        return next(iter(found.values()))
    if found:
        return say(_("'{name}' is more than one card").format(name=name), Exit.USAGE)
    text = _("no card '{name}'; `labtui get gpus` has them").format(name=name)
    return say(text, Exit.USAGE)


def _find(snapshot: Snapshot, wanted: Wanted) -> int:
    """0 somewhere, 1 nowhere, 3 nowhere as far as could be read."""
    wish = parse_wish(" ".join(wanted.what))
    if wish is None:
        return say(_("find what? like '2 RTX 4090'"), Exit.USAGE)
    search = find(snapshot, wish, time.time())
    if wanted.terms.for_script:
        sys.stdout.write(json.dumps(as_record(search), ensure_ascii=False, indent=2) + "\n")
    else:
        for node, cell in place_lines(search):
            sys.stdout.write(f"{node}  {cell.text}\n" if node else f"{cell.text}\n")
    told = failures(snapshot)
    for line in told:
        sys.stderr.write(f"labtui: {line}\n")
    if search.places:
        return Exit.DONE
    return Exit.BLOCKED if told or search.unknown else Exit.FAILED


def as_record(search: Search) -> dict[str, object]:
    """For scripts: words that do not depend on the language; memory in bytes."""
    return {
        "count": search.wish.count,
        "model": search.wish.model,
        "memory": search.wish.memory or None,
        "places": [
            {
                "node": place.key,
                "cards": [card.key for card in place.room.cards],
                "free": place.room.free,
                "off": [claim.guest.key for claim in place.room.off],
                "running": [claim.guest.key for claim in place.room.running],
                "lease_over": sorted(place.over),
                "memory_free": place.memory,
                "would_move": [guest.key for guest in place.movers],
                "enough_memory": not place.tight,
            }
            for place in search.places
        ],
        "too_few": [{"node": node, "cards": count} for node, count in search.short],
        "unknown": list(search.unknown),
    }
