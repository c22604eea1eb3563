"""Kinds of record under `ipam/` that number what lies beside the prefixes: VLANs and IP ranges."""

from __future__ import annotations

from ipaddress import ip_interface
from typing import TYPE_CHECKING

from labtui.demo.netbox.schema import (
    BRIEF,
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

LOWEST_VID, HIGHEST_VID = 1, 4094
VLAN_STATUS = choices("active", "reserved", "deprecated")
RANGE_STATUS = VLAN_STATUS


def total_ids(row: Row) -> int:
    """How many VLAN ids the ranges of a group hold."""
    return sum(last - first + 1 for first, last in row["vid_ranges"])


def _utilization(view: View, row: Row) -> str:
    """Percent of a group's ids in use, as a text with two decimals at most."""
    used = len(view.store.referrers("ipam.vlan", "group", row["id"]))
    return str(round(100 * used / max(1, total_ids(row)), 2))


def _range_display(_view: View, row: Row) -> str:
    """`10.121.250.200-249/24`: what both ends share is written once (recorded so)."""
    start, end = ip_interface(row["start_address"]), ip_interface(row["end_address"])
    separator = "." if start.version == 4 else ":"
    left, right = str(start.ip).split(separator), str(end.ip).split(separator)
    shared = 0
    while shared < len(right) - 1 and left[: shared + 1] == right[: shared + 1]:
        shared += 1
    return f"{start.ip}-{separator.join(right[shared:])}/{start.network.prefixlen}"


def range_size(row: Row) -> int:
    """How many addresses a range holds."""
    start, end = ip_interface(row["start_address"]), ip_interface(row["end_address"])
    return int(end.ip) - int(start.ip) + 1


VLAN_GROUP = Model(
    "ipam.vlangroup",
    "ipam/vlan-groups",
    "VLANGroup",
    "VLAN group",
    (
        text("name", 100, required=True),
        slug(),
        generic("scope", "dcim.site", "virtualization.cluster", on_delete="clear"),
        Field("vid_ranges", "ranges", default=((LOWEST_VID, HIGHEST_VID),)),
        computed("total_vlan_ids", lambda _view, row: total_ids(row)),
        ref("tenant", "tenancy.tenant"),
        DESCRIPTION,
        *TAIL,
        count("vlan_count", "ipam.vlan", "group"),
        computed("utilization", _utilization),
    ),
    BRIEF,
    ("name",),
    name_of,
    key="slug",
)

VLAN = Model(
    "ipam.vlan",
    "ipam/vlans",
    "VLAN",
    "VLAN",
    (
        ref("site", "dcim.site"),
        ref("group", "ipam.vlangroup"),
        Field("vid", "integer", required=True, low=LOWEST_VID, high=HIGHEST_VID),
        text("name", 64, required=True),
        ref("tenant", "tenancy.tenant"),
        choice("status", VLAN_STATUS, "active"),
        ref("role", "ipam.role", "clear"),
        DESCRIPTION,
        *constant("qinq_role", "qinq_svlan"),
        *TAIL,
        *constant("l2vpn_termination"),
        count("prefix_count", "ipam.prefix", "vlan"),
    ),
    ("id", "url", "display", "vid", "name", "description"),
    ("site", "group", "vid"),
    lambda _view, row: f"{row['name']} ({row['vid']})",
    key="vid",
)

IP_RANGE = Model(
    "ipam.iprange",
    "ipam/ip-ranges",
    "IPRange",
    "IP range",
    (
        family("start_address"),
        Field("start_address", "address", required=True, default=""),
        Field("end_address", "address", required=True, default=""),
        computed("size", lambda _view, row: range_size(row)),
        ref("vrf", "ipam.vrf"),
        ref("tenant", "tenancy.tenant"),
        choice("status", RANGE_STATUS, "active"),
        ref("role", "ipam.role", "clear"),
        DESCRIPTION,
        OWNER,
        text("comments", 0),
        TAGS,
        flag("mark_populated", default=False),
        flag("mark_utilized", default=False),
    ),
    ("id", "url", "display", "family", "start_address", "end_address", "description"),
    ("vrf", "start_address"),
    _range_display,
    key="start_address",
)

MODELS = (VLAN_GROUP, VLAN, IP_RANGE)
