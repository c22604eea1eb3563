"""A line to type in, for the filter and the finder: a sign, the text, a cursor.

Not Textual's Input: that needs the focus, and keys typed faster than the focus moves would go
astray. Here every key comes from the screen, in order.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from labtui.model.text import clean
from labtui.ui.widgets.canvas import Canvas
from labtui.ui.widgets.cells import Line, Span, closed, width_of

_LONGEST = 500


class Entry:
    """The text being typed and where the cursor is in it. Pure."""

    def __init__(self, text: str = "") -> None:
        self.text = text
        self.at = len(text)

    def put(self, text: str) -> None:
        """Replace the text."""
        self.text = text
        self.at = len(text)

    def insert(self, text: str) -> None:
        """Put that in at the cursor, made one harmless line."""
        text = clean(text)[: max(0, _LONGEST - len(self.text))]
        self.text = self.text[: self.at] + text + self.text[self.at :]
        self.at += len(text)

    def press(self, key: str, character: str | None) -> bool:
        """Take a key; False for one that edits nothing."""
        before, after = self.text[: self.at], self.text[self.at :]
        if key == "backspace":
            self.text, self.at = before[:-1] + after, max(0, self.at - 1)
        elif key == "delete":
            self.text = before + after[1:]
        elif key in ("ctrl+u", "ctrl+w"):
            kept = "" if key == "ctrl+u" else before.rstrip()[: before.rstrip().rfind(" ") + 1]
            self.text, self.at = kept + after, len(kept)
        elif key in ("left", "right", "home", "end", "ctrl+a", "ctrl+e"):
            steps = {"left": self.at - 1, "right": self.at + 1, "home": 0, "ctrl+a": 0}
            self.at = max(0, min(len(self.text), steps.get(key, len(self.text))))
        elif character and character.isprintable():
            self.insert(character)
        else:
            return False
        return True


class Field(Canvas):
    """The line on the screen."""

    GROUND: ClassVar[str] = "surface"

    def __init__(self, sign: str, text: str = "", *, framed: bool = False) -> None:
        super().__init__()
        self.entry = Entry(text)
        self._sign = sign
        self._framed = framed

    @property
    def text(self) -> str:
        """What was typed."""
        return self.entry.text

    def press(self, key: str, character: str | None) -> bool:
        """Take a key; False for one that edits nothing."""
        taken = self.entry.press(key, character)
        self.redraw()
        return taken

    def put(self, text: str) -> None:
        """Replace the text."""
        self.entry.put(text)
        self.redraw()

    def insert(self, text: str) -> None:
        """Take what was pasted."""
        self.entry.insert(text)
        self.redraw()

    def draw(self, width: int, height: int) -> Sequence[Line]:
        edge = (Span("│", "frame-on"),) if self._framed else ()
        sign = Span(f" {self._sign} ", "key")
        room = max(1, width - 2 * len(edge) - width_of(sign.text))
        return [(*edge, *closed((sign, *self._typed(room)), width - 2 * len(edge)), *edge)]

    def _typed(self, room: int) -> Line:
        """The text round the cursor; a long one is scrolled."""
        entry = self.entry
        before, after = entry.text[: entry.at], entry.text[entry.at :] or " "
        while before and width_of(before) + width_of(after[0]) > room:
            before = before[1:]
        return (Span(before), Span(after[0], "strong", "caret"), Span(after[1:]))
