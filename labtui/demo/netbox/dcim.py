"""Kinds of record under `dcim/`: sites, devices and what belongs to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    flag,
    many,
    name_of,
    ref,
    slug,
    slugged,
    text,
)

if TYPE_CHECKING:
    from labtui.demo.netbox.render import View

SITE_STATUS = choices("planned", "staging", "active", "decommissioning", "retired")
DEVICE_STATUS = choices(
    "offline", "active", "planned", "staged", "failed", "inventory", "decommissioning"
)


def primary_ip(view: View, row: Row) -> object:
    """The primary address: the fourth version's, unless there is only one of the sixth."""
    return view.nested("ipam.ipaddress", row["primary_ip4"] or row["primary_ip6"])


SITE = Model(
    "dcim.site",
    "dcim/sites",
    "Site",
    "site",
    (
        text("name", 100, required=True, unique=True),
        slug(),
        choice("status", SITE_STATUS, "active"),
        *constant("region", "group"),
        ref("tenant", "tenancy.tenant"),
        text("facility", 50),
        *constant("time_zone"),
        DESCRIPTION,
        text("physical_address"),
        text("shipping_address"),
        *constant("latitude", "longitude"),
        OWNER,
        COMMENTS,
        many("asns", "ipam.asn"),
        TAGS,
        *constant("circuit_count", "rack_count", value=0),
        count("vlan_count", "ipam.vlan", "site"),
        count("device_count", "dcim.device", "site"),
        count("prefix_count", "ipam.prefix", "scope", "dcim.site"),
        count("virtualmachine_count", "virtualization.virtualmachine", "site"),
    ),
    BRIEF,
    ("name",),
    name_of,
    key="slug",
)

MANUFACTURER = slugged(
    "dcim.manufacturer",
    "dcim/manufacturers",
    "Manufacturer",
    "manufacturer",
    count("devicetype_count", "dcim.devicetype", "manufacturer"),
    *constant("moduletype_count", "inventoryitem_count", value=0),
    count("platform_count", "dcim.platform", "manufacturer"),
)

_NESTED_COUNTS = ("device_count:0", "virtualmachine_count:0", "_depth:0")

PLATFORM = Model(
    "dcim.platform",
    "dcim/platforms",
    "Platform",
    "platform",
    (
        *constant("parent"),
        text("name", 100, required=True, unique=True),
        slug(),
        ref("manufacturer", "dcim.manufacturer"),
        *constant("config_template"),
        DESCRIPTION,
        *TAIL,
        count("device_count", "dcim.device", "platform"),
        count("virtualmachine_count", "virtualization.virtualmachine", "platform"),
        *constant("_depth", value=0),
    ),
    (*BRIEF, "device_count", "virtualmachine_count", "_depth"),
    ("name",),
    name_of,
    nested=BRIEF + _NESTED_COUNTS,
    key="slug",
)

DEVICE_ROLE = Model(
    "dcim.devicerole",
    "dcim/device-roles",
    "DeviceRole",
    "device role",
    (
        text("name", 100, required=True, unique=True),
        slug(),
        Field("color", "text", default="9e9e9e", longest=6),
        flag("vm_role", default=True),
        *constant("config_template", "parent"),
        DESCRIPTION,
        TAGS,
        count("device_count", "dcim.device", "role"),
        count("virtualmachine_count", "virtualization.virtualmachine", "role"),
        OWNER,
        COMMENTS,
        *constant("_depth", value=0),
    ),
    (*BRIEF, "device_count", "virtualmachine_count", "_depth"),
    ("name",),
    name_of,
    nested=BRIEF + _NESTED_COUNTS,
    key="slug",
)

_TEMPLATES = tuple(
    f"{part}_template_count"
    for part in (
        "console_port",
        "console_server_port",
        "power_port",
        "power_outlet",
        "interface",
        "front_port",
        "rear_port",
        "device_bay",
        "module_bay",
        "inventory_item",
    )
)

DEVICE_TYPE = Model(
    "dcim.devicetype",
    "dcim/device-types",
    "DeviceType",
    "device type",
    (
        ref("manufacturer", "dcim.manufacturer", required=True),
        ref("default_platform", "dcim.platform"),
        text("model", 100, required=True),
        Field("slug", "slug", required=True, default="", longest=100),
        text("part_number", 50),
        Field("u_height", "decimal", default=1.0, low=0, high=1000),
        flag("exclude_from_utilization", default=False),
        flag("is_full_depth", default=True),
        *constant("subdevice_role", "airflow", "weight", "weight_unit"),
        *constant("front_image", "rear_image"),
        DESCRIPTION,
        *TAIL,
        count("device_count", "dcim.device", "device_type"),
        *constant(*_TEMPLATES, value=0),
    ),
    ("id", "url", "display", "manufacturer", "model", "slug", "description", "device_count"),
    ("manufacturer", "model"),
    lambda _view, row: str(row["model"]),
    key="slug",
    unique=("manufacturer", "slug"),
    unique_error="The fields manufacturer, slug must make a unique set.",
)

_PARTS = (
    "console_port_count",
    "console_server_port_count",
    "power_port_count",
    "power_outlet_count",
    "front_port_count",
    "rear_port_count",
    "device_bay_count",
    "module_bay_count",
    "inventory_item_count",
)

DEVICE = Model(
    "dcim.device",
    "dcim/devices",
    "Device",
    "device",
    (
        text("name", 64),
        ref("device_type", "dcim.devicetype", required=True),
        ref("role", "dcim.devicerole", required=True),
        ref("tenant", "tenancy.tenant"),
        ref("platform", "dcim.platform", "clear"),
        text("serial", 50),
        *constant("asset_tag"),
        ref("site", "dcim.site", required=True),
        *constant("location", "rack", "position", "face", "latitude", "longitude"),
        *constant("parent_device"),
        choice("status", DEVICE_STATUS, "active"),
        *constant("airflow"),
        computed("primary_ip", primary_ip),
        ref("primary_ip4", "ipam.ipaddress", "clear"),
        ref("primary_ip6", "ipam.ipaddress", "clear"),
        *constant("oob_ip"),
        ref("cluster", "virtualization.cluster", "clear"),
        *constant("virtual_chassis", "vc_position", "vc_priority"),
        DESCRIPTION,
        OWNER,
        COMMENTS,
        *constant("config_template", "local_context_data"),
        computed("config_context", lambda _view, _row: {}),
        TAGS,
        *constant(*_PARTS, value=0),
        count("interface_count", "dcim.interface", "device"),
    ),
    ("id", "url", "display", "name", "description"),
    ("name",),
    name_of,
    unique=("name", "site", "tenant"),
    unique_error="Device name must be unique per site.",
)

MODELS = (SITE, MANUFACTURER, PLATFORM, DEVICE_ROLE, DEVICE_TYPE, DEVICE)
