"""Text in cells: never too wide, never harmful, and only the changed cells are repainted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from labtui.ui.widgets import frame
from labtui.ui.widgets.cells import (
    Span,
    changed,
    clip,
    closed,
    cut,
    line_width,
    padded,
    width_of,
    wrapped,
)

TEXTS = st.text(
    st.one_of(st.characters(), st.sampled_from("a b方怡君é…\x1b\u202e\u200b[]/")), max_size=30
)
WIDTHS = st.integers(0, 40)


@given(TEXTS, WIDTHS)
def test_cut_fits_and_is_harmless(text: str, width: int) -> None:
    short = cut(text, width)
    assert cell_len(short) <= width
    assert short.isprintable()


@given(TEXTS, WIDTHS, st.booleans())
def test_padded_is_exact(text: str, width: int, right: bool) -> None:
    assert cell_len(padded(text, width, right)) == width


@given(st.lists(TEXTS, max_size=6), WIDTHS)
def test_a_closed_line_is_exact_and_harmless(texts: list[str], width: int) -> None:
    line = closed([Span(text) for text in texts], width)
    assert line_width(line) == width
    assert all(span.text.isprintable() for span in line)


@given(TEXTS, st.integers(2, 40))
def test_wrapped_lines_fit_and_lose_no_word(text: str, width: int) -> None:
    lines = list(wrapped(text, width))
    assert all(width_of(line) <= width for line in lines)
    if text.isascii() and text.isprintable():
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_a_cut_text_says_so() -> None:
    assert cut("jupyter-benjamin", 8) == "jupyter…"
    assert cut("方怡君", 5) == "方怡…"
    assert cut("方怡君", 4) == "方…"
    assert clip((Span("abc"), Span("defgh")), 6) == (Span("abc"), Span("de…"))


LINES = st.lists(
    st.tuples(st.sampled_from(["a", "bb", "方", "  "]), st.sampled_from(["", "bad"])), max_size=8
)


@given(LINES, LINES)
def test_all_that_changed_lies_in_the_reported_range(
    one: list[tuple[str, str]], other: list[tuple[str, str]]
) -> None:
    old = closed([Span(*pair) for pair in one], 20)
    new = closed([Span(*pair) for pair in other], 20)
    found = changed(old, new)
    before, after = cells(old), cells(new)
    differing = [x for x in range(20) if before[x] != after[x]]
    if found is None:
        assert differing == []
    else:
        assert 0 <= found[0] < found[1] <= 20
        assert all(found[0] <= x < found[1] for x in differing)


def cells(line: tuple[Span, ...]) -> list[tuple[str, str]]:
    """What each cell shows; both halves of a wide glyph."""
    return [
        (character, span.role)
        for span in line
        for character in span.text
        for _half in range(cell_len(character))
    ]


def test_one_changed_cell_is_one_cell() -> None:
    old = closed((Span("104 "), Span("12s", "good"), Span(" up")), 20)
    new = closed((Span("104 "), Span("13s", "good"), Span(" up")), 20)
    assert changed(old, new) == (4, 7)
    assert changed(old, old) is None


@pytest.mark.parametrize("text", ["\x1b]52;c;aGk=\x07", "a\u202eb", "x\x9b31m"])
def test_what_steers_a_terminal_is_gone(text: str) -> None:
    assert "\x1b" not in cut(text, 40)
    assert "\u202e" not in cut(text, 40)
    assert "\x9b" not in cut(text, 40)


def test_a_title_that_does_not_fit_ends_with_a_whole_word() -> None:
    line = frame.top(30, [Span(" guests "), Span("35 running of 58, 6 away ")], [Span(" old ")])
    text = "".join(span.text for span in line)
    assert "guests 35… " in text
    assert line_width(line) == 30
