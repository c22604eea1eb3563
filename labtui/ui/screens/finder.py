"""The finder: a line to type in and the best matches below. Go-to, palette, choice of a column."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.message import Message

from labtui.locale import _
from labtui.ui.candidates import Candidate, commanded, ranked
from labtui.ui.screens.dialog import Overlay, place
from labtui.ui.widgets import frame
from labtui.ui.widgets.canvas import Canvas
from labtui.ui.widgets.cells import Line, Span, closed, cut, harmless, padded, width_of
from labtui.ui.widgets.prompt import Field
from labtui.ui.workroom import Workroom

_MOST = 200
_WIDEST, _HIGHEST = 76, 16
# Hints begin in one column, unless a title is longer.
_TITLES = 28


class Matches(Canvas):
    """The matches, one of them chosen."""

    GROUND: ClassVar[str] = "surface"

    def __init__(self, candidates: Sequence[Candidate], *, awaited: bool) -> None:
        super().__init__()
        self._all = candidates
        self.awaited = awaited
        self._found: list[Candidate] = []
        self._index = 0
        self._top = 0
        self._titles = 0

    def find(self, text: str) -> None:
        """Show the best matches of a text."""
        self._found = [*commanded(self._all, text), *ranked(self._all, text, _MOST)]
        widest = max((width_of(harmless(entry.title)) for entry in self._found), default=0)
        self._titles = min(widest, _TITLES)
        self._index = 0
        self.redraw()

    def add(self, candidates: Sequence[Candidate], text: str) -> None:
        """More to find among, for a text that may have been typed before they came."""
        chosen = self.chosen
        self._all, self.awaited = (*self._all, *candidates), False
        self.find(text)
        if chosen in self._found:
            self._index = self._found.index(chosen)

    def move(self, rows: int) -> None:
        """Choose another."""
        self._index = max(0, min(self._index + rows, len(self._found) - 1))
        self.redraw()

    @property
    def chosen(self) -> Candidate | None:
        """The chosen match."""
        return self._found[self._index] if self._found else None

    def draw(self, width: int, height: int) -> list[Line]:
        room = height - 1
        if self._index < self._top:
            self._top = self._index
        self._top = max(self._top, self._index - room + 1)
        lines: list[Line] = []
        inner = width - 2
        for number in range(self._top, self._top + room):
            if number < len(self._found):
                line = self._entry(self._found[number], number == self._index, inner)
            elif not self._found and number == self._top:
                said = _("Looking through the lab.") if self.awaited else _("Nothing is called so.")
                line = (Span("  "), Span(said, "dim"))
            else:
                line = ()
            lines.append(frame.side(closed(line, inner), on=True))
        count = f" {len(self._found)} " if len(self._found) > room else ""
        lines.append(frame.bottom(width, (), [Span(count, "dim")], on=True))
        return lines

    def _entry(self, candidate: Candidate, here: bool, width: int) -> Line:
        ground = "cursor" if here else ""
        key = Span(f" {candidate.shortcut:>6} " if candidate.shortcut else " " * 8, "key", ground)
        left = width - 3 - width_of(key.text)
        title = cut(candidate.title, left)
        title += " " * max(0, min(self._titles, left) - width_of(title))
        hint = cut(f"  {candidate.hint}", max(0, left - width_of(title)))
        blank = " " * max(0, left - width_of(title) - width_of(hint))
        role = "" if candidate.able else "off"
        return (
            Span(padded(" ▸" if here else "", 3), "accent", ground),
            Span(title, role, ground),
            Span(hint + blank, candidate.role, ground),
            key,
        )

    def on_click(self, event: events.Click) -> None:
        event.stop()
        if 0 <= event.y < self.size.height - 1 and self._top + event.y < len(self._found):
            self._index = self._top + event.y
            self.post_message(Finder.Chosen())

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.move(1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.move(-1)


class _Head(Canvas):
    """The upper edge with the title."""

    GROUND: ClassVar[str] = "surface"

    def __init__(self, title: str) -> None:
        super().__init__()
        self._heading = title

    def draw(self, width: int, height: int) -> list[Line]:
        return [frame.top(width, [Span(f" {self._heading} ", "title")], on=True)]


class Finder(Overlay[Candidate | None]):
    """Ends with the candidate that was chosen.

    `more` makes candidates that take their time: beside the loop, while the others are shown.
    """

    class Chosen(Message):
        """A match was clicked."""

    def __init__(
        self,
        title: str,
        sign: str,
        candidates: Sequence[Candidate],
        text: str = "",
        more: Callable[[], Sequence[Candidate]] | None = None,
    ) -> None:
        super().__init__()
        self._heading = title
        self._candidates = candidates
        self._more = more
        self._room = Workroom(self._looked)
        self._moved = False
        self._ahead: list[tuple[str, str | None]] | None = None
        """Keys typed after an enter that waits for `more`; None while there is no such enter."""
        self._field = Field(sign, text, framed=True)
        self._matches = Matches(candidates, awaited=more is not None)
        self._matches.find(text)

    def compose(self) -> ComposeResult:
        yield _Head(self._heading)
        yield self._field
        yield self._matches

    def begin(self) -> None:
        self.show()
        if (more := self._more) is not None:
            self._room.take(lambda: partial(self._come, more()))

    def on_unmount(self) -> None:
        """Nobody waits for what was still being made."""
        self._room.close()

    def _looked(self) -> None:
        """What could not be made beside the loop is made on it, where its fault is shown."""
        if (more := self._more) is not None:
            self._come(more())

    def _come(self, candidates: Sequence[Candidate]) -> None:
        if self._more is not None:
            self._more = None
            self._matches.add(candidates, self._field.text)
            self._candidates = (*self._candidates, *candidates)
            self.show()
            if self._ahead is not None:
                self._enter_late(self._ahead)

    def _enter_late(self, ahead: list[tuple[str, str | None]]) -> None:
        """What was typed ahead meant the best match of all, unless another was chosen."""
        self._ahead = None
        if not self._moved:
            self._matches.find(self._field.text)
        gone = self._matches.chosen is not None
        if self._matches.chosen is not None:
            self.end(self._matches.chosen)
        for each in ahead:
            if gone and self.type is not None:
                self.type(*each)
            else:
                self.press(*each)

    def show(self) -> None:
        across, down = self.room()
        rows = min(_HIGHEST, max(5, len(self._candidates)) + 1, max(2, down - 6))
        place(self, min(_WIDEST, max(20, across - 4)), rows + 2)

    def paste(self, text: str) -> None:
        self._field.insert(text)
        self._matches.find(self._field.text)

    def on_finder_chosen(self, event: Chosen) -> None:
        event.stop()
        self.end(self._matches.chosen)

    def press(self, key: str, character: str | None) -> bool:
        matches = self._matches
        if self._ahead is not None and key not in ("escape", "ctrl+c"):
            self._ahead.append((key, character))
            return True
        moves = {"up": -1, "down": 1, "pageup": -10, "pagedown": 10, "shift+tab": -1}
        if key in moves:
            self._moved = True
            matches.move(moves[key])
        elif key == "tab":
            if matches.chosen is not None:
                takes_more = matches.chosen.target.kind == "word" and not matches.chosen.target.key
                self._field.put(matches.chosen.title + (" " if takes_more else ""))
                matches.find(self._field.text)
        elif key == "enter":
            if self._more is not None:
                # Typed ahead: what is meant may be among those that are still being made.
                self._ahead = []
            elif matches.chosen is not None:
                self.end(matches.chosen)
        elif key in ("escape", "ctrl+c"):
            self.end(None)
        elif self._field.press(key, character):
            matches.find(self._field.text)
        return True
