"""Containers that use cards through the host's driver, and their conflicts with machines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labtui.model.card_choice import free_cards, taken
from labtui.model.claims import Card, CardTable, card_table
from labtui.model.cluster import Resources
from labtui.model.guests import DeviceNode, Guest, GuestConfig
from labtui.model.snapshot import Snapshot
from labtui.sources.proxmox.hostpci import Unreadable, parse_dev, parse_raw_lxc
from labtui.views.card_words import claims_section
from tests.findings.labs import watched
from tests.snapshots import (
    NOW,
    Hardware,
    HostPci,
    config,
    configs,
    gpu,
    guest,
    membership,
    node,
    snapshot,
)

RAW = HostPci(0, ("0000:01:00",))
BOTH = (gpu("pve1", "0000:01:00", 1), gpu("pve1", "0000:02:00", 2))


def ct(vmid: int, *paths: str, onboot: bool = False, **more: object) -> tuple[Guest, GuestConfig]:
    nodes = tuple(DeviceNode(number, path) for number, path in enumerate(paths))
    made = GuestConfig("lab", vmid, "d" * 40, 0.0, "pve1", onboot=onboot, nodes=nodes)
    return guest(vmid, kind="lxc", name=f"ct-{vmid}", **more), made  # type: ignore[arg-type]


def vm(vmid: int, onboot: bool = False, **more: object) -> tuple[Guest, GuestConfig]:
    return guest(vmid, **more), config(vmid, RAW, onboot=onboot)  # type: ignore[arg-type]


def lab(*pairs: tuple[Guest, GuestConfig], devices: object = BOTH) -> Snapshot:
    return snapshot(
        ("lab", Resources((node("pve1"),), tuple(pair[0] for pair in pairs))),
        ("lab", membership(pve1=True)),
        ("lab", Hardware({"pve1": devices})),  # type: ignore[dict-item]
        ("lab", configs(*(pair[1] for pair in pairs))),
    )


def cards(*pairs: tuple[Guest, GuestConfig], devices: object = BOTH) -> list[Card]:
    return list(card_table(lab(*pairs, devices=devices)).cards)


def test_of_two_cards_one_node_of_the_driver_is_either() -> None:
    first, second = cards(ct(201, "/dev/nvidia0", "/dev/nvidiactl", "/dev/nvidia-uvm"))
    assert (first.state, second.state) == ("pooled", "pooled")
    claim = first.claims[0]
    assert (claim.alternatives, claim.shared, claim.path) == (2, True, "/dev/nvidia0")


def test_who_has_all_nodes_or_the_only_card_has_it_for_sure() -> None:
    first, second = cards(ct(201, "/dev/nvidia0", "/dev/nvidia1"))
    assert (first.state, second.state) == ("used", "used")
    (only,) = cards(ct(201, "/dev/nvidia0"), devices=BOTH[:1])
    assert only.state == "used"
    assert only.claims[0].alternatives == 1


def test_containers_share_a_card_and_that_is_no_conflict() -> None:
    (only,) = cards(ct(201, "/dev/nvidia0"), ct(202, "/dev/nvidia0"), devices=BOTH[:1])
    assert (only.state, len(only.claims)) == ("used", 2)
    assert taken([only]) == 1


@pytest.mark.parametrize(
    ("container", "machine", "state"),
    [
        (ct(201, "/dev/nvidia0"), vm(104), "clash"),
        (ct(201, "/dev/nvidia0"), vm(104, status="stopped"), "turns"),
        (
            ct(201, "/dev/nvidia0", onboot=True, status="stopped"),
            vm(104, onboot=True),
            "clash-at-boot",
        ),
        (ct(201, "/dev/nvidia0", status="stopped"), vm(104), "turns"),
    ],
)
def test_a_machine_takes_the_card_from_the_driver(
    container: tuple[Guest, GuestConfig], machine: tuple[Guest, GuestConfig], state: str
) -> None:
    (only,) = cards(container, machine, devices=BOTH[:1])
    assert only.state == state


def test_of_several_cards_a_machines_own_is_its_own() -> None:
    """Which of them the container uses nobody tells, so that it is no conflict for sure."""
    first, second = cards(ct(201, "/dev/nvidia0"), vm(104))
    assert (first.state, second.state) == ("used", "pooled")


def test_one_that_is_off_reserves_and_what_it_may_use_is_not_free() -> None:
    found = cards(ct(201, "/dev/nvidia0", status="stopped"))
    assert [card.state for card in found] == ["reserved", "reserved"]
    assert free_cards(CardTable(tuple(found))) == ()


@pytest.mark.parametrize("path", ["/dev/nvidiactl", "/dev/nvidia-uvm", "/dev/dri", "/dev/ttyUSB0"])
def test_what_is_no_cards_own_node_is_no_claim(path: str) -> None:
    assert [card.state for card in cards(ct(201, path))] == ["free", "free"]


def test_the_render_nodes_are_of_any_maker_and_kfd_of_one() -> None:
    assert [card.state for card in cards(ct(201, "/dev/dri/renderD128"))] == ["pooled", "pooled"]
    assert [card.state for card in cards(ct(201, "/dev/kfd"))] == ["free", "free"]


def test_the_words_say_how_and_that_others_may_too() -> None:
    (only,) = cards(ct(201, "/dev/nvidia0"), devices=BOTH[:1])
    told = [cell.text for _label, cell in claims_section(only).lines]
    assert told == ["running by /dev/nvidia0 of the host's driver, beside others"]


def test_the_finding_of_a_conflict_names_the_node_of_the_driver() -> None:
    shot = lab(ct(201, "/dev/nvidia0"), vm(104), devices=BOTH[:1])
    seen = watched((NOW, shot), (NOW + 60, shot))
    (found,) = [each for each in seen.findings if each.rule == "gpu-twice"]
    told = [evidence.text.say() for evidence in found.evidence]
    assert "201 ct-201 names it (/dev/nvidia0)" in told


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("/dev/nvidia0", "/dev/nvidia0"),
        ("path=/dev/dri/renderD128,gid=104,mode=0660", "/dev/dri/renderD128"),
        ("gid=44,path=/dev/kfd,uid=0,deny-write=1", "/dev/kfd"),
    ],
)
def test_forms_of_dev(text: str, path: str) -> None:
    assert parse_dev(3, text) == DeviceNode(3, path)


def test_raw_lines_of_a_container() -> None:
    rows = [
        ["lxc.cgroup2.devices.allow", "c 195:* rwm"],
        ["lxc.mount.entry", "/dev/nvidia0 dev/nvidia0 none bind,optional,create=file"],
        ["lxc.mount.entry", "/srv/data srv/data none bind"],
        ["lxc.mount.entry"],
        "rubbish",
    ]
    assert parse_raw_lxc(rows) == (DeviceNode(-1, "/dev/nvidia0"),)


_WORDS = st.sampled_from(("path=", "/dev/nvidia0", ",", "gid=44", "=", "mode=", "/dev/")) | st.text(
    max_size=5
)


@given(st.lists(_WORDS, max_size=8).map("".join))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = parse_dev(0, text)
    except Unreadable:
        return
    assert found.path.startswith("/dev/")


@given(st.recursive(st.none() | st.text(max_size=8), lambda e: st.lists(e, max_size=3)))
def test_any_answer_for_raw_lines_is_read(rows: object) -> None:
    assert all(found.path.startswith("/dev/") for found in parse_raw_lxc(rows))
