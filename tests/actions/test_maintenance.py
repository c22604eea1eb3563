"""HA maintenance: the command in the plan, the refusals, and HA's own word afterwards."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from labtui.actions.action import Action, Call, Plan
from labtui.actions.maintenance.action import MAINTENANCE, MAINTENANCE_OFF
from labtui.actions.maintenance.offer import answered, calls, carried, offer
from labtui.actions.maintenance.plan import step
from labtui.actions.maintenance.run import says
from tests.actions.shell_wire import ShellWire, shell_wire
from tests.actions.wire import DictWire
from tests.snapshots import cluster_lab, guest

KEY = "lsalab/pve1"


@pytest.fixture(params=["9.2", "8.4"])
async def wire(request: pytest.FixtureRequest) -> AsyncIterator[ShellWire]:
    async with shell_wire(request.param) as made:
        yield made


async def planned(wire: ShellWire, action: Action) -> Plan:
    await wire.look()
    return action.draft(await action.survey(KEY, wire), "", "")


async def test_on_and_off_by_what_ha_says(wire: ShellWire) -> None:
    plan = await planned(wire, MAINTENANCE)
    assert plan.ready, plan.blockers
    assert [str(call) for call in plan.calls] == [
        "ssh ssh://root@pve1:22 ha-manager crm-command node-maintenance enable pve1"
    ]
    outcome = await MAINTENANCE.run(plan, wire, lambda _news: None)
    assert (outcome.state, outcome.note) == ("done", "pve1 is in maintenance mode")
    assert wire.stage.state.nodes["pve1"].maintenance
    wire.stage.wait(120)
    left = [r.guest.node for r in wire.stage.world.ha.resources.values() if r.home == "pve1"]
    assert left
    assert "pve1" not in left
    await wire.look()
    assert "already" in MAINTENANCE.applies(KEY, wire.snapshot)
    plan = await planned(wire, MAINTENANCE_OFF)
    outcome = await MAINTENANCE_OFF.run(plan, wire, lambda _news: None)
    assert outcome.note == "pve1 is no longer in maintenance mode"
    assert not wire.stage.state.nodes["pve1"].maintenance


async def test_a_lost_answer_is_looked_up_and_nothing_is_sent_twice(wire: ShellWire) -> None:
    plan = await planned(wire, MAINTENANCE)
    wire.lose_command = True
    outcome = await MAINTENANCE.run(plan, wire, lambda _news: None)
    assert outcome.state == "done"
    assert len(wire.calls) == 1
    outcome = await MAINTENANCE.run(plan, wire, lambda _news: None)
    assert (outcome.state, len(wire.calls)) == ("done", 1)


async def test_the_way_back_of_a_node_that_is_off_goes_by_another(wire: ShellWire) -> None:
    await MAINTENANCE.run(await planned(wire, MAINTENANCE), wire, lambda _news: None)
    wire.stage.world.set_power("pve1", on=False)
    wire.stage.wait(30)
    plan = await planned(wire, MAINTENANCE_OFF)
    assert plan.calls[0].path == "ssh://root@pve2:22"
    assert any("pve1 is away" in text for text in plan.warnings)


async def test_the_step_for_other_plans(wire: ShellWire) -> None:
    call = step(wire, "lsalab", "pve3", on=True)
    assert isinstance(call, Call)
    assert str(call).endswith("@pve3:22 ha-manager crm-command node-maintenance enable pve3")
    wire.against = "switched off"
    assert step(wire, "lsalab", "pve3", on=True) == "switched off"


async def test_without_ha_it_would_do_nothing() -> None:
    wire = DictWire(cluster_lab(guest(104)))
    plan = MAINTENANCE.draft(await MAINTENANCE.survey("lab/pve1", wire), "", "")
    assert any("no guest is managed by HA" in text for text in plan.blockers)
    assert any("lacks Sys.Console on /" in text for text in plan.blockers)
    assert "HA" in str(step(wire, "lab", "pve1", on=True))


async def test_ha_that_says_nothing_is_an_unknown_end() -> None:
    wire = DictWire(cluster_lab(guest(104)), {"/cluster/resources": [{"node": "pve1"}, 3]})
    call = Call("lab", "SSH", "ssh://root@pve1:22", (("command", "x"),))
    plan = Plan("node.maintenance", "lab/pve1", "", 0.0, calls=(call,))
    outcome = await MAINTENANCE.run(plan, wire, lambda _news: None)
    assert (outcome.state, outcome.note) == ("unknown", "HA did not say so in 90 s")
    assert await says("lab", "pve1", wire) is False
    wire.answers["/cluster/ha/status/current"] = [
        {"type": "lrm", "node": "pve1", "status": "pve1 (maintenance mode, Sat)"}
    ]
    assert await says("lab", "pve1", wire) is True


async def test_the_way_out_is_wanted_by_itself_and_nothing_is_offered_twice(
    wire: ShellWire,
) -> None:
    assert offer(wire, "lsalab", "pve1", on=False) is None
    found = offer(wire, "lsalab", "pve1", on=True)
    assert found is not None
    assert (found.wanted, calls(found)) == (False, ())
    await MAINTENANCE.run(await planned(wire, MAINTENANCE), wire, lambda _news: None)
    wire.stage.wait(12)
    await wire.look()
    assert offer(wire, "lsalab", "pve1", on=True) is None
    found = offer(wire, "lsalab", "pve1", on=False)
    assert found is not None
    assert found.wanted
    assert str(calls(found)[0]).endswith("node-maintenance disable pve1")
    assert calls(answered(found, "maintenance", "0")) == ()
    plan = Plan("node.return", KEY, "", 0.0, calls=calls(found))
    assert await carried(plan, wire, lambda _news: None) is None
    assert not wire.stage.state.nodes["pve1"].maintenance
