"""Kinds of record that belong to devices and machines alike: interfaces and MAC addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labtui.demo.netbox.schema import (
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
    flag,
    generic,
    integer,
    name_of,
    ref,
    text,
)

if TYPE_CHECKING:
    from labtui.demo.netbox.render import View

INTERFACE_TYPES = (
    *choices("virtual", "bridge", lag="Link Aggregation Group (LAG)", other="Other"),
    ("1000base-t", "1000BASE-T (1GE)"),
    ("2.5gbase-t", "2.5GBASE-T (2.5GE)"),
    ("10gbase-t", "10GBASE-T (10GE)"),
    ("10gbase-x-sfpp", "SFP+ (10GE)"),
)
INTERFACE_MODES = (
    *choices("access", "tagged"),
    ("tagged-all", "Tagged (All)"),
    ("q-in-q", "Q-in-Q (802.1ad)"),
)


def mac_text(view: View, row: Row) -> object:
    """The primary MAC address as text."""
    found = view.store.get("dcim.macaddress", row["primary_mac_address"])
    return found["mac_address"] if found else None


def macs_of(label: str) -> Field:
    """All MAC addresses of an interface of that kind."""
    return computed(
        "mac_addresses",
        lambda view, row: [
            view.nested("dcim.macaddress", number)
            for number in view.store.referrers(
                "dcim.macaddress", f"assigned_object:{label}", row["id"]
            )
        ],
    )


_NO_RADIO = (
    "rf_role",
    "rf_channel",
    "poe_mode",
    "poe_type",
    "rf_channel_frequency",
    "rf_channel_width",
    "tx_power",
    "untagged_vlan",
)

INTERFACE = Model(
    "dcim.interface",
    "dcim/interfaces",
    "Interface",
    "interface",
    (
        ref("device", "dcim.device", "cascade", required=True),
        computed("vdcs", lambda _view, _row: []),
        *constant("module"),
        text("name", 64, required=True),
        text("label", 64),
        Field("type", "choice", required=True, choices=INTERFACE_TYPES, default="other"),
        flag("enabled", default=True),
        *constant("parent", "bridge"),
        computed("bridge_interfaces", lambda _view, _row: []),
        *constant("lag"),
        integer("mtu", 1, 65536),
        computed("mac_address", mac_text),
        ref("primary_mac_address", "dcim.macaddress", "clear"),
        macs_of("dcim.interface"),
        *constant("speed", "duplex", "wwn"),
        flag("mgmt_only", default=False),
        DESCRIPTION,
        choice("mode", INTERFACE_MODES, None),
        *constant(*_NO_RADIO),
        computed("tagged_vlans", lambda _view, _row: []),
        *constant("qinq_svlan", "vlan_translation_policy"),
        flag("mark_connected", default=False),
        *constant("cable", "cable_end", "wireless_link"),
        computed("link_peers", lambda _view, _row: []),
        *constant("link_peers_type"),
        computed("wireless_lans", lambda _view, _row: []),
        ref("vrf", "ipam.vrf", "clear"),
        *constant("l2vpn_termination", "connected_endpoints", "connected_endpoints_type"),
        *constant("connected_endpoints_reachable", value=False),
        OWNER,
        TAGS,
        count("count_ipaddresses", "ipam.ipaddress", "assigned_object", "dcim.interface"),
        *constant("count_fhrp_groups", value=0),
        *constant("_occupied", value=False),
    ),
    ("id", "url", "display", "device", "name", "description", "cable", "_occupied"),
    ("device", "name"),
    name_of,
    unique=("device", "name"),
    unique_error="The fields device, name must make a unique set.",
)

MAC_ADDRESS = Model(
    "dcim.macaddress",
    "dcim/mac-addresses",
    "MACAddress",
    "MAC address",
    (
        Field("mac_address", "mac", required=True, default=""),
        generic("assigned_object", "dcim.interface", "virtualization.vminterface"),
        DESCRIPTION,
        *TAIL,
    ),
    ("id", "url", "display", "mac_address", "description"),
    ("mac_address",),
    lambda _view, row: str(row["mac_address"]),
    key="mac_address",
)

VM_INTERFACE = Model(
    "virtualization.vminterface",
    "virtualization/interfaces",
    "VMInterface",
    "interface",
    (
        ref("virtual_machine", "virtualization.virtualmachine", "cascade", required=True),
        text("name", 64, required=True),
        flag("enabled", default=True),
        *constant("parent", "bridge"),
        integer("mtu", 1, 65536),
        computed("mac_address", mac_text),
        ref("primary_mac_address", "dcim.macaddress", "clear"),
        macs_of("virtualization.vminterface"),
        DESCRIPTION,
        choice("mode", INTERFACE_MODES, None),
        *constant("untagged_vlan"),
        computed("tagged_vlans", lambda _view, _row: []),
        *constant("qinq_svlan", "vlan_translation_policy"),
        ref("vrf", "ipam.vrf", "clear"),
        *constant("l2vpn_termination"),
        OWNER,
        TAGS,
        count(
            "count_ipaddresses", "ipam.ipaddress", "assigned_object", "virtualization.vminterface"
        ),
        *constant("count_fhrp_groups", value=0),
    ),
    ("id", "url", "display", "virtual_machine", "name", "description"),
    ("virtual_machine", "name"),
    name_of,
    unique=("virtual_machine", "name"),
    unique_error="The fields virtual_machine, name must make a unique set.",
)

MODELS = (INTERFACE, MAC_ADDRESS, VM_INTERFACE)
