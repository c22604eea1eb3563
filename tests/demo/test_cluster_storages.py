"""Storages that are away or full, replication, backup jobs and their calendar."""

from __future__ import annotations

import calendar
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labtui.demo.cluster.calendar import last_run, next_run
from labtui.demo.cluster.replication import ReplicationJob
from tests.demo.cluster_api import api_stage
from tests.demo.cluster_stage import ClusterStage

NOON = calendar.timegm((2026, 11, 21, 12, 0, 0))  # a Saturday


@pytest.mark.parametrize(
    ("schedule", "wanted"),
    [
        ("*/15", (2026, 11, 21, 12, 15)),
        ("02:30", (2026, 11, 22, 2, 30)),
        ("*:0/30", (2026, 11, 21, 12, 30)),
        ("mon..fri 22:00", (2026, 11, 23, 22, 0)),
        ("sat,sun 3:15", (2026, 11, 22, 3, 15)),
        ("21..23:00", (2026, 11, 21, 21, 0)),
        ("hourly", (2026, 11, 21, 13, 0)),
        ("daily", (2026, 11, 22, 0, 0)),
        ("weekly", (2026, 11, 23, 0, 0)),
        ("sun 01:00", (2026, 11, 22, 1, 0)),
    ],
)
def test_next_run_of_a_schedule(schedule: str, wanted: tuple[int, ...]) -> None:
    assert next_run(schedule, NOON) == calendar.timegm((*wanted, 0))


@pytest.mark.parametrize("schedule", ["", "25:00", "never", "02:30 03:00", "mon..", "*/0:99"])
def test_what_is_no_schedule_is_refused(schedule: str) -> None:
    if schedule == "":
        assert next_run(schedule, NOON) > NOON
        return
    with pytest.raises(ValueError, match="unable to parse calendar event"):
        next_run(schedule, NOON)


@given(st.text(max_size=12))
def test_any_text_is_a_schedule_or_a_value_error(text: str) -> None:
    try:
        assert next_run(text, NOON) > NOON
    except ValueError as error:
        assert "calendar event" in str(error)


def test_last_run_lies_before_next_run() -> None:
    assert last_run("02:30", NOON) == NOON - 34_200
    assert last_run("sun 01:00", NOON) == calendar.timegm((2026, 11, 15, 1, 0, 0))


def test_replication_runs_every_quarter_of_an_hour() -> None:
    stage = ClusterStage()
    job = next(iter(stage.world.replication.jobs.values()))
    assert (job.vmid, job.source, job.target) == (stage.guest("nas-702").vmid, "pve4", "pve3")
    first = job.next_sync
    stage.wait(first - stage.state.now + 1, step=60.0)
    assert job.last_sync == first
    assert job.next_sync == first + 900
    assert job.fail_count == 0


def failed_times(job: ReplicationJob, count: int) -> bool:
    return job.fail_count == count


def test_failed_replication_waits_longer_each_time() -> None:
    stage = ClusterStage()
    job = next(iter(stage.world.replication.jobs.values()))
    stage.world.set_power("pve3", on=False)
    stage.until(lambda: job.fail_count == 1, limit=1_000.0, step=10.0)
    assert "pvesr prepare-local-job" in job.error
    waits = []
    for count in (2, 3, 4, 5):
        began = job.last_try
        stage.until(partial(failed_times, job, count), limit=2_000.0, step=10.0)
        waits.append(job.last_try - began)
    assert waits == [300.0, 600.0, 900.0, 1_800.0]
    stage.world.set_power("pve3", on=True)
    stage.until(lambda: job.fail_count == 0, limit=2_000.0, step=10.0)
    assert job.error == ""


def test_replication_turns_round_when_its_guest_has_moved() -> None:
    stage = ClusterStage()
    job = next(iter(stage.world.replication.jobs.values()))
    stage.state.guests[job.vmid].node = "pve3"
    stage.world.replication.now(job)
    stage.wait(1.0)
    assert (job.source, job.target) == ("pve3", "pve4")


async def test_replication_is_told_by_the_node_of_the_guest() -> None:
    async with api_stage() as stage:
        (row,) = await stage.get("/cluster/replication")
        assert row["id"] == f"{row['guest']}-0"
        (state,) = await stage.get("/nodes/pve4/replication")
        assert state["fail_count"] == 0
        assert state["last_sync"] <= stage.state.now < state["next_sync"]
        assert await stage.get("/nodes/pve1/replication") == []
        path = f"/nodes/pve4/replication/{row['id']}"
        assert (await stage.ask(f"{path}/schedule_now", "POST")).status == 200
        stage.wait(1.0)
        log = await stage.get(f"{path}/log")
        assert log[0]["t"] == f"{row['id']}: start replication job"
        assert (await stage.get(f"{path}/status"))["last_try"] == int(stage.state.now - 1)


async def test_replication_needs_zfs_on_both_sides() -> None:
    async with api_stage() as stage:
        vmid = stage.guest("web-01").vmid
        params: dict[str, Any] = {"id": f"{vmid}-0", "target": "pve2", "type": "local"}
        reply = await stage.ask("/cluster/replication", "POST", **params)
        assert reply.message == "no replicatable volumes found"
        (row,) = await stage.get("/cluster/replication")
        assert (await stage.ask(f"/cluster/replication/{row['id']}", "DELETE")).status == 200
        assert await stage.get("/cluster/replication") == []
        made: dict[str, Any] = {
            "id": row["id"],
            "target": "pve3",
            "type": "local",
            "schedule": "*/5",
        }
        assert (await stage.ask("/cluster/replication", "POST", **made)).status == 200
        made["id"] = f"{row['guest']}-1"
        made["schedule"] = "when I like"
        assert (await stage.ask("/cluster/replication", "POST", **made)).status == 400


def test_nightly_backup_leaves_an_archive_of_each_guest() -> None:
    stage = ClusterStage()
    job = stage.world.backups.jobs["backup-nightly"]
    guests = [guest for guest in stage.state.guests.values() if job.takes(guest)]
    assert len(stage.state.backups) == 7 * len(guests)
    due = next_run(job.schedule, stage.state.now)
    stage.wait(due - stage.state.now + 1, step=600.0)
    tasks = [t for node in stage.state.tasks.by_node.values() for t in node if t.kind == "vzdump"]
    running = [task for task in tasks if task.running]
    assert {task.node for task in running} == {guest.node for guest in guests}
    assert any(guest.lock == "backup" for guest in guests)
    stage.until(lambda: not any(task.running for task in tasks), limit=7_200.0, step=30.0)
    assert {task.exitstatus for task in tasks} == {"OK"}
    assert not any(guest.lock for guest in guests)
    assert len(stage.state.backups) == 7 * len(guests)
    assert sum(volume.ctime >= due for volume in stage.state.backups) == len(guests)
    assert running[0].log[0].startswith("INFO: starting new backup job: vzdump ")
    assert running[0].log[-2:] == ["INFO: Backup job finished successfully", "TASK OK"]


def test_locked_guest_fails_alone() -> None:
    stage = ClusterStage()
    job = stage.world.backups.jobs["backup-nightly"]
    locked, free = stage.guest("gw-836"), stage.guest("netbox")
    locked.set_lock("snapshot")
    (task,) = stage.world.backups.run_now(job, [locked, free])
    stage.until(lambda: not task.running, limit=2_000.0, step=5.0)
    assert task.exitstatus == "job errors"
    assert f"ERROR: Backup of VM {locked.vmid} failed - VM is locked (snapshot)" in task.log
    assert any(line.startswith(f"INFO: Finished Backup of VM {free.vmid}") for line in task.log)


def test_backup_to_a_storage_that_is_away_fails_as_a_whole() -> None:
    stage = ClusterStage()
    job = stage.world.backups.jobs["backup-nightly"]
    stage.state.storage_health.away["cephfs", ""] = stage.state.now
    (task,) = stage.world.backups.run_now(job, [stage.guest("netbox")])
    stage.finish(task)
    text = "could not activate storage 'cephfs': storage 'cephfs' is not online"
    assert task.exitstatus == text


async def test_backup_jobs_are_written_and_run_at_their_time() -> None:
    async with api_stage() as stage:
        guest = stage.guest("web-01")
        rows = await stage.get("/cluster/backup-info/not-backed-up")
        assert guest.vmid in {row["vmid"] for row in rows}
        given: dict[str, Any] = {
            "vmid": guest.vmid,
            "storage": "cephfs",
            "schedule": "*/10",
            "id": "often",
        }
        assert (await stage.ask("/cluster/backup", "POST", **given)).status == 200
        row = await stage.row("/cluster/backup", "id", "often")
        assert row["vmid"] == str(guest.vmid)
        assert stage.state.now < row["next-run"] <= stage.state.now + 600
        volumes = await stage.get("/cluster/backup/often/included_volumes")
        assert volumes["children"][0]["children"][0]["id"] == f"{guest.vmid}:scsi0"
        rows = await stage.get("/cluster/backup-info/not-backed-up")
        assert guest.vmid not in {row["vmid"] for row in rows}
        stage.wait(900.0, step=10.0)
        assert any(volume.vmid == guest.vmid for volume in stage.state.backups)
        assert (await stage.ask("/cluster/backup/often", "PUT", enabled=0)).status == 200
        row = await stage.row("/cluster/backup", "id", "often")
        assert row["enabled"] == 0
        assert "next-run" not in row
        assert (await stage.ask("/cluster/backup/often", "DELETE")).status == 200
        reply = await stage.ask("/cluster/backup/often")
        assert reply.message == "No such job 'often'"


async def test_definition_of_the_pool_of_two_nodes_names_them() -> None:
    async with api_stage() as stage:
        row = await stage.row("/storage", "storage", "local-zfs")
        assert (row["type"], row["nodes"]) == ("zfspool", "pve3,pve4")
        rows = await stage.get("/nodes/pve1/storage", enabled=1)
        assert "local-zfs" not in {row["storage"] for row in rows}
        reply = await stage.ask("/nodes/pve1/storage/local-zfs/status")
        assert reply.message == "storage 'local-zfs' is not available on node 'pve1'"
