"""Which columns are shown, how wide, and where the panes go."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labtui.ui import tiling
from labtui.ui.widgets.cells import line_width
from labtui.ui.widgets.columns import fit, header, metered, row
from labtui.views import VIEWS
from labtui.views.guests import GUESTS
from labtui.views.view import Cell, View

NEEDS = {"id": 3, "name": 11, "node": 4, "state": 12, "cpu": 4, "memory": 4, "owner": 5}


def ids(width: int, needs: dict[str, int] | None = None) -> list[str]:
    return [slot.column.id for slot in fit(GUESTS, width, needs or NEEDS)]


def test_columns_go_by_priority() -> None:
    assert ids(120)[:7] == ["id", "name", "node", "state", "cpu", "memory", "gpus"]
    assert "tags" in ids(120)
    assert "tags" not in ids(70)
    assert "owner" in ids(70)
    assert "owner" not in ids(46)
    assert ids(44) == ["id", "name", "node", "state", "cpu", "memory"]


def test_a_longer_value_gets_the_room_that_is_left() -> None:
    slots = {s.column.id: s.width for s in fit(GUESTS, 100, {**NEEDS, "name": 30})}
    assert slots["name"] == 30
    slots = {s.column.id: s.width for s in fit(GUESTS, 55, {**NEEDS, "name": 30})}
    assert 4 <= slots["name"] < 30


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: str(view.id))
@given(width=st.integers(20, 250), need=st.integers(0, 60))
def test_slots_never_overlap_and_hardly_ever_leave_the_pane(
    view: View[Any], width: int, need: int
) -> None:
    slots = fit(view, width, {column.id: need for column in view.columns})
    assert slots
    for one, two in pairwise(slots):
        assert one.x + one.width < two.x
    if width >= 57:
        assert slots[-1].x + slots[-1].width <= width


def test_a_row_fills_its_width_also_with_wide_glyphs() -> None:
    slots = fit(GUESTS, 60, NEEDS)
    cells = [Cell("方怡君方怡君方怡君方怡君") for _slot in slots]
    assert line_width(row(slots, cells, 60, "")) == 60
    assert line_width(header(slots, 60, "name", True)) == 60


def test_the_sorted_column_has_an_arrow() -> None:
    slots = fit(GUESTS, 80, NEEDS)
    text = "".join(span.text for span in header(slots, 80, "name", None))
    assert "name▲" in text
    text = "".join(span.text for span in header(slots, 80, "cpu", None))
    assert "▼cpu" in text


def test_a_bar_becomes_a_thick_and_a_thin_line() -> None:
    assert [span[:2] for span in metered("██░░  50%", "")] == [
        ("━━", "meter"),
        ("──", "trough"),
        ("  50%", ""),
    ]


WANTS = {"nodes": 7, "guests": 61, "gpus": 15, "wireguard": 8, "bgp": 13}


@given(st.integers(20, 260), st.integers(6, 80), st.sampled_from(list(WANTS)))
def test_panes_tile_the_desk(width: int, height: int, opened: str) -> None:
    places = tiling.overview(width, height, WANTS, opened, tuple(WANTS))
    assert set(places) == set(WANTS)
    covered = [
        (x, y)
        for place in places.values()
        for x in (place.x, place.x + place.width - 1)
        for y in range(place.y, place.y + place.height)
    ]
    assert len(covered) == len(set(covered)) or width < 2
    assert max(place.x + place.width for place in places.values()) == width
    assert max(place.y + place.height for place in places.values()) == height
    assert all(place.height >= 1 for place in places.values())


def test_a_pane_gets_what_it_needs_before_others_get_more() -> None:
    places = tiling.overview(120, 34, WANTS, "nodes", tuple(WANTS))
    assert places["nodes"].height == 7
    assert places["guests"].height + places["gpus"].height == 27
    assert places["wireguard"].height == 8
    assert places["bgp"].height == 26


def test_a_narrow_terminal_has_one_pane_open() -> None:
    places = tiling.overview(80, 22, WANTS, "wireguard", tuple(WANTS))
    assert [places[name].height for name in WANTS] == [1, 1, 1, 18, 1]


@given(st.integers(20, 140))
def test_no_minor_column_stands_where_an_important_one_had_no_room(width: int) -> None:
    for view in VIEWS:
        needs = {column.id: column.width for column in view.columns}
        shown = {slot.column.id for slot in fit(view, width, needs)}
        left_out = [column for column in view.columns if column.id not in shown]
        if any(column.priority == 0 for column in left_out):
            assert all(view.column(name).priority == 0 for name in shown)
