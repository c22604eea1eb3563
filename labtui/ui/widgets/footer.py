"""The footer: the keys that do something to what is selected, then the ones that always do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from labtui.locale import _
from labtui.ui.widgets.canvas import Canvas
from labtui.ui.widgets.cells import Line, Span, line_width


class Hint(NamedTuple):
    """A key and what it does; `able` is False when it would only say why not."""

    key: str
    title: str
    able: bool = True
    weight: int = 0


class Footer(Canvas):
    """One line of hints. When there is no room, those that would only say why not go first, then
    those of greater weight."""

    GROUND: ClassVar[str] = "bar"

    def __init__(self) -> None:
        super().__init__(id="footer")
        self._hints: tuple[Hint, ...] = ()

    def look(self, hints: Sequence[Hint]) -> None:
        """Show these hints."""
        if tuple(hints) != self._hints:
            self._hints = tuple(hints)
            self.redraw()

    def draw(self, width: int, height: int) -> list[Line]:
        return [footer_line(self._hints, width)]


def footer_line(hints: Sequence[Hint], width: int) -> Line:
    """The hints that fit."""
    kept = [hint for hint in hints if hint.key]
    while kept and line_width(_spans(kept)) > width:
        heaviest = max(map(_gone_first, kept))
        last = max(place for place, hint in enumerate(kept) if _gone_first(hint) == heaviest)
        del kept[last]
    return _spans(kept)


def _gone_first(hint: Hint) -> tuple[bool, int]:
    return not hint.able, hint.weight


def _spans(hints: Sequence[Hint]) -> Line:
    spans: list[Span] = [Span(" ")]
    for hint in hints:
        spans.append(Span(hint.key, "key" if hint.able else "off"))
        spans.append(Span(f" {_(hint.title)}  ", "" if hint.able else "off"))
    return tuple(spans)
