"""Membership, tasks, HA, rights, hardware: every recorded answer."""

from __future__ import annotations

import pytest

from labtui.model.cluster import HaService, Member, Rights, Tasks
from labtui.model.devices import MappingEntry
from labtui.model.errors import Unexpected
from labtui.sources.proxmox.hardware import read_devices
from labtui.sources.proxmox.mappings import read_mappings
from labtui.sources.proxmox.status import (
    read_ha,
    read_membership,
    read_privileges,
    read_tasks,
    read_version,
)
from tests.sources.proxmox.recordings import ASKED, as_body, body, files, load, rows, series


def good(pattern: str) -> list[str]:
    return [name for name in files(pattern) if load(name)["status"] == 200]


@pytest.mark.parametrize("name", good("*/*cluster-status*.json"))
def test_membership(name: str) -> None:
    part, complaints = read_membership(body(name), ASKED, "lab")
    found = rows(name)
    told = next((row["quorate"] == 1 for row in found if row["type"] == "cluster"), None)
    assert complaints == ()
    assert part.quorate is told
    assert set(part.members) == {
        Member(row["name"], row["online"] == 1, row.get("ip", ""), row.get("local") == 1)
        for row in found
        if row["type"] == "node"
    }


def test_a_single_node_has_no_quorum_to_lose() -> None:
    part, _complaints = read_membership(
        body("samples/cluster-status.single-node.json"), ASKED, "lab"
    )
    assert part.quorate is None
    assert len(part.online) == 1


@pytest.mark.parametrize("name", files("*/*cluster-status*.jsonl"))
def test_membership_through_an_outage(name: str) -> None:
    seen = set()
    for sample in series(name):
        part, _complaints = read_membership(as_body(sample["body"]), ASKED, "lab")
        seen.add((part.quorate, len(part.online)))
    assert (True, 2) in seen
    assert len(seen) > 1


@pytest.mark.parametrize("name", good("*/*cluster-tasks*.json"))
def test_tasks(name: str) -> None:
    part, complaints = read_tasks(body(name), ASKED, "lab")
    found = {row["upid"]: row for row in rows(name)}
    assert complaints == ()
    assert {task.upid for task in part.tasks} == set(found)
    for task in part.tasks:
        row = found[task.upid]
        token = row.get("tokenid")
        assert task.kind == row["type"]
        assert task.subject == row["id"]
        assert task.node == row["node"]
        assert task.user == (f"{row['user']}!{token}" if token else row["user"])
        assert task.started == int(row["starttime"])
        assert task.ended == (int(row["endtime"]) if "endtime" in row else None)
        assert task.running == ("endtime" not in row)
    starts = [task.started for task in part.tasks]
    assert starts == sorted(starts, reverse=True)


def test_a_task_that_ended_is_the_only_new_object() -> None:
    running = {"upid": "UPID:pve1:0000032E:0008E2C5:6B00ED2F:qmstart:100:root@pam:"}
    other = {"upid": "UPID:pve2:0000032E:0008E2C5:6B00ED30:vncshell::a@pve!t:", "endtime": 1}
    before, _complaints = read_tasks(as_body({"data": [running, other]}), ASKED, "lab")
    ended = {**running, "endtime": 1795222900, "status": "OK\x1b[31m"}
    after, _complaints = read_tasks(
        as_body({"data": [running, ended, other]}), ASKED, "lab", before
    )
    assert after.tasks[0] is before.tasks[0]
    assert after.tasks[1].status == "OK�[31m"
    assert not after.tasks[1].running
    assert after.tasks[0].subject == ""
    assert after.tasks[0].user == "a@pve!t"


def test_a_row_that_is_no_task_is_named() -> None:
    bad = {"upid": "UPID:../../x:0000032E:0008E2C5:6B00ED2F:qmstart:100:root@pam:"}
    good_row = {"upid": "UPID:pve1:0000032E:0008E2C5:6B00ED2F:qmstart:100:root@pam:"}
    part, complaints = read_tasks(as_body({"data": [bad, good_row]}), ASKED, "lab", Tasks())
    assert len(part.tasks) == 1
    assert len(complaints) == 1


@pytest.mark.parametrize("name", good("*/*ha-status*.json"))
def test_ha(name: str) -> None:
    part, complaints = read_ha(body(name), ASKED)
    found = rows(name)
    quorum = [row["quorate"] == 1 for row in found if row["type"] == "quorum"]
    assert complaints == ()
    assert part.quorate is (quorum[0] if quorum else None)
    assert {service.sid for service in part.services} == {
        row["sid"] for row in found if row["type"] == "service"
    }


def test_ha_service_and_master() -> None:
    wire = [
        {"type": "quorum", "id": "quorum", "quorate": "1", "node": "pve1", "status": "OK"},
        {"type": "master", "id": "master", "node": "pve2", "status": "pve2 (active)"},
        {"type": "lrm", "id": "lrm:", "node": "", "status": " (unable to read lrm status)"},
        {
            "type": "service",
            "id": "service:vm:104",
            "sid": "vm:104",
            "node": "pve1",
            "state": "migrate",
            "request_state": "started",
        },
    ]
    part, complaints = read_ha(as_body({"data": wire}), ASKED)
    assert complaints == ()
    assert (part.quorate, part.master) == (True, "pve2")
    assert part.services == (HaService("vm:104", "pve1", "migrate", "started"),)


def test_quorum_after_expected_1_is_told_by_ha_not_by_the_membership() -> None:
    status, _left_out = read_membership(
        body("9.2/outage-quorate.cluster-status.json"), ASKED, "lab"
    )
    ha, _left_out = read_ha(body("9.2/outage-quorate.ha-status.json"), ASKED)
    assert status.quorate is False
    assert ha.quorate is True


@pytest.mark.parametrize("name", good("*/*access-permissions*.json"))
def test_privileges(name: str) -> None:
    read = read_privileges(body(name), ASKED)
    recorded = load(name)["body"]["data"]
    assert read.held == {path: frozenset(told) for path, told in recorded.items()}
    assert {name for names in read.shallow.values() for name in names} == {
        name for told in recorded.values() for name, deeper in told.items() if not deeper
    }


def test_rights_of_an_auditor() -> None:
    held = read_privileges(body("9.2/access-permissions.auditor-a1.json"), ASKED)
    mine = Rights("auditor@pve!a1", "9.2.11", *held)
    assert mine.allows("VM.Audit", "/vms/100")
    assert not mine.allows("VM.Migrate", "/vms/100")


@pytest.mark.parametrize("name", good("*/*version*.json"))
def test_version(name: str) -> None:
    assert read_version(body(name), ASKED) == load(name)["body"]["data"]["version"]


@pytest.mark.parametrize("name", good("*/*hardware-pci.*.json"))
def test_devices(name: str) -> None:
    devices, complaints = read_devices(body(name), ASKED, "lab", "pve1")
    found = {row["id"]: row for row in rows(name)}
    assert complaints == ()
    assert {device.address for device in devices} == set(found)
    for device in devices:
        row = found[device.address]
        assert device.device_class == int(row["class"], 16)
        assert f"0x{device.vendor_id}" == row["vendor"]
        assert f"0x{device.device_id}" == row["device"]
        assert device.model == row.get("device_name", "")
        assert device.iommu_group == row["iommugroup"]


def test_gpus_are_found() -> None:
    devices, _complaints = read_devices(body("samples/hardware-pci.gpu.json"), ASKED, "lab", "pve")
    assert any(device.is_gpu and "GeForce" in device.model for device in devices)


@pytest.mark.parametrize("name", ["8.4/cluster-mapping-pci.json", "9.2/cluster-mapping-pci.json"])
def test_mappings(name: str) -> None:
    mappings, complaints = read_mappings(body(name), ASKED)
    found = {row["id"]: row for row in rows(name)}
    assert complaints == ()
    assert {mapping.name for mapping in mappings} == set(found)
    for mapping in mappings:
        row = found[mapping.name]
        assert len(mapping.entries) == len(row["map"])
        assert mapping.live_capable == bool(row.get("live-migration-capable"))
        assert mapping.description == row.get("description", "")
    multi = next(mapping for mapping in mappings if mapping.name == "multi")
    assert multi.entries[0].addresses == ("0000:00:04.0", "0000:00:05.0")
    broken = next(mapping for mapping in mappings if mapping.name == "broken")
    assert {entry.iommu_group for entry in broken.entries} == {None, 14}


def test_a_map_entry_not_understood_is_named() -> None:
    row = {"id": "gpu", "map": ["node=a,path=0000:01:00", "path=zz"]}
    mappings, complaints = read_mappings(as_body({"data": [row]}), ASKED)
    wanted = MappingEntry("a", ("0000:01:00",), text="node=a,path=0000:01:00")
    assert mappings[0].entries == (wanted,)
    assert mappings[0].broken == 1
    assert len(complaints) == 1
    assert "gpu" in complaints[0]


@pytest.mark.parametrize("data", [{}, [], None, 3, "x"])
def test_membership_without_nodes_is_no_answer(data: object) -> None:
    with pytest.raises(Unexpected):
        read_membership(as_body({"data": data}), ASKED, "lab")
