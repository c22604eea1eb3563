"""Every device with its claims: parts of it, templates, nodes that are away, full mappings, USB."""

from __future__ import annotations

import msgspec
import pytest

from labtui.model.card_choice import claims_of, free_cards, rooms
from labtui.model.claims import Card, card_table, device_table
from labtui.model.cluster import Resources
from labtui.model.devices import PciDevice, UsbDevice, UsbMapping, relatives, short_model
from labtui.model.guests import Guest, GuestConfig, UsbLine
from labtui.model.snapshot import Snapshot
from labtui.model.usb import usb_table
from tests.snapshots import (
    Hardware,
    HostPci,
    MappingEntry,
    PciMapping,
    config,
    configs,
    gpu,
    guest,
    membership,
    node,
    snapshot,
)

NIC = msgspec.structs.replace(
    gpu("pve1", "0000:04:00"), device_class=0x020000, vendor_id="8086", device_id="1521",
    model="I350 Gigabit Network Connection", iommu_group=8,
)  # fmt: skip
PART = msgspec.structs.replace(
    NIC, address="0000:04:10.0", model="I350 Ethernet Controller Virtual Function", iommu_group=30
)
BRIDGE = msgspec.structs.replace(NIC, address="0000:00:01.0", device_class=0x060400)
CARDS = tuple(gpu("pve1", f"0000:0{n}:00", n) for n in (1, 2, 3))
POOL = PciMapping("rtx", tuple(MappingEntry("pve1", (f"0000:0{n}:00.0",)) for n in (1, 2)))


def lab(
    guests: tuple[Guest, ...],
    given: tuple[GuestConfig, ...],
    devices: tuple[PciDevice, ...] = CARDS,
    online: bool = True,
    **more: object,
) -> Snapshot:
    hardware = msgspec.structs.replace(Hardware({"pve1": devices}, (POOL,)), **more)
    return snapshot(
        ("lab", Resources((node("pve1"),), guests)),
        ("lab", membership(pve1=online)),
        ("lab", hardware),
        ("lab", configs(*given)),
    )


def table(made: Snapshot) -> dict[str, Card]:
    return {card.device.address: card for card in device_table(made).cards}


def test_every_device_but_bridges_is_there_and_the_gpus_are_those_of_before() -> None:
    made = lab((), (), (*CARDS, NIC, BRIDGE))
    assert set(table(made)) == {"0000:01:00.0", "0000:02:00.0", "0000:03:00.0", "0000:04:00.0"}
    assert len(card_table(made).cards) == 3
    assert table(made)["0000:04:00.0"].device.kind == "network"


def test_a_virtual_function_is_of_the_physical_one_before_it() -> None:
    assert relatives((NIC, PART, *CARDS)) == {
        "0000:04:00.0": ("0000:04:10.0",),
        "0000:04:10.0": ("0000:04:00.0",),
    }
    told = msgspec.structs.replace(PART, model="x", physical="0000:09:00.0")
    assert relatives((NIC, told)) == {
        "0000:09:00.0": ("0000:04:10.0",),
        "0000:04:10.0": ("0000:09:00.0",),
    }


def test_who_has_the_whole_and_who_has_a_part_clash() -> None:
    given = (
        config(104, HostPci(0, ("0000:04:00.0",))),
        config(105, HostPci(0, ("0000:04:10.0",))),
    )
    made = table(lab((guest(104), guest(105)), given, (NIC, PART)))
    assert {card.state for card in made.values()} == {"clash"}
    assert [c.guest.vmid for c in made["0000:04:10.0"].part_claims] == [104]


def test_a_template_names_and_takes_nothing() -> None:
    sample = msgspec.structs.replace(guest(104, status="stopped"), template=True)
    card = table(lab((sample,), (config(104, HostPci(0, ("0000:01:00",))),)))["0000:01:00.0"]
    assert (card.state, card.claims) == ("free", ())
    assert [claim.guest.vmid for claim in card.templates] == [104]


def test_of_a_dead_node_the_dated_copy_is_told() -> None:
    given = (config(104, HostPci(0, ("0000:01:00",))),)
    card = table(lab((guest(104),), given, online=False))["0000:01:00.0"]
    assert (card.state, card.node_online) == ("unknown", False)
    (claim,) = card.claims
    assert (claim.running, claim.as_of) == (False, given[0].read_at)


def test_a_guest_that_is_paused_has_its_card() -> None:
    given = (config(104, HostPci(0, ("0000:01:00",))),)
    assert table(lab((guest(104, status="paused"),), given))["0000:01:00.0"].state == "used"


@pytest.mark.parametrize(
    ("running", "onboot", "state"),
    [(1, False, "pooled"), (2, False, "used"), (0, True, "clash-at-boot"), (0, False, "reserved")],
)
def test_a_mapping_of_two_for_three(running: int, onboot: bool, state: str) -> None:
    guests = tuple(guest(104 + n, status="running" if n < running else "stopped") for n in range(3))
    given = tuple(config(g.vmid, HostPci(0, (), "rtx"), onboot=onboot) for g in guests)
    cards = table(lab(guests, given))
    assert {cards["0000:01:00.0"].state, cards["0000:02:00.0"].state} == {state}
    assert cards["0000:03:00.0"].state == "free"


def test_free_cards_by_model_and_what_room_costs() -> None:
    given = (config(104, HostPci(0, ("0000:01:00",))), config(105, HostPci(0, ("0000:02:00",))))
    made = card_table(lab((guest(104), guest(105, status="stopped")), given))
    assert [card.device.address for card in free_cards(made, "rtx 4090")] == ["0000:03:00.0"]
    assert free_cards(made, "a100") == ()
    assert free_cards(made, node="pve9") == ()
    (room,) = rooms(made, "4090", 2)
    assert [card.device.address for card in room.cards] == ["0000:02:00.0", "0000:03:00.0"]
    assert ([c.guest.vmid for c in room.off], room.running) == ([105], ())
    (room,) = rooms(made, "4090", 3)
    assert [c.guest.vmid for c in room.running] == [104]
    assert rooms(made, "4090", 4) == ()
    assert rooms(made, "4090", 1)[0].free
    assert [card.device.slot for card, _claim in claims_of(made, "lab/104")] == ["0000:01:00"]


def test_usb_by_ids_by_port_and_by_mapping() -> None:
    plugged = (
        UsbDevice("pve1", "1-2", "1a86:7523", "serial"),
        UsbDevice("pve1", "1-3", "046d:1", ""),
    )
    mapping = UsbMapping("serial", (("pve1", "1a86:7523", ""), ("pve2", "1a86:7523", "")))
    given = tuple(
        msgspec.structs.replace(config(vmid), usb=(line,))
        for vmid, line in (
            (104, UsbLine(0, mapping="serial")),
            (105, UsbLine(0, port="1-2")),
            (106, UsbLine(0, port="9-9")),
        )
    )
    made = lab((guest(104), guest(105), guest(106)), given,
               usb={"pve1": plugged}, usb_mappings=(mapping,))  # fmt: skip
    ports = {port.path or port.ids: port for port in usb_table(made) if port.node == "pve1"}
    assert {seen.guest.vmid for seen in ports["1-2"].claims} == {104, 105}
    assert ports["1-2"].mappings == ("serial",)
    assert (ports["1-3"].claims, ports["1-3"].plugged) == ((), True)
    assert ports["9-9"].plugged is False
    other = [port for port in usb_table(made) if port.node == "pve2"]
    assert [port.plugged for port in other] == [None]


@pytest.mark.parametrize(
    ("model", "short"),
    [
        ("AD102 [GeForce RTX 4090]", "RTX 4090"),
        ("NVIDIA RTX A5000", "RTX A5000"),
        ("Navi 31 [Radeon RX 7900 XTX]", "RX 7900 XTX"),
        ("Matrox", "Matrox"),
    ],
)
def test_names_that_people_use(model: str, short: str) -> None:
    assert short_model(model) == short
