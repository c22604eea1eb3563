"""The plan of a migration: the best target, the literal call, what speaks against a target."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from labtui.actions.migration.action import MIGRATE
from labtui.model.cluster import Resources, Storage
from labtui.model.errors import Rejected, TimedOut
from labtui.model.jobs import Job
from labtui.model.snapshot import Snapshot
from tests.actions.migration_plans import CONFIG, FREE, loaded, plan_of, wire_for
from tests.snapshots import GIB, NOW, cluster_lab, guest

DATA = Path(__file__).parent.parent / "data" / "proxmox"


def recorded(name: str) -> Any:
    return json.loads((DATA / name).read_text())["body"]["data"]


async def test_the_emptier_node_is_the_best() -> None:
    plan = await plan_of(wire_for(loaded(50, 70, 20)))
    assert (plan.chosen, plan.mode, plan.blockers) == ("pve3", "live", ())
    assert [str(call) for call in plan.calls] == [
        "POST /nodes/pve1/qemu/104/migrate target=pve3 online=1"
    ]
    assert [choice.id for choice in plan.choices] == ["pve3", "pve2"]
    assert plan.choices[0].reasons == ("24% memory after", "20% cpu")


async def test_another_target_costs_no_reading() -> None:
    wire = wire_for(loaded(50, 70, 20))
    facts = await MIGRATE.survey("lab/104", wire)
    reads = len(wire.reads)
    assert MIGRATE.draft(facts, "pve2", "").calls[0].params[0] == ("target", "pve2")
    assert len(wire.reads) == reads


async def test_empty_objects_forbid_nothing_and_full_ones_do() -> None:
    check = {**FREE, "not_allowed_nodes": {"pve2": {"unavailable_storages": ["fast"]}, "pve3": {}}}
    plan = await plan_of(wire_for(loaded(50, 10, 60), check))
    assert plan.chosen == "pve3"
    assert next(c for c in plan.choices if c.id == "pve2").blockers == ("no storage fast",)


async def test_an_offline_node_is_no_target_though_the_server_allows_it() -> None:
    lab = cluster_lab(guest(104), pve1=True, pve2=False, pve3=True)
    plan = await plan_of(wire_for(lab))
    assert plan.chosen == "pve3"
    assert next(c for c in plan.choices if c.id == "pve2").blockers == ("not online",)


async def test_full_memory_forbids_and_tight_memory_warns() -> None:
    plan = await plan_of(wire_for(loaded(50, 99, 88)))
    assert plan.chosen == "pve3"
    assert plan.warnings == ("memory of pve3 gets tight (92%)",)
    assert next(c for c in plan.choices if c.id == "pve2").blockers == ("not enough memory (103%)",)


async def test_a_missing_bridge_forbids() -> None:
    wire = wire_for(loaded(50, 10, 60))
    wire.answers["/nodes/pve2/network"] = [{"iface": "vmbr9"}]
    plan = await plan_of(wire)
    assert plan.chosen == "pve3"
    assert next(c for c in plan.choices if c.id == "pve2").blockers == ("no bridge vmbr0",)


async def test_a_node_that_does_not_answer_is_not_held_against_it() -> None:
    wire = wire_for(loaded(50, 10, 60))
    wire.answers["/nodes/pve2/network"] = TimedOut("network of pve2")
    assert (await plan_of(wire)).chosen == "pve2"


async def test_nowhere_to_go_says_why() -> None:
    plan = await plan_of(wire_for(loaded(50, 99, 99)))
    assert not plan.ready
    assert plan.blockers == ("no node can take it (see the others for why)",)


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("9.2/qemu-migrate-get.stopped-raw-hostpci.json", "tie it to pve1"),
        ("8.4/qemu-migrate-get.stopped-raw-hostpci.json", "tie it to pve1"),
        ("9.2/qemu-migrate-get.stopped-usb-serial-restricted-storage.json", "tie it to pve1"),
    ],
)
async def test_recorded_checks_that_pin(name: str, word: str) -> None:
    plan = await plan_of(wire_for(loaded(50, 10), recorded(name)))
    assert any(word in blocker for blocker in plan.blockers)


@pytest.mark.parametrize("version", ["8.4", "9.2"])
async def test_a_mapped_device_goes_offline_but_not_live(version: str) -> None:
    check = recorded(f"{version}/qemu-migrate-get.stopped-mapped-hostpci.json")
    assert (await plan_of(wire_for(loaded(50, 10), check))).mode == "offline"
    check = {**check, "running": 1}
    plan = await plan_of(wire_for(loaded(50, 10), check))
    if check.get("mapped-resource-info"):
        assert any("shut it down first" in blocker for blocker in plan.blockers)


async def test_local_disks_go_along_when_the_target_has_the_storage() -> None:
    check = recorded("9.2/qemu-migrate-get.running-local-disk.json")
    config = {**CONFIG, "scsi0": "local-lvm:vm-104-disk-0,size=1G"}
    plan = await plan_of(wire_for(loaded(50, 10, 20), {**check, "not_allowed_nodes": {}}, config))
    assert ("with-local-disks", 1) in plan.calls[0].params
    assert any(fact.text == "1.0G of local disks" for fact in plan.facts)


async def test_a_storage_that_only_the_source_has_forbids() -> None:
    config = {**CONFIG, "scsi1": "scratch:vm-104-disk-1,size=1G"}
    lab = loaded(50, 10, 20)
    feed = next(feed for feed in lab.parts if feed.topic == "resources")
    part = lab.parts[feed]
    assert isinstance(part, Resources)
    scratch = Storage("lab", "pve1", "scratch", "dir", "available", shared=False)
    parts = {**lab.parts, feed: Resources(part.nodes, part.guests, (*part.storages, scratch))}
    seen = Snapshot(parts=parts, freshness=lab.freshness)
    plan = await plan_of(wire_for(seen, None, config))
    assert all(choice.blockers == ("no storage scratch",) for choice in plan.choices)
    # An account that sees no storage at all is not told that none is there.
    assert (await plan_of(wire_for(lab, None, config))).ready


async def test_a_paused_guest_can_be_moved() -> None:
    wire = wire_for(loaded(50, 10, guests=(guest(104, status="paused"),)))
    plan = await plan_of(wire)
    assert (plan.mode, plan.ready) == ("live", True)
    wire.answers["/cluster/resources"] = [{"vmid": 104, "node": "pve2", "status": "paused"}]
    assert (await MIGRATE.run(plan, wire, lambda news: None)).state == "done"


async def test_a_local_cd_image_must_be_ejected() -> None:
    disk = {"volid": "local:iso/debian.iso", "drivename": "ide2", "size": 1, "cdrom": 1}
    plan = await plan_of(wire_for(loaded(50, 10), {**FREE, "local_disks": [disk]}))
    assert any("eject" in blocker for blocker in plan.blockers)


async def test_containers_restart_and_8_4_has_no_check_for_them() -> None:
    lab = loaded(50, 10, guests=(guest(104, kind="lxc"),))
    error = Rejected("not implemented", status=501)
    config = {"net0": "name=eth0,bridge=vmbr0", "rootfs": "ceph:vm-104-disk-0,size=8G"}
    plan = await plan_of(wire_for(lab, error, config, "lxc"))
    assert plan.mode == "restart"
    assert ("restart", 1) in plan.calls[0].params
    assert any("shut down and started again" in warning for warning in plan.warnings)
    assert any("not checked by the server" in warning for warning in plan.warnings)


async def test_ha_guests_say_so_and_send_nothing_that_is_dropped() -> None:
    lab = loaded(50, 10, guests=(guest(104, ha_state="started"),))
    plan = await plan_of(wire_for(lab))
    assert any("managed by HA" in fact.text for fact in plan.facts)


async def test_estimate_learns_from_finished_moves() -> None:
    lab = loaded(50, 10)
    done = Job("1", "guest.migrate", "x", "x", "done", NOW, NOW, rate=float(2 * GIB))
    learned = Snapshot(parts=lab.parts, freshness=lab.freshness, jobs=(done,))
    plan = await plan_of(wire_for(learned))
    assert any("from the last 1 moves" in fact.text for fact in plan.facts)
    assert plan.estimate == pytest.approx(6.0)
