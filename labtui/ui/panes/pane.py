"""Pane: a view on the screen. Decides which rows its grid shows and what its frame says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from labtui.locale import _
from labtui.model.snapshot import Snapshot
from labtui.ui.panes import freshness
from labtui.ui.panes.kept_cells import KeptCells
from labtui.ui.panes.table import Table
from labtui.ui.widgets.cells import Span
from labtui.ui.widgets.grid import Cells, Grid
from labtui.views.aging import any_stale, old_columns, row_cells
from labtui.views.filter import Filter
from labtui.views.view import View


class Pane(Grid):
    """A grid over one view of the snapshot."""

    def __init__(self, view: View[Any], key_of: Callable[[str], str]) -> None:
        super().__init__(view, id=f"pane-{view.id}")
        self.table = self.make_table()
        self._key_of = key_of
        self._age = freshness.Age()
        self._pending = ""
        self._snapshot = Snapshot()
        self._old_columns: frozenset[str] = frozenset()
        self._doubtful = False
        self._cells = KeptCells(view)

    def make_table(self) -> Table:
        """What decides which rows there are."""
        return Table(self.view)

    def look(self, snapshot: Snapshot, now: float, *, settled: bool = True) -> None:
        """Show this snapshot at this time; costs next to nothing when nothing changed.

        Not `settled`: rows that are there stay as they are, newer ones are on their way; where they
        take long, so are the first.
        """
        self._snapshot = snapshot
        self._old_columns = old_columns(self.view, snapshot, now)
        self._doubtful = bool(self._old_columns) or any_stale(self.view, snapshot, now)
        if settled or not (self.table.drawn or self.view.heavy):
            self.table.look(snapshot, now)
        self._age = self.age_at(snapshot, now)
        self.faded = self._age.old
        self._put(now)

    def age_at(self, snapshot: Snapshot, now: float) -> freshness.Age:
        """How old what is shown is."""
        age = freshness.age(freshness.leading(self.view, snapshot), now)
        if not age.old and self.table.old_since is not None:
            return freshness.as_of(self.table.old_since, now)
        return age

    def _put(self, now: float) -> None:
        table = self.table
        hidden = len(table.everything) - len(table.rows)
        self.sentences = () if table.rows else self.vacancy(hidden, self._snapshot, now)
        if self.selection.marks:
            self.selection.forget([self.view.row_key(row) for row in table.everything])
        self.show(table.rows, now)
        if self._pending and self.selection.find(self._pending):
            self._pending = ""
            self.redraw()
            self.post_message(self.Moved())

    def vacancy(
        self, hidden: int, snapshot: Snapshot, now: float
    ) -> tuple[freshness.Sentence, ...]:
        """Why there are no rows, while a filter hides so many."""
        if not self.table.drawn:
            return ((_("One moment."), "dim"),)
        text = self.table.filter.text
        back = self._key_of("back") if hidden else ""
        return freshness.vacancy(self.view, snapshot, now, hidden, text, back)

    def cells_of(self, rows: Sequence[Any], now: float) -> list[Cells]:
        """As old as they are; the row says its age where the frame does not."""
        if not self._doubtful:
            return self._cells.of(rows, now)
        told, old = not self._age.old, self._old_columns
        return [row_cells(self.view, row, self._snapshot, now, told=told, old=old) for row in rows]

    def sift(self, wanted: Filter, now: float) -> None:
        """Show only the rows that the filter lets through."""
        self.table.sift(wanted)
        self._put(now)

    def sort(self, by: str, reverse: bool | None, now: float) -> None:
        """Sort by a column; empty: trouble first."""
        self.table.sort(by, reverse, now)
        self.sort_by, self.sort_reverse = by, reverse
        self._put(now)

    def seek(self, key: str) -> bool:
        """Put the cursor on that object, now or as soon as it is there."""
        if self.selection.find(key):
            self.redraw()
            self.post_message(self.Moved())
            return True
        self._pending = key
        return False

    def go(self, index: int) -> None:
        """Put the cursor on that row; what was still being waited for no longer is."""
        self._pending = ""
        super().go(index)

    def to_top(self) -> None:
        """The cursor to the first row."""
        self.go(0)

    def to_end(self) -> None:
        """The cursor to the last row."""
        self.go(len(self.selection.rows) - 1)

    def mark(self) -> None:
        """Mark the row under the cursor and go on to the next."""
        self.selection.mark()
        self.selection.go(self.selection.index + 1)
        self.redraw()
        self.post_message(self.Moved())

    def mark_all(self) -> None:
        """Mark all that is shown, or none."""
        self.selection.mark_all()
        self.redraw()

    def unmark(self) -> None:
        """Take all marks away."""
        self.selection.marks = set()
        self.redraw()

    @property
    def wanted(self) -> int:
        """Lines that would show everything."""
        rows = len(self.table.everything)
        return (rows or len(self.vacant_lines(self.size.width - 2))) + 3

    def title_spans(self) -> tuple[list[Span], list[Span]]:
        summary = self.table.summary
        left = [Span(" ")]
        if self.view.key:
            left.append(Span(f"{self.view.key} ", "key"))
        left.append(Span(f"{_(self.view.title)} ", "title"))
        if summary.text and (self.table.everything or summary.role):
            left.append(Span(f"{summary.text} ", summary.role or "dim"))
        right = [Span(f" {self._age.text} ", "warn")] if self._age.text else []
        return left, right

    def foot_spans(self) -> list[Span]:
        spans: list[Span] = []
        if marks := len(self.selection.marks):
            spans.append(Span(_(" {n} marked ").format(n=marks), "mark"))
        table = self.table
        if table.filter.text:
            text = _(" /{filter}  {n} of {all} ").format(
                filter=table.filter.text, n=len(table.rows), all=len(table.everything)
            )
            spans.append(Span(text, "info"))
        return spans
