"""Bridges and VNets of a move: what the target has, and what the account may see at all."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from labtui.actions.action import Plan
from labtui.actions.evacuation.action import EVACUATE
from labtui.actions.migration.action import MIGRATE
from labtui.model.cluster import Rights
from labtui.model.snapshot import Snapshot
from tests.actions.stage_wire import StageWire, stage_wire

STUDENTS = "virtio=BC:24:11:00:00:6E,bridge=students"
GONE = "virtio=BC:24:11:00:00:6E,bridge=vmbr77"


@pytest.fixture(params=["9.2", "8.4"])
async def wire(request: pytest.FixtureRequest) -> AsyncIterator[StageWire]:
    async with stage_wire(request.param) as made:
        yield made


def give(wire: StageWire, name: str, net0: str) -> None:
    guest = wire.stage.guest(name)
    guest.config["net0"] = net0
    guest.touch()


def zone_on(wire: StageWire, *nodes: str) -> None:
    wire.stage.world.works.datacenter.zones["overlay"]["nodes"] = ",".join(nodes)


def against(plan: Plan, target: str) -> str:
    return "; ".join(next(c.blockers for c in plan.choices if c.id == target))


def without_networks(wire: StageWire) -> None:
    """The account may move guests, and see everything but networks."""
    feed = next(feed for feed in wire.snapshot.parts if feed.topic == "rights")
    held = frozenset(("VM.Migrate", "VM.Audit", "VM.Config.CDROM", "Sys.Audit"))
    rights = Rights("me@pve!t", "9.2", {"/": held})
    parts = {**wire.snapshot.parts, feed: rights}
    wire.snapshot = Snapshot(parts=parts, freshness=wire.snapshot.freshness)


async def drafted(wire: StageWire, name: str) -> Plan:
    return MIGRATE.draft(await MIGRATE.survey(wire.key(name), wire), "", "")


async def leaving(wire: StageWire, node: str) -> dict[str, tuple[str, str]]:
    """Guest -> where it goes and what is said of it."""
    facts: Any = await EVACUATE.survey(f"lsalab/{node}", wire)
    plan = EVACUATE.draft(facts, "", "")
    return {step.label: (step.target, step.note) for step in plan.steps}


async def test_a_vnet_is_where_its_zone_is(wire: StageWire) -> None:
    give(wire, "web-01", STUDENTS)
    assert (await wire.plan(MIGRATE, "web-01")).ready
    zone_on(wire, "pve1", "pve2")
    plan = await wire.plan(MIGRATE, "web-01")
    assert (plan.chosen, plan.ready) == ("pve2", True)
    assert "no VNet students: its zone is not there" in against(plan, "pve3")
    reply = await wire.stage.ask("/nodes/pve3/network", type="any_bridge")
    assert {row["iface"] for row in reply.data} == {"vmbr0", "sandbox"}
    outcome, _news = await wire.run(MIGRATE, plan)
    assert outcome.state == "done", outcome


async def test_an_evacuation_takes_it_where_its_vnet_is(wire: StageWire) -> None:
    give(wire, "web-01", STUDENTS)
    zone_on(wire, "pve1", "pve3")
    await wire.look(hardware=True)
    found = await leaving(wire, "pve1")
    assert next(target for label, (target, _w) in found.items() if "web-01" in label) == "pve3"
    zone_on(wire, "pve1")
    found = await leaving(wire, "pve1")
    target, why = next(told for label, told in found.items() if "web-01" in label)
    assert target == ""
    assert "no bridge students" in why


async def test_what_the_account_may_not_see_is_not_held_against_a_node(wire: StageWire) -> None:
    # A bridge that nobody shows: for an account that sees all of them it does not exist.
    give(wire, "web-01", GONE)
    assert "no bridge vmbr77" in against(await wire.plan(MIGRATE, "web-01"), "pve2")
    without_networks(wire)
    plan = await drafted(wire, "web-01")
    assert plan.ready, plan.blockers
    assert any("whether vmbr77 is on the target" in text for text in plan.warnings)
    assert any("SDN.Audit" in text for text in plan.warnings)
    give(wire, "web-01", STUDENTS)
    zone_on(wire, "pve1", "pve2")
    plan = await drafted(wire, "web-01")
    assert "no VNet students" in against(plan, "pve3")
    assert not any("SDN.Audit" in text for text in plan.warnings)


async def test_nor_in_an_evacuation(wire: StageWire) -> None:
    give(wire, "web-01", GONE)
    await wire.look(hardware=True)
    target, why = next(v for k, v in (await leaving(wire, "pve1")).items() if "web-01" in k)
    assert (target, "no bridge vmbr77" in why) == ("", True)
    without_networks(wire)
    target, why = next(v for k, v in (await leaving(wire, "pve1")).items() if "web-01" in k)
    assert target, why
