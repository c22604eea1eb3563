"""Snapshots and backups against the demo's cluster, as 9.2 and as 8.4 answer."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from labtui.actions.backups.action import BACKUP
from labtui.actions.snapshots.action import DELETE_SNAPSHOT, ROLLBACK, SNAPSHOT
from tests.actions.stage_wire import StageWire, stage_wire


@pytest.fixture(params=["9.2", "8.4"])
async def wire(request: pytest.FixtureRequest) -> AsyncIterator[StageWire]:
    async with stage_wire(request.param) as made:
        yield made


@pytest.mark.parametrize(("name", "mode"), [("web-01", "memory"), ("mirror", "")])
async def test_made_gone_back_to_and_deleted(wire: StageWire, name: str, mode: str) -> None:
    guest = wire.stage.guest(name)
    outcome = await wire.do(
        SNAPSHOT, name, mode=mode, name="before-update", description="before the update"
    )
    assert (outcome.state, outcome.note) == ("done", "snapshot before-update is there")
    assert guest.snapshots["before-update"].vmstate == (mode == "memory")
    wire.stage.wait(12)
    assert (await wire.do(SNAPSHOT, name, mode="bare", name="later")).state == "done"
    wire.stage.wait(12)
    plan = await wire.plan(ROLLBACK, name, choice="before-update")
    assert [choice.id for choice in plan.choices] == ["before-update", "later"]
    assert plan.confirm == name
    outcome, _news = await wire.run(ROLLBACK, plan)
    assert outcome.note == "it is at before-update again"
    wire.stage.wait(12)
    assert (await wire.plan(DELETE_SNAPSHOT, name)).chosen == "before-update"
    outcome = await wire.do(DELETE_SNAPSHOT, name, choice="later")
    assert outcome.note == "snapshot later is not there"
    assert list(guest.snapshots) == ["before-update"]


async def test_a_lost_answer_is_looked_up(wire: StageWire) -> None:
    plan = await wire.plan(SNAPSHOT, "web-01", name="once")
    wire.lose_next_answer = True
    outcome, _news = await wire.run(SNAPSHOT, plan)
    assert outcome.state == "done"
    assert len(wire.calls) == 1


async def test_what_keeps_a_snapshot_from_being_made(wire: StageWire) -> None:
    plan = await wire.plan(SNAPSHOT, "gpu-amy", mode="memory", name="x1")
    assert any("memory can't be kept" in text for text in plan.blockers)
    assert (await wire.plan(SNAPSHOT, "gpu-amy", name="x1")).ready
    assert not (await wire.plan(SNAPSHOT, "gpu-amy")).ready
    wire.stage.guest("web-01").config["scsi0"] = "local:110/vm-110-disk-0.raw,size=8G"
    plan = await wire.plan(SNAPSHOT, "web-01", name="x1")
    assert any("no snapshots of its disks on local (dir)" in text for text in plan.blockers)
    plan = await wire.plan(ROLLBACK, "web-02")
    assert "it has no snapshots" in plan.blockers


async def test_the_server_says_no(wire: StageWire) -> None:
    plan = await wire.plan(SNAPSHOT, "web-01", name="twice")
    await wire.run(SNAPSHOT, plan)
    wire.stage.wait(12)
    await wire.look()
    outcome, _news = await wire.run(SNAPSHOT, plan)
    assert outcome.state == "failed"
    assert "already used" in outcome.note


@pytest.mark.parametrize("name", ["web-01", "mirror"])
async def test_a_backup_is_there_at_the_end(wire: StageWire, name: str) -> None:
    plan = await wire.plan(BACKUP, name, notes="by hand", protected="1")
    assert plan.modes == ("snapshot", "suspend", "stop")
    outcome, _news = await wire.run(BACKUP, plan)
    assert outcome.state == "done"
    assert f"vzdump-{wire.stage.guest(name).kind}-" in outcome.note
    newest = max(wire.stage.state.backups, key=lambda volume: volume.ctime)
    assert (newest.notes, newest.protected) == ("by hand", True)


async def test_a_backup_to_a_storage_that_breaks(wire: StageWire) -> None:
    vmid = wire.stage.guest("web-01").vmid
    wire.stage.world.backups.failing[vmid] = "broken pipe"
    outcome = await wire.do(BACKUP, "web-01")
    assert outcome.state == "failed"
    assert "broken pipe" in outcome.note
    assert "no new archive" in outcome.note


async def test_what_keeps_a_backup_from_being_made(wire: StageWire) -> None:
    plan = await wire.plan(BACKUP, "gw-836", mode="stop")
    assert any("HA would start it" in text for text in plan.blockers)
    assert (await wire.plan(BACKUP, "gw-836", mode="suspend")).ready
    stopped = await wire.plan(BACKUP, "gpu-ben")
    assert (stopped.modes, stopped.ready) == ((), True)
