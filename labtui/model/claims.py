"""GPUs and who claims them: cards of every node joined with the guests' `hostpci` lines.

Rules as in `PVE/QemuServer/PCI.pm` and `PVE/Mapping/PCI.pm`: an address without function means
every function of its slot; several entries of a mapping on one node are alternatives of which the
first free one is taken at start, and which one was taken is not told by the API.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

from labtui.model.cluster import Membership, Resources
from labtui.model.derived import Derived
from labtui.model.devices import Hardware, PciDevice, PciMapping
from labtui.model.guests import Guest, GuestConfig, GuestConfigs, HostPci
from labtui.model.presence import presences, seen_guests
from labtui.model.snapshot import Snapshot

CardState = Literal[
    "used", "free", "reserved", "pooled", "clash", "clash-at-boot", "turns", "unknown"
]


class Claim(msgspec.Struct, frozen=True):
    """One `hostpci` line's wish for a card. `alternatives` > 1: it takes one of that many.

    `shared`: it takes a virtual part (mdev) and leaves the rest to others.
    """

    guest: Guest
    running: bool
    onboot: bool
    mapping: str = ""
    alternatives: int = 1
    line: int = 0
    shared: bool = False


class Card(msgspec.Struct, frozen=True):
    """A GPU in a node with the claims on it.

    `state`: used, free, reserved (by guests that are off), pooled (one of several alternatives
    may be in use), clash (two that run), clash-at-boot (two that start with the node), turns (two
    of which one runs at most), unknown (node away or not read). `group_claims` claim a neighbour
    in its IOMMU group.
    """

    device: PciDevice
    state: CardState
    claims: tuple[Claim, ...] = ()
    group_claims: tuple[Claim, ...] = ()
    node_online: bool = True

    @property
    def key(self) -> str:
        return f"{self.device.cluster}/{self.device.node}/{self.device.address}"


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
            if claim.running and claim.alternatives > 1:
                pool = (card.device.cluster, card.device.node, claim.mapping)
                pools.setdefault(pool, set()).add((claim.guest.key, claim.line))
                sizes[pool] = claim.alternatives
    pooled = sum(min(len(users), sizes[pool]) for pool, users in pools.items())
    return min(len(cards), len(certain) + pooled)


class CardTable(msgspec.Struct, frozen=True):
    """All cards; `read` of `wanted` guest configurations are known."""

    cards: tuple[Card, ...] = ()
    read: int = 0
    wanted: int = 0
    by_guest: dict[str, tuple[Card, ...]] = {}


def _covers(wanted: str, address: str) -> bool:
    """True when a `hostpci` address, with or without function, names that device."""
    return address == wanted or ("." not in wanted and address.rsplit(".", 1)[0] == wanted)


def _wishes(
    line: HostPci, node: str, mappings: dict[str, PciMapping]
) -> Iterator[tuple[str, str, int]]:
    """(address, mapping name, number of alternatives) of one `hostpci` line on a node."""
    if not line.mapping:
        for address in line.addresses:
            yield address, "", 1
        return
    mapping = mappings.get(line.mapping)
    entries = mapping.on(node) if mapping else ()
    for entry in entries:
        for address in entry.addresses:
            yield address, line.mapping, len(entries)


def _claims_on(
    cluster: str, snapshot: Snapshot, configs: dict[int, GuestConfig], hardware: Hardware
) -> dict[tuple[str, str], list[Claim]]:
    """(node, wanted address) -> claims, from every guest that is no template."""
    mappings = {mapping.name: mapping for mapping in hardware.mappings}
    seen = seen_guests(snapshot)
    claims: dict[tuple[str, str], list[Claim]] = {}
    for config in configs.values():
        if not config.hostpci:
            continue
        here = seen.get(f"{cluster}/{config.vmid}")
        if here is None or here.guest.template:
            continue
        for line in config.hostpci:
            for address, mapping, alternatives in _wishes(line, here.guest.node, mappings):
                claim = Claim(
                    here.guest,
                    here.running,
                    config.onboot,
                    mapping,
                    alternatives,
                    line.index,
                    bool(line.mdev),
                )
                claims.setdefault((here.guest.node, address), []).append(claim)
    return claims


def _state(claims: tuple[Claim, ...], neighbours: tuple[Claim, ...], pool_full: bool) -> CardState:
    certain = [claim for claim in claims if claim.alternatives == 1]
    whole = [claim for claim in certain if not claim.shared]
    rivals = {claim.guest.key: claim for claim in (*certain, *neighbours)}
    if whole and len(rivals) > 1:
        if sum(claim.running for claim in rivals.values()) > 1:
            return "clash"
        booting = sum(claim.onboot for claim in rivals.values())
        return "clash-at-boot" if booting > 1 else "turns"
    if any(claim.running for claim in certain) or pool_full:
        return "used"
    if any(claim.running for claim in claims):
        return "pooled"
    # A group goes to one guest as a whole, so a neighbour's claim takes this one out too.
    return "reserved" if claims or neighbours else "free"


def _pool_full(card: PciDevice, claims: tuple[Claim, ...]) -> bool:
    """True when as many guests run as the mapping has entries here."""
    for claim in claims:
        users = {(c.guest.key, c.line) for c in claims if c.mapping == claim.mapping and c.running}
        if claim.mapping and len(users) >= claim.alternatives:
            return True
    return False


def _cards_of(cluster: str, snapshot: Snapshot, hardware: Hardware) -> Iterator[Card]:
    configs = snapshot.one(GuestConfigs, cluster)
    claims = _claims_on(cluster, snapshot, configs.configs if configs else {}, hardware)
    there = presences(snapshot)
    unread = _unread_nodes(cluster, snapshot)
    for node, devices in hardware.devices.items():
        presence = there.get((cluster, node))
        online = presence is None or presence.online is True
        on_node = [(wanted, found) for (where, wanted), found in claims.items() if where == node]
        for device in devices:
            if not device.is_gpu:
                continue
            own = _matching(on_node, (device.address,))
            group = [
                other.address
                for other in devices
                if other.iommu_group == device.iommu_group >= 0 and other.slot != device.slot
            ]
            keys = {claim.guest.key for claim in own}
            neighbours = tuple(
                claim for claim in _matching(on_node, group) if claim.guest.key not in keys
            )
            state: CardState = "unknown"
            if online and (own or neighbours or node not in unread):
                state = _state(own, neighbours, _pool_full(device, own))
            yield Card(device, state, own, neighbours, online)


def _may_claim(snapshot: Snapshot, cluster: str) -> Iterator[Guest]:
    """Guests that may claim cards and whose configuration can be asked for."""
    resources = snapshot.one(Resources, cluster) or Resources()
    there = presences(snapshot)
    for guest in resources.guests:
        presence = there.get((cluster, guest.node))
        if guest.kind == "qemu" and not guest.template and (not presence or presence.online):
            yield guest


def _unread_nodes(cluster: str, snapshot: Snapshot) -> frozenset[str]:
    """Nodes with a guest whose configuration is not known: its claims may be on any card there."""
    part = snapshot.one(GuestConfigs, cluster)
    known = part.configs if part else {}
    return frozenset(g.node for g in _may_claim(snapshot, cluster) if g.vmid not in known)


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
        cards.extend(_cards_of(cluster, snapshot, hardware))
    for cluster, _resources in snapshot.of(Resources):
        part = snapshot.one(GuestConfigs, cluster)
        known = part.configs if part else {}
        claimants = [guest.vmid for guest in _may_claim(snapshot, cluster)]
        wanted += len(claimants)
        read += sum(vmid in known for vmid in claimants)
    by_guest: dict[str, list[Card]] = {}
    for card in cards:
        for claim in card.claims:
            by_guest.setdefault(claim.guest.key, []).append(card)
    frozen = {key: tuple(found) for key, found in by_guest.items()}
    ordered = tuple(sorted(cards, key=lambda card: card.key))
    return CardTable(ordered, read, wanted, frozen)


card_table = Derived((Resources, Membership, Hardware, GuestConfigs), _table)
"""Every GPU with its claims."""
