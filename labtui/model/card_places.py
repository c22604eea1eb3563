"""Where so many cards of a model can be had in one node, and who would have to make room. Pure.

A wish is written as people say it: `2 RTX 4090`, `a100`, `1x rtx a5000 with 96G`. Which cards of a
node ask least of others is `card_choice`'s to say; here are the words, the memory that such a guest
locks, and the leases that are over.
"""

from __future__ import annotations

import re

import msgspec

from labtui.model.card_choice import Room, matches, rooms
from labtui.model.claims import Card, card_table
from labtui.model.cluster import Resources
from labtui.model.guests import Guest
from labtui.model.leases_held import assignments
from labtui.model.presence import seen_guests
from labtui.model.snapshot import Snapshot

GIB = 1 << 30
_WISH = re.compile(
    r"(?:(?P<count>[0-9]{1,3})\s*(?:x|\*|×)?\s+|(?P<times>[0-9]{1,3})x)?"
    r"(?P<model>\S(?:.*?\S)??)(?:\s+with\s+(?P<memory>[0-9]{1,5})\s*G(?:iB|B)?)?",
    re.IGNORECASE,
)
_SERIES = re.compile(r"\b(rtx|gtx|rx)(?=[0-9a-z])", re.IGNORECASE)


class Wish(msgspec.Struct, frozen=True):
    """So many cards of a model in one node, for a guest of `memory` bytes (0: not said)."""

    count: int
    model: str
    memory: int = 0


class Place(msgspec.Struct, frozen=True):
    """A node with enough such cards. `over` are keys of guests whose lease has ended.

    `free` is how many of the cards nobody names. `memory` is what the node has free, in bytes, None
    when it does not say. `movers` are running guests without cards that could move elsewhere to
    make enough of it; `tight`: that would not do.
    """

    room: Room
    free: int
    over: frozenset[str] = frozenset()
    memory: int | None = None
    movers: tuple[Guest, ...] = ()
    tight: bool = False

    @property
    def key(self) -> str:
        return f"{self.room.cluster}/{self.room.node}"

    @property
    def cost(self) -> tuple[bool, int, int, int]:
        """What it asks of others: memory, guests that run, guests that are off, guests to move."""
        running = sum(claim.guest.key not in self.over for claim in self.room.running)
        late = len(self.room.running) - running
        return self.tight, running, late + len(self.room.off), len(self.movers)


class Search(msgspec.Struct, frozen=True):
    """What a wish found, the easiest place first.

    `short`: (node, how many such cards it has), fewer than wanted. `unknown`: nodes with such cards
    that are away or were not read.
    """

    wish: Wish
    places: tuple[Place, ...] = ()
    short: tuple[tuple[str, int], ...] = ()
    unknown: tuple[str, ...] = ()


def parse_wish(text: str) -> Wish | None:
    """`2 RTX 4090 with 64G`; None when it names no model or no card at all."""
    match = _WISH.fullmatch(" ".join(text.split()))
    if match is None:
        return None
    count = int(match["count"] or match["times"] or 1)
    memory = int(match["memory"] or 0) * GIB
    # `rtx4090` is what people type, `RTX 4090` what it is called.
    return Wish(count, _SERIES.sub(r"\1 ", match["model"]), memory) if count else None


def find(snapshot: Snapshot, wish: Wish, now: float) -> Search:
    """Nodes where it can be had, and why others will not do."""
    table = card_table(snapshot)
    over = frozenset(
        row.guest.key for row in assignments(snapshot).rows if row.ends and row.ends <= now
    )
    counts: dict[str, int] = {}
    unknown: set[str] = set()
    cards: dict[tuple[str, str], list[Card]] = {}
    for card in table.cards:
        if card.device.is_virtual or not matches(card.device, wish.model):
            continue
        if card.state == "unknown" or not card.node_online:
            unknown.add(card.device.node)
            continue
        counts[card.device.node] = counts.get(card.device.node, 0) + 1
        cards.setdefault((card.device.cluster, card.device.node), []).append(card)
    places = []
    for room in rooms(table, wish.model, wish.count):
        free = sum(card.state == "free" for card in cards[room.cluster, room.node])
        places.append(_place(snapshot, room, wish, free, over))
    places.sort(key=lambda place: (place.cost, -place.free, place.key))
    short = sorted((node, n) for node, n in counts.items() if n < wish.count)
    return Search(wish, tuple(places), tuple(short), tuple(sorted(unknown - set(counts))))


def _place(snapshot: Snapshot, room: Room, wish: Wish, free: int, over: frozenset[str]) -> Place:
    memory = _memory(snapshot, room)
    if memory is None or not wish.memory:
        return Place(room, free, over, memory)
    # Those that give their cards up are shut down at least, so what they have is free then.
    missing = wish.memory - memory - sum(_held(claim.guest) for claim in room.running)
    movers: list[Guest] = []
    for guest in _without_cards(snapshot, room):
        if missing <= 0:
            break
        movers.append(guest)
        missing -= _held(guest)
    tight = missing > 0
    return Place(room, free, over, memory, () if tight else tuple(movers), tight)


def _held(guest: Guest) -> int:
    return guest.memory or 0


def _without_cards(snapshot: Snapshot, room: Room) -> list[Guest]:
    """Running guests of the node that have no card, the largest first."""
    by_guest = card_table(snapshot).by_guest
    found = [
        seen.guest
        for seen in seen_guests(snapshot).values()
        if (seen.guest.cluster, seen.guest.node) == (room.cluster, room.node)
        if seen.running and seen.guest.key not in by_guest
    ]
    return sorted(found, key=lambda guest: (-_held(guest), guest.vmid))


def _memory(snapshot: Snapshot, room: Room) -> int | None:
    resources = snapshot.one(Resources, room.cluster)
    for node in resources.nodes if resources else ():
        if node.name == room.node and node.memory_max is not None and node.memory is not None:
            return node.memory_max - node.memory
    return None
