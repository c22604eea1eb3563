"""What speaks against any migration: tasks, rights, old data, refusals, a guest that is away."""

from __future__ import annotations

from typing import Any

import pytest

from labtui.actions.migration.action import MIGRATE
from labtui.model.cluster import HaStatus, Rights
from labtui.model.errors import Forbidden, NotFound, Rejected
from labtui.model.jobs import Job
from labtui.model.snapshot import Snapshot
from tests.actions.migration_plans import loaded, plan_of, wire_for
from tests.snapshots import NOW, cluster_lab, guest, snapshot


async def test_a_job_of_ours_blocks_a_second_one() -> None:
    lab = loaded(50, 10)
    job = Job("1", "guest.migrate", "lab/104", "x", "running", NOW)
    busy = Snapshot(parts=lab.parts, freshness=lab.freshness, jobs=(job,))
    plan = await plan_of(wire_for(busy))
    assert any("a job of this console" in blocker for blocker in plan.blockers)


async def test_quorum_is_judged_alike_before_and_at_the_start() -> None:
    """After `pvecm expected 1` the HA row says so while the membership lags."""
    base = cluster_lab(guest(104), quorate=False)
    later = snapshot(("lab", HaStatus(quorate=True)), read_at=NOW + 1)
    lab = Snapshot(
        parts={**base.parts, **later.parts}, freshness={**base.freshness, **later.freshness}
    )
    wire = wire_for(lab)
    wire.answers["/cluster/resources"] = [{"vmid": 104, "node": "pve2", "status": "running"}]
    plan = await plan_of(wire, "pve2")
    assert plan.ready
    assert (await MIGRATE.run(plan, wire, lambda news: None)).state == "done"


@pytest.mark.parametrize(
    ("lab", "word"),
    [
        (cluster_lab(guest(104), quorate=False), "no quorum"),
        (cluster_lab(guest(104, lock="backup")), "locked (backup)"),
        (cluster_lab(guest(104), pve1=False, pve2=True), "pve1 is away"),
    ],
)
async def test_what_stands_against_any_move(lab: Snapshot, word: str) -> None:
    plan = await plan_of(wire_for(lab))
    assert not plan.ready
    assert any(word in blocker for blocker in plan.blockers)


async def test_a_task_of_somebody_else_stands_against_it() -> None:
    wire = wire_for(cluster_lab(guest(104)))
    wire.answers["/cluster/tasks"] = [
        {"upid": "U", "type": "qmclone", "id": "104", "user": "amy@pve", "node": "pve1"}
    ]
    plan = await plan_of(wire)
    assert any("amy@pve runs qmclone" in blocker for blocker in plan.blockers)
    assert plan.stuck


async def test_a_missing_right_is_told_before_it_is_tried() -> None:
    lab = cluster_lab(guest(104))
    parts = dict(lab.parts)
    feed = next(feed for feed in parts if feed.topic == "rights")
    parts[feed] = Rights("me@pve!t", "9.2", {"/": frozenset(("VM.Audit",))})
    plan = await plan_of(wire_for(Snapshot(parts=parts, freshness=lab.freshness)))
    assert any("lacks VM.Migrate on /vms/104" in blocker for blocker in plan.blockers)


async def test_old_data_is_not_acted_on() -> None:
    lab = cluster_lab(guest(104))
    wire = wire_for(lab)
    wire.time = NOW + 120
    assert any("too old" in blocker for blocker in (await plan_of(wire)).blockers)


async def test_the_servers_refusal_to_check_blocks() -> None:
    error = Rejected("500", why="VM is locked (backup)", status=500)
    plan = await plan_of(wire_for(loaded(50, 10), error))
    assert any("VM is locked (backup)" in blocker for blocker in plan.blockers)


async def test_unknown_guest_and_forbidden_reading_are_errors() -> None:
    with pytest.raises(NotFound):
        await MIGRATE.survey("lab/999", wire_for(loaded(50, 10)))
    with pytest.raises(Forbidden):
        await plan_of(wire_for(loaded(50, 10), Forbidden("no")))


def test_applies_says_why_not() -> None:
    assert "away" in MIGRATE.applies("lab/104", cluster_lab(guest(104), pve1=False, pve2=True))
    assert MIGRATE.applies("lab/104", cluster_lab(guest(104), pve1=True)) != ""
    assert MIGRATE.applies("lab/104", cluster_lab(guest(104))) == ""


@pytest.mark.parametrize(
    "rubbish",
    [
        None,
        7,
        "x",
        [],
        {"local_disks": 3, "not_allowed_nodes": []},
        {"local_resources": [{"a": 1}], "local_disks": [{"size": float("inf")}]},
    ],
)
async def test_rubbish_for_a_check_is_survived(rubbish: Any) -> None:
    plan = await plan_of(wire_for(loaded(50, 10), rubbish, {"net0": 5, "scsi0": "none"}))
    assert plan.title
