"""Moves over the demo's cluster, as 9.2 and 8.4 answer: each path to its end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from labtui.actions.action import Plan, Progress
from labtui.actions.migration.action import MIGRATE
from labtui.actions.migration.speed import Move
from tests.actions.stage_wire import StageWire, stage_wire

MIB = 1 << 20


@pytest.fixture(params=["9.2", "8.4"])
async def wire(request: pytest.FixtureRequest) -> AsyncIterator[StageWire]:
    async with stage_wire(request.param) as made:
        yield made


def sent(plan: Plan) -> dict[str, str | int]:
    return dict(plan.calls[-1].params)


async def test_live_with_memory_alone(wire: StageWire) -> None:
    plan = await wire.plan(MIGRATE, "web-01", choice="pve3")
    modern = wire.stage.state.modern
    wanted = {"target": "pve3", "online": 1} | ({"with-conntrack-state": 1} if modern else {})
    assert sent(plan) == wanted
    outcome, news = await wire.run(MIGRATE, plan)
    assert outcome.state == "done"
    assert "ms downtime" in outcome.note
    assert wire.stage.guest("web-01").node == "pve3"
    assert any((each.note or "").startswith("memory") for each in news)
    lost = any("might get dropped" in (each.line or "") for each in news)
    assert not lost


async def test_connections_can_be_left_behind(wire: StageWire) -> None:
    plan = await wire.plan(MIGRATE, "web-01", conntrack="0")
    assert "with-conntrack-state" not in sent(plan)
    names = [item.id for item in plan.inputs]
    assert ("conntrack" in names) == wire.stage.state.modern


async def test_local_disks_keep_the_name_of_their_storage(wire: StageWire) -> None:
    plan = await wire.plan(MIGRATE, "build-cache", choice="pve4")
    assert next(item.value for item in plan.inputs if item.id.startswith("storage")) == "local-lvm"
    assert sent(plan)["with-local-disks"] == 1
    assert "targetstorage" not in sent(plan)


async def test_local_disks_go_to_another_storage_when_that_is_chosen(wire: StageWire) -> None:
    guest = wire.stage.guest("build-cache")
    answers = {"storage.local-lvm": "ceph-vm"}
    plan = await wire.plan(MIGRATE, "build-cache", choice="pve4", **answers)
    assert sent(plan)["targetstorage"] == "local-lvm:ceph-vm"
    outcome, _news = await wire.run(MIGRATE, plan)
    assert outcome.state == "done"
    assert str(guest.config["scsi0"]).startswith("ceph-vm:")


async def test_a_limit_reaches_the_server_in_its_units(wire: StageWire) -> None:
    plan = await wire.plan(MIGRATE, "build-cache", choice="pve4", limit="200")
    assert sent(plan)["bwlimit"] == 200 * 1024
    assert plan.estimate is not None
    assert plan.estimate > 200
    _outcome, news = await wire.run(MIGRATE, plan)
    assert any("bandwidth limit: 204800 KiB/s" in (each.line or "") for each in news)
    assert not (await wire.plan(MIGRATE, "web-01", limit="fast")).ready


async def test_a_container_with_a_local_disk_is_moved_with_a_map(wire: StageWire) -> None:
    guest = wire.stage.guest("mirror")
    guest.config["rootfs"] = "local-lvm:vm-118-disk-0,size=8G"
    guest.touch()
    wire.stage.wait(12)
    answers = {"storage.local-lvm": "local-zfs"}
    plan = await wire.plan(MIGRATE, "mirror", choice="pve4", **answers)
    assert plan.mode == "restart"
    shown = next(item for item in plan.inputs if item.id == "storage.local-lvm")
    # Off, it can't be exported onto shared storage.
    assert "ceph-vm" not in shown.options
    if "local-zfs" in shown.options:
        assert sent(plan)["target-storage"] == "local-lvm:local-zfs"
    outcome, _news = await wire.run(MIGRATE, plan)
    assert (outcome.state, guest.node) == ("done", "pve4")


async def test_a_cd_image_is_ejected_first_when_that_is_wanted(wire: StageWire) -> None:
    guest = wire.stage.guest("win-license")
    plan = await wire.plan(MIGRATE, "win-license")
    assert any("eject it" in text for text in plan.blockers)
    plan = await wire.plan(MIGRATE, "win-license", eject="1")
    assert [call.method for call in plan.calls] == ["PUT", "POST"]
    assert dict(plan.calls[0].params)["ide2"] == "none,media=cdrom"
    assert "digest" in dict(plan.calls[0].params)
    outcome, _news = await wire.run(MIGRATE, plan)
    assert outcome.state == "done"
    assert str(guest.config["ide2"]).startswith("none")


async def test_a_lost_answer_of_the_ejecting_is_looked_up(wire: StageWire) -> None:
    plan = await wire.plan(MIGRATE, "win-license", eject="1")
    wire.lose_next_answer = True
    outcome, _news = await wire.run(MIGRATE, plan)
    assert outcome.state == "done"
    assert [call.method for call in wire.calls] == ["PUT", "POST"]


async def test_nothing_is_moved_when_somebody_changed_it_before_the_ejecting(
    wire: StageWire,
) -> None:
    plan = await wire.plan(MIGRATE, "win-license", eject="1")
    wire.stage.guest("win-license").config["tags"] = "theirs"
    wire.stage.guest("win-license").touch()
    outcome, _news = await wire.run(MIGRATE, plan)
    assert outcome.state == "failed"
    assert "not ejected" in outcome.note
    assert [call.method for call in wire.calls] == ["PUT"]


async def test_ha_carries_it_out_and_its_task_is_found(wire: StageWire) -> None:
    plan = await wire.plan(MIGRATE, "gw-836", choice="pve3")
    assert sent(plan) == {"target": "pve3", "online": 1}
    assert not plan.inputs
    assert any("takes no limit, no other storage" in fact.text for fact in plan.facts)
    outcome, news = await wire.run(MIGRATE, plan)
    assert (outcome.state, wire.stage.guest("gw-836").node) == ("done", "pve3")
    upids = [each.upid for each in news if each.upid]
    assert [upid.split(":")[5] for upid in upids] == ["hamigrate", "qmigrate"]


async def test_a_mapped_card_goes_along_live_where_it_may(wire: StageWire) -> None:
    state = wire.stage.state
    state.mappings["rtx4090"] = replace(state.mappings["rtx4090"], live=True)
    plan = await wire.plan(MIGRATE, "gpu-dora", choice="pve2")
    assert plan.ready, plan.blockers
    assert any(fact.label == "cards" and "live" in fact.text for fact in plan.facts)
    outcome, _news = await wire.run(MIGRATE, plan)
    assert (outcome.state, wire.stage.guest("gpu-dora").node) == ("done", "pve2")


class Remembering(StageWire):
    """A wire that keeps what moves took."""

    def __init__(self, inner: StageWire) -> None:
        super().__init__(inner.stage)
        self.snapshot = inner.snapshot
        self.known: list[Move] = []

    async def moves(self, cluster: str) -> tuple[Move, ...]:
        return tuple(move for move in self.known if move.cluster == cluster)

    async def moved(self, move: Move) -> None:
        self.known.append(move)


async def test_estimates_come_closer_with_every_move(wire: StageWire) -> None:
    learning = Remembering(wire)
    first = await learning.plan(MIGRATE, "web-01", choice="pve3")
    assert any("no move measured yet" in fact.text for fact in first.facts)
    took: list[float] = []
    for target in ("pve3", "pve1", "pve3"):
        plan = await learning.plan(MIGRATE, "web-01", choice=target)
        began = learning.now()
        news: list[Progress] = []
        assert (await MIGRATE.run(plan, learning, news.append)).state == "done"
        took.append(learning.now() - began)
        learning.stage.wait(12)
    assert [move.mode for move in learning.known] == ["live"] * 3
    assert all(move.size > 1000 * MIB for move in learning.known)
    later = await learning.plan(MIGRATE, "web-01", choice="pve1")
    assert any("from the last 1 moves" in fact.text for fact in later.facts)
    assert later.estimate is not None
    # Those between the same nodes tell most.
    assert abs(later.estimate - took[1]) < 0.4 * took[1]


async def test_one_that_was_started_again_is_told_to_run(wire: StageWire) -> None:
    """Its status comes with the next statistics, some seconds after its node."""
    outcome = await wire.do(MIGRATE, "jump")
    assert outcome.state == "done"
    assert outcome.note.endswith(", running"), outcome.note
