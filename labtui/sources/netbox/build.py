"""Rows of NetBox as records of `labtui.model.inventory`.

What another list has better is taken from there by its id: a machine's primary address, a site's AS
numbers, the names of tenants and devices, for rows that only refer to something are not bumped
when it changes.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from labtui.model import inventory as model
from labtui.model.records import refs
from labtui.sources.netbox import wire
from labtui.sources.netbox.referred import Referred
from labtui.sources.netbox.tables import LISTS, Tables
from labtui.sources.netbox.values import macs_of, plain, vmid_of

MIB = 1 << 20
_NODE_FIELDS = ("proxmox_node", "vm_node")
_OWNERS: dict[str, model.OwnerKind] = {
    "virtualization.vminterface": "machine",
    "dcim.interface": "device",
}
_R = TypeVar("_R")
_W = TypeVar("_W", bound=wire.Row)


class Builder:
    """Makes the records of one reading; those that are as in `before` are the same objects.

    `vmid_fields` are the custom fields that may hold a guest's number, in order; `serial` is also
    the machine's own field of that name. `gigabytes`: sizes of disks are in GB (before 4.1).
    """

    def __init__(
        self,
        tables: Tables,
        vmid_fields: tuple[str, ...],
        before: model.Inventory | None = None,
        *,
        gigabytes: bool = False,
    ) -> None:
        self._refer = Referred(tables)
        self._text = self._refer.text
        self._name = self._refer.name
        self._vmid_fields = vmid_fields
        self._before = before or model.Inventory("")
        self._scale = 1000 if gigabytes else 1
        self._disks: Counter[int] = Counter()
        for disk in self._refer.rows(refs.DISKS).values():
            self._disks[disk.virtual_machine.id] += disk.size

    def inventory(self) -> model.Inventory:
        """All of it."""
        old = self._before
        return model.Inventory(
            version="",
            sites=self._made(refs.SITES, self._site, old.sites),
            tenants=self._made(refs.TENANTS, self._tenant, old.tenants),
            machines=self._made(refs.MACHINES, self._machine, old.machines),
            devices=self._made(refs.DEVICES, self._device, old.devices),
            prefixes=self._made(refs.PREFIXES, self._prefix, old.prefixes),
            clusters=self._made(refs.CLUSTERS, self._cluster, old.clusters),
            interfaces=self._interfaces(),
            addresses=self._made(refs.ADDRESSES, self._address, old.addresses),
            ranges=self._made(refs.RANGES, self._range, old.ranges),
            disks=self._made(refs.DISKS, self._disk, old.disks),
            vlans=self._made(refs.VLANS, self._vlan, old.vlans),
            asns=self._made(refs.ASNS, self._asn, old.asns),
            tunnels=self._made(refs.TUNNELS, self._tunnel, old.tunnels),
            tunnel_ends=self._made(refs.TUNNEL_ENDS, self._tunnel_end, old.tunnel_ends),
            sessions=self._made(refs.SESSIONS, self._session, old.sessions),
            contacts=self._made(refs.CONTACTS, self._contact, old.contacts),
            assignments=self._made(refs.ASSIGNMENTS, self._assignment, old.assignments),
            hidden=self._in_state("hidden"),
            absent=self._in_state("absent"),
            unread=self._in_state("unread"),
        )

    def _in_state(self, state: str) -> tuple[str, ...]:
        return tuple(path for path in LISTS if self._refer.table(path).state == state)

    def _made(self, path: str, build: Callable[[Any], _R], before: Iterable[_R]) -> tuple[_R, ...]:
        return self._same((build(row) for row in _sorted(self._refer.rows(path))), before)

    def _same(self, made: Iterable[_R], before: Iterable[_R]) -> tuple[_R, ...]:
        """Equal records as the objects that they were, so that nothing is computed anew."""
        old = {record: record for record in before}
        return tuple(old.get(record, record) for record in made)

    def _interfaces(self) -> tuple[model.InterfaceRecord, ...]:
        made = [
            record
            for path in (refs.MACHINE_INTERFACES, refs.DEVICE_INTERFACES)
            for row in _sorted(self._refer.rows(path))
            if (record := self._interface(row)) is not None
        ]
        return self._same(made, self._before.interfaces)

    def _site(self, row: wire.SiteRow) -> model.SiteRecord:
        asns = tuple(self._refer.as_number(each) or each.asn for each in row.asns or ())
        return model.SiteRecord(row.id, self._text(row.name), self._text(row.slug), asns)

    def _tenant(self, row: wire.TenantRow) -> model.TenantRecord:
        return model.TenantRecord(
            row.id, self._text(row.name), self._text(row.slug), self._name(row.group)
        )

    def _cluster(self, row: wire.ClusterRow) -> model.ClusterRecord:
        return model.ClusterRecord(
            row.id, self._text(row.name), self._name(row.type), row.virtualmachine_count
        )

    def _machine(self, row: wire.MachineRow) -> model.MachineRecord:
        custom = row.custom_fields or {}
        vmid, field = self._vmid(custom, row.serial)
        device = self._name(row.device, refs.DEVICES)
        node, node_field = ("", "") if device else self._node(custom)
        disk = self._disks.get(row.id, row.disk)
        return model.MachineRecord(
            row.id,
            self._text(row.name),
            self._text(row.status.value),
            cluster=self._name(row.cluster, refs.CLUSTERS),
            vmid=vmid,
            node=device or node,
            tenant=self._name(row.tenant, refs.TENANTS),
            address=self._refer.host(row.primary_ip),
            vcpus=row.vcpus if row.vcpus is not None and math.isfinite(row.vcpus) else None,
            memory=None if row.memory is None else row.memory * MIB,
            disk=None if disk is None else disk * self._scale,
            vmid_field=field,
            node_field=node_field,
        )

    def _device(self, row: wire.DeviceRow) -> model.DeviceRecord:
        return model.DeviceRecord(
            row.id,
            self._text(row.name or ""),
            self._name(row.role or row.device_role),
            self._text(row.status.value),
            site=self._name(row.site, refs.SITES),
            tenant=self._name(row.tenant, refs.TENANTS),
            address=self._refer.host(row.primary_ip),
            cluster=self._name(row.cluster, refs.CLUSTERS),
            serial=self._text(row.serial or ""),
        )

    def _prefix(self, row: wire.PrefixRow) -> model.PrefixRecord:
        scoped = row.scope if row.scope_type == "dcim.site" else None
        return model.PrefixRecord(
            row.id,
            self._text(row.prefix),
            self._text(row.status.value),
            site=self._name(scoped or row.site, refs.SITES),
            tenant=self._name(row.tenant, refs.TENANTS),
            description=self._text(row.description or ""),
            vrf=self._name(row.vrf),
            vlan=row.vlan.id if row.vlan else None,
            role=self._name(row.role),
            pool=bool(row.is_pool),
        )

    def _interface(self, row: wire.InterfaceRow) -> model.InterfaceRecord | None:
        owner: model.OwnerKind = "machine" if row.virtual_machine else "device"
        holder = row.virtual_machine or row.device
        if holder is None:
            return None
        return model.InterfaceRecord(
            row.id,
            self._text(row.name),
            owner,
            holder.id,
            macs_of(row),
            enabled=row.enabled is not False,
            mode=self._text(row.mode.value) if row.mode else "",
            vlan=row.untagged_vlan.id if row.untagged_vlan else None,
            tagged=tuple(sorted(each.id for each in row.tagged_vlans or ())),
        )

    def _disk(self, row: wire.DiskRow) -> model.DiskRecord:
        name = self._text(row.name)
        return model.DiskRecord(row.id, name, row.virtual_machine.id, row.size * self._scale)

    def _address(self, row: wire.AddressRow) -> model.AddressRecord:
        holder = _OWNERS.get(row.assigned_object_type or "")
        return model.AddressRecord(
            row.id,
            self._text(row.address),
            self._text(row.status.value),
            vrf=self._name(row.vrf),
            role=self._text(row.role.value) if row.role else "",
            tenant=self._name(row.tenant, refs.TENANTS),
            dns_name=self._text(row.dns_name or ""),
            description=self._text(row.description or ""),
            holder=holder,
            interface=(row.assigned_object_id or 0) if holder else 0,
        )

    def _range(self, row: wire.RangeRow) -> model.RangeRecord:
        return model.RangeRecord(
            row.id,
            self._text(row.start_address),
            self._text(row.end_address),
            self._text(row.status.value),
            self._name(row.vrf),
            self._text(row.description or ""),
        )

    def _vlan(self, row: wire.VlanRow) -> model.VlanRecord:
        return model.VlanRecord(
            row.id,
            row.vid,
            self._text(row.name),
            self._text(row.status.value),
            self._name(row.site, refs.SITES),
            self._name(row.group),
            self._name(row.tenant, refs.TENANTS),
            self._text(row.description or ""),
        )

    def _asn(self, row: wire.AsNumberRow) -> model.AsnRecord:
        tenant = self._name(row.tenant, refs.TENANTS)
        return model.AsnRecord(
            row.id, row.asn, self._name(row.rir), tenant, self._text(row.description or "")
        )

    def _tunnel(self, row: wire.TunnelRow) -> model.TunnelRecord:
        return model.TunnelRecord(
            row.id,
            self._text(row.name),
            self._text(row.status.value),
            self._text(row.encapsulation.value) if row.encapsulation else "",
            row.tunnel_id,
            self._name(row.group),
            self._name(row.tenant, refs.TENANTS),
            row.terminations_count,
        )

    def _tunnel_end(self, row: wire.TunnelEndRow) -> model.TunnelEndRecord:
        owner = _OWNERS.get(row.termination_type or "")
        return model.TunnelEndRecord(
            row.id,
            row.tunnel.id,
            self._text(row.role.value) if row.role else "",
            owner,
            (row.termination_id or 0) if owner else 0,
            self._refer.host(row.outside_ip),
        )

    def _session(self, row: wire.SessionRow) -> model.SessionRecord:
        return model.SessionRecord(
            row.id,
            self._text(row.name or ""),
            self._text(row.status.value) if row.status else "",
            row.device.id if row.device else None,
            self._refer.host(row.local_address),
            self._refer.host(row.remote_address),
            self._refer.as_number(row.local_as),
            self._refer.as_number(row.remote_as),
        )

    def _contact(self, row: wire.ContactRow) -> model.ContactRecord:
        email, phone = self._text(row.email or ""), self._text(row.phone or "")
        return model.ContactRecord(row.id, self._text(row.name), email, phone)

    def _assignment(self, row: wire.AssignmentRow) -> model.AssignmentRecord:
        return model.AssignmentRecord(
            row.id,
            self._text(row.object_type or ""),
            row.object_id or 0,
            row.contact.id,
            self._name(row.role),
        )

    def _vmid(self, custom: dict[str, Any], serial: str | None) -> tuple[int | None, str]:
        for name in self._vmid_fields:
            for value, field in (
                (custom.get(name), f"custom_fields.{name}"),
                (serial if name == "serial" else None, "serial"),
            ):
                found = vmid_of(value)
                if found is not None:
                    return found, field
        return None, ""

    def _node(self, custom: dict[str, Any]) -> tuple[str, str]:
        for name in _NODE_FIELDS:
            value = plain(custom.get(name))
            if isinstance(value, str) and value:
                return self._text(value), name
        return "", ""


def _sorted(rows: dict[int, _W]) -> list[_W]:
    return [rows[number] for number in sorted(rows)]
