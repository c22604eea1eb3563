"""The course of figures over time, as `.../rrddata` of nodes and guests has it.

Values are averages over a step: fractions for `cpu`, bytes for memory and disks, bytes per second
for `netin` and its kin. A step without a value is one of which nothing was published.
"""

from __future__ import annotations

import math
from typing import Any, Literal

import msgspec

Timeframe = Literal["hour", "day", "week", "month", "year"]
TIMEFRAMES: tuple[Timeframe, ...] = ("hour", "day", "week", "month", "year")
_MOST_ROWS, _MOST_NAMES = 4000, 40
_MOST = 1e18


class Course(msgspec.Struct, frozen=True):
    """Figures by name, each as long as `times` (seconds since the epoch, ascending)."""

    timeframe: Timeframe
    times: tuple[float, ...] = ()
    figures: dict[str, tuple[float | None, ...]] = {}

    def of(self, name: str) -> tuple[float | None, ...]:
        """The course of that figure; empty when it has no value at all."""
        values = self.figures.get(name, ())
        return values if any(value is not None for value in values) else ()

    def last(self, name: str) -> float | None:
        """Its last value."""
        return next((value for value in reversed(self.of(name)) if value is not None), None)

    def most(self, name: str) -> float | None:
        """Its greatest value."""
        return max((value for value in self.of(name) if value is not None), default=None)


def course(rows: Any, timeframe: Timeframe) -> Course:
    """The course in the rows of an answer; what is no row is left out."""
    found: dict[float, dict[str, float]] = {}
    names: dict[str, None] = {}
    for row in rows[-_MOST_ROWS:] if isinstance(rows, list) else []:
        at = _number(row.get("time")) if isinstance(row, dict) else None
        if at is None:
            continue
        values = {name: number for name, value in row.items()
                  if name != "time" and isinstance(name, str)
                  and (number := _number(value)) is not None}  # fmt: skip
        found[at] = values
        names.update(dict.fromkeys(values))
    times = tuple(sorted(found))
    wanted = list(names)[:_MOST_NAMES]
    return Course(
        timeframe, times, {name: tuple(found[at].get(name) for at in times) for name in wanted}
    )


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and abs(number) <= _MOST else None
