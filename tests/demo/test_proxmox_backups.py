"""Backups now, what lies on the storages, pruning, and bringing guests back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.demo.lab_thread import LabThread, lab_thread
from tests.demo.task_wait import finish, log_of

STORE = "/nodes/pve1/storage/cephfs"


@pytest.fixture(scope="module")
def lab() -> Iterator[LabThread]:
    with lab_thread(speed=200.0, auth_delay=0.0) as running:
        yield running


def backup(lab: LabThread, vmid: int, **params: object) -> str:
    given = {"vmid": vmid, "storage": "cephfs", "mode": "snapshot"} | params
    before = {row["volid"] for row in lab.get(f"{STORE}/content", content="backup")}
    reply = lab.ask("/nodes/pve1/vzdump", "POST", params=given)
    assert finish(lab, reply) == "OK"
    lines = log_of(lab, reply.data)
    assert "INFO: Backup job finished successfully" in lines
    after = {row["volid"] for row in lab.get(f"{STORE}/content", content="backup")}
    (made,) = after - before
    return str(made)


def test_a_backup_is_listed_with_its_notes(lab: LabThread) -> None:
    made = backup(lab, 110, **{"notes-template": "{{guestname}} by hand", "protected": 1})
    rows = {row["volid"]: row for row in lab.get(f"{STORE}/content", content="backup", vmid=110)}
    assert rows[made]["notes"] == "web-01 by hand"
    assert rows[made]["protected"] == 1
    assert rows[made]["format"] == "vma.zst"
    one = lab.get(f"{STORE}/content/{made}")
    assert one["path"].startswith("/mnt/pve/cephfs/dump/vzdump-qemu-110-")
    kept = lab.ask(f"{STORE}/content/{made}", "DELETE")
    assert kept.reason == f"can't remove protected volume '{made}'"
    assert lab.ask(f"{STORE}/content/{made}", "PUT", params={"protected": 0}).status == 200
    assert finish(lab, lab.ask(f"{STORE}/content/{made}", "DELETE")) == "OK"
    assert lab.get(f"{STORE}/content", vmid=110, content="backup") == []


def test_a_guest_of_another_node_is_no_work(lab: LabThread) -> None:
    reply = lab.ask("/nodes/pve2/vzdump", "POST", params={"vmid": 110, "storage": "cephfs"})
    assert (reply.status, reply.data) == (200, "OK")


def test_a_storage_for_disks_takes_no_backups(lab: LabThread) -> None:
    reply = lab.ask("/nodes/pve1/vzdump", "POST", params={"vmid": 110, "storage": "ceph-vm"})
    assert reply.reason == "storage 'ceph-vm' does not support backups"


def test_a_deleted_guest_comes_back_from_its_archive(lab: LabThread) -> None:
    params = {"vmid": 730, "name": "brief", "scsi0": "local-lvm:4", "cores": 3}
    assert finish(lab, lab.ask("/nodes/pve1/qemu", "POST", params=params)) == "OK"
    made = backup(lab, 730)
    taken = lab.ask("/nodes/pve1/qemu", "POST", params={"vmid": 730, "archive": made})
    assert taken.reason == "unable to restore VM 730 - VM 730 already exists on node 'pve1'"
    assert finish(lab, lab.ask("/nodes/pve1/qemu/730", "DELETE")) == "OK"
    params = {"vmid": 730, "archive": made, "storage": "ceph-vm"}
    reply = lab.ask("/nodes/pve1/qemu", "POST", params=params)
    assert ":qmrestore:730:" in reply.data
    assert finish(lab, reply) == "OK"
    lines = log_of(lab, reply.data)
    assert lines[0].startswith("restore vma archive: zstd -q -d -c /mnt/pve/cephfs/dump/")
    assert any(line.startswith("progress 100% (read ") for line in lines)
    assert lines[-2:] == ["rescan volumes...", "TASK OK"]
    config = lab.get("/nodes/pve1/qemu/730/config")
    assert (config["name"], config["cores"]) == ("brief", 3)
    assert config["scsi0"].startswith("ceph-vm:vm-730-disk-0")


def test_a_container_is_restored_over_itself(lab: LabThread) -> None:
    made = backup(lab, 103)
    params = {"vmid": 103, "ostemplate": made, "restore": 1, "force": 1}
    running = lab.ask("/nodes/pve1/lxc", "POST", params=params)
    assert running.reason == "unable to restore CT 103 - CT is running"
    assert finish(lab, lab.ask("/nodes/pve1/lxc/103/status/stop", "POST")) == "OK"
    reply = lab.ask("/nodes/pve1/lxc", "POST", params=params)
    assert ":vzrestore:103:" in reply.data
    assert finish(lab, reply) == "OK"
    assert lab.get("/nodes/pve1/lxc/103/config")["hostname"] == "jump"


def test_pruning_can_be_tried_first(lab: LabThread) -> None:
    rules = {"prune-backups": "keep-last=2", "vmid": 100}
    marks = lab.get(f"{STORE}/prunebackups", **rules)
    by_mark = {mark: sum(row["mark"] == mark for row in marks) for mark in ("keep", "remove")}
    assert by_mark["keep"] == 2
    assert by_mark["remove"] > 0
    newest = sorted(marks, key=lambda row: -row["ctime"])[:2]
    assert {row["mark"] for row in newest} == {"keep"}
    reply = lab.ask(f"{STORE}/prunebackups", "DELETE", params=rules)
    assert finish(lab, reply) == "OK"
    assert len(lab.get(f"{STORE}/content", content="backup", vmid=100)) == 2
