"""What a view is: columns over rows of one kind. One definition serves the screen and scripts.

A column gives a `Cell` to look at and a `value` to sort by and to export. Cells are made only for
rows that are shown, so making one may format; a value must be cheap.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, Generic, Literal, TypeVar

import msgspec

from labtui.model.snapshot import Part, Snapshot

Role = Literal["", "good", "warn", "bad", "dim", "stale", "info"]
Value = str | int | float | bool | None
Unit = Literal["", "time", "age", "seconds", "bytes", "bytes/s", "share"]
R = TypeVar("R")
_NUMBER = re.compile(r"(\d{1,18})")


class Cell(msgspec.Struct, frozen=True, gc=False):
    """A text and what it means; the theme makes a colour of the role."""

    text: str
    role: Role = ""


class Column(msgspec.Struct, Generic[R], frozen=True):
    """One column. `width` is in terminal cells and leaves room for the usual values.

    `priority` 0 is always shown, higher ones when there is room; `grow` takes what is left over.
    `part` is what the cell is made from where that is not what the row is made from: it may be old
    while the row is not. `timed`: its cell changes with time alone, while the row stays the same.
    `unit` says what a number of `value` is: `time` and `age` are points in time (seconds since the
    epoch), shown and exported as that time or as how long it is ago; a `share` of 1 is 100%.
    """

    id: str
    title: str
    width: int
    cell: Callable[[R, float], Cell]
    value: Callable[[R], Value]
    priority: int = 0
    right: bool = False
    grow: bool = False
    descending: bool = False
    unit: Unit = ""
    part: type[Part] | None = None
    timed: bool = False


class Chart(msgspec.Struct, frozen=True, gc=False):
    """A course of values in equal steps, drawn as an area; None where nothing is known.

    `top` is the value at full height, `words` stand beside it, one line each.
    """

    label: str
    values: tuple[float | None, ...]
    top: float
    words: tuple[str, ...] = ()
    role: Role = "info"


class Section(msgspec.Struct, frozen=True):
    """A part of an object's details: a heading over charts, and label and cell pairs below.

    `age` is that of the data in seconds when it is old, None while it is fresh.
    """

    title: str
    lines: tuple[tuple[str, Cell], ...]
    age: float | None = None
    charts: tuple[Chart, ...] = ()


class Summary(msgspec.Struct, frozen=True):
    """A pane's title line and how bad things are: `3/4 up`, role bad."""

    text: str
    role: Role = ""


def _never(_row: Any, _snapshot: Snapshot, _now: float) -> float | None:
    """For rows that are this console's own, and for those that say their age themselves."""
    return None


class View(msgspec.Struct, Generic[R], frozen=True):
    """A table over the snapshot.

    `noun` is what its rows are, for actions; `needs` are the parts it is made from (the first is
    the one without which there are no rows). `trouble` ranks a row: 0 is fine, more is worse, and
    rows with trouble come first. `aged` is how old the data of a row is when it is old (in
    seconds, see `views.aging`), None while it is fresh. `ticks`: rows, their order or the summary
    change with time alone, also while nothing they are made from gets old.
    `wants`: what has to be read for it while it is on the screen, besides the topics of its parts.
    `heavy`: its join takes longer than a key may wait, so that even the first rows are made beside
    the loop.
    """

    id: str
    key: str
    title: str
    noun: str
    needs: tuple[type[Part], ...]
    columns: tuple[Column[R], ...]
    rows: Callable[[Snapshot, float], Sequence[R]]
    row_key: Callable[[R], str]
    trouble: Callable[[R, float], int]
    summary: Callable[[Sequence[R], float], Summary]
    details: Callable[[R, Snapshot, float], tuple[Section, ...]]
    empty: str
    sort: str = ""
    ticks: bool = False
    aged: Callable[[R, Snapshot, float], float | None] = _never
    wants: frozenset[str] = frozenset()
    heavy: bool = False

    def column(self, column_id: str) -> Column[R]:
        """The column of that id; KeyError when there is none."""
        for column in self.columns:
            if column.id == column_id:
                return column
        raise KeyError(column_id)

    def arranged(
        self,
        rows: Sequence[R],
        now: float,
        by: str = "",
        reverse: bool | None = None,
    ) -> list[R]:
        """The rows in order: by a column, or by default trouble first and then the sort column."""
        column = self.column(by or self.sort or self.columns[0].id)
        descending = column.descending if reverse is None else reverse
        ordered = sorted(rows, key=lambda row: _orderable(column.value(row)), reverse=descending)
        if not by:
            ordered.sort(key=lambda row: -self.trouble(row, now))
        return ordered


def _orderable(value: Value) -> tuple[int, Any]:
    """Numbers before text, missing ones lowest."""
    if value is None:
        return (0, 0)
    if isinstance(value, str):
        return (2, natural(value))
    return (1, value)


@lru_cache(1 << 15)
def natural(text: str) -> tuple[str | int, ...]:
    """A key that sorts `pve2` before `pve10`: texts and numbers in turn."""
    parts = enumerate(_NUMBER.split(text))
    return tuple(int(part) if place % 2 else part for place, part in parts)
