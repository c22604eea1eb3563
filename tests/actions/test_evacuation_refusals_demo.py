"""Who can't leave a node is told in words before anything is sent, as 9.2 and 8.4 answer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from labtui.actions.evacuation.action import EVACUATE
from tests.actions.stage_wire import StageWire, stage_wire

LOCAL = "local-lvm:vm-110-disk-0,size=8G"
BASE = "local-lvm:base-900-disk-0/vm-110-disk-0,size=8G"


@pytest.fixture(params=["9.2", "8.4"])
async def wire(request: pytest.FixtureRequest) -> AsyncIterator[StageWire]:
    async with stage_wire(request.param) as made:
        yield made


async def told(wire: StageWire, name: str, mode: str = "") -> tuple[str, str]:
    """The way that guest of pve1 takes, and what is said of it."""
    await wire.look(hardware=True)
    facts: Any = await EVACUATE.survey("lsalab/pve1", wire)
    steps = EVACUATE.draft(facts, "", mode).steps
    step = next(step for step in steps if name in step.label)
    return (step.way if step.target else "", step.note)


async def test_one_that_nothing_holds_goes(wire: StageWire) -> None:
    assert (await told(wire, "web-01"))[0] == "live"


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"usb0": "host=1234:5678"}, "usb0) tie it to pve1; a USB device of the node"),
        ({"hostusb": "1234:5678"}, "(hostusb) tie it to pve1; a USB device of the node"),
        ({"vga": "std,clipboard=vnc", "machine": "pc-q35-9.2"}, "it wants machine 10.1 or newer"),
        ({"amd-sev": "type=std"}, "memory encrypted by the node's processor"),
        ({"ide2": "local:iso/debian.iso,media=cdrom,size=600M"}, "a local CD image is in the"),
        ({"scsi0": BASE}, "linked to a template of this node"),
        ({"scsi0": LOCAL, "parent": "before"}, "it has snapshots, and its local disks can't go"),
        ({"hostpci0": "mapping=gone"}, "a mapping of its configuration does not exist (gone)"),
        ({"lock": "backup"}, "locked (backup): wait until that ends"),
        ({"net0": "virtio=BC:24:11:00:00:6E,bridge=vmbr77"}, "no bridge vmbr77"),
    ],
)
async def test_what_holds_it_is_said_with_what_would_free_it(
    wire: StageWire, config: dict[str, str], words: str
) -> None:
    guest = wire.stage.guest("web-01")
    guest.config.update(config)
    guest.touch()
    wire.stage.wait(12)
    way, note = await told(wire, "web-01")
    assert (way, words in note) == ("", True), (way, note)


async def test_what_ha_has_given_up_on_is_not_asked_of_it(wire: StageWire) -> None:
    wire.stage.world.ha.fail(wire.stage.guest("gw-836"))
    wire.stage.wait(30)
    way, note = await told(wire, "gw-836", "all")
    assert (way, "HA has it in the state error" in note) == ("", True), (way, note)


async def test_off_its_snapshots_go_along(wire: StageWire) -> None:
    guest = wire.stage.guest("web-01")
    guest.config.update({"scsi0": LOCAL, "parent": "before"})
    guest.set_running(running=False, now=wire.stage.state.now)
    wire.stage.wait(12)
    assert (await told(wire, "web-01", "all"))[0] == "offline"
