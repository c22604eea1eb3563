"""Kinds of record of the plugin netbox-bgp 0.19: sessions, peer groups and communities.

Served under `plugins/bgp/`, each under two names, of which the second stands in the records' own
addresses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from labtui.demo.netbox.schema import (
    COMMENTS,
    DESCRIPTION,
    TAGS,
    Field,
    Model,
    Row,
    choice,
    choices,
    computed,
    constant,
    integer,
    name_of,
    ref,
    text,
)

if TYPE_CHECKING:
    from labtui.demo.netbox.render import View

PLUGIN = "netbox_bgp"
SESSION_STATUS = choices("offline", "active", "planned", "failed")
COMMUNITY_STATUS = choices("active", "reserved", "deprecated")
_ADDRESS = ("id", "url", "display", "family", "address", "description")


def _session_display(view: View, row: Row) -> str:
    """`rt-702:rt-702-to-835` (recorded so)."""
    owner = view.display("dcim.device", row["device"] or 0)
    return f"{owner}:{row['name']}" if owner else str(row["name"])


def _policies() -> tuple[Field, ...]:
    return (
        computed("import_policies", lambda _view, _row: []),
        computed("export_policies", lambda _view, _row: []),
    )


def _address(name: str) -> Field:
    return Field(name, "ref", required=True, target="ipam.ipaddress", shown=_ADDRESS)


BGP_PEER_GROUP = Model(
    "netbox_bgp.bgppeergroup",
    "plugins/bgp/peer-group",
    "BGPPeerGroup",
    "peer group",
    (text("name", 100, required=True, unique=True), DESCRIPTION, *_policies(), COMMENTS, TAGS),
    ("id", "url", "display", "name", "description"),
    ("name",),
    name_of,
    show_display_url=False,
    plugin=PLUGIN,
    twins=("plugins/bgp/bgppeergroup",),
    url_path="plugins/bgp/bgppeergroup",
)

BGP_SESSION = Model(
    "netbox_bgp.bgpsession",
    "plugins/bgp/session",
    "BGPSession",
    "BGP Session",
    (
        choice("status", SESSION_STATUS, "active"),
        ref("site", "dcim.site", "clear"),
        ref("tenant", "tenancy.tenant", "clear"),
        ref("device", "dcim.device"),
        ref("virtualmachine", "virtualization.virtualmachine", "cascade"),
        _address("local_address"),
        _address("remote_address"),
        ref("local_as", "ipam.asn", required=True),
        ref("remote_as", "ipam.asn", required=True),
        *constant("remote_as_macro"),
        ref("peer_group", "netbox_bgp.bgppeergroup", "clear"),
        *_policies(),
        integer("max_prefixes"),
        *constant("prefix_list_in", "prefix_list_out"),
        computed("extra_attributes", lambda _view, _row: {}),
        text("name", 256),
        DESCRIPTION,
        COMMENTS,
        TAGS,
    ),
    ("id", "url", "display", "name", "description"),
    ("device", "name"),
    _session_display,
    unique=("device", "local_address", "local_as", "remote_address", "remote_as"),
    unique_error=(
        "The fields device, local_address, local_as, remote_address, remote_as must make a "
        "unique set."
    ),
    show_display_url=False,
    plugin=PLUGIN,
    twins=("plugins/bgp/bgpsession",),
    url_path="plugins/bgp/bgpsession",
)

COMMUNITY = Model(
    "netbox_bgp.community",
    "plugins/bgp/community",
    "Community",
    "community",
    (
        text("value", 64, required=True),
        choice("status", COMMUNITY_STATUS, "active"),
        ref("tenant", "tenancy.tenant", "clear"),
        ref("site", "dcim.site", "clear"),
        ref("role", "ipam.role", "clear"),
        DESCRIPTION,
        COMMENTS,
        TAGS,
    ),
    ("id", "url", "display", "value", "description"),
    ("value",),
    lambda _view, row: str(row["value"]),
    key="value",
    show_display_url=False,
    plugin=PLUGIN,
)

MODELS = (BGP_PEER_GROUP, BGP_SESSION, COMMUNITY)
