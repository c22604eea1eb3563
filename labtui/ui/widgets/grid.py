"""Grid: the rows of a view in a frame. Formats the rows in sight, repaints the cells that changed.

It owns cursor, marks, scroll and column widths; which rows it shows is decided by the pane.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from textual import events
from textual.geometry import Size
from textual.message import Message

from labtui.locale import _
from labtui.ui.widgets import columns, frame
from labtui.ui.widgets.canvas import Canvas
from labtui.ui.widgets.cells import Line, Span, closed, width_of, wrapped
from labtui.ui.widgets.columns import Slot
from labtui.ui.widgets.kept import Kept
from labtui.ui.widgets.selection import Selection
from labtui.views.view import Cell, View

Cells = dict[str, Cell]
"""The cells of a row by column."""
_Edges = tuple[list[Span], list[Span], list[Span]]

_EDGES = 2
_HEADED = 5


class Grid(Canvas):
    """A framed table. One line high, it is a line: the title and its summary.

    `active` is the one that keys work on. Textual's focus is not used for that: it paints the
    whole screen anew with every change. A `deaf` grid does not hear the mouse.
    """

    class Touched(Message):
        """The mouse was in it."""

        def __init__(self, view: str) -> None:
            super().__init__()
            self.view = view

    class Moved(Message):
        """The cursor is on another object."""

    class Opened(Message):
        """The object under the cursor was asked for."""

    class SortAsked(Message):
        """A column's title was clicked."""

        def __init__(self, column: str) -> None:
            super().__init__()
            self.column = column

    def __init__(self, view: View[Any], *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.view = view
        self.selection = Selection(view.row_key)
        self.sort_by = ""
        self.sort_reverse: bool | None = None
        self.sentences: tuple[tuple[str, str], ...] = ()
        self.deaf = False
        self._active = False
        self._now = 0.0
        self._needs: dict[str, int] = {}
        self._needs_at = Size(0, 0)
        self._measured: Sequence[Cells] = ()
        self._slots: tuple[Slot, ...] = ()
        self._slots_for: tuple[int, str, dict[str, int]] | None = None
        self._rows_kept: Kept[Line] = Kept()
        self._sides_kept: Kept[Line] = Kept()
        # All lines of the last drawing, under one key.
        self._drawing: Kept[list[Line]] = Kept()

    @property
    def active(self) -> bool:
        """True when keys work on this one; seen once it is drawn again."""
        return self._active

    @active.setter
    def active(self, active: bool) -> None:
        if active != self._active:
            self._active = active
            self.selection.hold()

    def show(self, rows: Sequence[Any], now: float) -> None:
        """Take these rows, in this order."""
        self._now = now
        before = self.selection.key
        self.selection.show(rows)
        self.redraw()
        if self.selection.key != before:
            self.post_message(self.Moved())

    def move(self, rows: int) -> None:
        """Move the cursor by so many rows."""
        self.go(self.selection.index + rows)

    def go(self, index: int) -> None:
        """Put the cursor on that row."""
        if self.selection.go(index):
            self.redraw()
            self.post_message(self.Moved())

    @property
    def page(self) -> int:
        """Rows that fit."""
        return max(1, self.size.height - _EDGES - self._headed(self.size.height))

    def _headed(self, height: int) -> int:
        return 1 if height >= _HEADED else 0

    def title_spans(self) -> tuple[list[Span], list[Span]]:
        """What stands at the left and the right of the upper edge."""
        return [Span(f" {_(self.view.title)} ", "title")], []

    def foot_spans(self) -> list[Span]:
        """What stands at the left of the lower edge."""
        return []

    def draw(self, width: int, height: int) -> list[Line]:
        left, right = self.title_spans()
        if height < _EDGES + 1:
            return [frame.folded(width, left, right)]
        on = self._active
        headed = self._headed(height) if self.selection.rows else 0
        room = height - _EDGES - headed
        inner = width - _EDGES
        top = self.selection.scroll(room)
        in_sight = self.selection.rows[top : top + room]
        cells = self.cells_of(in_sight, self._now) if in_sight else []
        self._measure(cells)
        self._fit(inner - 2)
        chosen = self.selection
        marked = [self.view.row_key(row) in chosen.marks for row in in_sight if chosen.marks]
        edges = (left, right, self.foot_spans())
        order = (self._slots, self.sort_by, self.sort_reverse)
        places = (width, height, top, chosen.index, len(chosen.rows))
        made_of = (places, on, edges, order, marked, cells, self.sentences)
        return self._drawing.get("", made_of, partial(self._lines, edges, top, in_sight, cells))

    def _lines(
        self, edges: _Edges, top: int, in_sight: Sequence[Any], cells: Sequence[Cells]
    ) -> list[Line]:
        left, right, foot = edges
        on, (width, height), rows = self._active, self.size, len(self.selection.rows)
        inner, headed = width - _EDGES, self._headed(height) if rows else 0
        room = height - _EDGES - headed
        lines = [frame.top(width, left, right, on=on)]
        if headed:
            lines.append(frame.side(self._head(inner), on=on))
        thumb = frame.thumb_rows(top, room, rows, room)
        body = self._body(in_sight, cells, top, inner, on)
        lines.extend(self._framed(body, room, inner, on, thumb))
        where = f" {top + 1}-{min(rows, top + room)}/{rows} " if rows > room else ""
        lines.append(frame.bottom(width, foot, [Span(where, "dim")], on=on))
        return lines

    def _framed(
        self, body: Sequence[Line], room: int, inner: int, on: bool, thumb: range
    ) -> Iterator[Line]:
        """`room` lines between the edges."""
        blank = (Span(" " * inner),)
        self._sides_kept.begin()
        for y in range(room):
            line = body[y] if y < len(body) else blank
            made_of = line, inner, on, y in thumb
            yield self._sides_kept.get(y, made_of, partial(_side, *made_of))

    def _head(self, inner: int) -> list[Span]:
        slots = self._slots
        return [
            Span(" ", "head"),
            *columns.header(slots, inner - 2, self.sort_by, self.sort_reverse),
            Span(" ", "head"),
        ]

    def _body(
        self, in_sight: Sequence[Any], cells: Sequence[Cells], top: int, inner: int, on: bool
    ) -> list[Line]:
        if not in_sight:
            return self.vacant_lines(inner)
        self._rows_kept.begin()
        return [
            self._row(self.view.row_key(row), made, place, inner, on)
            for place, (row, made) in enumerate(zip(in_sight, cells, strict=True), start=top)
        ]

    def cells_of(self, rows: Sequence[Any], now: float) -> list[Cells]:
        """The cells of each row by column; the very ones of before where nothing changed."""
        return [{column.id: column.cell(row, now) for column in self.view.columns} for row in rows]

    def _row(self, key: str, cells: Cells, place: int, inner: int, on: bool) -> Line:
        here = place == self.selection.index
        ground = ("cursor" if on else "rest") if here else ""
        if key in self.selection.marks:
            gutter = Span("•", "mark", ground)
        else:
            gutter = Span("▸" if here and on else " ", "accent", ground)
        made_of = gutter, self._slots, cells, inner
        return self._rows_kept.get(key, made_of, partial(_row, *made_of))

    def _measure(self, made: Sequence[Cells]) -> None:
        """Widths only grow, so that columns do not jump about; at another size they begin anew."""
        if self._needs_at != self.size:
            self._needs, self._needs_at, self._measured = {}, self.size, ()
        known = set(map(id, self._measured))
        self._measured = made
        made = [cells for cells in made if id(cells) not in known]
        for name in made[0] if made else ():
            widest = max(width_of(cells[name].text) for cells in made)
            if widest > self._needs.get(name, 0):
                self._needs = {**self._needs, name: widest}

    def _fit(self, width: int) -> tuple[Slot, ...]:
        wanted = (width, self.sort_by, self._needs)
        if self._slots_for != wanted:
            needs = dict(self._needs)
            if self.sort_by:
                column = self.view.column(self.sort_by)
                needs[self.sort_by] = max(
                    needs.get(self.sort_by, 0), columns.title_width(column) + 1
                )
            self._slots = columns.fit(self.view, width, needs)
            self._slots_for = wanted
        return self._slots

    def vacant_lines(self, inner: int) -> list[Line]:
        """Why there are no rows."""
        lines: list[Line] = []
        for text, role in self.sentences:
            lines.extend((Span(f" {part}", role),) for part in wrapped(text, max(8, inner - 2)))
        return lines

    def shown_columns(self) -> tuple[str, ...]:
        """Ids of the columns in sight."""
        return tuple(slot.column.id for slot in self._slots)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.move(0 if self.deaf else 3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.move(0 if self.deaf else -3)

    def on_click(self, event: events.Click) -> None:
        event.stop()
        if self.deaf:
            return
        self.post_message(self.Touched(self.view.id))
        y = event.y - 1 - self._headed(self.size.height)
        if y == -1 and self._headed(self.size.height):
            if column := columns.column_at(self._slots, event.x - _EDGES):
                self.post_message(self.SortAsked(column))
        elif 0 <= y < self.page and self.selection.top + y < len(self.selection.rows):
            self.go(self.selection.top + y)
            if event.chain == 2:
                self.post_message(self.Opened())


def _row(gutter: Span, slots: Sequence[Slot], cells: Cells, inner: int) -> Line:
    ground = gutter.ground
    shown = [cells[slot.column.id] for slot in slots]
    return (gutter, *columns.row(slots, shown, inner - 2, ground), Span(" ", "", ground))


def _side(line: Line, inner: int, on: bool, thumb: bool) -> Line:
    return frame.side(closed(line, inner), on=on, thumb=thumb)
