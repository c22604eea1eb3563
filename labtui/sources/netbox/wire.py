"""The rows of NetBox's lists as they are sent: the fields asked for, and no more.

Versions differ: a prefix has a `site` before 4.2 and a `scope` since, a device's `role` was
`device_role` before 4.0, a MAC address is a text before 4.2 and an object since; all are asked for,
and what a version does not know it leaves out.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

# Larger ones are none of NetBox, and what is kept on disk has 64 bits.
_Id = Annotated[int, msgspec.Meta(ge=1, le=1 << 62)]
_Mebibytes = Annotated[int, msgspec.Meta(ge=0, le=1 << 42)]
_AsNumber = Annotated[int, msgspec.Meta(ge=1, le=4294967295)]
_Count = Annotated[int, msgspec.Meta(ge=0, le=1 << 42)]


class Named(msgspec.Struct):
    """The short form of another record."""

    name: str
    id: int = 0


class Choice(msgspec.Struct):
    """One of a list of values."""

    value: str


class Identified(msgspec.Struct):
    """The short form of another record of which only the number is wanted."""

    id: _Id


class PrimaryAddress(msgspec.Struct):
    """An IP address with its mask."""

    address: str
    id: int = 0


class AsnRow(msgspec.Struct):
    """An AS number where another record has it."""

    asn: _AsNumber
    id: int = 0


class MacRow(msgspec.Struct):
    """A MAC address of an interface, from 4.2 on."""

    id: _Id
    mac_address: str


class Row(msgspec.Struct, kw_only=True):
    """What every row has. `last_updated` in the server's own time zone."""

    id: _Id
    last_updated: str | None = None


class SiteRow(Row, kw_only=True):
    """A row of `dcim/sites`."""

    name: str
    slug: str
    asns: list[AsnRow] | None = None
    prefix_count: _Count | None = None
    device_count: _Count | None = None


class TenantRow(Row, kw_only=True):
    """A row of `tenancy/tenants`."""

    name: str
    slug: str
    group: Named | None = None
    ipaddress_count: _Count | None = None


class ClusterRow(Row, kw_only=True):
    """A row of `virtualization/clusters`."""

    name: str
    type: Named | None = None
    virtualmachine_count: _Count | None = None


class MachineRow(Row, kw_only=True):
    """A row of `virtualization/virtual-machines`; `memory` and `disk` in MB or MiB."""

    name: str
    status: Choice
    cluster: Named | None = None
    device: Named | None = None
    tenant: Named | None = None
    primary_ip: PrimaryAddress | None = None
    vcpus: float | None = None
    memory: _Mebibytes | None = None
    disk: _Mebibytes | None = None
    serial: str | None = None
    custom_fields: dict[str, Any] | None = None


class DeviceRow(Row, kw_only=True):
    """A row of `dcim/devices`; it may have no name."""

    name: str | None
    status: Choice
    role: Named | None = None
    device_role: Named | None = None
    site: Named | None = None
    tenant: Named | None = None
    cluster: Named | None = None
    primary_ip: PrimaryAddress | None = None
    serial: str | None = None


class PrefixRow(Row, kw_only=True):
    """A row of `ipam/prefixes`."""

    prefix: str
    status: Choice
    scope_type: str | None = None
    scope: Named | None = None
    site: Named | None = None
    tenant: Named | None = None
    vrf: Named | None = None
    vlan: Identified | None = None
    role: Named | None = None
    is_pool: bool | None = None
    description: str | None = None


class InterfaceRow(Row, kw_only=True):
    """A row of either list of interfaces: one of `virtual_machine` and `device` is there."""

    name: str
    virtual_machine: Identified | None = None
    device: Identified | None = None
    enabled: bool | None = None
    mac_address: str | None = None
    mac_addresses: list[MacRow] | None = None
    mode: Choice | None = None
    untagged_vlan: Identified | None = None
    tagged_vlans: list[Identified] | None = None


class DiskRow(Row, kw_only=True):
    """A row of `virtualization/virtual-disks`; `size` in MB or MiB."""

    name: str
    virtual_machine: Identified
    size: _Mebibytes


class AddressRow(Row, kw_only=True):
    """A row of `ipam/ip-addresses`."""

    address: str
    status: Choice
    vrf: Named | None = None
    role: Choice | None = None
    tenant: Named | None = None
    dns_name: str | None = None
    description: str | None = None
    assigned_object_type: str | None = None
    assigned_object_id: int | None = None


class RangeRow(Row, kw_only=True):
    """A row of `ipam/ip-ranges`."""

    start_address: str
    end_address: str
    status: Choice
    vrf: Named | None = None
    description: str | None = None


class VlanRow(Row, kw_only=True):
    """A row of `ipam/vlans`."""

    vid: Annotated[int, msgspec.Meta(ge=1, le=4094)]
    name: str
    status: Choice
    site: Named | None = None
    group: Named | None = None
    tenant: Named | None = None
    description: str | None = None


class AsNumberRow(Row, kw_only=True):
    """A row of `ipam/asns`."""

    asn: _AsNumber
    rir: Named | None = None
    tenant: Named | None = None
    description: str | None = None


class TunnelRow(Row, kw_only=True):
    """A row of `vpn/tunnels`."""

    name: str
    status: Choice
    encapsulation: Choice | None = None
    tunnel_id: int | None = None
    group: Named | None = None
    tenant: Named | None = None
    terminations_count: _Count | None = None


class TunnelEndRow(Row, kw_only=True):
    """A row of `vpn/tunnel-terminations`."""

    tunnel: Identified
    role: Choice | None = None
    termination_type: str | None = None
    termination_id: int | None = None
    outside_ip: PrimaryAddress | None = None


class SessionRow(Row, kw_only=True):
    """A row of `plugins/bgp/session` (netbox-bgp)."""

    name: str | None = None
    status: Choice | None = None
    device: Identified | None = None
    local_address: PrimaryAddress | None = None
    remote_address: PrimaryAddress | None = None
    local_as: AsnRow | None = None
    remote_as: AsnRow | None = None


class ContactRow(Row, kw_only=True):
    """A row of `tenancy/contacts`."""

    name: str
    email: str | None = None
    phone: str | None = None


class AssignmentRow(Row, kw_only=True):
    """A row of `tenancy/contact-assignments`."""

    object_type: str | None = None
    object_id: int | None = None
    contact: Identified
    role: Named | None = None


class ChangeRow(msgspec.Struct):
    """A row of `core/object-changes`."""

    id: _Id
    action: Choice
    changed_object_type: str | None = None
    changed_object_id: int | None = None
