"""Nodes are rebooted, shut down and woken in the demo's cluster, as 9.2 and as 8.4 answer."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from labtui.actions.action import Action, Outcome, Plan
from labtui.actions.nodes.action import REBOOT, SHUTDOWN, WAKE
from labtui.model.cluster import Resources
from tests.actions.shell_wire import ShellWire, shell_wire

LAB = "lsalab"


@pytest.fixture(params=["9.2", "8.4"])
async def wire(request: pytest.FixtureRequest) -> AsyncIterator[ShellWire]:
    async with shell_wire(request.param) as made:
        yield made


async def planned(wire: ShellWire, action: Action, node: str) -> Plan:
    await wire.look()
    return action.draft(await action.survey(f"{LAB}/{node}", wire), "", "")


async def done(wire: ShellWire, action: Action, node: str) -> Outcome:
    plan = await planned(wire, action, node)
    assert plan.ready, plan.blockers
    return await action.run(plan, wire, lambda _news: None)


async def policy(wire: ShellWire, word: str) -> None:
    reply = await wire.stage.ask("/cluster/options", "PUT", ha=f"shutdown_policy={word}")
    assert reply.status == 200


def running(wire: ShellWire, node: str) -> set[int]:
    return {g.vmid for g in wire.stage.state.guests_on(node) if g.running}


def told(plan: Plan) -> str:
    return "\n".join([*(f"{f.label} {f.text}" for f in plan.facts), *plan.warnings])


async def test_a_node_is_away_and_back(wire: ShellWire) -> None:
    node = wire.stage.state.nodes["pve4"]
    booted = node.booted_at
    outcome = await done(wire, REBOOT, "pve4")
    assert outcome.state == "done", outcome
    assert outcome.note.startswith("pve4 is back after ")
    assert node.online
    assert node.booted_at > booted
    assert str(wire.calls[-1]) == "POST /nodes/pve4/status command=reboot"


async def test_a_node_is_shut_down_and_woken(wire: ShellWire) -> None:
    outcome = await done(wire, SHUTDOWN, "pve4")
    assert (outcome.state, outcome.note) == ("done", "pve4 is away")
    assert not wire.stage.state.nodes["pve4"].powered
    plan = await planned(wire, REBOOT, "pve4")
    assert any("pve4 is away" in text for text in plan.blockers)
    assert REBOOT.applies(f"{LAB}/pve4", wire.snapshot) == "pve4 is away"
    outcome = await done(wire, WAKE, "pve4")
    assert outcome.note.startswith("pve4 is back after ")
    assert WAKE.applies(f"{LAB}/pve4", await wire.look()) == "pve4 is there already"


async def test_what_becomes_of_the_guests_is_told_and_happens(wire: ShellWire) -> None:
    before = running(wire, "pve1")
    wire.stage.guest("web-01").config.pop("onboot", None)
    plan = await planned(wire, REBOOT, "pve1")
    assert plan.confirm == "pve1"
    text = told(plan)
    assert "shutdown_policy=conditional" in text
    assert "frozen" in text
    assert "E, or `labtui evacuate pve1`" in text
    stays_off = {
        guest.vmid
        for guest in wire.stage.state.guests_on("pve1")
        if guest.running and not guest.config.get("onboot") and guest.vmid not in _managed(wire)
    }
    assert stays_off
    assert f"not started again by themselves: {len(stays_off)}" in text
    outcome = await REBOOT.run(plan, wire, lambda _news: None)
    assert outcome.state == "done"
    wire.stage.wait(40)
    assert not running(wire, "pve1") & stays_off
    assert running(wire, "pve1") >= before - stays_off


def _managed(wire: ShellWire) -> set[int]:
    return set(wire.stage.world.ha.by_guest)


@pytest.mark.parametrize("word", ["failover", "freeze", "migrate"])
async def test_ha_does_by_its_policy_what_the_plan_says(word: str) -> None:
    async with shell_wire() as wire:
        await policy(wire, word)
        ha = wire.stage.world.ha
        movable = {
            r.guest.vmid
            for r in ha.resources.values()
            if r.guest.node == "pve1" and r.guest.running and ha.targets(r)
        }
        assert movable
        plan = await planned(wire, SHUTDOWN, "pve1")
        words = {"failover": "started on another node", "freeze": "kept for this node"}
        assert words.get(word, "moved to another node first") in told(plan)
        assert f"shutdown_policy={word}" in told(plan)
        outcome = await SHUTDOWN.run(plan, wire, lambda _news: None)
        assert outcome.state == "done", outcome
        wire.stage.wait(150)
        places = {vmid: wire.stage.state.guests[vmid].node for vmid in movable}
        if word == "freeze":
            assert set(places.values()) == {"pve1"}
        else:
            assert "pve1" not in places.values()
            assert all(wire.stage.state.guests[vmid].running for vmid in movable)


async def test_an_answer_that_is_lost_is_looked_up(wire: ShellWire) -> None:
    plan = await planned(wire, SHUTDOWN, "pve4")
    wire.lose_next_answer = True
    outcome = await SHUTDOWN.run(plan, wire, lambda _news: None)
    assert (outcome.state, outcome.note) == ("done", "pve4 is away")
    assert len(wire.calls) == 1


async def test_without_a_mac_it_is_said(wire: ShellWire) -> None:
    reply = await wire.stage.ask("/nodes/pve4/config", "PUT", delete="wakeonlan")
    assert reply.status == 200
    await done(wire, SHUTDOWN, "pve4")
    outcome = await done(wire, WAKE, "pve4")
    assert outcome.state == "failed"
    assert "No wake on LAN MAC address defined for 'pve4'" in outcome.note


async def test_a_second_node_takes_the_quorum_along(wire: ShellWire) -> None:
    await done(wire, SHUTDOWN, "pve4")
    plan = await planned(wire, SHUTDOWN, "pve3")
    assert "3 of 4 votes now, 2 without it; 3 are needed" in told(plan)
    assert any("the quorum is LOST without pve3" in text for text in plan.warnings)
    assert plan.confirm == "pve3"
    await SHUTDOWN.run(plan, wire, lambda _news: None)
    wire.stage.wait(12)
    plan = await planned(wire, REBOOT, "pve2")
    assert any("has no quorum" in text for text in plan.blockers)
    plan = await planned(wire, WAKE, "pve3")
    assert plan.ready, "waking is what helps without a quorum"
    assert wire.snapshot.one(Resources, LAB) is not None
