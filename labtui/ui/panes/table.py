"""The rows of a view as a pane shows them: computed when what they stand on changed, kept else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from labtui.model.snapshot import Snapshot
from labtui.ui.panes.freshness import topics_of
from labtui.views.filter import EMPTY, Filter, RowTexts
from labtui.views.view import Summary, View

# Time alone can change the order (trouble); a large table is put in order again only this often.
_LARGE, _REORDER = 500, 5.0


class Table:
    """One view's rows, in order and filtered. The inputs are compared by identity, which is free.

    `everything` are all rows, `rows` those that the filter lets through.
    """

    def __init__(self, view: View[Any]) -> None:
        self.view = view
        self.everything: Sequence[Any] = ()
        self.rows: Sequence[Any] = ()
        self.summary = Summary("")
        self.filter: Filter = EMPTY
        self.by = ""
        self.reverse: bool | None = None
        self._texts = RowTexts(view)
        self._topics = topics_of(view)
        self._inputs: tuple[object, ...] | None = None
        self._made_at = 0.0
        self._arranged: Sequence[Any] = ()

    def look(self, snapshot: Snapshot, now: float) -> None:
        """Bring everything up to date."""
        inputs = self._inputs_of(snapshot)
        known = self._inputs is not None and _identical(self._inputs, inputs)
        pause = _REORDER if len(self.everything) > _LARGE else 0.5
        if known and not (self.view.ticks and abs(now - self._made_at) >= pause):
            return
        self._inputs, self._made_at = inputs, now
        self.everything = self.view.rows(snapshot, now)
        self.summary = self.view.summary(self.everything, now)
        self._arrange(now)

    def sort(self, by: str, reverse: bool | None, now: float) -> None:
        """Put in order by that column; empty: trouble first."""
        self.by, self.reverse = by, reverse
        self._arrange(now)

    def sift(self, wanted: Filter) -> None:
        """Show only what the filter lets through."""
        self.filter = wanted
        self._sift()

    def _arrange(self, now: float) -> None:
        arranged = self.view.arranged(self.everything, now, self.by, self.reverse)
        if not _identical(arranged, self._arranged):
            self._arranged = arranged
        self._sift()

    def _sift(self) -> None:
        if not self.filter.terms:
            self.rows = self._arranged
            return
        accepts, texts = self.filter.accepts, self._texts
        rows = [row for row in self._arranged if accepts(texts.of(row))]
        if not _identical(rows, self.rows):
            self.rows = rows

    def _inputs_of(self, snapshot: Snapshot) -> tuple[object, ...]:
        if not self._topics:
            return (snapshot.jobs, snapshot.freshness)
        feeds = sorted(feed for feed in snapshot.freshness if feed.topic in self._topics)
        return tuple(
            thing
            for feed in feeds
            for thing in (snapshot.freshness[feed], snapshot.parts.get(feed))
        )


def _identical(one: Sequence[object], other: Sequence[object]) -> bool:
    return len(one) == len(other) and all(a is b for a, b in zip(one, other, strict=True))
