"""The notice: one message above the footer that says what failed, where, why, what to do."""

from __future__ import annotations

from labtui.model.errors import Problem
from labtui.ui.widgets.canvas import Canvas
from labtui.ui.widgets.cells import Line, Span, wrapped
from labtui.views.view import Role

_MOST_LINES = 3
_SIGNS: dict[Role, str] = {"bad": "✗", "warn": "!", "good": "✓"}


class Notice(Canvas):
    """Shown until the next command; takes no room while there is nothing to say."""

    def __init__(self) -> None:
        super().__init__(id="notice")
        self.message = ""
        self._role: Role = ""
        self._height = 0

    def say(self, message: str, role: Role = "info") -> None:
        """Show a message; an empty one takes it away."""
        if (message, role) == (self.message, self._role) or not (message or self.message):
            return
        self.message, self._role = message, role
        self._settle()

    def tell(self, problem: Problem) -> None:
        """Show a failure with what to do about it."""
        remedy = f" {problem.remedy[0].upper()}{problem.remedy[1:]}." if problem.remedy else ""
        self.say(f"{problem.sentence}.{remedy}", "bad")

    def _settle(self) -> None:
        lines = len(self._lines(self.app.size.width)) if self.message else 0
        if lines != self._height:
            # Each of these lays the whole screen out anew.
            self._height = lines
            self.display = bool(lines)
            self.styles.height = lines
        self.redraw()

    def _lines(self, width: int) -> list[str]:
        return list(wrapped(self.message, max(10, width - 3)))[:_MOST_LINES]

    def draw(self, width: int, height: int) -> list[Line]:
        sign = _SIGNS.get(self._role, "·")
        return [
            (Span(f" {sign} " if number == 0 else "   ", self._role), Span(text, self._role))
            for number, text in enumerate(self._lines(width))
        ]
