"""What nodes, safeguards and agents say: recorded answers of both releases, and rubbish."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labtui.model.errors import LabError, Unexpected
from labtui.sources.proxmox import values
from labtui.sources.proxmox.node_build import (
    read_certificates,
    read_disks,
    read_network,
    read_updates,
)
from labtui.sources.proxmox.node_health import (
    read_clock,
    read_replication,
    read_services,
    read_status,
)
from labtui.sources.proxmox.safeguards import (
    read_ceph,
    read_file_systems,
    read_rules,
    read_uncovered,
)
from tests.sources.proxmox.recordings import ASKED, as_body, body

RELEASES = ("8.4", "9.2")
STATUS = {"8.4": "8.4/node-status.pve1.json", "9.2": "9.2/node-status.pve3.json"}


def answer(data: Any) -> bytes:
    return as_body({"data": data})


@pytest.mark.parametrize("release", RELEASES)
def test_the_status_of_a_node(release: str) -> None:
    status = read_status(body(STATUS[release]), ASKED)
    assert status.version.startswith(release)
    assert status.kernel.startswith("6.18.44")
    assert len(status.load) == 3
    assert 0 < status.memory < status.memory_max
    assert 0 < status.root < status.root_max
    assert status.cpus == 2
    assert (status.available is None) == (release == "8.4")
    # An empty text: the processor of that machine does not virtualise.
    assert not status.virtual


@pytest.mark.parametrize("release", RELEASES)
def test_the_clock_counts_half_of_the_time_that_the_answer_took(release: str) -> None:
    told = json.loads(body(f"{release}/node-time.json"))["data"]["time"]
    clock = read_clock(body(f"{release}/node-time.json"), ASKED, told - 1.0, told + 1.0)
    assert clock.ahead == pytest.approx(0.5)
    assert clock.unsure == pytest.approx(1.5)
    assert clock.zone == "Etc/UTC"
    late = read_clock(body(f"{release}/node-time.json"), ASKED, told + 400.0, told + 400.0)
    assert late.ahead == pytest.approx(-399.5)


@pytest.mark.parametrize("release", RELEASES)
def test_services_that_are_not_there_are_not_dead(release: str) -> None:
    services, complaints = read_services(body(f"{release}/node-services.json"), ASKED)
    by_name = {service.name: service for service in services}
    assert complaints == ()
    assert by_name["pveproxy"].active == "active"
    assert by_name["chrony"].unit == "not-found"
    assert not [service.name for service in services if service.dead]


@pytest.mark.parametrize("release", RELEASES)
def test_certificates_that_end_first_come_first(release: str) -> None:
    found, complaints = read_certificates(body(f"{release}/node-certificates-info.json"), ASKED)
    assert complaints == ()
    assert {each.name for each in found} >= {"pve-root-ca.pem", "pve-ssl.pem"}
    assert [each.ends for each in found] == sorted(each.ends for each in found)
    assert all(each.ends > each.begins > 0 for each in found)


@pytest.mark.parametrize("release", RELEASES)
def test_updates_and_network(release: str) -> None:
    updates, complaints = read_updates(body(f"{release}/node-apt-update.json"), ASKED)
    assert updates
    assert complaints == ()
    assert all(each.package and each.new for each in updates)
    network, complaints = read_network(body(f"{release}/node-network.json"), ASKED)
    bridge = next(each for each in network if each.kind == "bridge")
    assert complaints == ()
    assert bridge.active
    assert bridge.parts == ("host0",)
    assert bridge.address.startswith("10.99.0.")


def test_a_bond_and_a_vlan() -> None:
    rows = [
        {"iface": "bond0", "type": "bond", "active": 1, "slaves": "eno1 eno2",
         "bond_mode": "802.3ad"},
        {"iface": "vlan20", "type": "vlan", "vlan-id": 20, "vlan-raw-device": "bond0"},
        {"iface": "", "type": "eth"},
    ]  # fmt: skip
    network, complaints = read_network(answer(rows), ASKED)
    assert [(each.name, each.parts, each.vlan) for each in network] == [
        ("bond0", ("eno1", "eno2"), None),
        ("vlan20", ("bond0",), 20),
    ]
    assert len(complaints) == 1


def test_wear_is_what_is_left_and_may_be_untold() -> None:
    rows = [
        {"devpath": "/dev/sda", "health": "PASSED", "wearout": "N/A", "size": "1000"},
        {"devpath": "/dev/nvme0n1", "health": "OK", "wearout": 97},
        {"devpath": "/dev/sdb", "health": "FAILED!", "wearout": 1},
        {"devpath": "/dev/vda", "health": "UNKNOWN"},
    ]
    disks, _complaints = read_disks(answer(rows), ASKED)
    assert {disk.path: (disk.wearout, disk.failing) for disk in disks} == {
        "/dev/sda": (None, False),
        "/dev/nvme0n1": (97, False),
        "/dev/sdb": (1, True),
        "/dev/vda": (None, False),
    }


def test_replication_that_was_never_tried() -> None:
    assert read_replication(body("9.2/node-replication.json"), ASKED) == ((), ())
    rows = [
        {"id": "101-0", "guest": "101", "target": "pve2", "last_sync": 0, "fail_count": 2,
         "error": "no\x1b route"},
        {"id": "102-0", "target": "pve2", "disable": 1},
    ]  # fmt: skip
    jobs, _complaints = read_replication(answer(rows), ASKED)
    assert (jobs[0].vmid, jobs[0].last_sync, jobs[0].fail_count) == (101, None, 2)
    assert jobs[0].error == "no\ufffd route"
    assert (jobs[1].vmid, jobs[1].disabled) == (102, True)


@pytest.mark.parametrize("release", RELEASES)
def test_who_is_in_no_backup_job(release: str) -> None:
    name = f"{release}/cluster-backup-info-not-backed-up.json"
    found, complaints = read_uncovered(body(name), ASKED)
    assert len(found) == len(json.loads(body(name))["data"]) > 5
    assert complaints == ()


def test_rules_of_ha() -> None:
    rules, complaints = read_rules(body("9.2/ha-rules.two.json"), ASKED)
    assert len(rules) == len(json.loads(body("9.2/ha-rules.two.json"))["data"]) == 2
    assert complaints == ()
    assert {rule.kind for rule in rules} <= {"node-affinity", "resource-affinity"}
    assert all(rule.resources for rule in rules)
    groups, _none = read_rules(answer([{"group": "g", "nodes": "a:2,b", "restricted": 1}]), ASKED)
    assert (groups[0].kind, groups[0].nodes, groups[0].strict) == ("group", ("a:2", "b"), True)


def test_ceph() -> None:
    ceph = read_ceph(body("samples/ceph-status.osd-21.json"), ASKED)
    assert (ceph.osds, ceph.osds_up, ceph.osds_in) == (21, 21, 21)
    assert len(ceph.quorum) == 3
    assert ceph.groups == (("active+clean", 577),)
    checks = {
        "POOL_FULL": {"severity": "HEALTH_ERR", "summary": {"message": "1 pool(s) full"}},
        "OSD_DOWN": {"severity": "HEALTH_WARN", "summary": {"message": "1 osds down"}},
        "MUTED": {"severity": "HEALTH_WARN", "muted": True},
    }
    told = {"health": {"status": "HEALTH_ERR", "checks": checks}}
    assert [check.name for check in read_ceph(answer(told), ASKED).checks] == [
        "POOL_FULL",
        "OSD_DOWN",
    ]
    with pytest.raises(Unexpected):
        read_ceph(answer({}), ASKED)


def test_only_file_systems_that_can_fill_count() -> None:
    rows = [
        {"mountpoint": "/", "type": "ext4", "used-bytes": 5, "total-bytes": 10},
        {"mountpoint": "/snap/x", "type": "squashfs", "used-bytes": 9, "total-bytes": 9},
        {"mountpoint": "/boot", "type": "vfat"},
    ]
    found = read_file_systems(answer({"result": rows}), ASKED)
    assert [disk.mount for disk in found] == ["/"]
    with pytest.raises(Unexpected):
        read_file_systems(answer(None), ASKED)


def test_numbers_however_perl_writes_them() -> None:
    assert values.real("12.26") == 12.26
    odd: list[Any] = ["nan", "inf", "1e400", "", None, True, [], 1e30]
    assert [values.real(each) for each in odd] == [None] * 8
    assert values.whole("7.9") == 7
    assert values.words("a, b  c") == ("a", "b", "c")


READERS: dict[str, Callable[[bytes], Any]] = {
    "status": lambda given: read_status(given, ASKED),
    "clock": lambda given: read_clock(given, ASKED, 1.0, 2.0),
    "services": lambda given: read_services(given, ASKED),
    "replication": lambda given: read_replication(given, ASKED),
    "certificates": lambda given: read_certificates(given, ASKED),
    "updates": lambda given: read_updates(given, ASKED),
    "disks": lambda given: read_disks(given, ASKED),
    "network": lambda given: read_network(given, ASKED),
    "uncovered": lambda given: read_uncovered(given, ASKED),
    "rules": lambda given: read_rules(given, ASKED),
    "ceph": lambda given: read_ceph(given, ASKED),
    "fsinfo": lambda given: read_file_systems(given, ASKED),
}
KEYS = st.sampled_from(
    (
        *("service", "id", "guest", "filename", "notafter", "Package", "devpath", "iface", "vmid"),
        *("rule", "health", "checks", "osdmap", "pgmap", "result", "mountpoint", "used-bytes"),
        *("total-bytes", "time", "memory", "cpuinfo", "loadavg", "wearout", "active", "hvm"),
    )
)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=60, deadline=None)
@given(data=VALUES | st.lists(st.dictionaries(KEYS, VALUES, max_size=5), max_size=3))
def test_rubbish_is_an_error_of_ours_or_none(name: str, data: Any) -> None:
    with contextlib.suppress(LabError):
        READERS[name](json.dumps({"data": data}).encode())


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=30, deadline=None)
@given(given=st.binary(max_size=40))
def test_so_are_bytes(name: str, given: bytes) -> None:
    with pytest.raises(LabError):
        READERS[name](given)
