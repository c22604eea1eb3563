"""Power buttons against the demo's cluster, as 9.2 and as 8.4 answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from labtui.actions.action import Progress
from labtui.actions.power.action import REBOOT, RESET, RESUME, SHUTDOWN, START, STOP, SUSPEND
from tests.actions.stage_wire import StageWire, stage_wire


@pytest.fixture(params=["9.2", "8.4"])
async def wire(request: pytest.FixtureRequest) -> AsyncIterator[StageWire]:
    async with stage_wire(request.param) as made:
        yield made


@pytest.mark.parametrize("name", ["web-01", "mirror"])
async def test_down_and_up_again(wire: StageWire, name: str) -> None:
    guest = wire.stage.guest(name)
    outcome = await wire.do(SHUTDOWN, name)
    assert (outcome.state, outcome.note) == ("done", "it is off")
    assert not guest.running
    wire.stage.wait(12)
    outcome = await wire.do(START, name)
    assert (outcome.state, outcome.note) == ("done", "it runs")
    assert guest.running


async def test_stop_reboot_reset_suspend_resume(wire: StageWire) -> None:
    guest = wire.stage.guest("web-01")
    began = guest.started_at
    assert (await wire.do(REBOOT, "web-01")).state == "done"
    assert guest.started_at > began
    wire.stage.wait(12)
    assert (await wire.do(RESET, "web-01")).state == "done"
    wire.stage.wait(12)
    outcome = await wire.do(SUSPEND, "web-01")
    assert (outcome.state, guest.state) == ("done", "paused")
    wire.stage.wait(12)
    assert (await wire.do(RESUME, "web-01")).note == "it runs"
    wire.stage.wait(12)
    assert (await wire.do(STOP, "web-01")).note == "it is off"


async def test_suspended_to_disk_is_resumed_by_a_start(wire: StageWire) -> None:
    guest = wire.stage.guest("web-02")
    assert (await wire.do(SUSPEND, "web-02", mode="disk")).note == "it is off"
    assert guest.lock == "suspended"
    wire.stage.wait(12)
    assert (await wire.do(RESUME, "web-02")).note == "it runs"
    assert "vmstate" not in guest.config
    assert wire.calls[-1].path.endswith("/status/start")


async def test_what_ha_is_asked_for_is_followed_to_the_end(wire: StageWire) -> None:
    guest = wire.stage.guest("gw-836")
    plan = await wire.plan(SHUTDOWN, "gw-836")
    assert plan.modes == ("force",)
    assert any("managed by HA" in fact.text for fact in plan.facts)
    outcome, news = await wire.run(SHUTDOWN, plan)
    assert outcome.note == "it is off"
    kinds = [item.upid.split(":")[5] for item in news if item.upid]
    assert kinds == ["hastop", "qmshutdown"]
    wire.stage.wait(15)
    assert (await wire.do(START, "gw-836")).note == "it runs"
    assert guest.running


async def test_a_lost_answer_is_looked_up_and_nothing_is_sent_twice(wire: StageWire) -> None:
    plan = await wire.plan(SHUTDOWN, "web-01")
    wire.lose_next_answer = True
    outcome, _news = await wire.run(SHUTDOWN, plan)
    assert outcome.note == "it is off"
    assert len(wire.calls) == 1


async def test_a_card_that_another_has_forbids_the_start(wire: StageWire) -> None:
    plan = await wire.plan(START, "gpu-ben")
    assert not plan.ready
    assert any("in use by 104 gpu-amy" in text for text in plan.blockers), plan.blockers


async def test_a_system_that_does_not_listen(wire: StageWire) -> None:
    outcome = await wire.do(SHUTDOWN, "web-01", mode="ask", timeout="1")
    assert outcome.state == "failed"
    assert "did not end in 1 s" in outcome.note
    wire.stage.wait(12)
    outcome = await wire.do(SHUTDOWN, "web-01", mode="force", timeout="1")
    assert outcome.note == "it is off"


async def test_several_at_once_leave_out_those_that_cannot(wire: StageWire) -> None:
    plan = await wire.plan(SHUTDOWN, "web-01", "gpu-ben", "mirror")
    assert len(plan.calls) == 2
    assert "left out: it does not run" in plan.facts[0].text
    outcome, _news = await wire.run(SHUTDOWN, plan)
    assert outcome.note == "all 2 done"
    assert not wire.stage.guest("mirror").running


async def test_templates_locks_and_states_are_told(wire: StageWire) -> None:
    template = next(g for g in wire.stage.state.guests.values() if g.template)
    assert "template" in " ".join((await wire.plan(START, template.name)).blockers)
    assert (await wire.plan(START, "web-01")).blockers == ("it runs already",)
    wire.stage.guest("web-01").set_lock("backup")
    wire.stage.wait(12)
    (blocker,) = (await wire.plan(SHUTDOWN, "web-01")).blockers
    assert "locked (backup: it is being backed up)" in blocker
    assert "`qm unlock 110`" in blocker


async def test_a_start_that_fails_says_why(wire: StageWire) -> None:
    plan = await wire.plan(SHUTDOWN, "web-01")
    await wire.run(SHUTDOWN, plan)
    wire.stage.wait(12)
    plan = await wire.plan(START, "web-01")
    wire.stage.guest("web-01").config["hostpci0"] = "0000:01:00"
    outcome, _news = await wire.run(START, plan)
    assert outcome.state == "failed"
    assert "already in use by VMID '104'" in outcome.note


async def test_a_shutdown_that_hangs_is_cancelled_and_then_stopped_hard(wire: StageWire) -> None:
    guest = wire.stage.guest("web-01")
    plan = await wire.plan(SHUTDOWN, "web-01")
    begun: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def report(news: Progress) -> None:
        if news.upid and not begun.done():
            begun.set_result(news.upid)

    job = asyncio.ensure_future(SHUTDOWN.run(plan, wire, report))
    upid = await begun
    assert SHUTDOWN.cancel is not None
    await SHUTDOWN.cancel(plan.subject, upid, wire)
    outcome = await job
    assert (outcome.state, guest.running) == ("cancelled", True)
    wire.stage.wait(12)
    assert (await wire.do(STOP, "web-01")).note == "it is off"
