"""Which card of a node it is that a tool saw in a guest, where that can be told. Pure.

The address in the guest tells the `hostpci` line: by the slot on the old bus, by the number of the
bus behind the root ports of q35 (`PVE/QemuServer/PCI.pm`, `get_pci_addr_map`,
`get_pcie_addr_map`, `print_pcie_root_port`; `pve-q35-4.0.cfg`); several devices of one line are
functions of one slot, in their order. A line with a mapping of several entries has one of them, and
the server does not tell which.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from labtui.model.claims import Card, CardTable, Claim, card_table
from labtui.model.cluster import Membership, Resources
from labtui.model.derived import Derived
from labtui.model.devices import Hardware, PciDevice
from labtui.model.guests import GuestConfigs, HostPci
from labtui.model.snapshot import Snapshot
from labtui.model.use import CardUse, CardUses, Idle, UseReport, card_id

_OLD_SLOTS = {0: 16, 1: 17, 2: 27, 3: 28, **{n: n + 9 for n in range(4, 16)}}
_FIRST_EXTRA = 4
How = Literal["place", "only", "order", "pool"]


class SeenUse(msgspec.Struct, frozen=True):
    """What a card does, with who told. `how`: by its place in the guest, as the only one that fits,
    by the order of both lists (likely, not certain), or as one of the cards of a mapping.
    """

    use: CardUse
    report: UseReport
    rest: Idle | None
    how: How


class UseTable(msgspec.Struct, frozen=True):
    """By card key; `one_of` has what may as well be another card of the same mapping's."""

    of: dict[str, SeenUse] = {}
    one_of: dict[str, tuple[SeenUse, ...]] = {}

    def any_of(self, card: str) -> tuple[SeenUse, ...]:
        """What it does, or what it may do."""
        seen = self.of.get(card)
        return (seen,) if seen is not None else self.one_of.get(card, ())


class _Line(msgspec.Struct, frozen=True):
    """A `hostpci` line: where its functions are in the guest, and the devices it may have."""

    line: HostPci
    bus: int | None
    slot: int
    entries: tuple[tuple[PciDevice, ...], ...]


def _table(snapshot: Snapshot) -> UseTable:
    of: dict[str, SeenUse] = {}
    one_of: dict[str, list[SeenUse]] = {}
    cards = card_table(snapshot)
    for cluster, part in snapshot.of(CardUses):
        hardware = snapshot.one(Hardware, cluster) or Hardware({})
        for place, report in part.reports.items():
            seen = {
                use.bus: SeenUse(use, report, part.rest.get(card_id(place, use)), "place")
                for use in report.cards
            }
            if not report.vmid:
                for address, found in seen.items():
                    of[f"{cluster}/{report.node}/{address}"] = found
                continue
            lines = _lines(snapshot, cluster, report, hardware)
            certain, loose = _joined(seen, lines, cards, f"{cluster}/{report.vmid}")
            of.update(certain)
            for key, found in loose:
                one_of.setdefault(key, []).append(found)
    return UseTable(of, {key: tuple(found) for key, found in one_of.items()})


def _lines(
    snapshot: Snapshot, cluster: str, report: UseReport, hardware: Hardware
) -> tuple[_Line, ...]:
    configs = (snapshot.one(GuestConfigs, cluster) or GuestConfigs({})).configs
    config = configs.get(report.vmid)
    if config is None:
        return ()
    behind = [line.index for line in config.hostpci if line.pcie]
    extra = sorted(index for index in behind if index >= _FIRST_EXTRA)
    found = []
    for line in config.hostpci:
        bus: int | None = None
        slot = _OLD_SLOTS.get(line.index, -1)
        if line.pcie:
            # Root ports of lines from 4 on are made in slots before the four that are always there.
            first = extra.index(line.index) if line.index in extra else len(extra) + line.index
            bus, slot = first + 1, 0
        found.append(_Line(line, bus, slot, _entries(line, hardware, report.node)))
    return tuple(found)


def _entries(line: HostPci, hardware: Hardware, node: str) -> tuple[tuple[PciDevice, ...], ...]:
    """The devices of a line in their order; several of them where it takes one of several."""
    if not line.mapping:
        return (_functions(line.addresses, hardware, node),)
    mapping = next((m for m in hardware.mappings if m.name == line.mapping), None)
    entries = mapping.on(node) if mapping is not None else ()
    return tuple(_functions(entry.addresses, hardware, node) for entry in entries)


def _functions(addresses: Iterable[str], hardware: Hardware, node: str) -> tuple[PciDevice, ...]:
    devices = hardware.devices.get(node, ())
    return tuple(
        device
        for address in addresses
        for device in devices
        if device.address == address or ("." not in address and device.slot == address)
    )


def _joined(
    seen: dict[str, SeenUse], lines: Sequence[_Line], table: CardTable, guest: str
) -> tuple[dict[str, SeenUse], list[tuple[str, SeenUse]]]:
    """(key -> use) where the card is known, (key, use) where it is one of several."""
    certain: dict[str, SeenUse] = {}
    loose: list[tuple[str, SeenUse]] = []
    left: list[SeenUse] = []
    for address, found in sorted(seen.items()):
        devices = _at(address, lines, found.use)
        if len(devices) > 1:
            devices = _untaken(devices, table, guest) or devices
        if len(devices) == 1 and devices[0].key not in certain:
            certain[devices[0].key] = found
        elif devices:
            loose += ((d.key, msgspec.structs.replace(found, how="pool")) for d in devices)
        else:
            left.append(found)
    certain.update(_by_order(left, table, guest, certain))
    return certain, loose


def _at(address: str, lines: Sequence[_Line], use: CardUse) -> list[PciDevice]:
    """The devices that may be at that address in the guest; nothing when no line puts one there."""
    _domain, bus, rest = address.split(":")
    slot, _dot, function = rest.partition(".")
    where = int(bus, 16), int(slot, 16), int(function or "0", 16)
    for line in lines:
        if line.slot != where[1] or (line.bus is not None and line.bus != where[0]):
            continue
        found = [entry[where[2]] for entry in line.entries if where[2] < len(entry)]
        fitting = [d for d in found if d.is_gpu and (not use.ids or use.ids == d.ids)]
        if fitting:
            return fitting
    return []


def _untaken(devices: Sequence[PciDevice], table: CardTable, guest: str) -> list[PciDevice]:
    """Those that no other guest has for sure."""
    taken = {
        card.key
        for card in table.cards
        if any(_has(claim) and claim.guest.key != guest for claim in card.claims)
    }
    return [device for device in devices if device.key not in taken]


def _has(claim: Claim) -> bool:
    return claim.running and claim.alternatives == 1 and not claim.shared


def _by_order(
    left: Sequence[SeenUse], table: CardTable, guest: str, certain: dict[str, SeenUse]
) -> dict[str, SeenUse]:
    """What no place told: the only card that fits, or as many of a kind as the guest names."""
    found: dict[str, SeenUse] = {}
    mine = [card for card in table.by_guest.get(guest, ()) if card.key not in certain]
    by_ids: dict[str, list[SeenUse]] = {}
    for each in left:
        by_ids.setdefault(each.use.ids, []).append(each)
    for ids, seen in by_ids.items():
        fitting = [card for card in mine if not ids or card.device.ids == ids]
        if len(fitting) != len(seen) or any(_pooled(card, guest) for card in fitting):
            continue
        how: How = "only" if len(seen) == 1 else "order"
        for card, each in zip(fitting, seen, strict=True):
            found[card.key] = msgspec.structs.replace(each, how=how)
    return found


def _pooled(card: Card, guest: str) -> bool:
    return any(c.guest.key == guest and c.alternatives > 1 for c in card.claims)


use_table = Derived((Resources, Membership, Hardware, GuestConfigs, CardUses), _table)
"""What each card does, joined with the card."""
