"""The pane of findings: a cause in two or three lines, since its words are a sentence.

The row under the cursor says what helps first; the others do while there is room for all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from textual import events

from labtui.locale import _, ngettext
from labtui.model.snapshot import Snapshot
from labtui.ui.panes import freshness
from labtui.ui.panes.findings_lines import Fullness, block, times_told
from labtui.ui.panes.findings_view import KeyOf, Row, role
from labtui.ui.panes.pane import Pane
from labtui.ui.panes.table import Table
from labtui.ui.widgets import frame
from labtui.ui.widgets.cells import Line, Span
from labtui.ui.widgets.kept import Kept
from labtui.views.view import View

if TYPE_CHECKING:
    from labtui.live.triage import TriageKeeper

_OLD = 20.0
_MOST_WANTED = 24


class FindingsTable(Table):
    """Stands on the triage, not on the snapshot, which may be newer."""

    def __init__(self, view: View[Any], keeper: TriageKeeper) -> None:
        super().__init__(view)
        self._keeper = keeper

    def _inputs_of(self, snapshot: Snapshot) -> tuple[object, ...]:
        return (self._keeper.present,)


class FindingsPane(Pane):
    """A list of blocks; everything else is a pane like the others."""

    def __init__(self, view: View[Any], keeper: TriageKeeper, key_of: KeyOf) -> None:
        self._keeper = keeper
        self._places: list[int] = []
        self._blocks_kept: Kept[list[Line]] = Kept()
        super().__init__(view, key_of)

    def make_table(self) -> Table:
        return FindingsTable(self.view, self._keeper)

    def age_at(self, snapshot: Snapshot, now: float) -> freshness.Age:
        keeper = self._keeper
        if keeper.present is not None and now - keeper.looked_at > _OLD:
            return freshness.as_of(keeper.looked_at, now)
        if keeper.fault:
            return freshness.Age(keeper.fault)
        if keeper.present is not None and keeper.present.settling:
            return freshness.Age(_("first minute"))
        return freshness.Age()

    def vacancy(
        self, hidden: int, snapshot: Snapshot, now: float
    ) -> tuple[freshness.Sentence, ...]:
        if hidden:
            return super().vacancy(hidden, snapshot, now)
        keeper = self._keeper
        if keeper.fault:
            return ((keeper.fault, "bad"),)
        feeds = sorted(snapshot.freshness.items(), key=lambda pair: pair[0])
        if not feeds:
            return ((_("No source is configured, so nothing can be judged."), "dim"),)
        unread = [pair for pair in feeds if pair[1].read_at is None]
        if keeper.present is None or len(unread) == len(feeds):
            told = freshness.silent(unread, now)
            return told or ((_("Loading: the lab is being judged."), "dim"),)
        sources = len({(feed.backend, feed.source) for feed, _fresh in feeds})
        count = ngettext("{n} source is read.", "{n} sources are read.", sources).format(n=sources)
        well = f"{_(self.view.empty)} {count}"
        return ((well, "good"), *freshness.silent(unread, now))

    @property
    def wanted(self) -> int:
        rows = self.table.everything
        if not rows:
            return super().wanted
        inner, whole = self.size.width - 2, 0
        for row in rows:
            whole += len(self._block(row, inner, Fullness.USUAL, here=False))
            if whole >= _MOST_WANTED:
                break
        return min(whole, _MOST_WANTED) + 2

    @property
    def page(self) -> int:
        """Rows that fit, about."""
        return max(1, (self.size.height - 2) // 3)

    def title_spans(self) -> tuple[list[Span], list[Span]]:
        left, right = super().title_spans()
        rows = self.selection.rows
        if self.size.height < 3 and rows:
            # Folded to a line: the worst of it in words, which the top line has no room for.
            left.append(Span(f"{rows[0].cause.finding.words.say()} ", role(rows[0].cause)))
            return left, right if self._age.old else []
        return left, right

    def draw(self, width: int, height: int) -> list[Line]:
        left, right = self.title_spans()
        if height < 3:
            return [frame.folded(width, left, right)]
        chosen, foot = self.selection, self.foot_spans()
        times = [times_told(row, self._now) for row in chosen.rows]
        places = (width, height, chosen.top, chosen.index, frozenset(chosen.marks))
        made_of = (places, self._active, left, right, foot, chosen.rows, times, self.sentences)
        return self._drawing.get("", made_of, partial(self._blocks, left, right, foot))

    def _blocks(self, left: list[Span], right: list[Span], foot: list[Span]) -> list[Line]:
        width, height = self.size
        on, inner, room = self._active, width - 2, height - 2
        rows = self.selection.rows
        body = self._listed(rows, inner, room) if rows else self.vacant_lines(inner)
        shown = len(set(self._places)) if rows else 0
        thumb = frame.thumb_rows(self.selection.top, shown, len(rows), room)
        lines = [frame.top(width, left, right, on=on)]
        lines.extend(self._framed(body, room, inner, on, thumb))
        first = self.selection.top + 1
        where = f" {first}-{first + shown - 1}/{len(rows)} " if 0 < shown < len(rows) else ""
        lines.append(frame.bottom(width, foot, [Span(where, "dim")], on=on))
        return lines

    def _listed(self, rows: Sequence[Row], inner: int, room: int) -> list[Line]:
        """The blocks in sight, as full as there is room for; the cursor's is always among them."""
        self._blocks_kept.begin()
        fullness = self._fullness(rows, inner, room)
        index = self.selection.index
        blocks: dict[int, list[Line]] = {}

        def made(place: int) -> list[Line]:
            # Only those near what is in sight: there may be hundreds.
            if place not in blocks:
                here = place == index
                blocks[place] = self._block(rows[place], inner, fullness, here=here)
            return blocks[place]

        def height(place: int) -> int:
            return len(made(place))

        self.selection.top = top = first_in_sight(
            height, len(rows), self.selection.top, index, room
        )
        lines: list[Line] = []
        self._places = []
        for place in range(top, len(rows)):
            if lines and len(lines) + height(place) > room:
                # Half a block would be read as a whole one, unless it is all that fits.
                break
            lines.extend(made(place))
            self._places.extend([place] * height(place))
        return lines

    def _fullness(self, rows: Sequence[Row], inner: int, room: int) -> Fullness:
        for fullness in (Fullness.ALL, Fullness.USUAL):
            whole = 1
            for row in rows:
                whole += len(self._block(row, inner, fullness, here=False))
                if whole > room:
                    break
            else:
                return fullness
        return Fullness.LEAST

    def _block(self, row: Row, inner: int, fullness: Fullness, *, here: bool) -> list[Line]:
        if here and self._active:
            fullness = Fullness.ALL
        ground = ("cursor" if self._active else "rest") if here else ""
        sign = "▸" if here and self._active else " "
        marked = row.id in self.selection.marks
        gutter = Span("•", "mark", ground) if marked else Span(sign, "accent", ground)
        return self._blocks_kept.get(
            (row.id, inner, fullness, gutter),
            (row, times_told(row, self._now)),
            partial(block, row, self._now, gutter, inner, fullness, self._key_of),
        )

    def on_click(self, event: events.Click) -> None:
        event.stop()
        # A grid would take it that each row has one line.
        event.prevent_default()
        if self.deaf:
            return
        self.post_message(self.Touched(self.view.id))
        y = event.y - 1
        if 0 <= y < len(self._places):
            self.go(self._places[y])
            if event.chain == 2:
                self.post_message(self.Opened())


def first_in_sight(
    height: Callable[[int], int], count: int, top: int, index: int, room: int
) -> int:
    """The first block: so that the one at `index` is whole if it can be, and no room is wasted."""
    needed = 0
    least = index
    for place in range(index, -1, -1):
        needed += height(place)
        if needed > room:
            break
        least = place
    top = max(least, min(top, index))
    below = 0
    for place in range(top, count):
        below += height(place)
        if below > room:
            return top
    while top > least and below + height(top - 1) <= room:
        top -= 1
        below += height(top)
    return top
