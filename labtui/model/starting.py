"""What a start of a guest would take that another guest has: passed-through devices. Pure.

As `PVE/QemuServer/PCI.pm` reserves them: an address without function is the whole slot; of a
mapping's entries on a node the first free one is taken; an IOMMU group goes to one guest.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from labtui.model.devices import Hardware, PciMapping
from labtui.model.guests import Guest, GuestConfigs, HostPci
from labtui.model.presence import seen_guests
from labtui.model.snapshot import Snapshot


class Rival(msgspec.Struct, frozen=True):
    """A `hostpci` line that can't be had: `wanted` is a device or a mapping, `holders` have it.

    Without holders nobody has it: the mapping has no entry on the node.
    """

    line: int
    wanted: str
    holders: tuple[Guest, ...] = ()


def configured(snapshot: Snapshot, guest: Guest) -> bool:
    """Whether the guest's configuration has been read, so that its devices are known."""
    part = snapshot.one(GuestConfigs, guest.cluster)
    return guest.kind != "qemu" or (part is not None and guest.vmid in part.configs)


def rivals(snapshot: Snapshot, guest: Guest) -> tuple[Rival, ...]:
    """The lines of that guest which others who run on its node stand in the way of."""
    configs = snapshot.one(GuestConfigs, guest.cluster)
    if configs is None or guest.vmid not in configs.configs:
        return ()
    hardware = snapshot.one(Hardware, guest.cluster) or Hardware({})
    room = _Room(hardware, guest.node)
    for seen in seen_guests(snapshot).values():
        other = seen.guest
        config = configs.configs.get(other.vmid)
        here = (other.cluster, other.node) == (guest.cluster, guest.node)
        if here and seen.running and other.vmid != guest.vmid and config is not None:
            room.seat(other, config.hostpci)
    lines = configs.configs[guest.vmid].hostpci
    return tuple(
        rival
        for line in lines
        if not line.mdev
        for rival in (room.against(line, lines),)
        if rival is not None
    )


class _Room:
    """The devices of one node and which running guest has which."""

    def __init__(self, hardware: Hardware, node: str) -> None:
        self._mappings = {mapping.name: mapping for mapping in hardware.mappings}
        self._groups = {
            device.address: device.iommu_group for device in hardware.devices.get(node, ())
        }
        self._read = node in hardware.devices
        self._node = node
        self._held: list[tuple[str, Guest]] = []
        self._pooled: list[tuple[str, Guest]] = []

    def seat(self, guest: Guest, lines: Iterable[HostPci]) -> None:
        """Note what a running guest has; of a mapping with several entries only that it has one."""
        for line in lines:
            if line.mdev:
                continue
            entries = self._entries(line.mapping)
            if line.mapping and len(entries) != 1:
                self._pooled.append((line.mapping, guest))
                continue
            addresses = entries[0] if line.mapping else line.addresses
            self._held.extend((address, guest) for address in addresses)

    def against(self, line: HostPci, own: Iterable[HostPci]) -> Rival | None:
        """Who keeps that line from being had, None when nobody does."""
        if not line.mapping:
            holders = self._holders(line.addresses)
            return Rival(line.index, " ".join(line.addresses), holders) if holders else None
        entries = self._entries(line.mapping)
        if not entries:
            # Mappings that could not be read say nothing.
            known = line.mapping in self._mappings or (self._read and bool(self._mappings))
            return Rival(line.index, line.mapping) if known else None
        free = [entry for entry in entries if not self._holders(entry)]
        users = tuple(guest for name, guest in self._pooled if name == line.mapping)
        before = sum(
            each.mapping == line.mapping and each.index < line.index and not each.mdev
            for each in own
        )
        if len(free) - len(users) - before > 0:
            return None
        found = [guest for entry in entries for guest in self._holders(entry)]
        return Rival(line.index, line.mapping, tuple(dict.fromkeys((*users, *found))))

    def _entries(self, name: str) -> tuple[tuple[str, ...], ...]:
        mapping: PciMapping | None = self._mappings.get(name)
        return tuple(entry.addresses for entry in mapping.on(self._node)) if mapping else ()

    def _holders(self, addresses: Iterable[str]) -> tuple[Guest, ...]:
        """Who has one of these addresses, or another device of its IOMMU group."""
        found = []
        for address in addresses:
            groups = self._groups_of(address)
            for held, guest in self._held:
                if _meet(address, held) or groups & self._groups_of(held):
                    found.append(guest)
        return tuple(dict.fromkeys(found))

    def _groups_of(self, address: str) -> frozenset[int]:
        return frozenset(
            group for device, group in self._groups.items() if group >= 0 and _meet(address, device)
        )


def _meet(one: str, other: str) -> bool:
    """Whether two addresses, with or without function, have a device in common."""
    if "." in one and "." in other:
        return one == other
    return one.rsplit(".", 1)[0] == other.rsplit(".", 1)[0]
