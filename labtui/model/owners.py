"""Who owns a guest and where a node or router stands, as NetBox has it.

The join is by the guest's number where a known field holds one, else by its name within the
cluster; never by address alone.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from labtui.model.derived import Derived
from labtui.model.guests import Guest
from labtui.model.inventory import DeviceRecord, Inventory, MachineRecord
from labtui.model.snapshot import Snapshot


class Ownership(msgspec.Struct, frozen=True):
    """A guest's record and how sure the join is."""

    record: MachineRecord
    by: Literal["vmid", "name"]


class Registry(msgspec.Struct, frozen=True):
    """NetBox's records, indexed for joining."""

    by_vmid: dict[tuple[str, int], MachineRecord] = {}
    by_lone_vmid: dict[int, MachineRecord] = {}
    by_name: dict[tuple[str, str], MachineRecord] = {}
    devices: dict[str, DeviceRecord] = {}

    def of_guest(self, guest: Guest, *, only_cluster: bool) -> Ownership | None:
        """The record of a guest, by number first.

        In a lab of one cluster the number alone will do, whatever NetBox calls the cluster.
        """
        record = self.by_vmid.get((guest.cluster, guest.vmid))
        if record is None and only_cluster:
            record = self.by_lone_vmid.get(guest.vmid)
        if record is not None:
            return Ownership(record, "vmid")
        named = self.by_name.get((guest.cluster, guest.name.casefold())) if guest.name else None
        return Ownership(named, "name") if named else None

    def site_of(self, device: str) -> str:
        """The site of a device (node or router) of that name, or an empty text."""
        record = self.devices.get(device.casefold())
        return record.site if record else ""


def _registry(snapshot: Snapshot) -> Registry:
    by_vmid: dict[tuple[str, int], MachineRecord] = {}
    by_name: dict[tuple[str, str], MachineRecord] = {}
    lone: dict[int, MachineRecord | None] = {}
    devices: dict[str, DeviceRecord] = {}
    for _source, inventory in snapshot.of(Inventory):
        for record in inventory.machines:
            by_name.setdefault((record.cluster, record.name.casefold()), record)
            if record.vmid is not None:
                by_vmid.setdefault((record.cluster, record.vmid), record)
                # A number seen in several clusters says nothing without the cluster.
                lone[record.vmid] = None if record.vmid in lone else record
        for device in inventory.devices:
            devices.setdefault(device.name.casefold(), device)
    only_one_cluster = len({cluster for cluster, _vmid in by_vmid}) <= 1
    certain = {vmid: record for vmid, record in lone.items() if record} if only_one_cluster else {}
    return Registry(by_vmid, certain, by_name, devices)


registry = Derived((Inventory,), _registry)
"""The records of the newest inventory."""
