"""The details of one object: the sections of its view, live, for as long as they are open."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events

from labtui.actions.action import Wire
from labtui.locale import _
from labtui.model.snapshot import Snapshot
from labtui.ui.panes.names import name_of
from labtui.ui.panes.pane import Pane
from labtui.ui.widgets import frame
from labtui.ui.widgets.canvas import Canvas
from labtui.ui.widgets.cells import (
    Line,
    Span,
    closed,
    harmless,
    line_width,
    padded,
    width_of,
    wrapped,
)
from labtui.views.aging import record_age
from labtui.views.view import Section

_TWO_COLUMNS = 110
_GAP = 3
_LABEL_MOST = 24


class Details(Canvas):
    """What is known of the object under the cursor of a pane."""

    def __init__(self, pane: Pane, key: str) -> None:
        super().__init__()
        self.pane = pane
        self.key = key
        self.gone = False
        self._sections: tuple[Section, ...] = ()
        self._more: tuple[Section, ...] = ()
        self._called = key
        self._top = 0
        self._lines: list[Line] = []

    def look(self, snapshot: Snapshot, now: float, *, settled: bool = True) -> None:
        """Show the object as this snapshot has it; what is gone stays, and is said to be gone."""
        pane = self.pane
        pane.look(snapshot, now, settled=settled)
        view = pane.view
        for row in pane.table.everything:
            if view.row_key(row) == self.key:
                self.gone = False
                self._called = name_of(view, row, now)
                self._sections = (*view.details(row, snapshot, now), *self._more)
                break
        else:
            self.gone = True
        self.faded = self.gone or pane.faded
        self.redraw()

    def ask(self, wire: Wire) -> None:
        """Read what is read only while somebody looks; shown when it is there."""
        self.run_worker(self._asked(wire), group="more", exclusive=True)

    async def _asked(self, wire: Wire) -> None:
        from labtui.ui.panes.on_demand import sections

        before = len(self._sections) - len(self._more)
        self._more = await sections(self.pane.view.noun, self.key, wire)
        self._sections = (*self._sections[:before], *self._more)
        self.redraw()

    def move(self, lines: int) -> None:
        """Scroll."""
        self._top += lines
        self.redraw()

    @property
    def page(self) -> int:
        """Lines that fit."""
        return max(1, self.size.height - 2)

    def to_top(self) -> None:
        """Scroll to the beginning."""
        self.move(-len(self._lines))

    def to_end(self) -> None:
        """Scroll to the end."""
        self.move(len(self._lines))

    def draw(self, width: int, height: int) -> list[Line]:
        inner, room = width - 2, height - 2
        self._lines = section_lines(self._sections, inner - 2)
        self._top = max(0, min(self._top, len(self._lines) - room))
        sight = self._lines[self._top : self._top + room]
        thumb = frame.thumb_rows(self._top, room, len(self._lines), room)
        left = [
            Span(" "),
            Span(f"{_(self.pane.view.title)} › ", "dim"),
            Span(self._called, "title"),
        ]
        left.append(Span(" "))
        right = (
            [Span(_(" not there any more "), "bad")] if self.gone else self.pane.title_spans()[1]
        )
        lines = [frame.top(width, left, right, on=True)]
        for y in range(room):
            body = closed((Span(" "), *sight[y]), inner) if y < len(sight) else (Span(" " * inner),)
            lines.append(frame.side(body, on=True, thumb=y in thumb))
        lines.append(frame.bottom(width, on=True))
        return lines

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.move(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.move(-3)


def section_lines(sections: Sequence[Section], width: int) -> list[Line]:
    """The sections below each other, in two columns where there is room."""
    if width < _TWO_COLUMNS or len(sections) < 2:
        return [line for section in sections for line in (*_section(section, width), ())]
    half = (width - _GAP) // 2
    blocks = [[*_section(section, half), ()] for section in sections]
    left: list[Line] = []
    right: list[Line] = []
    for block in blocks:
        shorter = left if len(left) <= len(right) else right
        shorter.extend(block)
    lines: list[Line] = []
    for y in range(max(len(left), len(right))):
        one = closed(left[y], half) if y < len(left) else (Span(" " * half),)
        other = right[y] if y < len(right) else ()
        lines.append((*one, Span(" " * _GAP), *other))
    return lines


def _section(section: Section, width: int) -> list[Line]:
    label_width = min(
        _LABEL_MOST, max((width_of(harmless(label)) for label, _cell in section.lines), default=0)
    )
    title = [Span(f"{section.title} ", "key")]
    if age := record_age(section.age):
        title.append(Span(f"{age} ", "warn"))
    rule = Span("─" * max(0, width - line_width(title)), "frame")
    lines: list[Line] = [(*title, rule)]
    telling = any(cell.text for _label, cell in section.lines)
    for label, cell in section.lines:
        # An empty value says nothing, unless the label is all there is to say.
        if telling and label and not cell.text:
            continue
        head = Span(f"{padded(label, label_width)}  " if label_width else "", "dim")
        taken = width_of(head.text)
        for number, part in enumerate(wrapped(cell.text, max(8, width - taken))):
            first = head if number == 0 else Span(" " * taken)
            lines.append((first, Span(part, cell.role)))
    return lines
