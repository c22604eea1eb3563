"""Every refusal is told before anything is sent: over the demo's cluster, as 9.2 and 8.4 answer."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from labtui.actions.action import Plan
from labtui.actions.migration.action import MIGRATE
from labtui.demo.cluster.ha_rules import Group, Rule
from labtui.model.cluster import Resources, Rights
from labtui.model.snapshot import Snapshot
from tests.actions.stage_wire import StageWire, stage_wire


@pytest.fixture(params=["9.2", "8.4"])
async def wire(request: pytest.FixtureRequest) -> AsyncIterator[StageWire]:
    async with stage_wire(request.param) as made:
        yield made


def give(wire: StageWire, name: str, **config: str) -> None:
    """Change the guest's configuration behind everybody's back."""
    guest = wire.stage.guest(name)
    guest.config.update(config)
    guest.touch()


def against(plan: Plan, target: str) -> str:
    return "; ".join(next(c.blockers for c in plan.choices if c.id == target))


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"hostpci0": "0000:01:00"}, ("hostpci0: a card passed through by address", "mapping")),
        ({"usb0": "host=1234:5678"}, ("usb0: a USB device of the node",)),
        ({"serial0": "/dev/ttyS0"}, ("serial0: a serial port of the node", "socket")),
        ({"parallel0": "/dev/parport0"}, ("parallel0: a parallel port",)),
        ({"virtiofs0": "share"}, ("virtiofs0: a folder of the node",)),
        ({"ivshmem": "size=32"}, ("ivshmem: memory shared with the node",)),
        ({"hostusb": "1234:5678"}, ("hostusb: a USB device of the node: take it out",)),
        (
            {"vga": "std,clipboard=vnc", "machine": "pc-q35-9.2"},
            ("clipboard=vnc: a clipboard of VNC", "machine 10.1 or newer"),
        ),
    ],
)
async def test_devices_that_tie_it_say_what_would_free_it(
    wire: StageWire, config: dict[str, str], words: tuple[str, ...]
) -> None:
    give(wire, "web-01", **config)
    plan = await wire.plan(MIGRATE, "web-01")
    assert not plan.ready
    assert plan.stuck
    told = " ".join(plan.blockers)
    assert all(word in told for word in ("tie it to pve1", *words)), told


async def test_a_clipboard_goes_along_with_a_new_machine_or_off(wire: StageWire) -> None:
    give(wire, "web-01", vga="std,clipboard=vnc")
    plan = await wire.plan(MIGRATE, "web-01")
    # 8.4 has no QEMU of 10.1, so a machine that is not pinned is older there.
    assert plan.ready == wire.stage.state.modern, plan.blockers
    give(wire, "web-01", machine="pc-q35-9.2")
    assert not (await wire.plan(MIGRATE, "web-01")).ready
    wire.stage.guest("web-01").set_running(running=False, now=wire.stage.state.now)
    wire.stage.wait(12)
    plan = await wire.plan(MIGRATE, "web-01")
    assert (plan.mode, plan.ready) == ("offline", True)


async def test_a_mapped_card_that_can_not_go_live(wire: StageWire) -> None:
    plan = await wire.plan(MIGRATE, "gpu-dora")
    assert any("can't go live with hostpci0 (rtx4090)" in text for text in plan.blockers)
    assert "no mapped device for hostpci0" in against(plan, "pve3")


async def test_a_mapping_that_does_not_exist(wire: StageWire) -> None:
    give(wire, "web-01", hostpci0="mapping=gone")
    plan = await wire.plan(MIGRATE, "web-01")
    assert any("does not exist (gone)" in text for text in plan.blockers), plan.blockers


async def test_off_it_goes_where_the_mapping_is_and_a_taken_card_is_told(wire: StageWire) -> None:
    state = wire.stage.state
    guest = wire.stage.guest("gpu-dora")
    guest.set_running(running=False, now=state.now)
    give(wire, "web-02", hostpci0="mapping=rtx4090")
    wire.stage.guest("web-02").node = "pve2"
    wire.stage.wait(12)
    plan = await wire.plan(MIGRATE, "gpu-dora")
    assert (plan.mode, plan.chosen) == ("offline", "pve2")
    assert plan.ready
    assert any("no free card of rtx4090" in text for text in plan.warnings)


async def test_snapshots_hold_local_disks_that_run(wire: StageWire) -> None:
    give(wire, "build-cache", parent="before")
    plan = await wire.plan(MIGRATE, "build-cache")
    assert any("it has snapshots" in text for text in plan.blockers)
    give(wire, "web-01", parent="before")
    assert (await wire.plan(MIGRATE, "web-01")).ready


async def test_a_linked_clone_of_a_local_template(wire: StageWire) -> None:
    give(wire, "build-cache", scsi0="local-lvm:base-900-disk-0/vm-114-disk-0,size=40G")
    plan = await wire.plan(MIGRATE, "build-cache")
    assert any("linked to a template of this node" in text for text in plan.blockers)


async def test_folders_of_the_node_in_a_container(wire: StageWire) -> None:
    give(wire, "mirror", mp0="/srv/mirror,mp=/srv")
    plan = await wire.plan(MIGRATE, "mirror")
    assert any("folders of pve3 are mounted in it (mp0)" in text for text in plan.blockers)


async def test_a_replicated_one_that_runs_goes_to_its_copies_only(wire: StageWire) -> None:
    # A storage that three nodes have, so that the copies alone decide.
    give(wire, "build-cache", scsi0="local-lvm:vm-114-disk-0,size=40G")
    wire.stage.world.replication.add("114-0", "pve4")
    plan = await wire.plan(MIGRATE, "build-cache")
    assert plan.chosen == "pve4"
    assert "replicated there" in next(c.reasons for c in plan.choices if c.id == "pve4")
    assert "it is replicated elsewhere (pve4)" in against(plan, "pve1")
    reply = await wire.stage.ask(
        "/nodes/pve2/qemu/114/migrate", "POST", via="pve2", target="pve1", online=1
    )
    assert reply.status == 400
    assert b"not a replication target" in reply.body


async def test_a_bridge_that_the_target_lacks(wire: StageWire) -> None:
    give(wire, "web-01", net0="virtio=BC:24:11:00:00:6E,bridge=vmbr77")
    plan = await wire.plan(MIGRATE, "web-01")
    assert "no bridge vmbr77" in against(plan, "pve2")


def with_storages(wire: StageWire, used: float) -> Snapshot:
    """All local storages of the other nodes that full."""
    snapshot = wire.snapshot
    feed = next(feed for feed in snapshot.parts if feed.topic == "resources")
    part = snapshot.parts[feed]
    assert isinstance(part, Resources)
    import msgspec

    stores = tuple(
        msgspec.structs.replace(s, used=int((s.size or 0) * used)) for s in part.storages
    )
    parts = {**snapshot.parts, feed: msgspec.structs.replace(part, storages=stores)}
    return Snapshot(parts=parts, freshness=snapshot.freshness)


async def test_no_room_for_its_disks(wire: StageWire) -> None:
    wire.snapshot = with_storages(wire, 0.999)
    plan = MIGRATE.draft(await MIGRATE.survey(wire.key("build-cache"), wire), "", "")
    assert "no storage has room for 40G of local-lvm" in against(plan, "pve4") or plan.ready
    wire.snapshot = with_storages(wire, 1.0)
    plan = MIGRATE.draft(await MIGRATE.survey(wire.key("build-cache"), wire), "", "")
    assert "no storage has room for 40G of local-lvm" in against(plan, "pve4")


async def test_a_map_wants_rights_and_none_is_offered_without(wire: StageWire) -> None:
    snapshot = wire.snapshot
    feed = next(feed for feed in snapshot.parts if feed.topic == "rights")
    rights = Rights("me@pve!t", "9.2", {"/": frozenset(("VM.Migrate", "VM.Audit", "Sys.Audit"))})
    wire.snapshot = Snapshot(parts={**snapshot.parts, feed: rights}, freshness=snapshot.freshness)
    plan = MIGRATE.draft(await MIGRATE.survey(wire.key("build-cache"), wire), "", "")
    field = next(item for item in plan.inputs if item.id == "storage.local-lvm")
    assert field.options == ("local-lvm",)


async def test_ha_rules_hold_and_keep_apart(wire: StageWire) -> None:
    rules, modern = wire.stage.state.ha_rules, wire.stage.state.modern
    sid = wire.stage.guest("gw-836").sid
    if modern:
        rules.rules["held"] = Rule(
            "held", "node-affinity", (sid,), (("pve1", 0), ("pve2", 0)), strict=True
        )
        other = wire.stage.guest("ldap").sid
        rules.rules["apart"] = Rule("apart", "resource-affinity", (sid, other), positive=False)
    else:
        rules.groups["held"] = Group("held", (("pve1", 0), ("pve2", 0)), restricted=True)
        rules.members[sid] = "held"
    plan = await wire.plan(MIGRATE, "gw-836")
    assert "an HA rule holds" in against(plan, "pve3")
    if modern:
        assert "keeps it away from vm:102, which is there" in against(plan, "pve2")


async def test_companions_and_preferences_of_the_manager_are_told(wire: StageWire) -> None:
    rules = wire.stage.state.ha_rules
    sid, other = wire.stage.guest("gw-836").sid, wire.stage.guest("netbox").sid
    if not wire.stage.state.modern:
        rules.groups["liked"] = Group("liked", (("pve1", 0),))
        rules.members[sid] = "liked"
    else:
        rules.rules["liked"] = Rule("liked", "node-affinity", (sid,), (("pve1", 0),))
        rules.rules["with"] = Rule("with", "resource-affinity", (sid, other))
    plan = await wire.plan(MIGRATE, "gw-836")
    told = " ".join(fact.text for fact in plan.facts)
    assert "an HA rule prefers pve1" in told
    assert ("takes vm:101 along" in told) == wire.stage.state.modern
