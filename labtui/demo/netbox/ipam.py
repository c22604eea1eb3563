"""Kinds of record under `ipam/`: address space, addresses and AS numbers."""

from __future__ import annotations

from ipaddress import ip_interface, ip_network
from typing import TYPE_CHECKING

from labtui.demo.netbox.networks import inside
from labtui.demo.netbox.schema import (
    BRIEF,
    COMMENTS,
    DESCRIPTION,
    OWNER,
    TAGS,
    TAIL,
    Field,
    Model,
    Row,
    choice,
    choices,
    computed,
    constant,
    count,
    family,
    flag,
    generic,
    name_of,
    ref,
    slug,
    text,
)

if TYPE_CHECKING:
    from labtui.demo.netbox.render import View

LARGEST_ASN = 4294967295
PREFIX_STATUS = choices("container", "active", "reserved", "deprecated")
ADDRESS_STATUS = choices("active", "reserved", "deprecated", dhcp="DHCP", slaac="SLAAC")
ADDRESS_ROLES = choices(
    "loopback",
    "secondary",
    "anycast",
    vip="VIP",
    vrrp="VRRP",
    hsrp="HSRP",
    glbp="GLBP",
    carp="CARP",
)


def asn_display(_view: View, row: Row) -> str:
    """`AS4200000836 (64086.60740)`: above 16 bits the dotted form follows (recorded so)."""
    number = row["asn"]
    if number <= 65535:
        return f"AS{number}"
    return f"AS{number} ({number >> 16}.{number & 65535})"


def _prefixes_around(view: View, row: Row, *, within: bool) -> int:
    """Prefixes of the same VRF inside (`within`) or around this one."""
    this = ip_network(row["prefix"])
    found = 0
    for other in view.store.rows("ipam.prefix"):
        if other["id"] == row["id"] or other["vrf"] != row["vrf"]:
            continue
        network = ip_network(other["prefix"])
        if network != this:
            found += inside(network, this) if within else inside(this, network)
    return found


RIR = Model(
    "ipam.rir",
    "ipam/rirs",
    "RIR",
    "RIR",
    (
        text("name", 100, required=True, unique=True),
        slug(),
        flag("is_private", default=False),
        DESCRIPTION,
        *TAIL,
        *constant("aggregate_count", value=0),
    ),
    BRIEF,
    ("name",),
    name_of,
    key="slug",
)

ROLE = Model(
    "ipam.role",
    "ipam/roles",
    "Role",
    "role",
    (
        text("name", 100, required=True, unique=True),
        slug(),
        Field("weight", "integer", default=1000, low=0, high=32767),
        DESCRIPTION,
        *TAIL,
        count("prefix_count", "ipam.prefix", "role"),
        count("vlan_count", "ipam.vlan", "role"),
        *constant("asn_count", value=0),
    ),
    BRIEF,
    ("weight", "name"),
    name_of,
    key="slug",
)

VRF = Model(
    "ipam.vrf",
    "ipam/vrfs",
    "VRF",
    "VRF",
    (
        text("name", 100, required=True),
        Field("rd", "text", nullable=True, unique=True, longest=21, label="route distinguisher"),
        ref("tenant", "tenancy.tenant"),
        flag("enforce_unique", default=True),
        DESCRIPTION,
        OWNER,
        COMMENTS,
        computed("import_targets", lambda _view, _row: []),
        computed("export_targets", lambda _view, _row: []),
        TAGS,
        count("ipaddress_count", "ipam.ipaddress", "vrf"),
        count("prefix_count", "ipam.prefix", "vrf"),
    ),
    ("id", "url", "display", "name", "rd", "description"),
    ("name", "rd"),
    lambda _view, row: f"{row['name']} ({row['rd']})" if row["rd"] else str(row["name"]),
    key="rd",
)

ASN = Model(
    "ipam.asn",
    "ipam/asns",
    "ASN",
    "ASN",
    (
        Field("asn", "integer", required=True, unique=True, low=1, high=LARGEST_ASN, label="ASN"),
        ref("rir", "ipam.rir", required=True),
        *constant("role"),
        ref("tenant", "tenancy.tenant"),
        DESCRIPTION,
        *TAIL,
        count("site_count", "dcim.site", "asns"),
        *constant("provider_count", value=0),
        computed(
            "sites",
            lambda view, row: [
                view.nested("dcim.site", number)
                for number in view.store.referrers("dcim.site", "asns", row["id"])
            ],
        ),
    ),
    ("id", "url", "display", "asn", "description"),
    ("asn",),
    asn_display,
    key="asn",
)

ASN_RANGE = Model(
    "ipam.asnrange",
    "ipam/asn-ranges",
    "ASNRange",
    "ASN range",
    (
        text("name", 100, required=True, unique=True),
        slug(),
        ref("rir", "ipam.rir", required=True),
        Field("start", "integer", required=True, low=1, high=LARGEST_ASN),
        Field("end", "integer", required=True, low=1, high=LARGEST_ASN),
        ref("tenant", "tenancy.tenant"),
        DESCRIPTION,
        *TAIL,
    ),
    ("id", "url", "display", "name", "description"),
    ("name",),
    lambda _view, row: f"{row['name']} ({row['start']}-{row['end']})",
    key="slug",
)

PREFIX = Model(
    "ipam.prefix",
    "ipam/prefixes",
    "Prefix",
    "prefix",
    (
        family("prefix"),
        Field("prefix", "prefix", required=True, default=""),
        ref("vrf", "ipam.vrf"),
        generic("scope", "dcim.site", on_delete="clear"),
        ref("tenant", "tenancy.tenant"),
        ref("vlan", "ipam.vlan", "clear"),
        choice("status", PREFIX_STATUS, "active"),
        ref("role", "ipam.role", "clear"),
        flag("is_pool", default=False),
        flag("mark_utilized", default=False),
        DESCRIPTION,
        *TAIL,
        computed("children", lambda view, row: _prefixes_around(view, row, within=True)),
        computed("_depth", lambda view, row: _prefixes_around(view, row, within=False)),
    ),
    ("id", "url", "display", "family", "prefix", "description", "_depth"),
    ("vrf", "prefix"),
    lambda _view, row: str(row["prefix"]),
    key="prefix",
)

IP_ADDRESS = Model(
    "ipam.ipaddress",
    "ipam/ip-addresses",
    "IPAddress",
    "IP address",
    (
        family("address"),
        Field("address", "address", required=True, default=""),
        ref("vrf", "ipam.vrf"),
        ref("tenant", "tenancy.tenant"),
        choice("status", ADDRESS_STATUS, "active"),
        choice("role", ADDRESS_ROLES, None),
        generic("assigned_object", "dcim.interface", "virtualization.vminterface"),
        *constant("nat_inside"),
        computed("nat_outside", lambda _view, _row: []),
        text("dns_name", 255),
        DESCRIPTION,
        *TAIL,
    ),
    (
        "id",
        "url",
        "display",
        "family",
        "address",
        "nat_inside",
        "nat_outside",
        "dns_name",
        "description",
    ),
    ("address",),
    lambda _view, row: str(row["address"]),
    key="address",
)

MODELS = (RIR, ROLE, VRF, ASN, ASN_RANGE, PREFIX, IP_ADDRESS)


def host_of(row: Row) -> str:
    """The bare address of an IP address record."""
    return str(ip_interface(row["address"]).ip)
