"""Which cells change with time alone: what is not said to do so is kept from drawing to drawing."""

from __future__ import annotations

import dis
from collections.abc import Callable
from typing import Any

import pytest

from labtui.views import VIEWS
from labtui.views.view import View
from tests.snapshots import NOW
from tests.views.test_aging import lab

EVERY = pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.id)


def looks_at_the_clock(function: Callable[..., Any]) -> bool:
    """Whether the code uses its second parameter, the time."""
    code = function.__code__
    clock = code.co_varnames[1]
    loads = ("LOAD_FAST", "LOAD_DEREF", "LOAD_CLOSURE")
    return any(
        each.opname in loads and each.argval == clock for each in dis.get_instructions(function)
    )


@EVERY
def test_a_column_whose_cell_looks_at_the_clock_says_so(view: View[Any]) -> None:
    found = {column.id for column in view.columns if looks_at_the_clock(column.cell)}
    assert found == {column.id for column in view.columns if column.timed}


@EVERY
def test_a_row_that_stays_has_the_same_cells_later(view: View[Any]) -> None:
    for row in view.rows(lab(), NOW):
        for column in view.columns:
            if not column.timed:
                assert column.cell(row, NOW) == column.cell(row, NOW + 100_000.0), column.id


@EVERY
def test_a_view_that_does_not_tick_stays_while_nothing_gets_old(view: View[Any]) -> None:
    if view.ticks:
        return
    seen = lab()
    rows, later = view.rows(seen, NOW), view.rows(seen, NOW + 3.0)
    assert list(rows) == list(later)
    assert view.arranged(rows, NOW) == view.arranged(later, NOW + 3.0)
    assert view.summary(rows, NOW) == view.summary(later, NOW + 3.0)
