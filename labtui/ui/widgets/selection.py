"""Which row the cursor is on, which are marked, which is the first in sight. Pure; by keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any


class Selection:
    """A cursor that stays on its object when rows move, and the marked objects.

    Until somebody `holds` it, the cursor is on the first row, whatever that is.
    """

    def __init__(self, row_key: Callable[[Any], str]) -> None:
        self._row_key = row_key
        self.rows: Sequence[Any] = ()
        self.index = 0
        self.key = ""
        self.top = 0
        self.held = False
        self.marks: set[str] = set()

    def show(self, rows: Sequence[Any]) -> None:
        """Take other rows; the cursor goes where its object is, else stays about where it was."""
        if rows is self.rows:
            return
        self.rows = rows
        if not rows:
            # The key is kept: a filter that is taken back brings its object back too.
            self.index = self.top = 0
            return
        self.index = self._find(self.key) if self.held else 0
        self.key = self._row_key(rows[self.index])

    def _find(self, key: str) -> int:
        near = min(self.index, len(self.rows) - 1)
        if not key or self._row_key(self.rows[near]) == key:
            return near
        for index, row in enumerate(self.rows):
            if self._row_key(row) == key:
                return index
        return near

    def hold(self) -> None:
        """Somebody looks at what is under the cursor: it stays there from now on."""
        if self.rows:
            self.held = True

    @property
    def row(self) -> Any | None:
        """The row under the cursor."""
        return self.rows[self.index] if self.rows else None

    def go(self, index: int) -> bool:
        """Put the cursor on that row, or the nearest there is; False when it is there already."""
        self.hold()
        if not self.rows:
            return False
        index = max(0, min(index, len(self.rows) - 1))
        if index == self.index:
            return False
        self.index = index
        self.key = self._row_key(self.rows[index])
        return True

    def find(self, key: str) -> bool:
        """Put the cursor on the row of that key; False when it is not shown."""
        for index, row in enumerate(self.rows):
            if self._row_key(row) == key:
                self.index, self.key, self.held = index, key, True
                return True
        return False

    def scroll(self, height: int) -> int:
        """The first row in sight when `height` rows are: the cursor is always among them."""
        last = max(0, len(self.rows) - height)
        if self.index < self.top:
            self.top = self.index
        elif self.index >= self.top + height:
            self.top = self.index - height + 1
        self.top = max(0, min(self.top, last))
        return self.top

    def mark(self) -> None:
        """Mark the row under the cursor, or take its mark away."""
        if self.rows:
            self.marks ^= {self.key}

    def mark_all(self) -> None:
        """Mark all that is shown; when all are marked already, none."""
        keys = {self._row_key(row) for row in self.rows}
        self.marks = self.marks - keys if keys <= self.marks else self.marks | keys

    def forget(self, keys: Sequence[str]) -> None:
        """Keep only the marks of objects that are still there."""
        if self.marks:
            self.marks &= set(keys)
