"""Objects of NetBox by the path of their list, which is also that of the page for people."""

from __future__ import annotations

import msgspec

SITES = "dcim/sites"
TENANTS = "tenancy/tenants"
CONTACTS = "tenancy/contacts"
ASSIGNMENTS = "tenancy/contact-assignments"
CLUSTERS = "virtualization/clusters"
MACHINES = "virtualization/virtual-machines"
MACHINE_INTERFACES = "virtualization/interfaces"
DISKS = "virtualization/virtual-disks"
DEVICES = "dcim/devices"
DEVICE_INTERFACES = "dcim/interfaces"
MACS = "dcim/mac-addresses"
ADDRESSES = "ipam/ip-addresses"
RANGES = "ipam/ip-ranges"
PREFIXES = "ipam/prefixes"
VLANS = "ipam/vlans"
ASNS = "ipam/asns"
TUNNELS = "vpn/tunnels"
TUNNEL_ENDS = "vpn/tunnel-terminations"
SESSIONS = "plugins/bgp/session"


class Ref(msgspec.Struct, frozen=True, order=True, gc=False):
    """One object of NetBox: the path of its list, its id, what people call it."""

    path: str
    id: int
    name: str = ""

    def page(self, url: str) -> str:
        """Where people look at it; `url` is NetBox's own."""
        return f"{url.rstrip('/')}/{self.path}/{self.id}/" if url else ""
