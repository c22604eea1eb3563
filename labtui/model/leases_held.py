"""Who has which cards until when: claims joined with the leases in the guests' notes. Pure."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from labtui.model.claims import Card, card_table
from labtui.model.cluster import Membership, Resources
from labtui.model.derived import Derived
from labtui.model.devices import Hardware
from labtui.model.guests import Guest, GuestConfigs
from labtui.model.leases import LEASE, Broken, Lease, ends_at, lease_of, leases_in
from labtui.model.presence import seen_guests
from labtui.model.snapshot import Snapshot


class Assignment(msgspec.Struct, frozen=True):
    """Cards that a guest claims and the lease they are under, if any.

    `place` is that of the lease in the notes, -1 without one. A lease may outlive its cards: then
    there are none. `broken` are lines of the notes that can't be understood.
    """

    guest: Guest
    running: bool
    lease: Lease | None = None
    cards: tuple[Card, ...] = ()
    place: int = -1
    broken: tuple[Broken, ...] = ()

    @property
    def key(self) -> str:
        return f"{self.guest.key}/{self.place}"

    @property
    def ends(self) -> float | None:
        """When it is over, in seconds since the epoch."""
        return ends_at(self.lease.until) if self.lease is not None else None


class Assignments(msgspec.Struct, frozen=True):
    """All of them, and the lease of each card by its key."""

    rows: tuple[Assignment, ...] = ()
    by_card: dict[str, tuple[Assignment, ...]] = {}


def _of_guest(
    guest: Guest, running: bool, notes: str, cards: tuple[Card, ...]
) -> Iterator[Assignment]:
    leases, broken = leases_in(notes)
    under: dict[int, list[Card]] = {}
    for card in cards:
        for claim in card.claims:
            if claim.guest.key == guest.key:
                lease = lease_of(leases, claim.line)
                under.setdefault(leases.index(lease) if lease else -1, []).append(card)
    for place, lease in enumerate(leases):
        held = tuple(dict.fromkeys(under.get(place, ())))
        yield Assignment(guest, running, lease, held, place, broken)
    if -1 in under or (broken and not leases):
        held = tuple(dict.fromkeys(under.get(-1, ())))
        yield Assignment(guest, running, None, held, -1, broken)


def _noted(snapshot: Snapshot) -> dict[str, frozenset[int]]:
    return {
        cluster: frozenset(
            vmid for vmid, config in part.configs.items() if LEASE in config.description
        )
        for cluster, part in snapshot.of(GuestConfigs)
    }


_of_notes = Derived((GuestConfigs,), _noted)
"""Cluster -> the guests in whose notes something looks like a lease: few of thousands."""


def _table(snapshot: Snapshot) -> Assignments:
    by_guest = card_table(snapshot).by_guest
    noted, seen = _of_notes(snapshot), seen_guests(snapshot)
    rows: list[Assignment] = []
    for cluster, part in snapshot.of(GuestConfigs):
        there = {key.partition("/")[2] for key in by_guest if key.startswith(f"{cluster}/")}
        wanted = noted[cluster] | {int(vmid) for vmid in there}
        for vmid in sorted(wanted & part.configs.keys()):
            here = seen.get(f"{cluster}/{vmid}")
            if here is None or here.guest.template:
                continue
            cards = tuple(dict.fromkeys(by_guest.get(here.guest.key, ())))
            notes = part.configs[vmid].description
            rows.extend(_of_guest(here.guest, here.running, notes, cards))
    by_card: dict[str, list[Assignment]] = {}
    for row in rows:
        for card in row.cards:
            by_card.setdefault(card.key, []).append(row)
    return Assignments(tuple(rows), {key: tuple(found) for key, found in by_card.items()})


assignments = Derived((Resources, Membership, Hardware, GuestConfigs), _table)
"""Every assignment, guest by guest."""


def lease_of_card(snapshot: Snapshot, card: str) -> Assignment | None:
    """The assignment of a card that ends first, of the guest that runs if one does."""
    found = [row for row in assignments(snapshot).by_card.get(card, ()) if row.lease is not None]
    running = [row for row in found if row.running]
    return min(running or found, key=lambda row: row.ends or float("inf"), default=None)
