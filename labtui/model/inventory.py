"""What NetBox says should exist, as far as labtui joins it to what does."""

from __future__ import annotations

import msgspec


class SiteRecord(msgspec.Struct, frozen=True, gc=False):
    """A site."""

    id: int
    name: str
    slug: str
    asns: tuple[int, ...] = ()


class TenantRecord(msgspec.Struct, frozen=True, gc=False):
    """A tenant: a person or group that owns things."""

    id: int
    name: str
    slug: str
    group: str = ""


class MachineRecord(msgspec.Struct, frozen=True, gc=False):
    """A virtual machine. `vmid` is None where no known field holds one; sizes are bytes."""

    id: int
    name: str
    status: str
    cluster: str = ""
    vmid: int | None = None
    node: str = ""
    tenant: str = ""
    address: str = ""
    vcpus: float | None = None
    memory: int | None = None


class DeviceRecord(msgspec.Struct, frozen=True, gc=False):
    """A device: a router, a node, a switch."""

    id: int
    name: str
    role: str
    status: str
    site: str = ""
    tenant: str = ""
    address: str = ""


class PrefixRecord(msgspec.Struct, frozen=True, gc=False):
    """A prefix, with the name of its site when it is scoped to one."""

    id: int
    prefix: str
    status: str
    site: str = ""
    tenant: str = ""
    description: str = ""


class Inventory(msgspec.Struct, frozen=True):
    """One reading of NetBox. `version` is NetBox's."""

    version: str
    sites: tuple[SiteRecord, ...] = ()
    tenants: tuple[TenantRecord, ...] = ()
    machines: tuple[MachineRecord, ...] = ()
    devices: tuple[DeviceRecord, ...] = ()
    prefixes: tuple[PrefixRecord, ...] = ()
