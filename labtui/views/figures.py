"""Figures as a person reads them at a glance: sizes, spans, rates, bars."""

from __future__ import annotations

from labtui.model.spans import span as span

_UNITS = ("B", "K", "M", "G", "T", "P", "E")
_FULL, _EMPTY = "█", "░"


def size(count: float | None) -> str:
    """Bytes in powers of 1024, two or three digits: `31G`, `1.5T`; empty for None."""
    if count is None:
        return ""
    value = float(count)
    for unit in _UNITS:
        if abs(value) < 999.5 or unit == _UNITS[-1]:
            if unit == "B" or abs(value) >= 9.95:
                return f"{value:.0f}{unit}"
            return f"{value:.1f}{unit}"
        value /= 1024
    raise AssertionError


def of(used: float | None, whole: float | None) -> str:
    """`18G / 32G`, or what is known of it."""
    return " / ".join(text for text in (size(used), size(whole)) if text)


def rate(per_second: float | None) -> str:
    """Bytes per second: `1.2M`, `0` for none at all; empty for None."""
    if per_second is None:
        return ""
    return "0" if per_second < 0.5 else size(per_second).removesuffix("B")


def exact_span(seconds: float | None) -> str:
    """A duration in full: `41d 03:12:09`."""
    if seconds is None:
        return ""
    days, rest = divmod(max(0, int(seconds)), 86400)
    hours, rest = divmod(rest, 3600)
    clock = f"{hours:02d}:{rest // 60:02d}:{rest % 60:02d}"
    return f"{days}d {clock}" if days else clock


def percent(fraction: float | None) -> str:
    """`61%`; empty for None."""
    return "" if fraction is None else f"{fraction * 100:.0f}%"


def bar(fraction: float | None, width: int = 8) -> str:
    """A bar of that many cells, filled by the fraction (clamped to 0..1)."""
    if fraction is None:
        return ""
    filled = round(min(1.0, max(0.0, fraction)) * width)
    return _FULL * filled + _EMPTY * (width - filled)


def share(used: float | None, whole: float | None) -> float | None:
    """Used over whole, None when either is missing or the whole is nothing."""
    return None if used is None or not whole else used / whole
