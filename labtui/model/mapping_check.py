"""What is wrong with a mapping: what its nodes say, and what the devices themselves say. Pure.

The server compares at start of a guest: ids, subsystem, IOMMU group, and whether the device is
there (`PVE/Mapping/PCI.pm`, `assert_valid`). The same is compared here, so that it is known why.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

from labtui.model import usb_check
from labtui.model.cluster import Membership, Resources
from labtui.model.derived import Derived
from labtui.model.devices import Hardware, MappingEntry, PciDevice, PciMapping
from labtui.model.guests import Guest, GuestConfigs
from labtui.model.presence import presences, seen_guests
from labtui.model.snapshot import Snapshot

Fault = Literal["gone", "id", "subsystem-id", "iommugroup"]


class Mismatch(msgspec.Struct, frozen=True):
    """An entry that does not fit: what it expects there, and what is there (empty: nothing)."""

    entry: MappingEntry
    fault: Fault
    expected: str
    found: str = ""


class MappingState(msgspec.Struct, frozen=True):
    """A mapping with its users. `said` is what nodes say of it, `away` nodes that can't be asked.

    `users` name it, running or not, templates too. `kind` is pci or usb.
    """

    cluster: str
    mapping: PciMapping
    mismatches: tuple[Mismatch, ...] = ()
    said: tuple[tuple[str, str], ...] = ()
    away: tuple[str, ...] = ()
    users: tuple[Guest, ...] = ()
    kind: str = "pci"

    @property
    def key(self) -> str:
        prefix = usb_check.PREFIX if self.kind == "usb" else ""
        return f"{self.cluster}/{prefix}{self.mapping.name}"

    @property
    def nodes(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(entry.node for entry in self.mapping.entries))

    @property
    def broken(self) -> bool:
        return bool(self.mismatches or self.said)


def mismatch(entry: MappingEntry, hardware: Hardware) -> Mismatch | None:
    """What is wrong with an entry, as far as its node was read; None when all is well."""
    if entry.node not in hardware.devices:
        return None
    for number, address in enumerate(entry.addresses):
        device = hardware.device(entry.node, address)
        if device is None:
            return Mismatch(entry, "gone", address)
        for fault, expected, found in _pairs(entry, device, first=number == 0):
            if expected != found:
                return Mismatch(entry, fault, expected, found)
    return None


def _pairs(
    entry: MappingEntry, device: PciDevice, *, first: bool
) -> Iterable[tuple[Fault, str, str]]:
    yield "id", entry.device or device.ids, device.ids
    if entry.subsystem and device.subsystem:
        yield "subsystem-id", entry.subsystem, device.subsystem
    if first and entry.iommu_group not in (None, -1):
        yield "iommugroup", str(entry.iommu_group), str(device.iommu_group)


def entry_text(node: str, devices: Iterable[PciDevice], whole_slot: bool = False) -> str:
    """A map entry for these devices of a node, the first of them giving ids and group."""
    found = tuple(devices)
    first = found[0]
    paths = [device.slot if whole_slot else device.address for device in found]
    parts = [f"node={node}", f"path={';'.join(dict.fromkeys(paths))}", f"id={first.ids}"]
    if first.subsystem:
        parts.append(f"subsystem-id={first.subsystem}")
    if first.iommu_group >= 0:
        parts.append(f"iommugroup={first.iommu_group}")
    return ",".join(parts)


def moved(entry: MappingEntry, hardware: Hardware, taken: frozenset[str]) -> tuple[PciDevice, ...]:
    """Devices of the entry's node that are what it expects, in places that no entry has."""
    return tuple(
        device
        for device in hardware.devices.get(entry.node, ())
        if device.ids == entry.device
        and (not entry.subsystem or device.subsystem == entry.subsystem)
        and device.address not in taken
        and device.slot not in taken
    )


def places_taken(mappings: Iterable[PciMapping], hardware: Hardware, node: str) -> frozenset[str]:
    """The addresses that good entries of any mapping have on a node."""
    return frozenset(
        address
        for mapping in mappings
        for entry in mapping.on(node)
        if mismatch(entry, hardware) is None
        for address in entry.addresses
    )


def usb_mismatch(entry: MappingEntry, hardware: Hardware) -> Mismatch | None:
    """What is wrong with an entry of a USB mapping, as far as anybody may look there."""
    found = usb_check.fault(entry, hardware)
    if found is None:
        return None
    return Mismatch(entry, "gone" if found[0] == "gone" else "id", found[1], found[2])


def _states(snapshot: Snapshot) -> tuple[MappingState, ...]:
    found = []
    for cluster, hardware in snapshot.of(Hardware):
        users = _users(snapshot, cluster)
        for mapping in hardware.mappings:
            wrong = [mismatch(entry, hardware) for entry in mapping.entries]
            found.append(_state(snapshot, cluster, "pci", mapping, wrong, users))
        for each in hardware.usb_mappings:
            mapping = usb_check.as_mapping(each)
            wrong = [usb_mismatch(entry, hardware) for entry in mapping.entries]
            found.append(_state(snapshot, cluster, "usb", mapping, wrong, users))
    return tuple(found)


def _state(
    snapshot: Snapshot,
    cluster: str,
    kind: str,
    mapping: PciMapping,
    wrong: Iterable[Mismatch | None],
    users: dict[tuple[str, str], list[Guest]],
) -> MappingState:
    checks = (snapshot.one(Hardware, cluster) or Hardware({})).checks
    there = presences(snapshot)
    nodes = dict.fromkeys(entry.node for entry in mapping.entries)
    prefix = usb_check.PREFIX if kind == "usb" else ""
    said = tuple(
        (node, check.message)
        for node in nodes
        for check in checks.get(f"{prefix}{mapping.name}/{node}", ())
        if check.severity == "error"
    )
    away = [
        node
        for node in nodes
        if (presence := there.get((cluster, node))) is not None and not presence.online
    ]
    return MappingState(
        cluster,
        mapping,
        tuple(each for each in wrong if each is not None),
        said,
        tuple(away),
        tuple(users.get((kind, mapping.name), ())),
        kind,
    )


def _users(snapshot: Snapshot, cluster: str) -> dict[tuple[str, str], list[Guest]]:
    """(pci or usb, name of a mapping) -> the guests that name it."""
    configs = (snapshot.one(GuestConfigs, cluster) or GuestConfigs({})).configs
    seen = seen_guests(snapshot)
    users: dict[tuple[str, str], list[Guest]] = {}
    for config in configs.values():
        here = seen.get(f"{cluster}/{config.vmid}") if config.hostpci or config.usb else None
        if here is None:
            continue
        named = [("pci", line.mapping) for line in config.hostpci if line.mapping]
        named += [("usb", line.mapping) for line in config.usb if line.mapping]
        for key in dict.fromkeys(named):
            users.setdefault(key, []).append(here.guest)
    return users


mapping_states = Derived((Resources, Membership, Hardware, GuestConfigs), _states)
"""Every mapping, PCI then USB, with what is wrong with it and who uses it."""
