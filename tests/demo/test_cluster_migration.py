"""Migrations of the living cluster: durations, log forms, the configuration, cancelling."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from labtui.demo.cluster.migration import MigrationRequest
from labtui.demo.cluster.tasks import Task
from tests.demo.cluster_stage import ClusterStage

DATA = Path(__file__).parents[1] / "data" / "proxmox"
LIVE = MigrationRequest("pve2", online=True)

# Lines that only a rig without backup support or with an unusual processor prints.
RIG = re.compile(r"checking/canceling old backup|kvm: warning|Formatting '")
# Lines of dd are as many as the disk is slow; the recorded disk is tiny.
COUNTED = re.compile(r"records (?:in|out)|bytes \(|transferred .* in \d|migration active|xbzrle")


def form(line: str) -> str:
    """A line with everything that depends on the guest taken out."""
    line = re.sub(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d ", "T ", line)
    line = re.sub(r"'local(?:-lvm)?:[^']*'", "'VOLUME'", line)
    line = re.sub(r"\d+\.\d [KMGT]?i?B(/s)?", r"SIZE\1", line)
    line = re.sub(r"pve\d", "NODE", line)
    line = re.sub(r"\d+(?:\.\d+)*", "N", line)
    return re.sub(r"(?:'VOLUME'|Logical volume).* created", "CREATED", line)


def recorded(version: str, name: str) -> list[str]:
    """Forms of a recorded log, lines of the rig left out."""
    body = json.loads((DATA / version / f"task-log.{name}.json").read_text())["body"]
    lines = [row["t"] for row in body["data"]]
    return [form(line) for line in lines if not RIG.search(line) and not COUNTED.search(line)]


def printed(task: Task) -> list[str]:
    """Forms of a task's log."""
    lines = [line for line in task.log if "Logical volume" not in line]
    return [form(line) for line in lines if not COUNTED.search(line)]


@pytest.mark.parametrize("version", ["9.2", "8.4"])
def test_live_log_has_the_recorded_lines(version: str) -> None:
    stage = ClusterStage(version)
    task = stage.migrate(stage.guest("web-01"), LIVE)
    stage.finish(task)
    assert task.exitstatus == "OK"
    assert printed(task) == recorded(version, "live-shared")


def test_live_log_with_a_local_disk_has_the_recorded_lines() -> None:
    stage = ClusterStage()
    guest = stage.guest("build-cache")
    task = stage.migrate(guest, MigrationRequest("pve1", online=True, with_local_disks=True))
    stage.finish(task)
    assert printed(task) == recorded("9.2", "live-local-disk")
    progress = [line for line in task.log if "transferred" in line and " in " in line]
    assert re.fullmatch(
        r"mirror-scsi0: transferred \d+\.\d [KMGT]?i?B of 40\.0 GiB \(\d+\.\d\d%\) in [\dhms ]+"
        r"(?:, ready)?",
        progress[3],
    )
    assert progress[-1].endswith(", ready")


def test_memory_lines_are_those_of_a_real_guest() -> None:
    stage = ClusterStage()
    task = stage.migrate(stage.guest("db-01"), MigrationRequest("pve3", online=True))
    stage.finish(task)
    lines = [line[20:] for line in task.log if "migration active" in line]
    assert len(lines) > 20
    form_of_line = re.compile(
        r"migration active, transferred \d+\.\d [MG]iB of 32\.0 GiB VM-state, \d+\.\d [MG]iB/s"
        r"(?:, VM dirties lots of memory: \d+\.\d MiB/s)?"
    )
    assert all(form_of_line.fullmatch(line) for line in lines)


@pytest.mark.parametrize(
    ("name", "least", "most"), [("gw-836", 4, 12), ("web-01", 15, 40), ("db-01", 30, 75)]
)
def test_memory_takes_the_time_of_its_size(name: str, least: int, most: int) -> None:
    stage = ClusterStage()
    guest = stage.guest(name)
    target = "pve3" if guest.node == "pve2" else "pve2"
    took = stage.finish(stage.migrate(guest, MigrationRequest(target, online=True)))
    assert least < took < most


def test_lock_first_then_the_config_moves_before_the_end() -> None:
    stage = ClusterStage()
    guest = stage.guest("web-01")
    task = stage.migrate(guest, LIVE)
    assert stage.until(lambda: guest.lock == "migrate") <= 1.0
    stage.until(lambda: guest.node == "pve2")
    assert (task.running, guest.lock) == (True, "migrate")
    stage.finish(task)
    assert (guest.lock, guest.running, guest.busy) == (None, True, False)


def test_cancelled_live_migration_stays_at_the_source() -> None:
    stage = ClusterStage()
    guest = stage.guest("build-cache")
    task = stage.migrate(guest, MigrationRequest("pve1", online=True, with_local_disks=True))
    stage.wait(8.0)
    stage.state.tasks.stop(task)
    stage.finish(task)
    assert (guest.node, guest.lock, guest.running) == ("pve2", None, True)
    assert task.exitstatus == "unexpected status"
    # The recorded copy was limited in speed; ours was not.
    expected = [
        line.replace(" with bandwidth limit: N KiB/s", "")
        for line in recorded("9.2", "live-cancelled-during-mirror")
    ]
    assert printed(task) == expected


def test_local_disk_without_the_flag_is_refused_as_recorded() -> None:
    stage = ClusterStage()
    task = stage.migrate(stage.guest("build-cache"), MigrationRequest("pve1", online=True))
    stage.finish(task)
    assert task.exitstatus == "migration aborted"
    assert printed(task) == recorded("9.2", "local-disk-without-flag")


def test_raw_passthrough_is_refused_as_recorded() -> None:
    stage = ClusterStage()
    task = stage.migrate(stage.guest("gpu-ben"), MigrationRequest("pve2"))
    stage.finish(task)
    text = recorded("9.2", "raw-hostpci-fails")
    assert [line.replace("hostpciN, hostpciN", "hostpciN") for line in text] == printed(task)


def test_offline_move_of_a_mapped_device_has_the_recorded_lines() -> None:
    stage = ClusterStage()
    guest = stage.guest("gpu-eric")
    stage.finish(stage.world.operations.stop(guest, "root@pam"))
    task = stage.migrate(guest, MigrationRequest("pve1"))
    stage.finish(task)
    assert guest.node == "pve1"
    assert printed(task) == recorded("9.2", "offline-mapped-hostpci")


def test_missing_mapping_is_refused_as_recorded() -> None:
    stage = ClusterStage()
    guest = stage.guest("gpu-eric")
    stage.finish(stage.world.operations.stop(guest, "root@pam"))
    task = stage.migrate(guest, MigrationRequest("pve4"))
    stage.finish(task)
    assert printed(task) == recorded("9.2", "mapping-missing-fails")


def test_offline_copy_has_the_recorded_lines() -> None:
    stage = ClusterStage()
    guest = stage.guest("scratch-eric")
    stage.finish(stage.world.operations.stop(guest, "root@pam"))
    task = stage.migrate(guest, MigrationRequest("pve1"))
    stage.finish(task)
    assert printed(task) == recorded("9.2", "offline-local-disk-snapshots")
    assert guest.node == "pve1"
    assert not guest.running


def test_dead_target_is_noticed_as_recorded() -> None:
    stage = ClusterStage("8.4")
    stage.world.set_power("pve4", on=False)
    stage.wait(10.0)
    task = stage.migrate(stage.guest("web-01"), MigrationRequest("pve4", online=True))
    assert 2.0 < stage.finish(task) < 4.0
    body = json.loads(
        (DATA / "8.4" / "quorate-one-dead.migrate-post-to-dead.task-log.json").read_text()
    )["body"]
    expected = [form(row["t"]) for row in body["data"] if not RIG.search(row["t"])]
    assert [form(line) for line in task.log] == expected


def test_target_dying_in_the_middle_leaves_the_guest_at_the_source() -> None:
    stage = ClusterStage()
    guest = stage.guest("db-01")
    task = stage.migrate(guest, MigrationRequest("pve3", online=True))
    stage.wait(15.0)
    stage.world.set_power("pve3", on=False)
    stage.finish(task)
    assert task.exitstatus == "migration problems"
    assert (guest.node, guest.running, guest.lock, guest.state) == ("pve2", True, None, "running")


def test_container_is_stopped_moved_and_started() -> None:
    stage = ClusterStage()
    guest = stage.guest("mirror")
    task = stage.migrate(guest, MigrationRequest("pve1", restart=True))
    assert task.kind == "vzmigrate"
    stage.until(lambda: not guest.running, step=0.1)
    assert guest.node == "pve3"
    stage.finish(task)
    assert (guest.node, guest.running) == ("pve1", True)
    assert form(task.log[0]) == "T shutdown CT N"
    assert task.log[-1] == "TASK OK"


def test_cancelled_container_move_starts_it_again() -> None:
    stage = ClusterStage()
    guest = stage.guest("mirror")
    task = stage.migrate(guest, MigrationRequest("pve1", restart=True))
    stage.until(lambda: not guest.running, step=0.1)
    stage.state.tasks.stop(task)
    stage.finish(task)
    assert (guest.node, guest.running, guest.lock) == ("pve3", True, None)
    assert task.exitstatus == "migration aborted"


def test_second_task_waits_for_the_lock_and_gives_up() -> None:
    stage = ClusterStage()
    guest = stage.guest("db-01")
    migration = stage.migrate(guest, MigrationRequest("pve3", online=True))
    stage.wait(2.0)
    task = stage.world.operations.stop(guest, "root@pam")
    stage.finish(task)
    path = f"/var/lock/qemu-server/lock-{guest.vmid}.conf"
    assert task.exitstatus == f"can't lock file '{path}' - got timeout"
    assert task.log[0] == "trying to acquire lock..."
    assert migration.running
    assert guest.running
