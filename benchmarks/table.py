"""Figures as rows of a table: what was measured, the figure, and the ratio that counts."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One line: `aim` is what it should be, empty when it is for information."""

    what: str
    value: str
    aim: str = ""


def middle(values: Sequence[float]) -> float:
    """The median."""
    return statistics.median(values)


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"


def markdown(title: str, figures: Sequence[Figure]) -> str:
    """A table of one section."""
    lines = [f"### {title}", "", "| what | measured | aim |", "|---|---|---|"]
    lines += [f"| {f.what} | {f.value} | {f.aim} |" for f in figures]
    return "\n".join(lines) + "\n"
