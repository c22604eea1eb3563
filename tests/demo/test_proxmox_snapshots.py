"""Snapshots: the chain, what stands in the way, the lock while one is taken."""

from __future__ import annotations

import pytest

from labtui.demo.cluster.guests import Guest
from labtui.demo.cluster.migration import MigrationRequest
from labtui.demo.cluster.tasks import Task
from tests.demo.cluster_stage import ClusterStage


@pytest.fixture
def stage() -> ClusterStage:
    return ClusterStage()


def take(stage: ClusterStage, guest: Guest, name: str, *, vmstate: bool = False) -> Task:
    works = stage.world.works
    return works.snapshots.take(guest, "root@pam", name, "", vmstate=vmstate)


def taken(stage: ClusterStage, guest: Guest, name: str) -> None:
    task = take(stage, guest, name)
    stage.finish(task)
    assert task.exitstatus == "OK"


def test_a_chain_and_what_is_left_when_a_link_goes(stage: ClusterStage) -> None:
    guest = stage.guest("web-01")
    for name in ("one", "two", "three"):
        taken(stage, guest, name)
    assert [guest.snapshots[name].parent for name in ("one", "two", "three")] == [
        None,
        "one",
        "two",
    ]
    stage.finish(stage.world.works.snapshots.delete(guest, "root@pam", "two", force=False))
    assert guest.snapshots["three"].parent == "one"
    assert guest.parent == "three"


def test_with_memory_the_log_tells_of_it_and_rolling_back_runs_again(stage: ClusterStage) -> None:
    guest = stage.guest("web-01")
    task = take(stage, guest, "live", vmstate=True)
    assert guest.lock == "snapshot"
    stage.finish(task)
    assert task.log[0] == "saving VM state and RAM using storage 'ceph-vm'"
    assert task.log[-3].startswith("snapshotting 'drive-scsi0' (ceph-vm:")
    assert task.log[-1] == "TASK OK"
    guest.config["cores"] = 1
    back = stage.world.works.snapshots.rollback(guest, "root@pam", "live", start=False)
    stage.finish(back)
    assert back.exitstatus == "OK"
    assert guest.running
    assert guest.config["cores"] != 1


def test_without_memory_the_guest_is_stopped_by_going_back(stage: ClusterStage) -> None:
    guest = stage.guest("web-01")
    taken(stage, guest, "cold")
    stage.finish(stage.world.works.snapshots.rollback(guest, "root@pam", "cold", start=False))
    assert not guest.running
    assert guest.parent == "cold"


@pytest.mark.parametrize(
    ("name", "text"),
    [("one", "snapshot name 'one' already used"), ("nope", "snapshot 'nope' does not exist")],
)
def test_names(stage: ClusterStage, name: str, text: str) -> None:
    guest = stage.guest("web-01")
    taken(stage, guest, "one")
    works = stage.world.works
    task = (
        take(stage, guest, name)
        if name == "one"
        else works.snapshots.rollback(guest, "root@pam", name, start=False)
    )
    stage.finish(task)
    assert task.exitstatus == text


def test_memory_of_a_guest_with_a_card_cannot_be_kept(stage: ClusterStage) -> None:
    task = take(stage, stage.guest("gpu-amy"), "live", vmstate=True)
    stage.finish(task)
    assert "VFIO migration is not supported in kernel" in str(task.exitstatus)
    assert "snapshot create failed: starting cleanup" in task.log
    assert stage.guest("gpu-amy").lock is None


def test_zfs_goes_back_to_the_youngest_only(stage: ClusterStage) -> None:
    guest = stage.guest("web-01")
    guest.config["scsi0"] = "local-zfs:vm-110-disk-0,size=8G"
    guest.touch()
    taken(stage, guest, "old")
    stage.wait(5)
    taken(stage, guest, "young")
    task = stage.world.works.snapshots.rollback(guest, "root@pam", "old", start=False)
    stage.finish(task)
    assert task.exitstatus == "can't rollback, 'old' is not most recent snapshot on 'vm-110-disk-0'"


def test_a_locked_guest_is_left_alone(stage: ClusterStage) -> None:
    guest = stage.guest("web-01")
    guest.set_lock("backup")
    task = take(stage, guest, "one")
    stage.finish(task)
    assert task.exitstatus == "VM is locked (backup)"
    assert guest.lock == "backup"


def test_a_running_guest_with_snapshots_keeps_its_local_disks_where_they_are(
    stage: ClusterStage,
) -> None:
    guest = stage.guest("build-cache")
    taken(stage, guest, "one")
    request = MigrationRequest("pve1", online=True, with_local_disks=True)
    task = stage.migrate(guest, request)
    stage.finish(task)
    assert guest.node == "pve2"
    assert any("online storage migration not possible if snapshot exists" in t for t in task.log)
