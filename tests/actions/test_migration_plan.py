"""The plan of a migration: the best target, every reason against, the literal call."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from labtui.actions.action import Plan
from labtui.actions.migration.action import MIGRATE
from labtui.model.cluster import HaStatus, Resources, Rights, Storage
from labtui.model.errors import Forbidden, NotFound, Rejected, TimedOut
from labtui.model.guests import Guest
from labtui.model.jobs import Job
from labtui.model.snapshot import Snapshot
from tests.actions.wire import DictWire
from tests.snapshots import GIB, NOW, cluster_lab, guest, membership, node, snapshot

DATA = Path(__file__).parent.parent / "data" / "proxmox"
BRIDGES = [{"iface": "vmbr0", "type": "bridge"}]
FREE = {
    "running": 1,
    "allowed_nodes": ["pve2", "pve3"],
    "not_allowed_nodes": {"pve2": {}, "pve3": {}},
    "local_disks": [],
    "local_resources": [],
    "mapped-resource-info": {},
}
CONFIG = {"net0": "virtio=BC:24:11:00:00:68,bridge=vmbr0", "scsi0": "ceph:vm-104-disk-0,size=8G"}


def recorded(name: str) -> Any:
    return json.loads((DATA / name).read_text())["body"]["data"]


def wire_for(lab: Snapshot, check: Any = None, config: Any = None, kind: str = "qemu") -> DictWire:
    base = f"/nodes/pve1/{kind}/104"
    answers: dict[str, Any] = {
        f"{base}/migrate": FREE if check is None else check,
        f"{base}/config": CONFIG if config is None else config,
    }
    answers |= {f"/nodes/{name}/network": BRIDGES for name in ("pve1", "pve2", "pve3", "pve4")}
    return DictWire(lab, answers)


async def plan_of(wire: DictWire, target: str = "") -> Plan:
    return MIGRATE.draft(await MIGRATE.survey("lab/104", wire), target, "")


def loaded(*memory: int, guests: tuple[Guest, ...] = ()) -> Snapshot:
    """Nodes pve1, pve2, ... with that many of 100 GiB in use."""
    base = cluster_lab(*(guests or (guest(104),)))
    nodes = tuple(node(f"pve{n}", memory=used) for n, used in enumerate(memory, 1))
    storages = next(part for _s, part in base.of(Resources)).storages
    return snapshot(
        ("lab", Resources(nodes, guests or (guest(104),), storages)),
        ("lab", membership(**{n.name: True for n in nodes})),
    )


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


async def test_a_job_of_ours_blocks_a_second_one() -> None:
    lab = loaded(50, 10)
    job = Job("1", "guest.migrate", "lab/104", "x", "running", NOW)
    busy = Snapshot(parts=lab.parts, freshness=lab.freshness, jobs=(job,))
    plan = await plan_of(wire_for(busy))
    assert any("a job of this console" in blocker for blocker in plan.blockers)


async def test_a_paused_guest_can_be_moved() -> None:
    wire = wire_for(loaded(50, 10, guests=(guest(104, status="paused"),)))
    plan = await plan_of(wire)
    assert (plan.mode, plan.ready) == ("live", True)
    wire.answers["/cluster/resources"] = [{"vmid": 104, "node": "pve2", "status": "paused"}]
    assert (await MIGRATE.run(plan, wire, lambda news: None)).state == "done"


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


async def test_estimate_learns_from_finished_moves() -> None:
    lab = loaded(50, 10)
    done = Job("1", "guest.migrate", "x", "x", "done", NOW, NOW, rate=float(2 * GIB))
    learned = Snapshot(parts=lab.parts, freshness=lab.freshness, jobs=(done,))
    plan = await plan_of(wire_for(learned))
    assert any("from the last 1 moves" in fact.text for fact in plan.facts)
    assert plan.estimate == pytest.approx(6.0)
