"""Kinds of record under `virtualization/`: clusters, virtual machines and their parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labtui.demo.netbox.dcim import primary_ip
from labtui.demo.netbox.schema import (
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
    generic,
    integer,
    name_of,
    ref,
    slugged,
    text,
)

if TYPE_CHECKING:
    from labtui.demo.netbox.render import View

MACHINE = "virtualization.virtualmachine"
CLUSTER_STATUS = choices("planned", "staging", "active", "decommissioning", "offline")
MACHINE_STATUS = choices(
    "offline", "active", "planned", "staged", "failed", "decommissioning", "paused"
)
START_ON_BOOT = choices("on", "off", laststate="Last State")


def _allocated(view: View, row: Row, field: str) -> float | int | None:
    numbers = [
        machine[field]
        for number in view.store.referrers(MACHINE, "cluster", row["id"])
        if (machine := view.store.row(MACHINE, number))[field] is not None
    ]
    return sum(numbers) if numbers else None


CLUSTER_TYPE = slugged(
    "virtualization.clustertype",
    "virtualization/cluster-types",
    "ClusterType",
    "cluster type",
    count("cluster_count", "virtualization.cluster", "type"),
)

CLUSTER_GROUP = slugged(
    "virtualization.clustergroup",
    "virtualization/cluster-groups",
    "ClusterGroup",
    "cluster group",
    count("cluster_count", "virtualization.cluster", "group"),
)

CLUSTER = Model(
    "virtualization.cluster",
    "virtualization/clusters",
    "Cluster",
    "cluster",
    (
        text("name", 100, required=True),
        ref("type", "virtualization.clustertype", required=True),
        ref("group", "virtualization.clustergroup"),
        choice("status", CLUSTER_STATUS, "active"),
        ref("tenant", "tenancy.tenant"),
        generic("scope", "dcim.site", on_delete="clear"),
        DESCRIPTION,
        *TAIL,
        count("device_count", "dcim.device", "cluster"),
        count("virtualmachine_count", MACHINE, "cluster"),
        computed("allocated_vcpus", lambda view, row: _allocated(view, row, "vcpus")),
        computed("allocated_memory", lambda view, row: _allocated(view, row, "memory")),
        computed("allocated_disk", lambda view, row: _allocated(view, row, "disk")),
    ),
    ("id", "url", "display", "name", "description"),
    ("name",),
    name_of,
)

VIRTUAL_MACHINE = Model(
    MACHINE,
    "virtualization/virtual-machines",
    "VirtualMachine",
    "virtual machine",
    (
        text("name", 64, required=True),
        *constant("virtual_machine_type"),
        ref("role", "dcim.devicerole"),
        choice("status", MACHINE_STATUS, "active"),
        choice("start_on_boot", START_ON_BOOT, "off"),
        ref("site", "dcim.site"),
        ref("cluster", "virtualization.cluster"),
        ref("device", "dcim.device"),
        ref("platform", "dcim.platform", "clear"),
        computed("primary_ip", primary_ip),
        ref("primary_ip4", "ipam.ipaddress", "clear"),
        ref("primary_ip6", "ipam.ipaddress", "clear"),
        Field("vcpus", "decimal", nullable=True, low=0, high=9999),
        integer("memory"),
        integer("disk"),
        DESCRIPTION,
        text("serial", 50),
        ref("tenant", "tenancy.tenant"),
        OWNER,
        COMMENTS,
        TAGS,
        *constant("local_context_data", "config_template"),
        count("interface_count", "virtualization.vminterface", "virtual_machine"),
        count("virtual_disk_count", "virtualization.virtualdisk", "virtual_machine"),
        computed("config_context", lambda _view, _row: {}),
    ),
    ("id", "url", "display", "name", "description"),
    ("name",),
    name_of,
    unique=("name", "cluster", "tenant"),
    unique_error="Virtual machine name must be unique per cluster and tenant.",
)

VIRTUAL_DISK = Model(
    "virtualization.virtualdisk",
    "virtualization/virtual-disks",
    "VirtualDisk",
    "virtual disk",
    (
        ref("virtual_machine", MACHINE, "cascade", required=True),
        text("name", 64, required=True),
        DESCRIPTION,
        Field("size", "integer", required=True, default=0, low=0, high=2147483647),
        OWNER,
        TAGS,
    ),
    ("id", "url", "display", "virtual_machine", "name", "description", "size"),
    ("virtual_machine", "name"),
    name_of,
    unique=("virtual_machine", "name"),
    unique_error="The fields virtual_machine, name must make a unique set.",
)

MODELS = (CLUSTER_TYPE, CLUSTER_GROUP, CLUSTER, VIRTUAL_MACHINE, VIRTUAL_DISK)
