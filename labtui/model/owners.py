"""Who owns a guest and where a node or router stands, as NetBox has it.

The joins are those of `labtui.model.records`, so that every screen believes the same.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from labtui.model.cluster import Resources
from labtui.model.derived import Derived
from labtui.model.guests import Guest, GuestConfigs
from labtui.model.inventory import DeviceRecord, Inventory, MachineRecord
from labtui.model.records.guests import GuestJoins, guest_joins
from labtui.model.records.joined import Sure
from labtui.model.snapshot import Snapshot


class Ownership(msgspec.Struct, frozen=True):
    """A guest's record and how sure the join is."""

    record: MachineRecord
    by: Literal["vmid", "name", "mac"]
    sure: Sure = "certain"


class Registry(msgspec.Struct, frozen=True):
    """NetBox's records, joined."""

    joins: GuestJoins = GuestJoins()
    devices: dict[str, DeviceRecord] = {}

    def of_guest(self, guest: Guest) -> Ownership | None:
        """The record of a guest; None too where several would do."""
        match = self.joins.of.get(guest.key)
        if match is None or match.record is None:
            return None
        if match.by == "name":
            return Ownership(match.record, "name", match.sure)
        return Ownership(match.record, "mac" if match.by == "mac" else "vmid", match.sure)

    def site_of(self, device: str) -> str:
        """The site of a device (node or router) of that name, or an empty text."""
        record = self.devices.get(device.casefold())
        return record.site if record else ""


def _registry(snapshot: Snapshot) -> Registry:
    devices: dict[str, DeviceRecord] = {}
    for _source, inventory in snapshot.of(Inventory):
        for device in inventory.devices:
            devices.setdefault(device.name.casefold(), device)
    return Registry(guest_joins(snapshot), devices)


registry = Derived((Resources, GuestConfigs, Inventory), _registry, figures=False)
"""The records of the newest inventory."""
