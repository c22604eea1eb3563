"""Area charts: heights, gaps, widths, and what stands beside them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from labtui.ui.glyphs import plain
from labtui.ui.widgets.cells import line_width
from labtui.ui.widgets.chart import area, chart_lines, fitted
from labtui.views.view import Chart


def test_an_area_is_filled_from_below() -> None:
    assert area((0.0, 0.0, 1.0, 1.0), 1.0, 2, 2) == (" ⣿", " ⣿")
    assert area((0.5, 0.5, 1.0, 1.0), 1.0, 2, 2) == (" ⣿", "⣿⣿")
    assert area((1.0, 0.0), 1.0, 1, 1) == ("⡇",)


def test_a_little_is_seen_and_nothing_is_not() -> None:
    assert area((0.001, 0.0), 1.0, 1, 2) == (" ", "⡀")
    assert area((None, None, 1.0, None), 1.0, 2, 1) == (" ⡇",)
    assert area((), 1.0, 3, 1) == ("   ",)


def test_many_values_are_averaged_and_few_are_stretched() -> None:
    assert fitted((1.0, 3.0, None, None), 2) == [2.0, None]
    assert fitted((1.0, 2.0), 4) == [1.0, 1.0, 2.0, 2.0]


VALUES = st.lists(st.none() | st.floats(allow_nan=False, allow_infinity=False), max_size=60)


@given(values=VALUES, top=st.floats(0, 1e12), width=st.integers(1, 40), height=st.integers(1, 4))
def test_it_is_as_large_as_it_should_be(
    values: list[float | None], top: float, width: int, height: int
) -> None:
    lines = area(values, top, width, height)
    assert [len(line) for line in lines] == [width] * height
    assert all(text.isascii() for text in map(plain, lines))


@given(width=st.integers(20, 200))
def test_charts_below_one_another_are_of_one_width(width: int) -> None:
    charts = (
        Chart("cpu", (0.1, 0.9), 1.0, ("90%", "most 90%")),
        Chart("received", (1.0, 2.0), 2.0, ("2/s", "most 12.5M/s")),
    )
    lines = chart_lines(charts, width, 8)
    assert len(lines) == 4
    assert {line_width(line) for line in lines} == {width}
