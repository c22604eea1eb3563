"""Pages over the panes: framed lines to be read and scrolled, made anew for each width."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, TypeVar

from textual import events

from labtui.locale import _
from labtui.ui.screens.dialog import Dialog
from labtui.ui.widgets import frame
from labtui.ui.widgets.cells import Line, Span, closed

Made = Callable[[int], Sequence[Line]]
T = TypeVar("T")

_END = 100_000


class Page(Dialog[T]):
    """Give it a `heading`, a `body`, and `other_key` for the keys that do not scroll."""

    WIDEST: ClassVar[int] = 120

    def __init__(self) -> None:
        super().__init__()
        self._top = 0

    @property
    def heading(self) -> str:
        """What stands in the upper edge."""
        raise NotImplementedError

    def body(self, width: int) -> Sequence[Line]:
        """All the lines, for that width."""
        raise NotImplementedError

    def other_key(self, key: str) -> None:
        """A key was pressed that does not scroll."""
        raise NotImplementedError

    def hints(self) -> list[Span]:
        """What stands in the lower edge."""
        return hinted(("esc", _("back")))

    def before(self, number: int) -> Span:
        """The cell before that line of the body."""
        del number
        return Span(" ")

    def lines(self, width: int, height: int) -> list[Line]:
        body = self.body(width - 4)
        room = max(1, height - 2)
        self._top = max(0, min(self._top, len(body) - room))
        sight = body[self._top : self._top + room]
        thumb = frame.thumb_rows(self._top, room, len(body), len(sight))
        framed = [frame.top(width, [Span(f" {self.heading} ", "title")], on=True)]
        for y, line in enumerate(sight):
            cells = (self.before(self._top + y), *closed(line, width - 4), Span(" "))
            framed.append(frame.side(closed(cells, width - 2), on=True, thumb=y in thumb))
        more = hinted(("↑ ↓", _("more"))) if len(body) > room else []
        framed.append(frame.bottom(width, [*more, *self.hints()], on=True))
        return framed

    def press(self, key: str, character: str | None) -> bool:
        page = max(1, self.size.height - 4)
        steps = {"up": -1, "k": -1, "down": 1, "j": 1, "pageup": -page, "pagedown": page,
                 "space": page, "home": -_END, "end": _END}  # fmt: skip
        if key in steps:
            self.step(steps[key])
        else:
            self.other_key(key)
        return True

    def step(self, lines: int) -> None:
        """Go on by so many lines."""
        self.scroll_lines(lines)

    def scroll_lines(self, lines: int) -> None:
        """Show what is so many lines further."""
        self._top += lines
        self.show()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.scroll_lines(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.scroll_lines(-3)


class PageDialog(Page[None]):
    """`made` gives the lines for a width; any key that does not scroll leaves."""

    def __init__(self, title: str, made: Made) -> None:
        super().__init__()
        self._title = title
        self._made = made

    @property
    def heading(self) -> str:
        return self._title

    def become(self, made: Made) -> None:
        """Show other lines from now on."""
        self._made = made
        self.show()

    def body(self, width: int) -> Sequence[Line]:
        return self._made(width)

    def other_key(self, key: str) -> None:
        del key
        self.end(None)


def hinted(*keys: tuple[str, str]) -> list[Span]:
    """Keys and what they do, as they stand in a lower edge."""
    return [span for key, does in keys for span in (Span(f" {key}", "key"), Span(f" {does} "))]
