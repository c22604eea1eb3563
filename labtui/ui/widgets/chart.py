"""Area charts of braille dots: two steps and four levels to a cell. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from labtui.ui.widgets.cells import Line, Span, padded, width_of
from labtui.views.view import Chart

_LEVELS = 4
# The dots of a cell from below, left and right (Unicode, Braille Patterns).
_LEFT, _RIGHT = (0x40, 0x04, 0x02, 0x01), (0x80, 0x20, 0x10, 0x08)
_BRAILLE = 0x2800
_HEIGHT = 2
_NARROWEST = 8


def area(values: Sequence[float | None], top: float, width: int, height: int) -> tuple[str, ...]:
    """The values as `height` lines of `width` cells, from above; blank where there are none.

    What is more than nothing shows at least one dot.
    """
    levels = [_level(value, top, height * _LEVELS) for value in fitted(values, width * 2)]
    lines = []
    for line in range(height):
        floor = (height - 1 - line) * _LEVELS
        cells = (
            _cell(levels[2 * cell] - floor, levels[2 * cell + 1] - floor) for cell in range(width)
        )
        lines.append("".join(cells))
    return tuple(lines)


def fitted(values: Sequence[float | None], width: int) -> list[float | None]:
    """The values in `width` steps: each the mean of those that fall into it, or stretched."""
    count = len(values)
    if not count:
        return [None] * width
    found: list[float | None] = []
    for step in range(width):
        first = step * count // width
        last = max(first + 1, (step + 1) * count // width)
        known = [value for value in values[first:last] if value is not None]
        found.append(sum(known) / len(known) if known else None)
    return found


def chart_lines(charts: Sequence[Chart], width: int, label_width: int) -> list[Line]:
    """The charts below one another, each with its label before it and its words behind."""
    beside = max((width_of(word) for chart in charts for word in chart.words), default=0)
    room = width - label_width - 2 - (beside + 1 if beside else 0)
    if room < _NARROWEST:
        room, beside = max(1, width - label_width - 2), 0
    return [line for chart in charts for line in _lines(chart, room, label_width, beside)]


def _lines(chart: Chart, room: int, label_width: int, beside: int) -> list[Line]:
    lines: list[Line] = []
    for number, text in enumerate(area(chart.values, chart.top, room, _HEIGHT)):
        label = chart.label if number == 0 else ""
        spans = [Span(f"{padded(label, label_width)}  ", "dim"), Span(text, chart.role)]
        if beside:
            word = chart.words[number] if number < len(chart.words) else ""
            spans.append(Span(f" {padded(word, beside)}", "" if number == 0 else "dim"))
        lines.append(tuple(spans))
    return lines


def _level(value: float | None, top: float, most: int) -> int:
    if value is None or value <= 0 or top <= 0:
        return 0
    return max(1, min(most, round(min(1.0, value / top) * most)))


def _cell(left: int, right: int) -> str:
    dots = 0
    for count, side in ((left, _LEFT), (right, _RIGHT)):
        for level in range(max(0, min(_LEVELS, count))):
            dots |= side[level]
    return chr(_BRAILLE + dots) if dots else " "
