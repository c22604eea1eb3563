"""The map pane: a drawing of sites and links in place of a table, and words on what is chosen.

Where the sites stand is computed once per shape and size; of many sites in a thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from textual import events

from labtui.locale import _
from labtui.model.diagnosis import Subject
from labtui.model.map_layout import Box
from labtui.model.paths import Trail
from labtui.ui.panes.map_moving import apart, atlas_of, lines_of, name_of, nearest
from labtui.ui.panes.pane import Pane
from labtui.ui.widgets import frame
from labtui.ui.widgets.cells import Line, Span, closed, wrapped
from labtui.views import map_words
from labtui.views.map_picture import Ink, boxes_for, draw
from labtui.views.map_places import Atlas, Place
from labtui.views.map_tree import Twig, tree
from labtui.views.view import Cell, View

if TYPE_CHECKING:
    from labtui.live.probing import Probing

_BESIDE = 150
"""From this width on the words stand beside the drawing."""
_WORDS = 52
_BELOW = 4
_FEW = 12
_Shape = tuple[tuple[str, ...], tuple[tuple[str, str], ...], int, int]


class MapPane(Pane):
    """A view of places as a drawing; cursor, details and marks are those of any pane."""

    def __init__(
        self, view: View[Any], probing: Callable[[], Probing], key_of: Callable[[str], str]
    ) -> None:
        super().__init__(view, key_of)
        self._probing = probing
        self.seconds: dict[str, float] = {}
        self.ways: tuple[Trail | None, Trail | None] | None = None
        self._ends: list[str] = []
        self._asked: tuple[str, ...] = ()
        self._boxes: dict[_Shape, dict[str, Box] | None] = {}
        self._laying: set[_Shape] = set()
        self._where: dict[str, tuple[int, int]] = {}
        self._twigs: list[Twig] = []
        self._corner = (1, 1)

    # What is chosen

    @property
    def place(self) -> Place | None:
        """What the cursor is on."""
        row = self.selection.row
        return row if isinstance(row, Place) else None

    @property
    def pair(self) -> tuple[str, str] | None:
        """The two sites that are marked, in the order in which they were."""
        ends = [key for key in self._ends if key in self.selection.marks]
        return (name_of(ends[0]), name_of(ends[1])) if len(ends) == 2 else None

    def subject(self) -> Subject | None:
        """What a diagnosis would be of."""
        if self.pair is not None:
            return Subject("pair", *self.pair)
        place = self.place
        if place is None:
            return None
        if place.edge is not None:
            return Subject("link", place.key)
        routers = place.node.routers if place.node is not None else ()
        return Subject("router", routers[0]) if routers else None

    def mark(self) -> None:
        """Mark the site under the cursor as an end of a way; a third drops the first."""
        place = self.place
        if place is None or not place.is_site or place.node is None or not place.node.ours:
            return
        key = place.key
        ends = [each for each in self._ends if each in self.selection.marks]
        ends = [each for each in ends if each != key] if key in ends else [*ends, key][-2:]
        self._ends, self.selection.marks = ends, set(ends)
        self._ask_way()
        self.redraw()

    def mark_all(self) -> None:
        """There are never more than two."""

    def unmark(self) -> None:
        super().unmark()
        self._ends, self.ways, self._asked = [], None, ()

    def _ask_way(self) -> None:
        self.ways = None
        self._asked = self.pair or ()
        if self.pair is not None:
            self.run_worker(self._way(*self.pair), group="way", exclusive=True)

    async def _way(self, one: str, other: str) -> None:
        ways = await self._probing().between(one, other)
        if self._asked == (one, other):
            self.ways = ways
            self.redraw()

    def measure(self) -> None:
        """Ping through every link that stands, from the router at one end."""
        self.run_worker(self._ping_all(), group="latencies", exclusive=True)

    async def _ping_all(self) -> None:
        async for key, seconds in self._probing().latencies():
            if seconds is None:
                self.seconds.pop(key, None)
            else:
                self.seconds[key] = seconds
            self.redraw()

    # Moving

    def move(self, rows: int) -> None:
        """Up or down: to the nearest place there; in the tree by lines."""
        if self._twigs:
            keys = [twig.key for twig in self._twigs]
            here = keys.index(self.selection.key) if self.selection.key in keys else 0
            self.seek(keys[max(0, min(here + rows, len(keys) - 1))])
        else:
            self._towards(0, 1 if rows > 0 else -1)

    def sideways(self, steps: int) -> None:
        """Left or right: to the nearest place there."""
        if not self._twigs:
            self._towards(steps, 0)

    def _towards(self, across: int, down: int) -> None:
        self.selection.hold()
        here = self._where.get(self.selection.key)
        shown = {self.view.row_key(row) for row in self.selection.rows}
        others = {key: at for key, at in self._where.items() if key in shown}
        if here is None:
            found = min(others, default="")
        else:
            found = nearest(here, others, across, down, self.selection.key)
        if found:
            self.seek(found)

    def on_click(self, event: events.Click) -> None:
        event.stop()
        event.prevent_default()
        if self.deaf:
            return
        self.post_message(self.Touched(self.view.id))
        at = (event.x - self._corner[0], event.y - self._corner[1])
        if self._twigs:
            near = ""
        else:
            near = min(self._where, key=lambda key: apart(self._where[key], at), default="")
        if near and apart(self._where[near], at) <= 8:
            self.seek(near)
            if event.chain == 2:
                self.post_message(self.Opened())

    # Drawing

    @property
    def wanted(self) -> int:
        return 20

    def draw(self, width: int, height: int) -> list[Line]:
        left, right = self.title_spans()
        if height < 3:
            return [frame.folded(width, left, right)]
        inner, room = width - 2, height - 2
        body = self._content(inner, room) if self.selection.rows else self.vacant_lines(inner)
        lines = [frame.top(width, left, right, on=self._active)]
        for y in range(room):
            line = body[y] if y < len(body) else ()
            lines.append(frame.side(closed(line, inner), on=self._active))
        lines.append(frame.bottom(width, self.foot_spans(), on=self._active))
        return lines

    def _content(self, width: int, height: int) -> list[Line]:
        """The drawing with the words beside it, or below."""
        beside = width >= _BESIDE
        words = self._words(_WORDS - 2 if beside else width - 2)
        if beside:
            picture = self._picture(width - _WORDS, height)
            return [
                (
                    *closed(line, width - _WORDS),
                    Span("│ ", "frame"),
                    *(words[y] if y < len(words) else ()),
                )
                for y, line in enumerate(picture)
            ]
        # Always the same number of lines: the drawing must not jump as the cursor moves.
        below = _BELOW if height > 2 * _BELOW else 1
        picture = self._picture(width, height - below)
        told = [(Span(" "), *line) for line in words[:below]]
        return [*picture, *told, *[()] * (below - len(told))]

    def _picture(self, width: int, height: int) -> list[Line]:
        atlas = atlas_of(self.selection.rows)
        known, boxes = self._boxes_of(atlas, width, height)
        if not known:
            return [(Span(" " + _("laying out ..."), "dim"),), *[()] * (height - 1)]
        if boxes is None:
            return self._tree(atlas, height)
        self._twigs = []
        picture = draw(atlas, boxes, width, height, self._ink())
        self._where = picture.places
        return lines_of(picture)

    def _boxes_of(
        self, atlas: Atlas, width: int, height: int
    ) -> tuple[bool, dict[str, Box] | None]:
        """(whether it is known, the boxes); of many sites it is computed in a thread."""
        names = tuple(node.name for node in atlas.net.sites)
        shape = (names, atlas.pairs, width, height)
        if shape not in self._boxes:
            if len(names) > _FEW:
                if shape not in self._laying:
                    self._laying.add(shape)
                    self.run_worker(self._lay_out(shape, atlas), group="layout")
                return False, None
            self._keep(shape, boxes_for(atlas, width, height))
        return True, self._boxes[shape]

    async def _lay_out(self, shape: _Shape, atlas: Atlas) -> None:
        boxes = await asyncio.to_thread(boxes_for, atlas, shape[2], shape[3])
        self._laying.discard(shape)
        self._keep(shape, boxes)
        self.redraw()

    def _keep(self, shape: _Shape, boxes: dict[str, Box] | None) -> None:
        if len(self._boxes) > 8:
            self._boxes.clear()
        self._boxes[shape] = boxes

    def _tree(self, atlas: Atlas, height: int) -> list[Line]:
        self._twigs = tree(atlas, self.seconds)
        keys = [twig.key for twig in self._twigs]
        here = keys.index(self.selection.key) if self.selection.key in keys else 0
        top = max(0, min(here - height // 2, len(keys) - height))
        lines: list[Line] = []
        for twig in self._twigs[top : top + height]:
            ground = "cursor" if twig.key == self.selection.key else ""
            sign = "•" if twig.key in self.selection.marks else " "
            lines.append((Span(sign, "mark", ground), Span(twig.text, twig.role, ground)))
        return lines

    def _ink(self) -> Ink:
        path: set[str] = set()
        for trail in self.ways or ():
            path.update(trail.links if trail is not None else ())
        return Ink(
            self.selection.key, frozenset(self.selection.marks), frozenset(path), self.seconds
        )

    def _words(self, width: int) -> list[Line]:
        """On the way between two marked sites, and on what is under the cursor."""
        cells: list[Cell] = []
        if self.pair is not None:
            one, other = self.pair
            if self.ways is None:
                cells.append(Cell(_("asking the routers on the way ..."), "dim"))
            else:
                cells.append(map_words.way(one, other, self.ways[0]))
                cells.append(map_words.way(other, one, self.ways[1]))
        if self.place is not None:
            cells += map_words.about(self.place, self.seconds)
        return [(Span(text, cell.role),) for cell in cells for text in wrapped(cell.text, width)]

    def foot_spans(self) -> list[Span]:
        spans = super().foot_spans()
        for command, text in (
            ("mark", _("ends of a way")),
            ("diagnose.place", _("diagnose")),
            ("map.measure", _("latency")),
        ):
            spans += [Span(f" {self._key_of(command)}", "key"), Span(f" {text} ", "dim")]
        return spans
