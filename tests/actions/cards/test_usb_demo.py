"""USB devices handed over end to end over the demo's cluster, with a fault at each step."""

from __future__ import annotations

import pytest

from labtui.actions.action import Outcome, Plan
from labtui.actions.cards.action import GIVE_DEVICE, TAKE_DEVICE
from labtui.actions.cards.resume import draft, facts_of_book
from labtui.demo.cluster.datacenter import UsbMapping
from labtui.model.errors import Rejected
from labtui.model.usb import usb_table
from tests.actions.cards.hand_wire import FAULTS, HandWire, Killed, hand_wire
from tests.actions.stage_wire import LAB
from tests.demo.cluster_api import PASSWORD

PORT = f"{LAB}/pve1/usb-1-1.2"
MAPPED = "mapping=serial"


async def _ready(wire: HandWire, holder: str = "web-01") -> None:
    """A mapping of the port, which web-01 has."""
    usb = wire.stage.world.works.datacenter.usb
    usb["serial"] = UsbMapping(["id=1a86:7523,node=pve1,path=1-1.2"])
    if holder:
        wire.stage.guest(holder).config["usb0"] = MAPPED
        wire.stage.guest(holder).touch()
    wire.stage.wait(12)
    await wire.look(hardware=True)


async def _plan(wire: HandWire, to: str) -> Plan:
    return GIVE_DEVICE.draft(await GIVE_DEVICE.survey(PORT, wire), wire.key(to), "")


async def _go(wire: HandWire, plan: Plan) -> Outcome:
    assert plan.ready, plan.blockers
    return await GIVE_DEVICE.run(plan, wire, lambda _news: None)


@pytest.mark.parametrize("version", ["9.2", "8.4"])
async def test_it_goes_from_one_guest_that_runs_to_another(version: str) -> None:
    async with hand_wire(version) as wire:
        await _ready(wire)
        plan = await _plan(wire, "gpu-dora")
        assert [call.method for call in plan.calls] == ["PUT", "PUT"]
        ran = wire.running()
        outcome = await _go(wire, plan)
        assert outcome.state == "done", outcome.note
        assert "it is plugged in" in outcome.note
        assert "usb0" not in wire.stage.guest("web-01").config
        assert wire.stage.guest("gpu-dora").config["usb0"] == MAPPED
        assert wire.running() == ran, "nobody is shut down for it"
        wire.stage.wait(12)
        await wire.look(hardware=True)
        port = next(port for port in usb_table(wire.snapshot) if port.key == PORT)
        assert [seen.guest.name for seen in port.claims] == ["gpu-dora"]
        take = TAKE_DEVICE.draft(await TAKE_DEVICE.survey(PORT, wire), "", "")
        outcome = await _go(wire, take)
        assert outcome.state == "done", outcome.note
        assert "usb0" not in wire.stage.guest("gpu-dora").config


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("step", [0, 1])
async def test_no_guest_is_left_half_configured(step: int, fault: str) -> None:
    async with hand_wire() as wire:
        await _ready(wire)
        before = wire.configs()
        plan = await _plan(wire, "gpu-dora")
        wire.calls.clear()
        wire.at, wire.fault = step, fault
        try:
            outcome = await _go(wire, plan)
        except Killed:
            again = draft(await facts_of_book(next(iter(wire.books)), wire), "")
            outcome = await _go(wire, again)
        if fault in ("unheard", "killed"):
            assert outcome.state == "done", outcome.note
            assert wire.stage.guest("gpu-dora").config["usb0"] == MAPPED
        else:
            assert "everything is as it was before" in outcome.note
            assert wire.configs() == before


async def test_a_port_itself_is_for_root_alone() -> None:
    async with hand_wire() as wire:
        await wire.look(hardware=True)
        plan = await _plan(wire, "gpu-dora")
        assert any("ports are for root@pam alone" in text for text in plan.blockers)
        await wire.sign_in("root@pam", PASSWORD)
        await wire.look(hardware=True)
        plan = await _plan(wire, "gpu-dora")
        assert any("stays on pve1" in text for text in plan.warnings)
        outcome = await _go(wire, plan)
        assert outcome.state == "done", outcome.note
        assert wire.stage.guest("gpu-dora").config["usb0"] == "host=1-1.2"


async def test_a_line_by_its_port_is_not_taken_out_by_others_than_root() -> None:
    async with hand_wire() as wire:
        await _ready(wire, holder="")
        wire.stage.guest("web-01").config["usb3"] = "1a86:7523,usb3=1"
        wire.stage.guest("web-01").touch()
        await wire.look(hardware=True)
        plan = await _plan(wire, "gpu-dora")
        assert any("usb3 names a device by its port" in text for text in plan.blockers)


async def test_whoever_names_it_already_needs_no_line() -> None:
    async with hand_wire() as wire:
        await _ready(wire)
        plan = await _plan(wire, "web-01")
        assert not plan.ready
        assert any("names it already" in text for text in plan.blockers)


async def test_nobody_has_it_and_nothing_is_taken() -> None:
    async with hand_wire() as wire:
        await _ready(wire, holder="")
        assert TAKE_DEVICE.applies(PORT, wire.snapshot) == "nobody has it"
        assert not GIVE_DEVICE.applies(PORT, wire.snapshot)
        scope = GIVE_DEVICE.scope(PORT, wire.snapshot)
        assert scope.cluster == LAB
        assert not scope.rights, "its guests are asked about one by one"


async def test_somebody_who_writes_meanwhile_is_not_overwritten() -> None:
    async with hand_wire() as wire:
        await _ready(wire)
        plan = await _plan(wire, "gpu-dora")
        dora = wire.stage.guest("gpu-dora")
        dora.config["cores"] = 7
        dora.touch()
        before = wire.configs()
        outcome = await _go(wire, plan)
        assert "somebody has changed it since the plan was made" in outcome.note
        assert wire.configs() == before


async def test_usb_devices_go_one_at_a_time() -> None:
    async with hand_wire() as wire:
        await _ready(wire)
        with pytest.raises(Rejected, match="one at a time"):
            await GIVE_DEVICE.survey(f"{PORT},{LAB}/pve1/usb-1-1.4", wire)
