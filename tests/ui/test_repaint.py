"""Updates made of what changed show the same screen as a whole repaint."""

from __future__ import annotations

from typing import NamedTuple, cast

import pyte
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import set_cell_size
from rich.console import Console
from rich.segment import Segment
from textual._compositor import Compositor
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from labtui.ui.repaint import SparingCompositor

SIZE = Size(24, 5)
NARROW, WIDE = "ab█ ", "ab方 "


class Sheet:
    """A widget as far as a compositor looks at it: lines of text, seen only within `clip`."""

    def __init__(self, region: Region, texts: tuple[str, ...], clip: Region = SIZE.region) -> None:
        self.region = region
        self.clip = clip
        self.lines = [set_cell_size(texts[y % len(texts)], region.width) for y in range(5)]

    def render_lines(self, crop: Region) -> list[Strip]:
        lines = self.lines[crop.y : crop.bottom]
        assert len(lines) == crop.height, "only what is in the widget may be asked for"
        return [Strip([Segment(line)]).crop(crop.x, crop.right) for line in lines]


class Layout(NamedTuple):
    """Sheets from the front, and a part of the screen that changed."""

    sheets: tuple[Sheet, ...]
    changed: frozenset[Region]


def _regions() -> st.SearchStrategy[Region]:
    return st.builds(
        Region, st.integers(0, 20), st.integers(0, 4), st.integers(1, 24), st.integers(1, 5)
    ).map(lambda region: region.intersection(SIZE.region))


def _sheets(alphabet: str) -> st.SearchStrategy[tuple[Sheet, ...]]:
    texts = st.tuples(*[st.text(alphabet, min_size=24, max_size=24)] * 2)
    one = st.builds(Sheet, _regions(), texts, _regions())
    ground = st.builds(Sheet, st.just(SIZE.region), texts)
    return st.tuples(st.lists(one, max_size=4), ground).map(lambda found: (*found[0], found[1]))


def _layouts(alphabet: str) -> st.SearchStrategy[Layout]:
    return st.builds(Layout, _sheets(alphabet), st.frozensets(_regions(), min_size=1, max_size=4))


def _compositor(sheets: tuple[Sheet, ...]) -> SparingCompositor:
    compositor = SparingCompositor()
    _lay_out(compositor, sheets)
    return compositor


def _lay_out(compositor: Compositor, sheets: tuple[Sheet, ...]) -> None:
    compositor.size = SIZE
    seen = {sheet: (sheet.region, sheet.clip) for sheet in sheets}
    compositor._visible_widgets = cast(dict[Widget, tuple[Region, Region]], seen)


def _as_textual_paints(sheets: tuple[Sheet, ...]) -> list[str]:
    compositor = Compositor()
    _lay_out(compositor, sheets)
    return [strip.text for strip in compositor.render_strips()]


class Terminal:
    def __init__(self, strips: list[Strip]) -> None:
        self._screen = pyte.Screen(*SIZE)
        self._stream = pyte.Stream(self._screen)
        for y, strip in enumerate(strips):
            self._stream.feed(f"\x1b[{y + 1};1H{strip.render(Console())}")

    def update(self, compositor: SparingCompositor) -> str:
        update = compositor.render_partial_update()
        assert update is not None
        written = update.render_segments(Console())
        self._stream.feed(written)
        return written

    @property
    def shown(self) -> list[str]:
        return list(self._screen.display)


@given(_layouts(NARROW), st.text(NARROW, min_size=24, max_size=24))
def test_what_changed_is_painted_and_nothing_else(layout: Layout, news: str) -> None:
    compositor = _compositor(layout.sheets)
    before = _as_textual_paints(layout.sheets)
    terminal = Terminal(compositor.render_strips())
    assert terminal.shown == before
    for sheet in layout.sheets:
        sheet.lines = [set_cell_size(news[y:] + news[:y], sheet.region.width) for y in range(5)]
    after = _as_textual_paints(layout.sheets)
    compositor._dirty_regions = set(layout.changed)
    terminal.update(compositor)
    expected = [
        "".join(
            after[y][x] if any(region.contains(x, y) for region in layout.changed) else old
            for x, old in enumerate(line)
        )
        for y, line in enumerate(before)
    ]
    assert terminal.shown == expected


@given(_layouts(WIDE))
def test_a_wide_glyph_is_written_as_a_whole(layout: Layout) -> None:
    """A terminal takes both halves away when one is overwritten."""
    compositor = _compositor(layout.sheets)
    terminal = Terminal(compositor.render_strips())
    before = terminal.shown
    compositor._dirty_regions = set(layout.changed)
    terminal.update(compositor)
    assert terminal.shown == before


def test_a_wide_glyph_is_whole_where_something_behind_it_ends() -> None:
    front, behind = Sheet(Region(0, 0, 9, 1), ("aaaaaaa方a",)), Sheet(Region(0, 0, 8, 5), ("b",))
    ground = Sheet(SIZE.region, (" ",))
    assert _compositor((front, behind, ground)).render_strips()[0].text.rstrip() == "aaaaaaa方"
    assert _as_textual_paints((front, behind, ground))[0].rstrip() == "aaaaaaa"


def test_an_update_begins_and_ends_where_the_change_does() -> None:
    compositor = _compositor((Sheet(SIZE.region, ("abcdefghijklmnopqrstuvwx",)),))
    assert compositor.render_partial_update() is None
    compositor._dirty_regions = {Region(3, 1, 2, 1), Region(10, 1, 3, 1)}
    update = compositor.render_partial_update()
    assert update is not None
    assert update.render_segments(Console()) == "\x1b[2;4Hde\x1b[2;11Hklm"


def test_what_lies_outside_the_screen_is_left_out() -> None:
    """A terminal can become smaller between a change and its painting."""
    compositor = _compositor((Sheet(SIZE.region, ("ab",)),))
    compositor._dirty_regions = {Region(20, 3, 30, 9)}
    update = compositor.render_partial_update()
    assert update is not None
    assert [(y, x, strip.cell_length) for y, x, strip in update.pieces] == [(3, 20, 4), (4, 20, 4)]


def test_a_new_layout_is_looked_at_anew() -> None:
    left, right = Sheet(Region(0, 0, 12, 5), ("l",)), Sheet(Region(12, 0, 12, 5), ("r",))
    compositor = _compositor((left, right))
    terminal = Terminal(compositor.render_strips())
    compositor._dirty_regions = {Region(0, 0, 24, 1)}
    terminal.update(compositor)
    moved = Sheet(SIZE.region, ("moved",))
    _lay_out(compositor, (moved,))
    compositor._dirty_regions = {Region(0, 0, 24, 1)}
    terminal.update(compositor)
    assert terminal.shown[0].rstrip() == "moved"
