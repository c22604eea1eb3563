"""The rows of NetBox's lists as they are sent: the fields asked for, and no more.

Versions differ: a prefix has a `site` before 4.2 and a `scope` since, a device's `role` was
`device_role` before 4.0; both are asked for, and what a version does not know it leaves out.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

# Larger ones are none of NetBox, and what is kept on disk has 64 bits.
_Id = Annotated[int, msgspec.Meta(ge=1, le=1 << 62)]
_Mebibytes = Annotated[int, msgspec.Meta(ge=0, le=1 << 42)]
_AsNumber = Annotated[int, msgspec.Meta(ge=1, le=4294967295)]


class Named(msgspec.Struct):
    """The short form of another record."""

    name: str


class Choice(msgspec.Struct):
    """One of a list of values."""

    value: str


class PrimaryAddress(msgspec.Struct):
    """An IP address with its mask."""

    address: str


class AsnRow(msgspec.Struct):
    """An AS number of a site."""

    asn: _AsNumber


class SiteRow(msgspec.Struct):
    """A row of `dcim/sites`."""

    id: _Id
    name: str
    slug: str
    asns: list[AsnRow] | None = None


class TenantRow(msgspec.Struct):
    """A row of `tenancy/tenants`."""

    id: _Id
    name: str
    slug: str
    group: Named | None = None


class MachineRow(msgspec.Struct):
    """A row of `virtualization/virtual-machines`; `memory` in MiB."""

    id: _Id
    name: str
    status: Choice
    cluster: Named | None = None
    device: Named | None = None
    tenant: Named | None = None
    primary_ip: PrimaryAddress | None = None
    vcpus: float | None = None
    memory: _Mebibytes | None = None
    serial: str | None = None
    custom_fields: dict[str, Any] | None = None


class DeviceRow(msgspec.Struct):
    """A row of `dcim/devices`; it may have no name."""

    id: _Id
    name: str | None
    status: Choice
    role: Named | None = None
    device_role: Named | None = None
    site: Named | None = None
    tenant: Named | None = None
    primary_ip: PrimaryAddress | None = None


class PrefixRow(msgspec.Struct):
    """A row of `ipam/prefixes`."""

    id: _Id
    prefix: str
    status: Choice
    scope_type: str | None = None
    scope: Named | None = None
    site: Named | None = None
    tenant: Named | None = None
    description: str | None = None
