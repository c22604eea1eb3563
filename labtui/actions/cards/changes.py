"""What a hand-over changes of each guest's configuration. Pure.

Whoever names a card for sure loses it; of a pool (a mapping with several devices on the node) lines
are taken only as far as there are not enough devices for all. Leases go with their lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from labtui.actions.cards.facts import HandFacts, Party
from labtui.actions.cards.lines import is_q35, lines_of, put_in, taken_out
from labtui.actions.cards.parts import part_of
from labtui.model.claims import Card, Claim
from labtui.model.leases import Lease, exchanged, lease_of, leases_in


class Change(msgspec.Struct, frozen=True):
    """Of one guest: key -> new value, empty for one that goes; `before` likewise.

    `gives` or not: whether it loses cards or gets them.
    """

    party: Party
    values: dict[str, str]
    before: dict[str, str]
    gives: bool


class Give(msgspec.Struct, frozen=True):
    """What one guest loses: slots by address, and whole lines by number."""

    slots: frozenset[str] = frozenset()
    lines: frozenset[int] = frozenset()


def change_of(party: Party, values: Mapping[str, str], *, gives: bool) -> Change | None:
    """The change with what was there before; None when nothing is otherwise."""
    before = {key: _text(party.config, key) for key in values}
    new = {key: value for key, value in values.items() if value != before[key]}
    return Change(party, new, {key: before[key] for key in new}, gives) if new else None


def _text(config: Mapping[str, Any], key: str) -> str:
    value = config.get(key)
    return "" if value is None else str(value)


def givings(facts: HandFacts, target: str, *, off_too: bool) -> dict[str, Give]:
    """Who loses what, by key; `off_too`: those that are off as well."""
    found: dict[str, Give] = {}
    part = part_of(facts)

    def give(claim: Claim, slots: Iterable[str], lines: Iterable[int]) -> None:
        old = found.get(claim.guest.key, Give())
        found[claim.guest.key] = Give(old.slots | set(slots), old.lines | set(lines))

    for card in facts.cards:
        for claim in claims_of(facts, card, target):
            # Beside a part there is room for others' parts.
            sure = claim.alternatives == 1 or (claim.shared and facts.named)
            if sure and not (part and claim.shared) and (off_too or claim.running):
                mapped = (claim.line,) if claim.mapping else ()
                give(claim, () if claim.mapping else (card.device.slot,), mapped)
    for claim in _surplus(facts, target):
        if off_too or claim.running:
            give(claim, (), (claim.line,))
    return found


def claims_of(facts: HandFacts, card: Card, target: str) -> tuple[Claim, ...]:
    """The claims of others on a card by their `hostpci` lines, of those that are asked."""
    return tuple(
        claim
        for claim in card.claims
        if claim.guest.key in facts.holders and claim.guest.key != target and not claim.path
    )


def _surplus(facts: HandFacts, target: str) -> list[Claim]:
    """Lines of a pool that must go so that there are enough devices, those that are off first."""
    pools: dict[str, tuple[set[str], dict[tuple[str, int], Claim], int]] = {}
    for card in facts.cards:
        for claim in claims_of(facts, card, target):
            if claim.alternatives > 1 and not claim.shared:
                slots, users, _size = pools.setdefault(claim.mapping, (set(), {}, 0))
                slots.add(card.device.slot)
                users[claim.guest.key, claim.line] = claim
                pools[claim.mapping] = (slots, users, claim.alternatives)
    gone: list[Claim] = []
    for slots, users, size in pools.values():
        # Taken away to nobody, a line goes for each card.
        count = len(slots) if not target else len(slots) + len(users) - size
        ordered = sorted(users.values(), key=lambda c: (c.running == bool(target), c.guest.vmid))
        gone.extend(ordered[: max(0, count)])
    return gone


def wanted_lines(facts: HandFacts, target: Party, how: Mapping[str, str]) -> list[str]:
    """The lines for the cards that the target does not name yet, each `mapping=` or an address."""
    part = part_of(facts)
    there = {
        card.key
        for card in facts.cards
        for claim in card.claims
        if claim.guest.key == target.guest.key and claim.alternatives == 1
        if not claim.path and claim.mdev == part
    }
    found = [how[card.key] for card in facts.cards if card.key not in there and how.get(card.key)]
    # One entry of a mapping may be several devices: named once, they all come.
    single = {f"mapping={m.name}" for m in facts.mappings if len(m.on(facts.node)) == 1}
    kept: list[str] = []
    for line in found:
        if line not in single or line not in kept:
            kept.append(line)
    return kept


def taking(facts: HandFacts, gives: Mapping[str, Give]) -> list[Change]:
    """The changes of those that lose cards."""
    found = []
    for key, give in gives.items():
        party = facts.parties.get(key)
        if party is None or party.problem:
            continue
        values = taken_out(party.config, give.slots, give.lines)
        notes = shrunk(party.config, values)
        if notes is not None:
            values["description"] = notes
        if (change := change_of(party, values, gives=True)) is not None:
            found.append(change)
    return found


def getting(target: Party, wanted: Sequence[str], lease: Lease | None) -> Change | None:
    """The change of the one that gets them, its lease included."""
    values = put_in(target.config, wanted, pcie=is_q35(target.config))
    if lease is not None:
        named = tuple(values) or tuple(f"hostpci{number}" for number in lines_of(target.config))
        notes = _text(target.config, "description")
        old = same_cards(leases_in(notes)[0], named)
        new = msgspec.structs.replace(lease, cards=named)
        values["description"] = exchanged(notes, old, new)
    return change_of(target, values, gives=False)


def same_cards(leases: Iterable[Lease], named: tuple[str, ...]) -> Lease | None:
    """The lease that is for these lines already."""
    found = list(leases)
    old = lease_of(found, int(named[0].removeprefix("hostpci"))) if named else None
    return old if old is not None and set(old.cards) <= set(named) and old.cards else None


def shrunk(config: Mapping[str, Any], values: Mapping[str, str]) -> str | None:
    """The notes with the leases of lines that go taken out of them; None when none is touched."""
    notes = before = _text(config, "description")
    gone = {key for key, value in values.items() if not value}
    rest = {f"hostpci{number}" for number in lines_of(config)} - gone
    for lease in leases_in(notes)[0]:
        kept = tuple(card for card in lease.cards if card not in gone)
        if (lease.cards and not kept) or (not lease.cards and not rest):
            notes = exchanged(notes, lease, None)
        elif kept != lease.cards:
            notes = exchanged(notes, lease, msgspec.structs.replace(lease, cards=kept))
    return notes if notes != before else None
