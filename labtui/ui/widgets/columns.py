"""Which columns of a view are shown in a given width, and how wide each is. Pure.

What a column needs is measured from its cells, so that values are whole wherever that is possible:
columns of low priority go first, then the gaps, and only then is a value cut.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from labtui.locale import _
from labtui.ui.widgets.cells import Span, padded, width_of
from labtui.views.view import Cell, Column, View

_WIDEST = 80
_NARROWEST = 4
_LONG = 32
_PIECES = re.compile("█+|░+|[^█░]+")


class Slot(NamedTuple):
    """A shown column: where it begins and how wide it is, in cells."""

    column: Column[Any]
    x: int
    width: int


def title_width(column: Column[Any]) -> int:
    """Cells of the translated title."""
    return width_of(_(column.title))


def fit(view: View[Any], width: int, needs: Mapping[str, int]) -> tuple[Slot, ...]:
    """The columns for `width` cells; `needs` is the widest cell seen of each column."""
    wanted = {column.id: _wanted(column, needs.get(column.id, 0)) for column in view.columns}
    gap, chosen = _chosen(view.columns, width, wanted)
    widths = {
        column.id: min(wanted[column.id], max(column.width, title_width(column)))
        for column in chosen
    }
    room = width - sum(widths.values()) - gap * (len(chosen) - 1)
    if room < 0:
        _shrink(chosen, widths, -room)
    else:
        room -= _widen(chosen, widths, wanted, room)
        if room >= len(chosen) - 1:
            gap = max(gap, 2)
    slots = []
    x = 0
    for column in chosen:
        slots.append(Slot(column, x, widths[column.id]))
        x += widths[column.id] + gap
    return tuple(slots)


def _wanted(column: Column[Any], seen: int) -> int:
    return min(max(seen, title_width(column)), _WIDEST)


def _chosen(
    columns: Sequence[Column[Any]], width: int, wanted: Mapping[str, int]
) -> tuple[int, list[Column[Any]]]:
    """The gap and the columns that fit, taken by priority; those of priority 0 always if they can.

    Wide gaps are easier to read, but never cost an important column.
    """

    def taken(chosen: Sequence[Column[Any]], gap: int, most: int = 0) -> int:
        widths = (min(wanted[c.id], max(c.width, title_width(c), most)) for c in chosen)
        return sum(widths) + gap * (len(chosen) - 1)

    important = [column for column in columns if column.priority <= 1]
    gap = 2 if taken(important, 2) <= width else 1
    order = sorted(range(len(columns)), key=lambda place: (columns[place].priority, place))
    kept: list[int] = []
    full = False
    for place in order:
        column = columns[place]
        if full and column.priority > 0:
            break
        trial = [columns[other] for other in sorted((*kept, place))]
        # A minor column is not worth a value of the others.
        missing = taken(trial, gap, _LONG if column.priority > 1 else 0) - width
        if missing <= 0 or (column.priority == 0 and missing <= _slack(trial, wanted)):
            kept.append(place)
        else:
            # Nothing of less weight takes its place.
            full = True
    return gap, [columns[place] for place in sorted(kept)]


def _slack(columns: Sequence[Column[Any]], wanted: Mapping[str, int]) -> int:
    """Cells that the growing columns could give up without becoming useless."""
    return sum(
        max(0, min(wanted[column.id], column.width) - max(_NARROWEST, column.width // 3))
        for column in columns
        if column.grow
    )


def _shrink(chosen: Sequence[Column[Any]], widths: dict[str, int], missing: int) -> None:
    for column in chosen:
        if column.grow and missing > 0:
            given = min(missing, max(0, widths[column.id] - _NARROWEST))
            widths[column.id] -= given
            missing -= given


def _widen(
    chosen: Sequence[Column[Any]], widths: dict[str, int], wanted: Mapping[str, int], room: int
) -> int:
    """Give what is left to the columns whose values would be cut, growing first; returns it."""
    hungry = sorted(
        (column for column in chosen if wanted[column.id] > widths[column.id]),
        key=lambda column: (not column.grow, column.priority),
    )
    left = room
    for column in hungry:
        given = min(left, wanted[column.id] - widths[column.id])
        widths[column.id] += given
        left -= given
    return room - left


def header(slots: Sequence[Slot], width: int, by: str, reverse: bool | None) -> list[Span]:
    """The titles; the column that was sorted by carries an arrow."""
    spans: list[Span] = []
    x = 0
    for column, start, size in slots:
        title = _(column.title)
        if column.id == by:
            descending = column.descending if reverse is None else reverse
            mark = "▼" if descending else "▲"
            title = mark + title if column.right else title + mark
            if width_of(title) > size:
                title = mark if size < 3 else title
        spans.append(Span(" " * (start - x) + padded(title, size, column.right), "head"))
        x = start + size
    spans.append(Span(" " * (width - x), "head"))
    return spans


def row(slots: Sequence[Slot], cells: Sequence[Cell], width: int, ground: str) -> list[Span]:
    """One row's cells, a span each, so that a change of one repaints only that one."""
    spans: list[Span] = []
    x = 0
    for (column, start, size), cell in zip(slots, cells, strict=True):
        text = " " * (start - x) + padded(cell.text, size, column.right)
        if "░" in text or "█" in text:
            spans.extend(metered(text, cell.role, ground))
        else:
            spans.append(Span(text, cell.role, ground))
        x = start + size
    if x < width:
        spans.append(Span(" " * (width - x), "", ground))
    return spans


def metered(text: str, role: str, ground: str = "") -> list[Span]:
    """A text with a bar in it: drawn as a thick and a thin line, which do not run together."""
    spans: list[Span] = []
    for match in _PIECES.finditer(text):
        piece = match[0]
        if piece[0] == "█":
            spans.append(Span("━" * len(piece), role or "meter", ground))
        elif piece[0] == "░":
            spans.append(Span("─" * len(piece), "trough", ground))
        else:
            spans.append(Span(piece, role, ground))
    return spans


def column_at(slots: Sequence[Slot], x: int) -> str:
    """The id of the column under a cell, empty for none."""
    for column, start, size in slots:
        if start <= x <= start + size:
            return column.id
    return ""
