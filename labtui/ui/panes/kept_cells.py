"""The cells of the rows in sight, kept from one drawing to the next where nothing changed them.

A pane is drawn each second because ages run on. Most rows are the same ones then, and of those only
the cells of timed columns are made anew. Cells that are all as they were come as the very same
dictionary, so that whoever measures and draws them sees at once that there is nothing to do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from labtui.ui.widgets.grid import Cells
from labtui.views.view import View


class KeptCells:
    """Cells by column of the rows of one view; what one drawing did not use is dropped."""

    def __init__(self, view: View[Any]) -> None:
        self._view = view
        self._timed = tuple(column for column in view.columns if column.timed)
        self._kept: dict[str, tuple[Any, Cells]] = {}

    def of(self, rows: Sequence[Any], now: float) -> list[Cells]:
        """The cells of these rows, none of which may be old; rows are compared by value."""
        before, self._kept = self._kept, {}
        made = []
        for row in rows:
            key = self._view.row_key(row)
            known = before.get(key)
            if known is None or (known[0] is not row and known[0] != row):
                cells = {column.id: column.cell(row, now) for column in self._view.columns}
            else:
                cells = self._at(known[1], row, now)
            self._kept[key] = (row, cells)
            made.append(cells)
        return made

    def _at(self, cells: Cells, row: Any, now: float) -> Cells:
        timed = {column.id: column.cell(row, now) for column in self._timed}
        if all(cells[name] == cell for name, cell in timed.items()):
            return cells
        return {**cells, **timed}
