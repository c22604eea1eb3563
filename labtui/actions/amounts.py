"""Amounts of memory and disk in a plan's sentences, in the same form as the panes have them. Pure.

`views.figures.size` is the same: actions and views do not see each other, and a test compares them.
"""

from __future__ import annotations

_UNITS = ("B", "K", "M", "G", "T", "P", "E")


def size(count: float) -> str:
    """Bytes in powers of 1024, two or three digits: `16G`, `1.5T`."""
    value, unit = float(count), _UNITS[0]
    for unit in _UNITS:
        if abs(value) < 999.5 or unit == _UNITS[-1]:
            break
        value /= 1024
    return f"{value:.0f}{unit}" if unit == "B" or abs(value) >= 9.95 else f"{value:.1f}{unit}"
