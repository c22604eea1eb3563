"""Every answer of the server against the official description and the recordings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.demo.lab_thread import LabThread, lab_thread
from tests.demo.schema_check import faults, recording, schema, shape_faults

QEMU, LXC = "/nodes/{node}/qemu/{vmid}", "/nodes/{node}/lxc/{vmid}"

READS: list[tuple[str, dict[str, Any]]] = [
    ("/version", {}),
    ("/access/ticket", {}),
    ("/access/permissions", {}),
    ("/access/domains", {}),
    ("/access/users", {}),
    ("/access/roles", {}),
    ("/access/acl", {}),
    ("/cluster/status", {}),
    ("/cluster/resources", {}),
    ("/cluster/tasks", {}),
    ("/cluster/log", {"max": 10}),
    ("/cluster/options", {}),
    ("/cluster/nextid", {}),
    ("/cluster/ha/status/current", {}),
    ("/cluster/ha/resources", {}),
    ("/cluster/ha/resources/{sid}", {}),
    ("/cluster/ha/rules", {}),
    ("/cluster/mapping/pci", {}),
    ("/cluster/mapping/pci", {"check-node": "pve2"}),
    ("/cluster/mapping/pci/{id}", {}),
    ("/cluster/replication", {}),
    ("/cluster/backup", {}),
    ("/cluster/backup-info/not-backed-up", {}),
    ("/nodes", {}),
    ("/nodes/{node}/status", {}),
    ("/nodes/{node}/version", {}),
    ("/nodes/{node}/qemu", {"full": 1}),
    ("/nodes/{node}/lxc", {}),
    ("/nodes/{node}/hardware/pci", {"pci-class-blacklist": ""}),
    ("/nodes/{node}/network", {}),
    ("/nodes/{node}/storage", {}),
    ("/nodes/{node}/tasks", {}),
    ("/nodes/{node}/tasks/{upid}/status", {}),
    ("/nodes/{node}/tasks/{upid}/log", {}),
    ("/nodes/{node}/rrddata", {"timeframe": "hour"}),
    ("/storage", {}),
    ("/pools", {}),
    *((f"{QEMU}/{leaf}", {}) for leaf in ("config", "pending", "migrate", "snapshot")),
    *((f"{LXC}/{leaf}", {}) for leaf in ("config", "pending", "migrate", "snapshot")),
    (f"{QEMU}/status/current", {}),
    (f"{LXC}/status/current", {}),
    (f"{QEMU}/rrddata", {"timeframe": "day"}),
    (f"{LXC}/rrddata", {"timeframe": "week"}),
]

# Recordings in which the real server breaks the same promises of its description.
BROKEN_BY_ITSELF = {
    "/cluster/mapping/pci": "cluster-mapping-pci",
    f"{QEMU}/pending": "qemu-pending.100",
    f"{LXC}/pending": "qemu-pending.100",
}


def kinds(found: list[str]) -> set[str]:
    """Faults without the number of their row and the value."""
    return {re.sub(r"\[\d+\]|: .* is no", "", fault) for fault in found}


@pytest.fixture(scope="module", params=["9.2", "8.4"])
def lab(request: pytest.FixtureRequest) -> Iterator[LabThread]:
    with lab_thread(version=request.param, speed=5.0, auth_delay=0.0) as running:
        yield running


def version_of(lab: LabThread) -> str:
    return lab.lab.cluster.state.version


def concrete(lab: LabThread, template: str) -> str:
    task = lab.run(lambda: lab.lab.cluster.state.tasks.by_node["pve1"][0])
    vmid = "103" if "/lxc/" in template else "104"
    values = {"node": "pve1", "vmid": vmid, "sid": "vm:100", "id": "rtx4090", "upid": task.upid}
    for name, value in values.items():
        template = template.replace(f"{{{name}}}", value)
    return template


def named(value: object) -> str:
    """A name of a case that is the same in every process: a set has an order of its own in each."""
    return str(sorted(value)) if isinstance(value, set) else str(value)


@pytest.mark.parametrize(("template", "params"), READS, ids=named)
def test_answer_keeps_the_promise(lab: LabThread, template: str, params: dict[str, Any]) -> None:
    version = version_of(lab)
    method = schema(version).get(template, {}).get("GET")
    reply = lab.ask(concrete(lab, template), params=params)
    if method is None:
        assert reply.status == 501
        return
    assert reply.status == 200, reply.reason
    found = kinds(faults(method.get("returns"), reply.data))
    if template in BROKEN_BY_ITSELF:
        real = recording(version, BROKEN_BY_ITSELF[template])["body"]["data"]
        found -= kinds(faults(method["returns"], real))
    assert found == set()


ROWS: list[tuple[str, str, dict[str, Any], tuple[str, ...], set[str]]] = [
    # recording, path, parameters, grouped by, keys that only a rig like the recorded one lacks
    ("cluster-status", "/cluster/status", {}, ("type",), set()),
    ("cluster-resources", "/cluster/resources", {}, ("type", "status"), set()),
    ("nodes", "/nodes", {}, ("status",), set()),
    ("cluster-tasks", "/cluster/tasks", {}, (), set()),
    ("cluster-log", "/cluster/log", {}, (), set()),
    ("cluster-mapping-pci", "/cluster/mapping/pci", {}, (), set()),
    ("node-tasks", "/nodes/pve1/tasks", {}, (), set()),
    ("node-storage.{A}", "/nodes/pve1/storage", {}, ("enabled",), set()),
    # The rig has plain virtio: no second processor function, no agent, no disk counters.
    ("node-qemu-list.{A}", "/nodes/pve1/qemu", {}, ("status",), {"diskread", "diskwrite"}),
    (
        "node-hardware-pci.all-classes",
        "/nodes/pve1/hardware/pci",
        {"pci-class-blacklist": ""},
        (),
        set(),
    ),
    ("node-network.bridge", "/nodes/pve1/network", {"type": "bridge"}, (), {"bridge_vlan_aware"}),
    (
        "node-network.any_bridge",
        "/nodes/pve1/network",
        {"type": "any_bridge"},
        ("type",),
        {"bridge_vlan_aware"},
    ),
    ("access-domains", "/access/domains", {}, (), set()),
    ("access-users", "/access/users", {}, (), set()),
    ("access-roles", "/access/roles", {}, (), set()),
    ("access-acl", "/access/acl", {}, (), set()),
    ("ha-resources", "/cluster/ha/resources", {}, (), set()),
    ("pools", "/pools", {}, (), set()),
]

OBJECTS: list[tuple[str, str, dict[str, Any], set[str]]] = [
    ("version", "/version", {}, set()),
    ("node-status.{A}", "/nodes/pve1/status", {}, set()),
    ("qemu-status-current.100", f"{QEMU}/status/current", {}, {"agent", "diskread", "diskwrite"}),
    ("qemu-migrate-get.stopped-mapped-hostpci", f"{QEMU}/migrate", {}, set()),
]


def name_of(lab: LabThread, pattern: str) -> str:
    return pattern.replace("{A}", "pve3" if version_of(lab) == "9.2" else "pve1")


@pytest.mark.parametrize(("name", "path", "params", "group", "extra"), ROWS, ids=named)
def test_rows_have_the_recorded_shape(
    lab: LabThread,
    name: str,
    path: str,
    params: dict[str, Any],
    group: tuple[str, ...],
    extra: set[str],
) -> None:
    known = recording(version_of(lab), name_of(lab, name))["body"]["data"]
    # Devices that no list of names knows have fewer keys; the lab has none of them.
    if "hardware" in path:
        known = [row for row in known if "device_name" in row and "subsystem_vendor_name" in row]
    ours = lab.get(path, **params)
    assert ours
    allowed = frozenset(extra | {"pool", "tags", "lock", "hastate", "description", "comment"})
    if name in ("cluster-tasks", "node-tasks"):
        # Only tasks of tokens have this key.
        known = [{"tokenid": "t1"} | row for row in known]
        ours = [{"tokenid": "none"} | row for row in ours]
    # Keys that depend on how the recorded objects were made.
    left_out = allowed | {"email", "options"}
    required = [{k: v for k, v in row.items() if k not in left_out} for row in known]
    assert shape_faults(required, ours, group, allowed) == []


@pytest.mark.parametrize(("name", "path", "params", "extra"), OBJECTS, ids=named)
def test_objects_have_the_recorded_shape(
    lab: LabThread, name: str, path: str, params: dict[str, Any], extra: set[str]
) -> None:
    known = recording(version_of(lab), name_of(lab, name))["body"]["data"]
    vmid = "106" if "migrate" in name else "110"
    path = path.replace("{node}", "pve1").replace("{vmid}", vmid)
    ours = lab.get(path, **params)
    allowed = frozenset(extra | {"tags", "lock"})
    known = {key: value for key, value in known.items() if key != "tags"}
    assert shape_faults([known], [ours], (), allowed) == []


def test_nested_parts_of_the_node_status(lab: LabThread) -> None:
    known = recording(version_of(lab), name_of(lab, "node-status.{A}"))["body"]["data"]
    ours = lab.get("/nodes/pve1/status")
    for part in ("memory", "swap", "rootfs", "cpuinfo", "ksm", "current-kernel"):
        assert shape_faults([known[part]], [ours[part]]) == [], part


@pytest.mark.parametrize("kind", ["node", "qemu"])
def test_history_has_the_recorded_rows(lab: LabThread, kind: str) -> None:
    name = "node-rrddata.hour.average" if kind == "node" else "qemu-rrddata.hour"
    known = recording(version_of(lab), name)["body"]["data"]
    path = "/nodes/pve1/rrddata" if kind == "node" else "/nodes/pve1/qemu/110/rrddata"
    ours = lab.get(path, timeframe="hour", cf="AVERAGE")
    assert len(ours) == len(known)
    assert ours[1]["time"] - ours[0]["time"] == known[1]["time"] - known[0]["time"]
    full = [row for row in known if len(row) > 1]
    extra = frozenset({"diskread", "diskwrite"})
    assert shape_faults(full, [ours[-1]], (), extra) == []


def test_local_disk_row_has_the_recorded_shape(lab: LabThread) -> None:
    known = recording(version_of(lab), "qemu-migrate-get.running-local-disk")["body"]["data"]
    ours = lab.get("/nodes/pve2/qemu/114/migrate")
    assert shape_faults(known["local_disks"], ours["local_disks"]) == []
    assert ours["local_disks"][0]["volid"] == "local-lvm:vm-114-disk-0"
    assert shape_faults([known], [ours]) == []


EXTRA = frozenset({"pid", "lock"})


def test_container_rows_have_the_shape_of_the_sample(lab: LabThread) -> None:
    known = recording("samples", "lxc-status-current")["body"]["data"]
    for guest in lab.get("/nodes/pve1/lxc"):
        ours = lab.get(f"/nodes/pve1/lxc/{guest['vmid']}/status/current")
        if ours["status"] == "stopped":
            continue
        assert shape_faults([known | {"tags": ""}], [{"tags": ""} | ours], (), EXTRA) == []


def test_preconditions_name_what_is_missing_where(lab: LabThread) -> None:
    ours = lab.get("/nodes/pve1/qemu/106/migrate")
    assert ours["allowed_nodes"] == ["pve2"]
    assert ours["not_allowed_nodes"]["pve2"] == {}
    assert ours["not_allowed_nodes"]["pve3"] == {"unavailable-resources": ["hostpci0"]}
    assert ours["mapped-resource-info"] == {"hostpci0": {"name": "rtx4090"}}
    raw = lab.get("/nodes/pve1/qemu/104/migrate")
    assert raw["local_resources"] == ["hostpci0"]
    cdrom = lab.get("/nodes/pve2/qemu/116/migrate")["local_disks"]
    assert [(disk["drivename"], disk["cdrom"]) for disk in cdrom] == [("ide2", 1)]
