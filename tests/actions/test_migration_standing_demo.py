"""Refusals that come of the lab's present state, over the demo's cluster, as 9.2 and 8.4 answer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import msgspec
import pytest

from labtui.actions.action import Plan
from labtui.actions.migration.action import MIGRATE
from labtui.model.cluster import Resources, Rights
from labtui.model.jobs import Job
from labtui.model.snapshot import Snapshot
from tests.actions.stage_wire import StageWire, stage_wire


@pytest.fixture(params=["9.2", "8.4"])
async def wire(request: pytest.FixtureRequest) -> AsyncIterator[StageWire]:
    async with stage_wire(request.param) as made:
        yield made


def set_to(wire: StageWire, name: str, **config: str) -> None:
    """Change the guest's configuration behind everybody's back."""
    guest = wire.stage.guest(name)
    guest.config.update(config)
    guest.touch()
    wire.stage.wait(12)


def against(plan: Plan, target: str) -> str:
    return "; ".join(next(c.blockers for c in plan.choices if c.id == target))


async def seen(wire: StageWire, name: str) -> Plan:
    """The plan without devices, which nodes that are away do not tell."""
    await wire.look()
    return MIGRATE.draft(await MIGRATE.survey(wire.key(name), wire), "", "")


async def surveyed(wire: StageWire, name: str, change: Callable[[Snapshot], Snapshot]) -> Plan:
    """The plan from a snapshot that was changed after it was read."""
    await wire.look(hardware=True)
    wire.snapshot = change(wire.snapshot)
    return MIGRATE.draft(await MIGRATE.survey(wire.key(name), wire), "", "")


async def test_a_lock_is_shown_and_waited_for(wire: StageWire) -> None:
    set_to(wire, "web-01", lock="backup")
    plan = await wire.plan(MIGRATE, "web-01")
    assert "locked (backup): wait until that ends" in plan.blockers
    assert not plan.ready


@pytest.mark.parametrize("word", ["amd-sev", "intel-tdx"])
async def test_memory_that_the_processor_encrypts(wire: StageWire, word: str) -> None:
    set_to(wire, "web-01", **{word: "type=std"})
    blockers = " ".join((await wire.plan(MIGRATE, "web-01")).blockers)
    assert f"{word}: memory encrypted by the node's processor" in blockers


async def test_a_disk_of_a_kind_that_is_copied_by_no_tool(wire: StageWire) -> None:
    guest = wire.stage.guest("build-cache")
    guest.set_running(running=False, now=wire.stage.state.now)
    wire.stage.wait(12)

    def odd(snapshot: Snapshot) -> Snapshot:
        feed = next(feed for feed in snapshot.parts if feed.topic == "resources")
        part = snapshot.parts[feed]
        assert isinstance(part, Resources)
        replace = msgspec.structs.replace
        stores = tuple(
            replace(s, kind="zfs" if s.name == "local-lvm" else s.kind) for s in part.storages
        )
        return replace(snapshot, parts={**snapshot.parts, feed: replace(part, storages=stores)})

    plan = await surveyed(wire, "build-cache", odd)
    assert "disks on local-lvm can't be copied while it is off" in plan.blockers


async def test_ha_that_has_given_up_on_it(wire: StageWire) -> None:
    guest = wire.stage.guest("gw-836")
    wire.stage.world.ha.fail(guest)
    wire.stage.wait(30)
    blockers = " ".join((await wire.plan(MIGRATE, "gw-836")).blockers)
    assert "HA has it in the state error: disable it there first" in blockers


async def test_a_node_in_maintenance_takes_no_service(wire: StageWire) -> None:
    wire.stage.world.ha.set_maintenance("pve4", on=True)
    wire.stage.wait(30)
    assert "in maintenance" in against(await wire.plan(MIGRATE, "gw-836"), "pve4")


async def test_a_node_that_is_away_is_no_target(wire: StageWire) -> None:
    wire.stage.world.power.off(wire.stage.state.nodes["pve4"])
    wire.stage.wait(15)
    plan = await seen(wire, "web-01")
    assert "pve4" not in {c.id for c in plan.choices if not c.blockers}
    assert plan.chosen != "pve4"
    assert plan.ready


async def test_without_quorum_nothing_moves(wire: StageWire) -> None:
    for name in ("pve3", "pve4"):
        wire.stage.world.power.off(wire.stage.state.nodes[name])
    wire.stage.wait(15)
    plan = await seen(wire, "web-01")
    assert any("quorum" in text for text in plan.blockers), plan.blockers
    assert not plan.ready


async def test_memory_that_the_server_does_not_look_at(wire: StageWire) -> None:
    set_to(wire, "web-01", memory=str(240 * 1024))
    plan = await wire.plan(MIGRATE, "web-01")
    assert "not enough memory" in against(plan, "pve4")


async def test_no_storage_of_that_name_and_the_manager_takes_no_map(wire: StageWire) -> None:
    set_to(wire, "gw-836", scsi1="local-zfs:vm-100-disk-1,size=4G")
    plan = await wire.plan(MIGRATE, "gw-836")
    told = [against(plan, name) for name in ("pve2", "pve3", "pve4") if against(plan, name)]
    assert any("no storage local-zfs, and the HA manager drops a choice" in t for t in told), told


async def test_somebody_elses_task_on_it(wire: StageWire) -> None:
    reply = await wire.stage.ask("/nodes/pve1/qemu/110/migrate", "POST", target="pve2", online=1)
    assert reply.status == 200
    wire.stage.wait(2)
    blockers = " ".join((await wire.plan(MIGRATE, "web-01")).blockers)
    assert "runs qmigrate on 110 web-01" in blockers


async def test_a_job_of_this_console(wire: StageWire) -> None:
    job = Job("1", "guest.backup", wire.key("web-01"), "Back up", "running", 0.0)
    plan = await surveyed(wire, "web-01", lambda made: msgspec.structs.replace(made, jobs=(job,)))
    assert "a job of this console works on it: wait until that ends" in plan.blockers


async def test_the_right_to_move_it(wire: StageWire) -> None:
    def poor(snapshot: Snapshot) -> Snapshot:
        feed = next(feed for feed in snapshot.parts if feed.topic == "rights")
        rights = Rights("me@pve!t", "9.2", {"/": frozenset(("VM.Audit", "Sys.Audit"))})
        return msgspec.structs.replace(snapshot, parts={**snapshot.parts, feed: rights})

    plan = await surveyed(wire, "web-01", poor)
    assert any("lacks VM.Migrate on /vms/110" in text for text in plan.blockers)


async def test_the_servers_own_refusal_to_check(wire: StageWire) -> None:
    """Its rows say that there is a quorum, its answer that there is none."""
    await wire.look(hardware=True)
    for name in ("pve3", "pve4"):
        wire.stage.world.power.off(wire.stage.state.nodes[name])
    wire.stage.wait(15)
    plan = MIGRATE.draft(await MIGRATE.survey(wire.key("web-01"), wire), "", "")
    assert plan.blockers == ("the server's check failed: the cluster has no quorum",)


async def test_another_processor_is_warned_of_where_the_guest_has_that_of_its_node(
    wire: StageWire,
) -> None:
    plan = await seen(wire, "web-01")
    assert not any(choice.warnings for choice in plan.choices)
    set_to(wire, "web-01", cpu="host")
    told = {c.id: "; ".join(c.warnings) for c in (await seen(wire, "web-01")).choices}
    assert told["pve2"] == ""
    assert told["pve4"] == "cpu type is host and pve4 has another processor"
    assert "the processor of pve3 is of another maker: it may die" in told["pve3"]
