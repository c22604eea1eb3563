"""Spans of time as people write and read them: `30s`, `10m`, `2h`, `1d`."""

from __future__ import annotations

import re

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_LENGTHS = ((86400 * 365, "y"), (86400, "d"), (3600, "h"), (60, "m"), (1, "s"))
_FORM = re.compile(r"(\d{1,6})([smhd])", re.ASCII)


def seconds_of(text: str) -> int | None:
    """The seconds that a text like `10m` means; None when it means no span."""
    match = _FORM.fullmatch(text.strip().lower())
    return int(match[1]) * _UNITS[match[2]] if match else None


def counted_down(seconds: float) -> str:
    """What is left, as a clock counts it: `9:41`, `1:02:09`; never less than nothing."""
    minutes, rest = divmod(max(0, int(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def span(seconds: float | None) -> str:
    """A duration in its largest unit: `12s`, `14m`, `41d`; empty for None."""
    if seconds is None:
        return ""
    whole = max(0, int(seconds))
    for length, unit in _LENGTHS:
        if whole >= length:
            # Under two of a unit the smaller one says more: 90s, 100m, 30h.
            if whole < 2 * length and unit in "mhd":
                continue
            return f"{whole // length}{unit}"
    return "0s"
