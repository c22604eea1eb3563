"""The details of one object: the sections of its view, live, for as long as they are open."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from typing import TYPE_CHECKING

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
from labtui.ui.widgets.chart import chart_lines
from labtui.views.aging import record_age
from labtui.views.view import Section

if TYPE_CHECKING:
    from labtui.ui.panes.asking import Asking

_TWO_COLUMNS = 110
_GAP = 3
_LABEL_MOST = 24


class Details(Canvas):
    """What is known of the object under the cursor of a pane.

    `passing`: they were opened from elsewhere, and leaving them leads back there.
    """

    def __init__(self, pane: Pane, key: str) -> None:
        super().__init__()
        self.pane = pane
        self.key = key
        self.gone = False
        self.passing = False
        self._sections: tuple[Section, ...] = ()
        self._asking: Asking | None = None
        self._now = 0.0
        self._called = key
        self._top = 0
        self._lines: list[Line] = []

    def look(self, snapshot: Snapshot, now: float, *, settled: bool = True) -> None:
        """Show the object as this snapshot has it; what is gone stays, and is said to be gone."""
        pane = self.pane
        self._now = now
        pane.look(snapshot, now, settled=settled)
        view = pane.view
        for row in pane.table.everything:
            if view.row_key(row) == self.key:
                self.gone = False
                self._called = name_of(view, row, now)
                self._sections = view.details(row, snapshot, now)
                break
        else:
            self.gone = True
        self.faded = self.gone or pane.faded
        self.redraw()

    def ask(self, wire: Wire) -> None:
        """Read what is read only while somebody looks; shown when it is there."""
        if self._asking is None:
            from labtui.ui.panes.asking import Asking

            self._asking = Asking(self.pane.view.noun, self.key, self._run, self.redraw)
        self._asking.begin(wire)

    def _run(self, asking: Coroutine[None, None, None], name: str) -> None:
        self.run_worker(asking, group=f"more {name}", exclusive=True)

    def timeframe(self, steps: int) -> str:
        """Charts of a longer or shorter time; the name of it, empty when there are none here."""
        return self._asking.timeframe(steps) if self._asking is not None else ""

    def next_log(self) -> bool:
        """The log of the task before; False when there is none here."""
        return self._asking is not None and self._asking.next_log()

    @property
    def _told(self) -> tuple[Section, ...]:
        more = self._asking.sections(self._now) if self._asking is not None else ()
        return (*self._sections, *more)

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
        self._lines = section_lines(self._told, inner - 2)
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
    labels = [*(label for label, _cell in section.lines), *(c.label for c in section.charts)]
    label_width = min(_LABEL_MOST, max((width_of(harmless(label)) for label in labels), default=0))
    title = [Span(f"{section.title} ", "key")]
    if age := record_age(section.age):
        title.append(Span(f"{age} ", "warn"))
    rule = Span("─" * max(0, width - line_width(title)), "frame")
    lines: list[Line] = [(*title, rule)]
    lines.extend(chart_lines(section.charts, width, label_width))
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
