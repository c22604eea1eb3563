"""Updates of the terminal made of what changed alone.

For each update Textual's compositor asks every widget near a change for all of its lines, divides
them where any two widgets meet, and writes each from the left edge of its widget (`_compositor.py`
of 8.2, which says itself that the left side is still to be cropped). Here a changed span asks the
widgets that are seen in it for that line, and is written from its beginning to its end.

A line is divided where what is seen of it meets, and not where something behind it ends as well:
there a wide glyph of a dialog would be cut in two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import NamedTuple

from rich.cells import cell_len
from rich.console import Console
from textual._compositor import Compositor, CompositorUpdate
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget


class Piece(NamedTuple):
    """What is to stand in a line of the terminal from a column on, both counted from 0."""

    y: int
    x: int
    strip: Strip


class Pieces(CompositorUpdate):
    """An update of some pieces of the screen."""

    def __init__(self, pieces: list[Piece]) -> None:
        self.pieces = pieces

    def render_segments(self, console: Console) -> str:
        """As written to the terminal."""
        return "".join(
            f"\x1b[{y + 1};{x + 1}H{strip.render(console)}" for y, x, strip in self.pieces
        )


class _Part(NamedTuple):
    """The columns of the screen in which a widget is what is seen of a line."""

    left: int
    right: int
    widget: Widget
    region: Region

    def strip(self, y: int) -> Strip:
        """What is seen of it in that line of the screen."""
        line = Region(self.left - self.region.x, y - self.region.y, self.right - self.left, 1)
        return self.widget.render_lines(line)[0]


class SparingCompositor(Compositor):
    """Textual's compositor, which renders what is seen, and for an update only what changed."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: dict[int, list[_Part]] = {}
        self._parts_of: object = None

    def render_partial_update(self) -> Pieces | None:  # type: ignore[override]
        """What was marked as changed since the last update; None when nothing was."""
        changed, self._dirty_regions = self._dirty_regions, set()
        if not changed:
            return None
        lines = range(self.size.height)
        spans = self._regions_to_spans(changed)
        return Pieces([piece for span in spans if span[0] in lines for piece in self._seen(*span)])

    def _render_chops(
        self, crop: Region, is_rendered_line: Callable[[int], bool]
    ) -> Sequence[Mapping[int, Strip]]:
        """The strips of each line by their columns, for what is painted as a whole."""
        del crop
        return [
            {part.left: part.strip(y) for part in self._parts_in(y)} if is_rendered_line(y) else {}
            for y in range(self.size.height)
        ]

    def _seen(self, y: int, left: int, right: int) -> Iterator[Piece]:
        for part in self._parts_in(y):
            if part.left < right and part.right > left:
                strip = part.strip(y)
                start, stop = max(left, part.left), min(right, part.right)
                start, stop = whole(strip, start - part.left, stop - part.left)
                yield Piece(y, part.left + start, strip.crop(start, stop))

    def _parts_in(self, y: int) -> list[_Part]:
        """Who is seen in that line, from left to right; kept for as long as the layout stands."""
        if self._parts_of is not self.visible_widgets:
            self._parts, self._parts_of = {}, self.visible_widgets
        if y not in self._parts:
            self._parts[y] = sorted(self._in_front(y), key=attrgetter("left"))
        return self._parts[y]

    def _in_front(self, y: int) -> Iterator[_Part]:
        """From the front: each widget where none before it is."""
        free = [(0, self.size.width)]
        for widget, (region, clip) in self.visible_widgets.items():
            seen = region.intersection(clip)
            if not seen.y <= y < seen.bottom:
                continue
            left_free = []
            for start, stop in free:
                left, right = max(start, seen.x), min(stop, seen.right)
                if left >= right:
                    left_free.append((start, stop))
                    continue
                yield _Part(left, right, widget, region)
                left_free += [gap for gap in ((start, left), (right, stop)) if gap[0] < gap[1]]
            free = left_free


def whole(strip: Strip, start: int, stop: int) -> tuple[int, int]:
    """The same cells, and the other half of a wide glyph at either end: one that is overwritten by
    half is gone as a whole, and nobody would paint it again.
    """
    text = strip.text
    if len(text) == strip.cell_length:
        return start, stop
    at = 0
    for glyph in text:
        after = at + cell_len(glyph)
        start = at if at < start < after else start
        if at < stop < after:
            stop = after
        at = after
    return start, stop
