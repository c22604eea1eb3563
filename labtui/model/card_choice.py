"""Which cards are free, whose cards they are, and who would have to go to make room. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from labtui.model.claims import Card, CardTable, Claim
from labtui.model.devices import PciDevice, short_model


def taken(cards: Sequence[Card]) -> int:
    """How many of these cards running guests have: a pool counts once per running user."""
    certain = {
        card.key
        for card in cards
        if any(claim.running and claim.alternatives == 1 for claim in card.claims)
    }
    pools: dict[tuple[str, str, str], set[tuple[str, int]]] = {}
    sizes: dict[tuple[str, str, str], int] = {}
    for card in cards:
        for claim in card.claims:
            if claim.running and claim.alternatives > 1 and not claim.shared:
                pool = (card.device.cluster, card.device.node, claim.mapping)
                pools.setdefault(pool, set()).add((claim.guest.key, claim.line))
                sizes[pool] = claim.alternatives
    pooled = sum(min(len(users), sizes[pool]) for pool, users in pools.items())
    return min(len(cards), len(certain) + pooled)


def matches(device: PciDevice, wanted: str) -> bool:
    """True when it is of that model: every word of `wanted` is in its name, its maker's or its ids.

    `rtx 4090`, `a100` and `10de:2684` are all good; an empty text is any model.
    """
    name = f"{device.vendor} {device.model} {short_model(device.model)} {device.ids}".lower()
    return all(word in name for word in wanted.lower().split())


def free_cards(table: CardTable, model: str = "", node: str = "") -> tuple[Card, ...]:
    """The cards that nobody names and that can be given, by place; `node` is its name alone."""
    return tuple(
        card
        for card in table.cards
        if card.state == "free"
        and card.node_online
        and not card.device.is_virtual
        and matches(card.device, model)
        and (not node or card.device.node == node)
    )


def claims_of(table: CardTable, guest: str) -> tuple[tuple[Card, Claim], ...]:
    """Every card that a guest names (its key), with the claim; alternatives are all there."""
    return tuple(
        (card, claim)
        for card in table.by_guest.get(guest, ())
        for claim in card.claims
        if claim.guest.key == guest
    )


class Room(msgspec.Struct, frozen=True):
    """How so many cards could be had in one node: those to take, and whose they are now.

    `off` are guests that are off, `running` those that run: they would have to give them up.
    """

    cluster: str
    node: str
    cards: tuple[Card, ...]
    off: tuple[Claim, ...] = ()
    running: tuple[Claim, ...] = ()

    @property
    def free(self) -> bool:
        """Nobody would have to go."""
        return not self.off and not self.running


def rooms(table: CardTable, model: str, count: int) -> tuple[Room, ...]:
    """A way for each node that has as many cards of that model at all, the easiest first."""
    nodes: dict[tuple[str, str], list[Card]] = {}
    for card in table.cards:
        device = card.device
        known = card.state != "unknown" and card.node_online
        if known and not device.is_virtual and matches(device, model):
            nodes.setdefault((device.cluster, device.node), []).append(card)
    found = [
        _room(cluster, node, cards, count)
        for (cluster, node), cards in nodes.items()
        if len(cards) >= count > 0
    ]
    return tuple(sorted(found, key=lambda room: (len(room.running), len(room.off), room.node)))


def _room(cluster: str, node: str, cards: Sequence[Card], count: int) -> Room:
    """Free ones first; then, card by card, the one that costs the fewest further guests."""
    left = list(cards)
    chosen: list[Card] = []
    gone: set[str] = set()
    while len(chosen) < count:
        best = min(left, key=lambda card: (*_cost(card, gone), card.key))
        left.remove(best)
        chosen.append(best)
        gone.update(claim.guest.key for claim in best.rivals)
    claims = {claim.guest.key: claim for card in chosen for claim in card.rivals}
    return Room(
        cluster,
        node,
        tuple(sorted(chosen, key=lambda card: card.key)),
        tuple(claim for claim in claims.values() if not claim.running),
        tuple(claim for claim in claims.values() if claim.running),
    )


def _cost(card: Card, gone: Iterable[str]) -> tuple[int, int]:
    """(guests that run, guests in all) that would have to give it up, besides those gone anyway."""
    new = [claim for claim in card.rivals if claim.guest.key not in gone]
    return sum(claim.running for claim in new), len(new)
