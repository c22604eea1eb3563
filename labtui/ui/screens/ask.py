"""A question with one way to say yes, for what is done without a plan."""

from __future__ import annotations

from typing import ClassVar

from labtui.locale import _
from labtui.ui.screens.dialog import Dialog
from labtui.ui.widgets import frame
from labtui.ui.widgets.cells import Line, Span, closed, wrapped


class Ask(Dialog[bool]):
    """Ends with True when it was said yes to."""

    WIDEST: ClassVar[int] = 72

    def __init__(self, title: str, question: str, yes: str, no: str = "") -> None:
        super().__init__()
        self._heading = title
        self._question = question
        self._yes = yes
        self._no = no or _("leave")

    def lines(self, width: int, height: int) -> list[Line]:
        body: list[Line] = [()]
        body.extend((Span(part),) for part in wrapped(self._question, width - 6))
        body.extend(((), self._keys()))
        return [
            frame.top(width, [Span(f" {self._heading} ", "title")], on=True),
            *(frame.side(closed((Span("  "), *line), width - 2), on=True) for line in body),
            frame.bottom(width, on=True),
        ]

    def _keys(self) -> Line:
        yes, no = Span(f" {self._yes}   "), Span(f" {self._no}")
        return (Span("enter", "key"), yes, Span("esc", "key"), no)

    def press(self, key: str, character: str | None) -> bool:
        if key in ("enter", "escape", "q", "ctrl+c", "n", "y"):
            self.end(key in ("enter", "y"))
        return True
