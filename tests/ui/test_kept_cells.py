"""Cells that nothing changed are the very ones of the last drawing."""

from __future__ import annotations

from typing import NamedTuple

from labtui.ui.panes.kept_cells import KeptCells
from labtui.views.view import Cell, Column, Summary, View


class Row(NamedTuple):
    name: str
    state: str


made: list[str] = []


def state_cell(row: Row, _now: float) -> Cell:
    made.append(row.name)
    return Cell(row.state)


VIEW: View[Row] = View(
    id="things",
    key="",
    title="things",
    noun="thing",
    needs=(),
    columns=(
        Column("name", "name", 8, lambda r, _n: Cell(r.name), lambda r: r.name),
        Column("state", "state", 8, state_cell, lambda r: r.state),
        Column("age", "age", 4, lambda _r, n: Cell(f"{n:.0f}"), lambda _r: None, timed=True),
    ),
    rows=lambda _snapshot, _now: (),
    row_key=lambda row: row.name,
    trouble=lambda _row, _now: 0,
    summary=lambda _rows, _now: Summary(""),
    details=lambda _row, _snapshot, _now: (),
    empty="",
)


def test_an_equal_row_at_the_same_age_has_the_very_cells() -> None:
    kept, before = KeptCells(VIEW), Row("one", "up")
    made.clear()
    first = kept.of([before], 7.1)[0]
    again = kept.of([Row("one", "up")], 7.2)[0]
    assert again is first
    assert made == ["one"]
    assert {name: cell.text for name, cell in first.items()} == {
        "name": "one",
        "state": "up",
        "age": "7",
    }


def test_time_makes_the_timed_cells_anew_and_no_others() -> None:
    kept, row = KeptCells(VIEW), Row("one", "up")
    first = kept.of([row], 7.0)[0]
    made.clear()
    later = kept.of([row], 8.0)[0]
    assert later["age"].text == "8"
    assert list(later) == list(first)
    assert made == []
    assert first["age"].text == "7"


def test_another_row_of_the_same_key_is_made_anew() -> None:
    kept = KeptCells(VIEW)
    kept.of([Row("one", "up")], 7.0)
    assert kept.of([Row("one", "DOWN")], 7.0)[0]["state"].text == "DOWN"


def test_what_went_out_of_sight_is_not_kept() -> None:
    kept, row = KeptCells(VIEW), Row("one", "up")
    first = kept.of([row, Row("two", "up")], 7.0)[0]
    kept.of([Row("two", "up")], 7.0)
    assert kept.of([row], 7.0)[0] is not first
