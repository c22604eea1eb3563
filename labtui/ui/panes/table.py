"""The rows of a view as a pane shows them: computed when what they stand on changed, kept else."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, NamedTuple

from labtui.model.feed import Feed
from labtui.model.snapshot import Snapshot
from labtui.ui.panes.freshness import topics_of
from labtui.views import aging
from labtui.views.filter import EMPTY, Filter, RowTexts
from labtui.views.view import Summary, View

# Time alone can change the order (trouble); a large table is put in order again only this often.
LARGE, _REORDER = 500, 5.0
# Seconds that rows may take on the event loop, where a key waits for them.
_SLOW = 0.005


class Layout(NamedTuple):
    """The rows of one moment: all, all in order, those that pass the filter."""

    inputs: tuple[object, ...]
    made_at: float
    stale: tuple[Feed, ...]
    order: tuple[str, bool | None, Filter]
    everything: Sequence[Any] = ()
    arranged: Sequence[Any] = ()
    rows: Sequence[Any] = ()
    summary: Summary = Summary("")
    old_since: float | None = None
    took: float = 0.0


class Table:
    """One view's rows, in order and filtered. The inputs are compared by identity, which is free.

    `everything` are all rows, `rows` those that the filter lets through.
    """

    def __init__(self, view: View[Any]) -> None:
        self.view = view
        self.by = ""
        self.reverse: bool | None = None
        self.filter: Filter = EMPTY
        self.texts = RowTexts(view)
        self._topics = topics_of(view)
        self._layout: Layout | None = None

    @property
    def everything(self) -> Sequence[Any]:
        """All rows of the view."""
        return self._layout.everything if self._layout else ()

    @property
    def rows(self) -> Sequence[Any]:
        """The rows that the filter lets through, in order."""
        return self._layout.rows if self._layout else ()

    @property
    def summary(self) -> Summary:
        """What the frame says of all rows."""
        return self._layout.summary if self._layout else Summary("")

    @property
    def old_since(self) -> float | None:
        """When the youngest row was read, if all are old (epoch seconds)."""
        return self._layout.old_since if self._layout else None

    @property
    def drawn(self) -> bool:
        """Whether there are rows from some moment, so that newer ones can be waited for."""
        return self._layout is not None

    @property
    def slow(self) -> bool:
        """Whether its rows take, or took, so long to make that it is better done elsewhere."""
        return self._layout.took > _SLOW if self._layout is not None else self.view.heavy

    def due(self, snapshot: Snapshot, now: float) -> bool:
        """Whether what it shows stands on something that is another now."""
        known = self._layout
        if known is None or not _identical(known.inputs, self._inputs_of(snapshot)):
            return True
        if known.stale != aging.stale_feeds(self.view, snapshot, now):
            return True
        pause = _REORDER if len(known.everything) > LARGE else 0.5
        return self.view.ticks and abs(now - known.made_at) >= pause

    def look(self, snapshot: Snapshot, now: float) -> None:
        """Bring everything up to date, here and now."""
        if self.due(snapshot, now):
            self._layout = self.draft(snapshot, now)

    def draft(self, snapshot: Snapshot, now: float) -> Layout:
        """The rows of that moment. Pure: any thread may make them, the loop then takes them."""
        began = time.perf_counter()
        inputs, order, before = self._inputs_of(snapshot), self._order(), self._layout
        everything = self.view.rows(snapshot, now)
        summary = aging.summary(self.view, everything, snapshot, now)
        made = self._arranged(everything, now, before, order)
        old = aging.all_old(self.view, everything, snapshot, now)
        took = time.perf_counter() - began
        stale = aging.stale_feeds(self.view, snapshot, now)
        return Layout(inputs, now, stale, order, everything, *made, summary, old, took)

    def take(self, layout: Layout) -> None:
        """Show what was drafted; in the order that is wanted now, should it be another."""
        if layout.order != self._order():
            made = self._arranged(layout.everything, layout.made_at, self._layout, self._order())
            layout = self._changed(layout, made)
        self._layout = layout

    def sort(self, by: str, reverse: bool | None, now: float) -> None:
        """Put in order by that column; empty: trouble first."""
        self.by, self.reverse = by, reverse
        if (known := self._layout) is not None:
            made = self._arranged(known.everything, now, known, self._order())
            self._layout = self._changed(known, made)

    def sift(self, wanted: Filter) -> None:
        """Show only what the filter lets through."""
        self.filter = wanted
        if (known := self._layout) is not None:
            made = (known.arranged, self._sifted(known.arranged, wanted, known))
            self._layout = self._changed(known, made)

    def _changed(self, known: Layout, made: tuple[Sequence[Any], Sequence[Any]]) -> Layout:
        arranged, rows = made
        return known._replace(order=self._order(), arranged=arranged, rows=rows)

    def _order(self) -> tuple[str, bool | None, Filter]:
        return (self.by, self.reverse, self.filter)

    def _arranged(
        self,
        everything: Sequence[Any],
        now: float,
        before: Layout | None,
        order: tuple[str, bool | None, Filter],
    ) -> tuple[Sequence[Any], Sequence[Any]]:
        """All rows in order, and those that pass; the old lists where nothing differs."""
        by, reverse, wanted = order
        arranged: Sequence[Any] = self.view.arranged(everything, now, by, reverse)
        if before is not None and _identical(arranged, before.arranged):
            arranged = before.arranged
        return arranged, self._sifted(arranged, wanted, before)

    def _sifted(
        self, arranged: Sequence[Any], wanted: Filter, before: Layout | None
    ) -> Sequence[Any]:
        if not wanted.terms:
            return arranged
        rows = wanted.sifted(arranged, self.texts)
        return before.rows if before is not None and _identical(rows, before.rows) else rows

    def _inputs_of(self, snapshot: Snapshot) -> tuple[object, ...]:
        if not self.view.needs:
            return (snapshot.jobs, snapshot.events, snapshot.freshness)
        feeds = sorted(feed for feed in snapshot.freshness if feed.topic in self._topics)
        return tuple(
            thing
            for feed in feeds
            for thing in (snapshot.freshness[feed], snapshot.parts.get(feed))
        )


def _identical(one: Sequence[object], other: Sequence[object]) -> bool:
    return len(one) == len(other) and all(a is b for a, b in zip(one, other, strict=True))
