"""Looking after nodes: services, power, waking, journal, and many guests at once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.demo.lab_thread import LabThread, lab_thread
from tests.demo.task_wait import finish, log_of, post_pairs


@pytest.fixture(scope="module")
def lab() -> Iterator[LabThread]:
    with lab_thread(speed=100.0, auth_delay=0.0, delay_scale=0.0) as running:
        yield running


def test_a_service_is_stopped_and_started(lab: LabThread) -> None:
    base = "/nodes/pve2/services/postfix"
    assert finish(lab, lab.ask(f"{base}/stop", "POST")) == "OK"
    assert lab.get(f"{base}/state")["state"] == "dead"
    assert finish(lab, lab.ask(f"{base}/restart", "POST")) == "OK"
    assert lab.get(f"{base}/state")["active-state"] == "active"


def test_a_service_that_is_not_installed(lab: LabThread) -> None:
    reply = lab.ask("/nodes/pve2/services/systemd-timesyncd/start", "POST")
    assert finish(lab, reply) == "command 'systemctl start systemd-timesyncd' failed: exit code 5"


def test_hardware(lab: LabThread) -> None:
    disks = lab.get("/nodes/pve1/disks/list")
    assert {disk["health"] for disk in disks} == {"PASSED"}
    assert lab.get("/nodes/pve1/disks/smart", disk="/dev/sda")["type"] == "ata"
    assert lab.ask("/nodes/pve1/disks/smart", params={"disk": "/dev/none"}).status == 500
    assert lab.get("/nodes/pve1/network/vmbr0")["type"] == "bridge"
    assert lab.get("/nodes/pve1/hardware/pci/0000:01:00.0/mdev") == []


def test_the_history_of_a_storage_ends_with_what_is_used_now(lab: LabThread) -> None:
    path = "/nodes/pve1/storage/cephfs"
    rows = lab.get(f"{path}/rrddata", timeframe="day")
    now = lab.get(f"{path}/status")
    assert abs(rows[-1]["used"] - now["used"]) < 2 << 30
    assert all(row["total"] == now["total"] for row in rows)


def test_many_guests_are_stopped_and_started(lab: LabThread) -> None:
    reply = lab.ask("/nodes/pve1/stopall", "POST", params={"vms": "110,111"})
    assert finish(lab, reply) == "OK"
    assert "Stopping VM 110" in log_of(lab, reply.data)
    assert lab.get("/nodes/pve1/qemu/110/status/current")["status"] == "stopped"
    reply = post_pairs(lab, "/cluster/bulk-action/guest/start", ("vms", "110"), ("vms", "111"))
    assert finish(lab, reply) == "OK"
    assert lab.get("/nodes/pve1/qemu/111/status/current")["status"] == "running"


def test_moving_all_leaves_out_what_is_bound(lab: LabThread) -> None:
    params = {"target": "pve2", "vms": "104,105"}
    reply = lab.ask("/nodes/pve1/migrateall", "POST", params=params)
    assert finish(lab, reply) == "OK"
    lines = log_of(lab, reply.data)
    start = "skip VM 104 - precondition check failed: can't migrate VM which uses local devices"
    assert lines[0].startswith(start)


def test_the_journal_tells_of_tasks(lab: LabThread) -> None:
    lines = lab.get("/nodes/pve1/journal", lastentries=5)
    assert len(lines) == 7
    assert any("task UPID:pve1:" in line for line in lines)
    assert lab.get("/nodes/pve1/syslog", limit=3)[0]["n"] == 1


def test_a_node_goes_down_and_is_woken(lab: LabThread) -> None:
    assert lab.ask("/nodes/pve4/config", "PUT", params={"delete": "wakeonlan"}).status == 200
    refused = lab.ask("/nodes/pve4/wakeonlan", "POST")
    assert refused.reason == "No wake on LAN MAC address defined for 'pve4'!"
    params = {"wakeonlan": "BC:24:11:00:00:04"}
    assert lab.ask("/nodes/pve4/config", "PUT", params=params).status == 200
    assert lab.ask("/nodes/pve4/status", "POST", params={"command": "shutdown"}).status == 200
    node = lab.lab.cluster.state.nodes["pve4"]

    def online() -> bool:
        rows = {row["name"]: row for row in lab.get("/cluster/status") if row["type"] == "node"}
        return bool(rows["pve4"]["online"])

    lab.until(lambda: not online() and not node.powered)
    assert lab.ask("/nodes/pve4/wakeonlan", "POST").data == "BC:24:11:00:00:04"
    lab.until(online)
