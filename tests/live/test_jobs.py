"""Jobs: shown while they run, kept when they end, found again when somebody began them before."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import msgspec
import pytest

from labtui.actions.action import Action, Call, Outcome, Plan, Progress, Report, TaskState, Wire
from labtui.actions.migration.action import MIGRATE
from labtui.live.jobs import Jobs
from labtui.live.journal import Journal
from labtui.live.looking import Looking
from labtui.live.store import Store
from labtui.model.cluster import Task, Tasks
from labtui.model.errors import NotFound, Rejected
from labtui.model.feed import Feed
from labtui.model.jobs import Job
from labtui.model.snapshot import Snapshot
from tests.actions.wire import DictWire
from tests.snapshots import NOW, cluster_lab, guest

PLAN = Plan(
    "guest.migrate",
    "lab/104",
    "Migrate 104",
    NOW,
    calls=(Call("lab", "POST", "/nodes/pve1/qemu/104/migrate", (("target", "pve2"),)),),
)
UPID = "UPID:pve1:0000000A:0000000B:6B00F199:qmigrate:104:amy@pve:"
BUSY = {"upid": "U", "type": "qmclone", "id": "104", "user": "bob@pve", "node": "pve1"}


async def _works(plan: Plan, wire: Wire, report: Report) -> Outcome:
    report(Progress(note="moving", fraction=0.5, rate=100.0, left=3.0, upid=UPID, line="a line"))
    await wire.sleep(0)
    return Outcome("done", "it is on pve2")


async def _writes(plan: Plan, wire: Wire, report: Report) -> Outcome:
    await wire.call(plan.calls[0])
    return Outcome("done", "")


async def _breaks(plan: Plan, wire: Wire, report: Report) -> Outcome:
    raise ValueError("secret")


def action(run: object) -> Action:
    values = {name: getattr(MIGRATE, name) for name in MIGRATE.__struct_fields__}
    return Action(**{**values, "run": run})


def jobs_with(store: Store, wire: DictWire, path: Path | None = None) -> Jobs:
    return Jobs(store, wire, (MIGRATE,), Journal(path))


async def test_a_job_is_shown_and_kept(tmp_path: Path) -> None:
    store, journal = Store(), tmp_path / "new" / "journal.jsonl"
    jobs = jobs_with(store, DictWire(cluster_lab(guest(104))), journal)
    job_id = jobs.start(action(_works), PLAN)
    assert store.snapshot.jobs[0].running
    job = await jobs.wait(job_id)
    assert (job.state, job.note, job.upid) == ("done", "it is on pve2", UPID)
    assert (job.log, job.rate, job.progress) == (("a line",), 100.0, 1.0)
    entries = [json.loads(line) for line in journal.read_text().splitlines()]
    assert [entry["event"] for entry in entries] == ["started", "done"]
    assert {"at", "user", "from"} <= set(entries[0])
    assert entries[0]["calls"] == ["POST /nodes/pve1/qemu/104/migrate target=pve2"]
    assert journal.stat().st_mode & 0o077 == 0


async def test_a_fault_ends_one_job_and_tells_no_secret() -> None:
    store = Store()
    jobs = jobs_with(store, DictWire(cluster_lab(guest(104))))
    job = await jobs.wait(jobs.start(action(_breaks), PLAN))
    assert job.state == "unknown"
    assert "secret" not in job.note


async def test_a_migration_begun_by_others_is_followed_once() -> None:
    task = Task("lab", UPID, "pve1", "qmigrate", "104", "amy@pve", NOW - 5)
    lab = cluster_lab(guest(104), tasks=(task,))
    wire = DictWire(
        lab, {"/cluster/resources": [{"vmid": 104, "node": "pve2", "status": "running"}]}
    )
    wire.states = [TaskState(True), TaskState(False, "OK")]
    store = Store()
    jobs = jobs_with(store, wire)
    jobs.adopt(lab)
    jobs.adopt(lab)
    (job,) = store.snapshot.jobs
    assert "begun by amy@pve" in job.title
    assert (await jobs.wait(job.id)).state == "done"
    jobs.adopt(lab)
    assert len(store.snapshot.jobs) == 1


async def test_our_own_migration_is_not_taken_for_somebody_elses() -> None:
    task = Task("lab", UPID, "pve1", "qmigrate", "104", "me@pve", NOW)
    lab = cluster_lab(guest(104), tasks=(task,))
    jobs = jobs_with(Store(), DictWire(lab))

    async def waits(plan: Plan, wire: Wire, report: Report) -> Outcome:
        await asyncio.sleep(3600)
        return Outcome("done", "")

    jobs.start(action(waits), PLAN)
    await asyncio.sleep(0)
    jobs.adopt(lab)
    assert len(jobs._jobs) == 1
    jobs.close()
    await asyncio.sleep(0)


async def test_ended_tasks_and_other_kinds_are_left_alone() -> None:
    ended = Task("lab", UPID, "pve1", "qmigrate", "104", "amy@pve", NOW - 50, NOW - 1, "OK")
    other = Task("lab", UPID + "x", "pve1", "vzdump", "104", "amy@pve", NOW - 50)
    store = Store()
    jobs_with(store, DictWire(cluster_lab())).adopt(cluster_lab(guest(104), tasks=(ended, other)))
    assert store.snapshot.jobs == ()


async def test_cancel_needs_something_to_cancel() -> None:
    wire = DictWire(cluster_lab(guest(104)))
    jobs = jobs_with(Store(), wire)
    with pytest.raises(NotFound):
        await jobs.cancel("7")
    job_id = jobs.start(action(_works), PLAN)
    await jobs.wait(job_id)
    await jobs.cancel(job_id)
    assert wire.calls[0].method == "DELETE"


@pytest.mark.parametrize(
    ("lab", "tasks", "word"),
    [
        (cluster_lab(guest(104), quorate=False), [], "no quorum"),
        (cluster_lab(guest(104), pve1=False, pve2=True), [], "pve1 is away"),
        (cluster_lab(guest(104)), [BUSY], "bob@pve runs qmclone"),
    ],
)
async def test_the_interlock_is_asked_at_the_start_of_every_job(
    lab: Snapshot, tasks: list[object], word: str
) -> None:
    """Even of an action that looks at nothing itself."""
    wire = DictWire(lab, {"/cluster/tasks": tasks})
    jobs = jobs_with(Store(), wire)
    job = await jobs.wait(jobs.start(action(_writes), PLAN))
    assert job.state == "failed"
    assert job.note.startswith("not sent: ")
    assert word in job.note
    assert wire.calls == []


async def test_a_job_starts_when_nothing_speaks_against_it() -> None:
    wire = DictWire(cluster_lab(guest(104)))
    jobs = jobs_with(Store(), wire)
    assert (await jobs.wait(jobs.start(action(_writes), PLAN))).state == "done"
    assert len(wire.calls) == 1


async def test_data_that_grew_old_over_a_plan_stops_its_job() -> None:
    wire = DictWire(cluster_lab(guest(104)))
    wire.time = NOW + 31
    jobs = jobs_with(Store(), wire)
    assert "too old" in (await jobs.wait(jobs.start(action(_writes), PLAN))).note
    assert wire.calls == []


def agreed(plan: Plan, wire: DictWire) -> Jobs:
    """Jobs of a console in which that plan was looked at for 31 seconds; the lab is fresh."""
    lab = wire.snapshot
    fresh = {
        feed: msgspec.structs.replace(known, read_at=NOW + 30)
        for feed, known in lab.freshness.items()
    }
    wire.snapshot = msgspec.structs.replace(lab, freshness=fresh)
    wire.time = plan.made_at + 31
    return jobs_with(Store(), wire)


CHECK = {"running": 1, "not_allowed_nodes": {}, "local_disks": [], "local_resources": []}


def surveyed(**check: object) -> DictWire:
    base = "/nodes/pve1/qemu/104"
    answers = {f"{base}/migrate": {**CHECK, **check}, f"{base}/config": {}}
    return DictWire(cluster_lab(guest(104)), answers)


async def test_a_plan_that_was_read_for_long_is_surveyed_again_at_its_start() -> None:
    plan = msgspec.structs.replace(PLAN, chosen="pve2")
    wire = surveyed(local_resources=["hostpci0"])
    jobs = agreed(plan, wire)
    job = await jobs.wait(jobs.start(action(_writes), plan))
    assert job.state == "failed"
    assert "tie it to pve1" in job.note
    assert wire.calls == []


async def test_a_plan_that_still_holds_goes_though_it_was_read_for_long() -> None:
    plan = msgspec.structs.replace(PLAN, chosen="pve2")
    wire = surveyed()
    jobs = agreed(plan, wire)
    job = await jobs.wait(jobs.start(action(_writes), plan))
    assert (job.state, job.note) == ("done", "")
    assert len(wire.calls) == 1


async def test_a_target_that_is_gone_meanwhile_is_not_taken() -> None:
    plan = msgspec.structs.replace(PLAN, chosen="pve9")
    wire = surveyed()
    jobs = agreed(plan, wire)
    job = await jobs.wait(jobs.start(action(_writes), plan))
    assert "pve9 can't be taken any more: plan again" in job.note
    assert wire.calls == []


async def test_looking_once_more_cannot_write_and_does_not_see_its_own_job() -> None:
    job = Job("7", "x", "lab/104", "x", "running", NOW)
    lab = msgspec.structs.replace(cluster_lab(guest(104)), jobs=(job,))
    wire = DictWire(lab)
    looking = Looking(wire, "7")
    assert looking.snapshot.jobs == ()
    assert Looking(wire, "8").snapshot.jobs == (job,)
    with pytest.raises(Rejected, match="not sent"):
        await looking.call(PLAN.calls[0])
    assert wire.calls == []


async def test_no_job_begins_while_none_may() -> None:
    def no() -> Wire:
        raise Rejected("not sent", why="all is frozen")

    store = Store()
    jobs = Jobs(store, DictWire(cluster_lab(guest(104))), (MIGRATE,), Journal(None), no)
    with pytest.raises(Rejected, match="all is frozen"):
        jobs.start(action(_works), PLAN)
    assert store.snapshot.jobs == ()


async def test_only_so_many_jobs_are_kept_and_running_ones_always() -> None:
    store = Store()
    jobs = jobs_with(store, DictWire(cluster_lab(guest(104))))
    for _each in range(30):
        await jobs.wait(jobs.start(action(_works), PLAN))
    assert len(store.snapshot.jobs) == 20
    assert store.snapshot.jobs[0].id == "30"


def test_snapshot_compares_by_identity() -> None:
    lab = cluster_lab()
    assert lab != msgspec.structs.replace(lab)
    assert lab.one(Tasks, "lab") == Tasks()
    assert Feed("proxmox", "lab", "tasks") in lab.parts
