"""Devices and who claims them: those of every node joined with the guests' `hostpci` lines.

Rules as in `PVE/QemuServer/PCI.pm` and `PVE/Mapping/PCI.pm`: an address without function means
every function of its slot; several entries of a mapping on one node are alternatives of which the
first free one is taken at start, and which one was taken is not told by the API.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

from labtui.model.claimants import claimants, unread_nodes
from labtui.model.cluster import Membership, Resources
from labtui.model.derived import Derived
from labtui.model.devices import Hardware, PciDevice, PciMapping, relatives
from labtui.model.guests import GuestConfigs
from labtui.model.presence import presences
from labtui.model.snapshot import Snapshot
from labtui.model.wishes import Claim as Claim
from labtui.model.wishes import wishes

CardState = Literal[
    "used", "free", "reserved", "pooled", "clash", "clash-at-boot", "turns", "unknown"
]


class Card(msgspec.Struct, frozen=True):
    """A device in a node with the claims on it.

    `state`: used, free, reserved (by guests that are off), pooled (one of several alternatives
    may be in use), clash (two that run), clash-at-boot (two that start with the node), turns (two
    of which one runs at most), unknown (node away or not read). `group_claims` claim a neighbour
    in its IOMMU group, `part_claims` a virtual function of it, or the physical one that it is of.
    `templates` name it and never take it; `mappings` are those with an entry for it.
    """

    device: PciDevice
    state: CardState
    claims: tuple[Claim, ...] = ()
    group_claims: tuple[Claim, ...] = ()
    node_online: bool = True
    templates: tuple[Claim, ...] = ()
    part_claims: tuple[Claim, ...] = ()
    mappings: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return self.device.key

    @property
    def rivals(self) -> tuple[Claim, ...]:
        """Whoever wants it for sure, or what it goes with; each guest once, who has it first."""
        own = [claim for claim in self.claims if claim.alternatives == 1] or list(self.claims)
        found = {c.guest.key: c for c in (*own, *self.group_claims, *self.part_claims)}
        order = sorted(found.values(), key=lambda claim: (not claim.running, claim.guest.vmid))
        return tuple(order)


class CardTable(msgspec.Struct, frozen=True):
    """All cards; `read` of `wanted` guest configurations are known."""

    cards: tuple[Card, ...] = ()
    read: int = 0
    wanted: int = 0
    by_guest: dict[str, tuple[Card, ...]] = {}


def _covers(wanted: str, address: str) -> bool:
    """True when a `hostpci` address, with or without function, names that device."""
    return address == wanted or ("." not in wanted and address.rsplit(".", 1)[0] == wanted)


def _state(
    claims: tuple[Claim, ...], neighbours: tuple[Claim, ...], pools: tuple[PoolUse, ...]
) -> CardState:
    certain = [claim for claim in claims if claim.alternatives == 1]
    whole = [claim for claim in certain if not claim.shared]
    rivals = {claim.guest.key: claim for claim in (*certain, *neighbours)}
    if whole and len(rivals) > 1:
        if sum(claim.running for claim in rivals.values()) > 1:
            return "clash"
        booting = sum(claim.onboot for claim in rivals.values())
        return "clash-at-boot" if booting > 1 else "turns"
    if any(pool.onboot > pool.entries for pool in pools):
        return "clash-at-boot"
    if any(claim.running for claim in certain) or any(p.running >= p.entries for p in pools):
        return "used"
    if any(claim.running for claim in claims):
        return "pooled"
    # A group goes to one guest as a whole, so a neighbour's claim takes this one out too.
    return "reserved" if claims or neighbours else "free"


class PoolUse(msgspec.Struct, frozen=True):
    """The users of one mapping on one node against its `entries` there; mediated parts apart."""

    mapping: str
    entries: int
    running: int
    onboot: int
    users: int


def _pools(claims: tuple[Claim, ...]) -> tuple[PoolUse, ...]:
    """Each line of a guest takes one entry, whichever is free."""
    found: dict[str, dict[tuple[str, int], Claim]] = {}
    for claim in claims:
        if claim.mapping and not claim.shared:
            found.setdefault(claim.mapping, {})[claim.guest.key, claim.line] = claim
    return tuple(
        PoolUse(
            name,
            next(iter(users.values())).alternatives,
            sum(claim.running for claim in users.values()),
            sum(claim.onboot for claim in users.values()),
            len(users),
        )
        for name, users in found.items()
    )


def _devices_of(cluster: str, snapshot: Snapshot, hardware: Hardware) -> Iterator[Card]:
    configs = snapshot.one(GuestConfigs, cluster)
    claims = wishes(cluster, snapshot, configs.configs if configs else {}, hardware)
    there = presences(snapshot)
    unread = unread_nodes(cluster, snapshot)
    for node, devices in hardware.devices.items():
        presence = there.get((cluster, node))
        online = presence is None or presence.online is True
        on_node = [(wanted, found) for (where, wanted), found in claims.items() if where == node]
        kin = relatives(devices)
        for device in devices:
            own, templates = _split(_matching(on_node, (device.address,)))
            if device.kind == "bridge" and not own and not templates:
                continue
            near = _others(own, _matching(on_node, _group(device, devices, own=bool(own))))
            parts = _others((*own, *near), _matching(on_node, kin.get(device.address, ())))
            state: CardState = "unknown"
            if online and (own or near or parts or node not in unread):
                state = _state(own, (*near, *parts), _pools(own))
            names = tuple(sorted(_names(hardware.mappings, device)))
            yield Card(device, state, own, near, online, templates, parts, names)


def _group(device: PciDevice, devices: Sequence[PciDevice], *, own: bool) -> tuple[str, ...]:
    """What else is in its IOMMU group, in other slots; the functions of a slot go together.

    Those too where nobody claims it by itself: a card's sound goes with the card.
    """
    return tuple(
        other.address
        for other in devices
        if other.iommu_group == device.iommu_group >= 0
        and other.address != device.address
        and (other.slot != device.slot or not own)
    )


def _split(claims: tuple[Claim, ...]) -> tuple[tuple[Claim, ...], tuple[Claim, ...]]:
    """Those of guests, and those of templates, which never take anything."""
    return (
        tuple(claim for claim in claims if not claim.guest.template),
        tuple(claim for claim in claims if claim.guest.template),
    )


def _others(known: tuple[Claim, ...], found: tuple[Claim, ...]) -> tuple[Claim, ...]:
    keys = {claim.guest.key for claim in known}
    return tuple(c for c in found if c.guest.key not in keys and not c.guest.template)


def _names(mappings: Sequence[PciMapping], device: PciDevice) -> Iterator[str]:
    for mapping in mappings:
        if any(_covers(a, device.address) for e in mapping.on(device.node) for a in e.addresses):
            yield mapping.name


def _matching(
    on_node: list[tuple[str, list[Claim]]], addresses: tuple[str, ...] | list[str]
) -> tuple[Claim, ...]:
    found: dict[tuple[str, int], Claim] = {}
    for wanted, claims in on_node:
        if any(_covers(wanted, address) for address in addresses):
            for claim in claims:
                found.setdefault((claim.guest.key, claim.line), claim)
    return tuple(found.values())


def _table(snapshot: Snapshot) -> CardTable:
    cards: list[Card] = []
    read = wanted = 0
    for cluster, hardware in snapshot.of(Hardware):
        cards.extend(_devices_of(cluster, snapshot, hardware))
    for cluster, _resources in snapshot.of(Resources):
        part = snapshot.one(GuestConfigs, cluster)
        known = part.configs if part else {}
        wanted += len(claimants(snapshot)[cluster])
        read += len(claimants(snapshot)[cluster] & known.keys())
    return _tabled(sorted(cards, key=lambda card: card.key), read, wanted)


def _tabled(cards: Sequence[Card], read: int, wanted: int) -> CardTable:
    by_guest: dict[str, list[Card]] = {}
    for card in cards:
        for key in dict.fromkeys(claim.guest.key for claim in card.claims):
            by_guest.setdefault(key, []).append(card)
    frozen = {key: tuple(found) for key, found in by_guest.items()}
    return CardTable(tuple(cards), read, wanted, frozen)


def _gpus(snapshot: Snapshot) -> CardTable:
    every = device_table(snapshot)
    return _tabled([c for c in every.cards if c.device.is_gpu], every.read, every.wanted)


_NEEDS = (Resources, Membership, Hardware, GuestConfigs)
device_table = Derived(_NEEDS, _table)
"""Every device but bridges, each function for itself, with its claims."""
card_table = Derived(_NEEDS, _gpus)
"""Every GPU with its claims."""
