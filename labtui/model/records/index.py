"""The records of one inventory, found by what they belong to. Made once per inventory."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from ipaddress import ip_interface, ip_network

from labtui.model.derived import Derived
from labtui.model.inventory import (
    AddressRecord,
    DeviceRecord,
    DiskRecord,
    InterfaceRecord,
    Inventory,
    MachineRecord,
    OwnerKind,
    PrefixRecord,
    TunnelEndRecord,
    VlanRecord,
)
from labtui.model.snapshot import Snapshot


class RecordIndex:
    """What hangs together in an inventory."""

    def __init__(self, inventory: Inventory) -> None:
        self.inventory = inventory

    @cached_property
    def machines(self) -> dict[int, MachineRecord]:
        return {each.id: each for each in self.inventory.machines}

    @cached_property
    def devices(self) -> dict[int, DeviceRecord]:
        return {each.id: each for each in self.inventory.devices}

    @cached_property
    def vlans(self) -> dict[int, VlanRecord]:
        return {each.id: each for each in self.inventory.vlans}

    @cached_property
    def interfaces(self) -> dict[tuple[OwnerKind, int], InterfaceRecord]:
        """(kind, id) -> interface."""
        return {(each.owner, each.id): each for each in self.inventory.interfaces}

    @cached_property
    def interfaces_of(self) -> dict[tuple[OwnerKind, int], list[InterfaceRecord]]:
        """(kind, id) of the machine or device -> its interfaces."""
        found: dict[tuple[OwnerKind, int], list[InterfaceRecord]] = {}
        for each in self.inventory.interfaces:
            found.setdefault((each.owner, each.owner_id), []).append(each)
        return found

    @cached_property
    def addresses_on(self) -> dict[tuple[OwnerKind, int], list[AddressRecord]]:
        """(kind, id) of an interface -> its addresses."""
        found: dict[tuple[OwnerKind, int], list[AddressRecord]] = {}
        for each in self.inventory.addresses:
            if each.holder is not None:
                found.setdefault((each.holder, each.interface), []).append(each)
        return found

    @cached_property
    def addresses(self) -> dict[str, list[AddressRecord]]:
        """Address without mask -> its records."""
        found: dict[str, list[AddressRecord]] = {}
        for each in self.inventory.addresses:
            found.setdefault(host_of(each.address), []).append(each)
        return found

    @cached_property
    def disks_of(self) -> dict[int, list[DiskRecord]]:
        found: dict[int, list[DiskRecord]] = {}
        for each in self.inventory.disks:
            found.setdefault(each.machine, []).append(each)
        return found

    @cached_property
    def ends_of(self) -> dict[int, list[TunnelEndRecord]]:
        """Tunnel's id -> its ends."""
        found: dict[int, list[TunnelEndRecord]] = {}
        for each in self.inventory.tunnel_ends:
            found.setdefault(each.tunnel, []).append(each)
        return found

    @cached_property
    def prefixes(self) -> dict[str, list[PrefixRecord]]:
        """Network -> its prefixes, one for each VRF."""
        found: dict[str, list[PrefixRecord]] = {}
        for each in self.inventory.prefixes:
            if network := network_of(each.prefix):
                found.setdefault(network, []).append(each)
        return found

    def holder(self, address: AddressRecord) -> tuple[str, str]:
        """(name of the machine or device, name of the interface) that has an address."""
        if address.holder is None:
            return "", ""
        interface = self.interfaces.get((address.holder, address.interface))
        if interface is None:
            return "", ""
        return self.owner_name(interface), interface.name

    def owner_name(self, interface: InterfaceRecord) -> str:
        """The machine or device that an interface is of."""
        owner: MachineRecord | DeviceRecord | None = (
            self.machines.get(interface.owner_id)
            if interface.owner == "machine"
            else self.devices.get(interface.owner_id)
        )
        return owner.name if owner is not None else ""


def host_of(text: str) -> str:
    """An address with or without mask in its usual form, "" for what is none."""
    try:
        return str(ip_interface(text).ip)
    except ValueError:
        return ""


def network_of(text: str) -> str:
    """The network of an address or prefix, "" for what is none."""
    try:
        return str(ip_network(text, strict=False))
    except ValueError:
        return ""


def first_inventory(snapshot: Snapshot) -> Inventory | None:
    """The inventory, None while NetBox was never read."""
    return next((part for _source, part in snapshot.of(Inventory)), None)


def _index(snapshot: Snapshot) -> RecordIndex:
    return RecordIndex(first_inventory(snapshot) or Inventory(""))


record_index = Derived((Inventory,), _index)
"""The records of the newest inventory."""


def names(of: Iterable[MachineRecord | DeviceRecord]) -> str:
    """Names in a line."""
    return ", ".join(sorted(each.name for each in of))
