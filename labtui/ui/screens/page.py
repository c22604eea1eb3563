"""A page of lines over the panes, to be read and scrolled; made anew when its width changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import events

from labtui.locale import _
from labtui.ui.screens.dialog import Dialog
from labtui.ui.widgets import frame
from labtui.ui.widgets.cells import Line, Span, closed

Made = Callable[[int], Sequence[Line]]


class PageDialog(Dialog[None]):
    """`made` gives the lines for a width; any key that does not scroll leaves."""

    WIDEST: ClassVar[int] = 120

    def __init__(self, title: str, made: Made) -> None:
        super().__init__()
        self._title = title
        self._made = made
        self._top = 0

    def become(self, made: Made) -> None:
        """Show other lines from now on."""
        self._made = made
        self.show()

    def lines(self, width: int, height: int) -> list[Line]:
        body = list(self._made(width - 4))
        room = max(1, height - 2)
        self._top = max(0, min(self._top, len(body) - room))
        sight = body[self._top : self._top + room]
        thumb = frame.thumb_rows(self._top, room, len(body), len(sight))
        framed = [frame.top(width, [Span(f" {self._title} ", "title")], on=True)]
        for y, line in enumerate(sight):
            inner = closed((Span(" "), *closed(line, width - 4), Span(" ")), width - 2)
            framed.append(frame.side(inner, on=True, thumb=y in thumb))
        keys = [Span(" esc", "key"), Span(" " + _("back") + " ")]
        framed.append(frame.bottom(width, keys, on=True))
        return framed

    def press(self, key: str, character: str | None) -> bool:
        page = max(1, self.size.height - 4)
        steps = {"up": -1, "k": -1, "down": 1, "j": 1, "pageup": -page, "pagedown": page,
                 "space": page, "home": -100_000, "end": 100_000}  # fmt: skip
        if key in steps:
            self._scroll(steps[key])
        else:
            self.end(None)
        return True

    def _scroll(self, rows: int) -> None:
        self._top += rows
        self.show()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self._scroll(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self._scroll(-3)
