"""Restoring over the demo's cluster: beside the guest, in place of it, and when it is gone."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from labtui.actions.backups.action import BACKUP
from labtui.actions.backups.list import read_backups
from labtui.actions.backups.restore_action import RESTORE
from labtui.actions.life.action import DELETE
from labtui.actions.power.action import SHUTDOWN
from labtui.model.errors import NotFound
from tests.actions.stage_wire import LAB, StageWire, stage_wire


@pytest.fixture(params=["9.2", "8.4"])
async def wire(request: pytest.FixtureRequest) -> AsyncIterator[StageWire]:
    async with stage_wire(request.param) as made:
        yield made


@pytest.mark.parametrize("name", ["web-01", "mirror"])
async def test_beside_it_with_a_number_and_addresses_of_its_own(wire: StageWire, name: str) -> None:
    await wire.do(BACKUP, name, choice="cephfs")
    wire.stage.wait(12)
    guest = wire.stage.guest(name)
    plan = await wire.plan(RESTORE, name, newid="9000")
    assert (plan.mode, plan.confirm) == ("new", "")
    assert dict(plan.calls[0].params)["unique"] == 1
    outcome, news = await wire.run(RESTORE, plan)
    assert outcome.note == "guest 9000 is there"
    made = wire.stage.state.guests[9000]
    assert made.kind == guest.kind
    assert made.config["net0"] != guest.config["net0"]
    assert not made.running
    if guest.kind == "qemu":
        assert any(each.fraction for each in news)


@pytest.mark.parametrize("name", ["web-01", "mirror"])
async def test_in_place_of_it_after_its_name_was_typed(wire: StageWire, name: str) -> None:
    await wire.do(BACKUP, name, choice="cephfs")
    wire.stage.wait(12)
    plan = await wire.plan(RESTORE, name, mode="over")
    assert "it runs: shut it down first" in plan.blockers
    await wire.do(SHUTDOWN, name)
    wire.stage.wait(12)
    plan = await wire.plan(RESTORE, name, mode="over", storage="local-lvm", start="1")
    assert plan.confirm == name
    assert any("is destroyed" in text for text in plan.warnings)
    assert dict(plan.calls[0].params)["force"] == 1
    outcome, _news = await wire.run(RESTORE, plan)
    assert outcome.state == "done", outcome.note
    guest = wire.stage.guest(name)
    assert guest.running
    disk = "scsi0" if guest.kind == "qemu" else "rootfs"
    assert str(guest.config[disk]).startswith("local-lvm:")


async def test_a_guest_that_is_gone_comes_back_with_its_number(wire: StageWire) -> None:
    vmid = wire.stage.guest("web-02").vmid
    await wire.do(BACKUP, "web-02", choice="cephfs")
    wire.stage.wait(12)
    await wire.do(SHUTDOWN, "web-02")
    wire.stage.wait(12)
    await wire.do(DELETE, "web-02")
    wire.stage.wait(12)
    await wire.look()
    found = await read_backups(LAB, wire)
    assert [gone[0].vmid for gone in found.gone] == [vmid]
    key = f"{LAB}/{vmid}"
    assert RESTORE.applies(key, wire.snapshot) == ""
    plan = RESTORE.draft(await RESTORE.survey(key, wire), "", "")
    assert plan.modes == ("new",)
    assert dict(plan.calls[0].params)["vmid"] == vmid
    assert "unique" not in dict(plan.calls[0].params)
    outcome = await RESTORE.run(plan, wire, lambda news: None)
    assert outcome.note == f"guest {vmid} is there"


async def test_a_lost_answer_is_looked_up_and_it_is_made_once(wire: StageWire) -> None:
    await wire.do(BACKUP, "web-01", choice="cephfs")
    wire.stage.wait(12)
    plan = await wire.plan(RESTORE, "web-01", newid="9001")
    wire.calls.clear()
    wire.lose_next_answer = True
    outcome, _news = await wire.run(RESTORE, plan)
    assert (outcome.state, len(wire.calls)) == ("done", 1)


async def test_what_speaks_against_it(wire: StageWire) -> None:
    with pytest.raises(NotFound, match="no backup"):
        await wire.plan(RESTORE, "web-01")
    await wire.do(BACKUP, "web-01", choice="local")
    wire.stage.wait(12)
    plan = await wire.plan(RESTORE, "web-01", newid="110", storage="nowhere", node="pve2")
    problems = {item.id: item.problem for item in plan.inputs}
    assert problems["newid"] == "a guest has that number"
    assert problems["node"] == "the archive is not seen there"
    assert problems["storage"].startswith("no such storage")
    assert not plan.ready
    wire.stage.guest("web-01").config["protection"] = "1"
    plan = await wire.plan(RESTORE, "web-01", mode="over")
    assert any("protected" in text for text in plan.blockers)


async def test_it_is_not_put_over_a_guest_that_was_started_meanwhile(wire: StageWire) -> None:
    await wire.do(BACKUP, "web-01", choice="cephfs")
    await wire.do(SHUTDOWN, "web-01")
    wire.stage.wait(12)
    plan = await wire.plan(RESTORE, "web-01", mode="over")
    guest = wire.stage.guest("web-01")
    guest.set_running(running=True, now=wire.stage.state.now)
    wire.calls.clear()
    outcome, _news = await wire.run(RESTORE, plan)
    assert outcome.state == "failed"
    assert wire.calls == []
