"""Where cards can be had: words of a wish, order of the places, who would make room."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labtui.model.card_places import GIB, Wish, find, parse_wish
from labtui.model.cluster import Resources
from labtui.model.devices import Hardware
from labtui.model.guests import HostPci
from labtui.model.leases import Lease, line_of
from labtui.model.snapshot import Snapshot
from tests.snapshots import NOW, config, configs, gpu, guest, membership, node, snapshot


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("2 RTX 4090", Wish(2, "RTX 4090")),
        ("rtx4090", Wish(1, "rtx 4090")),
        ("4090", Wish(1, "4090")),
        ("2x A100", Wish(2, "A100")),
        ("a100 80GB", Wish(1, "a100 80GB")),
        ("2 rtx 4090 with 96G", Wish(2, "rtx 4090", 96 * GIB)),
        ("0 rtx", None),
        ("  ", None),
    ],
)
def test_a_wish_as_people_say_it(text: str, wish: Wish | None) -> None:
    assert parse_wish(text) == wish


@given(st.text(max_size=60))
def test_any_text_is_a_wish_or_none(text: str) -> None:
    found = parse_wish(text)
    assert found is None or (found.count > 0 and found.model)


def made_lab(*, until: str = "", memory: int = 40) -> Snapshot:
    """pve1: two guests have one each, one is off; pve2: one free; pve3: one guest has two."""
    devices = {
        "pve1": (gpu("pve1", "0000:01:00", 1), gpu("pve1", "0000:02:00", 2)),
        "pve2": (gpu("pve2", "0000:01:00", 1),),
        "pve3": (gpu("pve3", "0000:01:00", 1), gpu("pve3", "0000:02:00", 2)),
    }
    leased = config(102, HostPci(0, ("0000:01:00", "0000:02:00")), where="pve3")
    if until:
        leased = msgspec.structs.replace(leased, description=line_of(Lease("amy", until)))
    known = configs(
        config(100, HostPci(0, ("0000:01:00",))),
        config(101, HostPci(0, ("0000:02:00",))),
        leased,
        config(103),
    )
    guests = (
        guest(100),
        guest(101, status="stopped"),
        guest(102, "pve3"),
        guest(103, memory=30 * GIB),
    )
    nodes = tuple(node(name, memory=memory) for name in devices)
    return snapshot(
        ("lab", Resources(nodes, guests, ())),
        ("lab", membership(pve1=True, pve2=True, pve3=True)),
        ("lab", Hardware(devices)),
        ("lab", known),
    )


def test_fewer_guests_to_ask_come_first_and_too_few_cards_are_told() -> None:
    search = find(made_lab(), Wish(2, "RTX 4090"), NOW)
    assert [place.room.node for place in search.places] == ["pve3", "pve1"]
    assert search.short == (("pve2", 1),)
    assert [claim.guest.vmid for claim in search.places[1].room.off] == [101]


def test_one_card_is_free_at_once() -> None:
    first = find(made_lab(), Wish(1, "4090"), NOW).places[0]
    assert (first.room.node, first.room.free, first.free) == ("pve2", True, 1)


def test_a_lease_that_is_over_is_asked_first() -> None:
    search = find(made_lab(until="2020-01-01"), Wish(2, "4090"), NOW)
    assert search.places[0].over == {"lab/102"}
    assert search.places[0].cost[1] == 0


def test_guests_without_cards_move_for_memory() -> None:
    places = {p.room.node: p for p in find(made_lab(), Wish(2, "4090", 80 * GIB), NOW).places}
    assert [each.vmid for each in places["pve1"].movers] == [103]
    # On pve3 there is nobody else who could.
    assert places["pve3"].tight
    assert find(made_lab(), Wish(2, "4090", 80 * GIB), NOW).places[0].room.node == "pve1"


def test_a_model_that_nobody_has() -> None:
    assert find(made_lab(), Wish(1, "H100"), NOW).places == ()
