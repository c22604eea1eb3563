"""What was made for the last drawing is taken again while what it is made of is the same."""

from __future__ import annotations

from labtui.ui.widgets.cells import Line, Span
from labtui.ui.widgets.kept import Kept


def test_the_very_thing_comes_back_while_it_is_made_of_the_same() -> None:
    kept: Kept[Line] = Kept()
    made: list[str] = []

    def drawing(text: str) -> Line:
        def make() -> Line:
            made.append(text)
            return (Span(text),)

        kept.begin()
        return kept.get("row", (text, 1), make)

    first = drawing("a")
    assert drawing("a") is first
    assert drawing("b") == (Span("b"),)
    assert drawing("a") is not first
    assert made == ["a", "b", "a"]


def test_what_a_drawing_does_not_use_is_dropped() -> None:
    kept: Kept[list[int]] = Kept()
    first = kept.get("row", 1, lambda: [1])
    assert kept.get("row", 1, lambda: [1]) is first
    kept.begin()
    kept.begin()
    assert kept.get("row", 1, lambda: [1]) is not first
