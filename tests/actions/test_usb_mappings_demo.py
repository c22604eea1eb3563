"""USB mappings over the demo's cluster of both releases: made, added to, mended, deleted."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from labtui.actions.action import Plan
from labtui.actions.cards.action import GIVE_DEVICE
from labtui.actions.mappings.action import DELETE_MAPPING, MAP_DEVICE, MEND_MAPPING
from labtui.demo.cluster.datacenter import UsbMapping
from labtui.model.devices import Hardware
from labtui.model.mapping_check import MappingState, mapping_states
from labtui.model.usb import usb_table
from labtui.views.mappings import MAPPINGS
from tests.actions.stage_wire import LAB, StageWire, stage_wire
from tests.actions.test_mappings_demo import plan

SERIAL = f"{LAB}/pve1/usb-1-1.2"


@pytest.fixture(params=["9.2", "8.4"])
async def wire(request: pytest.FixtureRequest) -> AsyncIterator[StageWire]:
    async with stage_wire(request.param) as made:
        await made.look(hardware=True)
        yield made


def usb(wire: StageWire) -> dict[str, UsbMapping]:
    return wire.stage.world.works.datacenter.usb


async def state(wire: StageWire, name: str) -> MappingState:
    await wire.look(hardware=True)
    key = f"{LAB}/usb:{name}"
    return next(each for each in mapping_states(wire.snapshot) if each.key == key)


async def made(wire: StageWire, subject: str = SERIAL, **answers: str) -> Plan:
    found = await plan(wire, MAP_DEVICE, subject, **answers)
    assert found.ready, (found.blockers, found.inputs)
    outcome, _news = await wire.run(MAP_DEVICE, found)
    assert outcome.state == "done", outcome.note
    return found


async def test_a_mapping_is_made_of_a_port_and_fits(wire: StageWire) -> None:
    done = await made(wire, name="serial")
    call = done.calls[0]
    assert (call.method, call.path) == ("POST", "/cluster/mapping/usb")
    assert usb(wire)["serial"].lines == ["id=1a86:7523,node=pve1,path=1-1.2"]
    found = await state(wire, "serial")
    assert not found.broken
    port = next(port for port in usb_table(wire.snapshot) if port.key == SERIAL)
    assert port.mappings == ("serial",)
    row = next(row for row in MAPPINGS.rows(wire.snapshot, 0.0) if row.key == found.key)
    cells = {column.id: column.cell(row, 0.0).text for column in MAPPINGS.columns}
    assert (cells["name"], cells["state"], cells["kind"]) == ("serial", "fits", "USB")


async def test_another_node_is_added_by_its_ids_with_every_line_and_the_digest(
    wire: StageWire,
) -> None:
    await made(wire, name="serial")
    digest = wire.stage.world.works.datacenter.usb_digest
    done = await made(wire, SERIAL.replace("pve1", "pve2"), name="serial", port="0")
    params = done.calls[0].params
    assert done.calls[0].method == "PUT"
    assert dict(params)["digest"] == digest
    assert usb(wire)["serial"].lines == [
        "id=1a86:7523,node=pve1,path=1-1.2",
        "id=1a86:7523,node=pve2",
    ]
    again = await plan(wire, MAP_DEVICE, SERIAL, name="serial")
    assert [each.problem for each in again.inputs if each.problem] == [
        "this device is in it already"
    ]


async def test_a_device_that_moved_to_another_port_is_found_there(wire: StageWire) -> None:
    usb(wire)["serial"] = UsbMapping(["id=1a86:7523,node=pve1,path=1-9"])
    found = await state(wire, "serial")
    assert [(wrong.fault, wrong.expected) for wrong in found.mismatches] == [("gone", "1-9")]
    mended = await plan(wire, MEND_MAPPING, found.key)
    assert mended.ready, mended.blockers
    assert mended.inputs[0].options == ("1-1.2", "keep", "drop")
    outcome, _news = await wire.run(MEND_MAPPING, mended)
    assert outcome.note == "mapping serial fits on all its nodes"
    assert usb(wire)["serial"].lines == ["id=1a86:7523,node=pve1,path=1-1.2"]


async def test_another_device_in_its_port_is_told_and_may_be_taken(wire: StageWire) -> None:
    usb(wire)["serial"] = UsbMapping(["id=dead:beef,node=pve1,path=1-1.2"])
    found = await state(wire, "serial")
    assert [(wrong.fault, wrong.found) for wrong in found.mismatches] == [("id", "1a86:7523")]
    mended = await plan(wire, MEND_MAPPING, found.key)
    assert mended.inputs[0].value == "keep", "what leaves a doubt is a person's to say"
    mended = await plan(wire, MEND_MAPPING, found.key, entry0="1-1.2")
    outcome, _news = await wire.run(MEND_MAPPING, mended)
    assert outcome.state == "done", outcome.note
    assert usb(wire)["serial"].lines == ["id=1a86:7523,node=pve1,path=1-1.2"]


async def test_what_the_node_says_after_a_write_is_told(wire: StageWire) -> None:
    usb(wire)["serial"] = UsbMapping(["id=dead:beef,node=pve2"])
    found = await plan(wire, MAP_DEVICE, SERIAL, name="serial")
    outcome, _news = await wire.run(MAP_DEVICE, found)
    assert "usb device 'dead:beef' not found" in outcome.note


async def test_somebody_who_writes_meanwhile_is_not_overwritten(wire: StageWire) -> None:
    await made(wire, name="serial")
    found = await plan(wire, MAP_DEVICE, SERIAL.replace("pve1", "pve2"), name="serial")
    usb(wire)["other"] = UsbMapping(["id=0557:7000,node=pve1"])
    outcome, _news = await wire.run(MAP_DEVICE, found)
    assert outcome.note == "the mappings were changed meanwhile: plan again"
    assert len(usb(wire)["serial"].lines) == 1


async def test_one_in_use_is_not_deleted_and_another_kinds_name_is_not_meant(
    wire: StageWire,
) -> None:
    await made(wire, name="a100")
    key = f"{LAB}/usb:a100"
    guest = wire.stage.guest("web-01")
    guest.config["usb0"] = "mapping=a100"
    guest.touch()
    held = await plan(wire, DELETE_MAPPING, key)
    assert any("web-01 use it" in text for text in held.blockers)
    del guest.config["usb0"]
    guest.touch()
    free = await plan(wire, DELETE_MAPPING, key)
    assert free.ready, free.blockers
    outcome, _news = await wire.run(DELETE_MAPPING, free)
    assert outcome.state == "done", outcome.note
    assert "a100" not in usb(wire)
    assert "a100" in wire.stage.state.mappings, "that is the PCI one"


async def test_what_is_not_plugged_in_is_no_mapping(wire: StageWire) -> None:
    assert MAP_DEVICE.applies(f"{LAB}/pve1/usb-1-7", wire.snapshot)
    assert not MAP_DEVICE.applies(SERIAL, wire.snapshot)


async def test_a_network_card_is_mapped_and_given_as_a_gpu_is(wire: StageWire) -> None:
    nic = f"{LAB}/pve1/0000:04:00.0"
    assert not GIVE_DEVICE.applies(nic, wire.snapshot)
    found = await plan(wire, MAP_DEVICE, nic, name="nic", slot="0")
    outcome, _news = await wire.run(MAP_DEVICE, found)
    assert outcome.state == "done", outcome.note
    await wire.look(hardware=True)
    given = GIVE_DEVICE.draft(await GIVE_DEVICE.survey(nic, wire), wire.key("web-02"), "")
    assert given.ready, given.blockers
    outcome = await GIVE_DEVICE.run(given, wire, lambda _news: None)
    assert outcome.state == "done", outcome.note
    assert "0000:04:00.0" in wire.stage.guest("web-02").devices


async def test_nobody_may_look_and_nothing_is_said_to_be_wrong(wire: StageWire) -> None:
    usb(wire)["serial"] = UsbMapping(["id=dead:beef,node=pve1,path=1-1.2"])
    await wire.look(hardware=True)
    hardware = wire.snapshot.one(Hardware, LAB)
    assert hardware is not None
    blind = Hardware(hardware.devices, usb_mappings=hardware.usb_mappings)
    parts = {f: blind if isinstance(p, Hardware) else p for f, p in wire.snapshot.parts.items()}
    snapshot = type(wire.snapshot)(parts=parts, freshness=wire.snapshot.freshness)
    assert [each.broken for each in mapping_states(snapshot)] == [False]
