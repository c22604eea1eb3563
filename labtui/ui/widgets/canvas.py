"""Canvas: a widget of lines of spans, on Textual's line API, that repaints only what changed.

Everything that labtui draws goes through here, so text from outside never meets markup, and what
could steer a terminal never reaches it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Protocol, cast

from rich.segment import Segment
from textual.color import Color
from textual.geometry import Region, Size
from textual.reactive import Reactive
from textual.strip import Strip
from textual.widget import Widget

from labtui.ui.glyphs import plain
from labtui.ui.ink import Ink
from labtui.ui.widgets.cells import Line, changed, closed


class Inked(Protocol):
    """What a canvas asks of its app."""

    @property
    def ink(self) -> Ink: ...

    @property
    def plain_glyphs(self) -> bool:
        """True: nothing but ASCII is drawn."""
        ...


class Canvas(Widget):
    """Draws what `draw` returns. Call `redraw` whenever that may have changed: it costs little
    when it has not, and nothing is sent to the terminal then."""

    ALLOW_SELECT: ClassVar[bool] = False
    GROUND: ClassVar[str] = "base"
    # It never scrolls: another size asks for neither another layout nor another paint by itself.
    virtual_size: Reactive[Size] = Reactive(Size(0, 0), repaint=False)

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._drawn: Sequence[Line] = ()
        self._drawn_for = (0, 0)
        self._shown: list[Line] = []
        self._strips: dict[int, Strip] = {}
        self._faded = False

    def draw(self, width: int, height: int) -> Sequence[Line]:
        """The lines from the top; fewer than `height` leave the rest blank."""
        raise NotImplementedError

    @property
    def faded(self) -> bool:
        """What is shown is old, and is drawn so."""
        return self._faded

    @faded.setter
    def faded(self, faded: bool) -> None:
        if faded != self._faded:
            self._faded = faded
            self._strips.clear()
            self.refresh()

    def redraw(self) -> None:
        """Draw again and repaint the cells that are not as they were."""
        width, height = self.size
        if not width or not height or not self.is_mounted:
            return
        old = self._shown
        lines = self._draw_anew()
        if len(old) != height:
            self._strips.clear()
            self.refresh()
            return
        regions = []
        for y, (was, now) in enumerate(zip(old, lines, strict=True)):
            if (span := changed(was, now)) is not None:
                self._strips.pop(y, None)
                regions.append(Region(span[0], y, span[1] - span[0], 1))
        if regions:
            self.refresh(*regions)

    def _draw_anew(self) -> list[Line]:
        width, height = self.size
        drawn = self.draw(width, height)[:height]
        before = self._drawn if self._drawn_for == (width, height) else ()
        self._drawn, self._drawn_for = drawn, (width, height)
        old = self._shown
        # A line that is as before was made harmless and as wide as this then.
        lines = [
            old[y] if y < len(before) and line == before[y] else closed(line, width)
            for y, line in enumerate(drawn)
        ]
        lines.extend([closed((), width)] * (height - len(lines)))
        self._shown = lines
        return lines

    @property
    def text(self) -> str:
        """What is on the screen, line by line, without colours."""
        return "\n".join("".join(span.text for span in line).rstrip() for line in self._shown)

    def on_resize(self) -> None:
        if self._drawn_for != self.size:
            self._shown, self._drawn = [], ()
            self.redraw()

    def on_show(self) -> None:
        self.redraw()

    def renew(self) -> None:
        """The theme changed: paint everything anew."""
        self._strips.clear()
        self.refresh()

    def render_lines(self, crop: Region) -> list[Strip]:
        """These lines, as Textual asks for them at each repaint of any widget.

        A canvas has neither border nor padding nor opacity, so that nothing has to be laid over
        its strips, and the filters were applied when they were made.
        """
        if self._drawn_for != self.size:
            # Painted before it heard of its size: drawn now, else blank first and then once more.
            self._strips.clear()
            self._draw_anew()
        kept, width = self._strips, self.size.width
        stale = [
            y
            for y in crop.line_range
            if (strip := kept.get(y)) is None or strip.cell_length != width
        ]
        if stale:
            self._make(stale)
        strips = [kept[y] for y in crop.line_range]
        if crop.column_span != (0, width):
            return [strip.crop(*crop.column_span) for strip in strips]
        return strips

    def render_line(self, y: int) -> Strip:
        """One line."""
        return self.render_lines(Region(0, y, self.size.width, 1))[0]

    def _make(self, wanted: Sequence[int]) -> None:
        """Strips of these lines."""
        width = self.size.width
        filters = self.get_line_filters()
        ground = self.background_colors[1] if filters else Color(0, 0, 0)
        for y in wanted:
            # What is shown has been made harmless and as wide as the canvas by `redraw`; between a
            # new size and that, it is of the old width, and would be painted over the neighbours.
            shown = self._shown[y] if y < len(self._shown) else ()
            if not shown or self._drawn_for[0] != width:
                shown = closed(shown, width)
            strip = self._strip(shown)
            for line_filter in filters:
                strip = strip.apply_filter(line_filter, ground)
            self._strips[y] = strip

    def _strip(self, line: Line) -> Strip:
        app = cast(Inked, self.app)
        ink, ascii_only = app.ink, app.plain_glyphs
        segments = [
            Segment(
                plain(text) if ascii_only else text,
                ink.style(role, ground or self.GROUND, self._faded),
            )
            for text, role, ground in line
        ]
        # Neighbours of one style become one: fewer escape sequences on the wire.
        return Strip(Segment.simplify(segments), self.size.width)
