"""What NetBox says should exist, as far as labtui joins it to what does.

Records of a kind have the ids of that kind's list; `owner` of an interface and `holder` of an
address say whose they are by kind and id, so that no name has to be unique.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from labtui.model.records import refs
from labtui.model.records.rules import Ignore, Keys

OwnerKind = Literal["machine", "device"]


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


class ContactRecord(msgspec.Struct, frozen=True, gc=False):
    """A person who can be asked."""

    id: int
    name: str
    email: str = ""
    phone: str = ""


class AssignmentRecord(msgspec.Struct, frozen=True, gc=False):
    """Whom to ask about something: `kind` is NetBox's word, such as `tenancy.tenant`."""

    id: int
    kind: str
    object: int
    contact: int
    role: str = ""


class ClusterRecord(msgspec.Struct, frozen=True, gc=False):
    """A cluster. `machines` is how many NetBox counts in it, whoever may see them."""

    id: int
    name: str
    kind: str = ""
    machines: int | None = None


class MachineRecord(msgspec.Struct, frozen=True, gc=False):
    """A virtual machine. `vmid` is None where no known field holds one.

    `memory` is bytes as if NetBox counted MiB; `disk` is the number as it stands there (MB, or MiB
    where a tool wrote it, see `model.drift.sizes`). `vmid_field` is where the number stands.
    """

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
    disk: int | None = None
    vmid_field: str = ""
    node_field: str = ""
    """The custom field that holds the node; empty where it is the machine's device."""


class DeviceRecord(msgspec.Struct, frozen=True, gc=False):
    """A device: a router, a node, a switch."""

    id: int
    name: str
    role: str
    status: str
    site: str = ""
    tenant: str = ""
    address: str = ""
    cluster: str = ""
    serial: str = ""


class MacRecord(msgspec.Struct, frozen=True, gc=False):
    """A MAC address, lower case with colons. `id` 0: a text of its interface (before 4.2)."""

    mac: str
    id: int = 0


class InterfaceRecord(msgspec.Struct, frozen=True, gc=False):
    """An interface of a machine or device. `vlan` is the untagged VLAN's id, `tagged` the rest."""

    id: int
    name: str
    owner: OwnerKind
    owner_id: int
    macs: tuple[MacRecord, ...] = ()
    enabled: bool = True
    mode: str = ""
    vlan: int | None = None
    tagged: tuple[int, ...] = ()


class DiskRecord(msgspec.Struct, frozen=True, gc=False):
    """A virtual disk. `size` as it stands there, see `MachineRecord`."""

    id: int
    name: str
    machine: int
    size: int


class AddressRecord(msgspec.Struct, frozen=True, gc=False):
    """An IP address with its mask. `holder`: kind of the interface it is on, None if on none."""

    id: int
    address: str
    status: str
    vrf: str = ""
    role: str = ""
    tenant: str = ""
    dns_name: str = ""
    description: str = ""
    holder: OwnerKind | None = None
    interface: int = 0

    @property
    def host(self) -> str:
        """The address without its mask."""
        return self.address.partition("/")[0]


class RangeRecord(msgspec.Struct, frozen=True, gc=False):
    """A range of addresses, such as a DHCP pool."""

    id: int
    start: str
    end: str
    status: str
    vrf: str = ""
    description: str = ""


class PrefixRecord(msgspec.Struct, frozen=True, gc=False):
    """A prefix, with the name of its site when it is scoped to one. `vlan` is the VLAN's id."""

    id: int
    prefix: str
    status: str
    site: str = ""
    tenant: str = ""
    description: str = ""
    vrf: str = ""
    vlan: int | None = None
    role: str = ""
    pool: bool = False


class VlanRecord(msgspec.Struct, frozen=True, gc=False):
    """A VLAN."""

    id: int
    vid: int
    name: str
    status: str
    site: str = ""
    group: str = ""
    tenant: str = ""
    description: str = ""


class AsnRecord(msgspec.Struct, frozen=True, gc=False):
    """An AS number."""

    id: int
    asn: int
    rir: str = ""
    tenant: str = ""
    description: str = ""


class TunnelRecord(msgspec.Struct, frozen=True, gc=False):
    """A tunnel. `number` is what people call its tunnel id."""

    id: int
    name: str
    status: str
    encapsulation: str = ""
    number: int | None = None
    group: str = ""
    tenant: str = ""
    ends: int | None = None
    """How many NetBox counts, whoever may see them."""


class TunnelEndRecord(msgspec.Struct, frozen=True, gc=False):
    """One end of a tunnel on an interface. `outside` is its outer address without mask."""

    id: int
    tunnel: int
    role: str
    owner: OwnerKind | None
    interface: int
    outside: str = ""


class SessionRecord(msgspec.Struct, frozen=True, gc=False):
    """One side of a BGP session (netbox-bgp). Addresses without mask; `device` is an id."""

    id: int
    name: str
    status: str
    device: int | None
    local_address: str
    remote_address: str
    local_as: int | None
    remote_as: int | None


class Inventory(msgspec.Struct, frozen=True):
    """One reading of NetBox. `version` is NetBox's, `url` where people look at it.

    `hidden` are the lists that the token may not see, `absent` those that this NetBox does not
    have (an older version, a plugin that is not there), `unread` those whose answer was none:
    nothing can be said about what would be in them. `partly` are lists of which the token sees
    less than NetBox counts: what seems to be missing there may only be hidden. `keys` and
    `ignored` are what the configuration says about joining and comparing.
    """

    version: str
    sites: tuple[SiteRecord, ...] = ()
    tenants: tuple[TenantRecord, ...] = ()
    machines: tuple[MachineRecord, ...] = ()
    devices: tuple[DeviceRecord, ...] = ()
    prefixes: tuple[PrefixRecord, ...] = ()
    clusters: tuple[ClusterRecord, ...] = ()
    interfaces: tuple[InterfaceRecord, ...] = ()
    addresses: tuple[AddressRecord, ...] = ()
    ranges: tuple[RangeRecord, ...] = ()
    disks: tuple[DiskRecord, ...] = ()
    vlans: tuple[VlanRecord, ...] = ()
    asns: tuple[AsnRecord, ...] = ()
    tunnels: tuple[TunnelRecord, ...] = ()
    tunnel_ends: tuple[TunnelEndRecord, ...] = ()
    sessions: tuple[SessionRecord, ...] = ()
    contacts: tuple[ContactRecord, ...] = ()
    assignments: tuple[AssignmentRecord, ...] = ()
    url: str = ""
    hidden: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    partly: tuple[str, ...] = ()
    keys: Keys = Keys()
    ignored: tuple[Ignore, ...] = ()

    def sees(self, *paths: str) -> bool:
        """Whether all of these lists were read: only then may something be called missing."""
        return not any(
            path in self.hidden or path in self.absent or path in self.unread for path in paths
        )

    def keeps(self, *paths: str) -> bool:
        """Whether all of these were read and anybody writes anything down there."""
        return self.sees(*paths) and not any(path in self.empty for path in paths)

    @property
    def empty(self) -> tuple[str, ...]:
        """The lists that drift looks into and that have nothing in them."""
        held = {
            refs.CLUSTERS: self.clusters,
            refs.ADDRESSES: self.addresses,
            refs.PREFIXES: self.prefixes,
            refs.VLANS: self.vlans,
            refs.ASNS: self.asns,
            refs.TUNNELS: self.tunnels,
            refs.SESSIONS: self.sessions,
            refs.MACHINE_INTERFACES: any(each.owner == "machine" for each in self.interfaces),
            refs.DEVICE_INTERFACES: any(each.owner == "device" for each in self.interfaces),
        }
        return tuple(path for path, found in held.items() if not found)
