"""Updates that begin where the change does show the same screen as whole repaints."""

from __future__ import annotations

import pyte
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.segment import Segment
from textual._compositor import ChopsUpdate
from textual.strip import Strip

from labtui.ui.thrift import crop_updates, cropped

WIDTH = 30
LINE = st.text("ab█ ", min_size=WIDTH, max_size=WIDTH)


def painted(*writings: str) -> list[str]:
    screen = pyte.Screen(WIDTH, 2)
    stream = pyte.Stream(screen)
    for writing in writings:
        stream.feed(writing)
    return list(screen.display)


@given(LINE, LINE, st.integers(0, WIDTH - 1), st.integers(1, WIDTH), st.integers(1, WIDTH - 1))
def test_only_the_span_is_written(
    before: str, after: str, left: int, length: int, cut: int
) -> None:
    right = min(WIDTH, left + length)
    # Two widgets side by side, each a chop of the line.
    chops = {0: Strip([Segment(after[:cut])]), cut: Strip([Segment(after[cut:])])}
    update = ChopsUpdate([chops], [(0, left, right)], [[cut, WIDTH]])
    written = cropped(update, Console())
    assert painted(f"\x1b[1;1H{before}", written)[0] == (
        before[:left] + after[left:right] + before[right:]
    )


@given(st.integers(0, 9), st.integers(1, 10))
def test_a_wide_glyph_is_written_as_a_whole(left: int, length: int) -> None:
    """A terminal takes both halves away when one is overwritten."""
    after = "ab方怡君cd"
    update = ChopsUpdate(
        [{0: Strip([Segment(after)])}], [(0, left, min(10, left + length))], [[10]]
    )
    written = cropped(update, Console())
    screen = painted(f"\x1b[1;1H{after}", written)[0].rstrip()
    assert screen == after


def test_textual_still_writes_updates_by_that_method() -> None:
    assert callable(ChopsUpdate.render_segments)
    crop_updates()
    update = ChopsUpdate([{0: Strip([Segment("abc")])}], [(0, 1, 2)], [[3]])
    assert update.render_segments(Console()) == "\x1b[1;2Hb"
