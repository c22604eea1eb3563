"""Which card it is that a guest's tool saw, and since when cards rest."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labtui.model.cluster import Resources
from labtui.model.guests import GuestConfig
from labtui.model.use import CardUse, CardUses, Idle, UseProcess, UseReport, rested
from labtui.model.use_join import UseTable, use_table
from tests.snapshots import (
    NOW,
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

CARDS = tuple(gpu("pve1", f"0000:0{n}:00", n) for n in (1, 2, 3))
POOL = PciMapping("rtx", tuple(MappingEntry("pve1", (f"0000:0{n}:00.0",)) for n in (1, 2)))
ONE = PciMapping("one", (MappingEntry("pve1", ("0000:03:00.0",)),))


def seen(*given: GuestConfig, node_itself: bool = False, **at: float) -> UseTable:
    """What the tool of a guest saw: addresses there (`b01_00_0`) and utilisation."""
    cards = tuple(
        CardUse(f"0000:{place[1:].replace('_', ':', 1).replace('_', '.')}", ids="10de:2684",
                utilisation=share, uuid=place)
        for place, share in at.items()
    )  # fmt: skip
    vmid = 0 if node_itself else 104
    report = UseReport("pve1", vmid, "agent", NOW, NOW, cards)
    place = f"guest/{vmid}" if vmid else "node/pve1"
    guests = tuple(guest(each.vmid) for each in given)
    return use_table(
        snapshot(
            ("lab", Resources((node("pve1"),), guests)),
            ("lab", membership(pve1=True)),
            ("lab", Hardware({"pve1": CARDS}, (POOL, ONE))),
            ("lab", configs(*given)),
            ("lab", CardUses({place: report})),
        )
    )


def found(table: UseTable) -> dict[str, tuple[float | None, str]]:
    return {key[-12:]: (each.use.utilisation, each.how) for key, each in table.of.items()}


RAW = [HostPci(n, (f"0000:0{n + 1}:00.0",), pcie=True) for n in range(3)]


@pytest.mark.parametrize(
    ("lines", "places", "cards"),
    [
        # Behind the root ports of q35: a bus for each line.
        (RAW[:2], {"b01_00_0": 0.1, "b02_00_0": 0.2}, {"01": 0.1, "02": 0.2}),
        # Several devices of a line are functions of one slot.
        (
            [HostPci(0, ("0000:02:00", "0000:01:00"), pcie=True)],
            {"b01_00_0": 0.1, "b01_00_1": 0.2},
            {"02": 0.1, "01": 0.2},
        ),
        # The old bus has slots of their own.
        (
            [HostPci(0, ("0000:03:00.0",)), HostPci(2, ("0000:01:00.0",))],
            {"b00_10_0": 0.1, "b06_1b_0": 0.2},
            {"03": 0.1, "01": 0.2},
        ),
        # Lines from the fifth on have ports before the others.
        (
            [HostPci(0, ("0000:01:00.0",), pcie=True), HostPci(5, ("0000:02:00.0",), pcie=True)],
            {"b01_00_0": 0.1, "b02_00_0": 0.2},
            {"02": 0.1, "01": 0.2},
        ),
        ([HostPci(0, (), "one", pcie=True)], {"b01_00_0": 0.3}, {"03": 0.3}),
    ],
)
def test_by_its_place(
    lines: list[HostPci], places: dict[str, float], cards: dict[str, float]
) -> None:
    table = seen(config(104, *lines), node_itself=False, **places)
    assert found(table) == {f"0000:{n}:00.0": (share, "place") for n, share in cards.items()}
    assert not table.one_of


def test_which_of_a_mapping_it_is_nobody_can_tell() -> None:
    table = seen(config(104, HostPci(0, (), "rtx", pcie=True)), b01_00_0=0.5)
    assert table.of == {}
    assert {key[-12:] for key in table.one_of} == {"0000:01:00.0", "0000:02:00.0"}
    assert {each.how for uses in table.one_of.values() for each in uses} == {"pool"}


def test_unless_all_others_are_taken() -> None:
    other = config(105, HostPci(0, ("0000:01:00",)))
    table = seen(config(104, HostPci(0, (), "rtx", pcie=True)), other, b01_00_0=0.5)
    assert found(table) == {"0000:02:00.0": (0.5, "place")}


def test_strange_places_go_by_order_and_only_where_the_numbers_agree() -> None:
    both = config(104, *RAW[:2])
    assert found(seen(both, b09_00_0=0.1, b0a_00_0=0.2)) == {
        "0000:01:00.0": (0.1, "order"),
        "0000:02:00.0": (0.2, "order"),
    }
    assert found(seen(config(104, RAW[1]), b09_00_0=0.1)) == {"0000:02:00.0": (0.1, "only")}
    assert found(seen(both, b09_00_0=0.1)) == {}


def test_a_node_has_the_addresses_themselves() -> None:
    table = seen(node_itself=True, b03_00_0=0.4)
    assert found(table) == {"0000:03:00.0": (0.4, "place")}


def test_a_report_of_a_guest_that_is_not_known_joins_nothing() -> None:
    assert found(seen(b01_00_0=0.4)) == {}


BUSY, IDLE = CardUse("x", utilisation=0.5), CardUse("x", utilisation=0.0)
UNTOLD = CardUse("x")


def test_rest_begins_when_nothing_is_seen_and_ends_with_work() -> None:
    rest = rested(None, BUSY, 100.0)
    assert (rest.since, rest.busy_at) == (None, 100.0)
    rest = rested(rest, IDLE, 160.0)
    assert (rest.since, rest.busy_at) == (160.0, 100.0)
    rest = rested(rest, IDLE, 220.0)
    assert (rest.since, rest.blind) == (160.0, 60.0)
    rest = rested(rest, UNTOLD, 300.0)
    assert (rest.since, rest.seen) == (160.0, 300.0)
    assert rested(rest, BUSY, 310.0) == Idle(None, 310.0, 0.0, 310.0)


def test_a_program_that_draws_is_no_work_on_a_card_that_is_split() -> None:
    draws = CardUse("x", split=True, processes=(UseProcess(1, "Xorg", kind="G"),))
    works = CardUse("x", split=True, processes=(UseProcess(2, "python", kind="C"),))
    assert (draws.busy, works.busy) == (False, True)


@given(st.lists(st.tuples(st.floats(0, 1e6), st.sampled_from((BUSY, IDLE, UNTOLD))), min_size=1))
def test_rest_is_never_longer_than_it_was_watched(looks: list[tuple[float, CardUse]]) -> None:
    rest: Idle | None = None
    for at, card in sorted(looks, key=lambda look: look[0]):
        rest = rested(rest, card, at)
        assert rest.since is None or rest.since <= rest.seen == at
