"""A point in time as a person writes it: `--since 2h`, `--before 2026-11-21T09:30`."""

from __future__ import annotations

from datetime import datetime

from labtui.locale import _
from labtui.model.spans import seconds_of


def point(text: str, now: float) -> float:
    """Epoch seconds: `2h` is two hours ago; else a date or time (ISO 8601, local without a zone).

    Raises `ValueError` with a sentence.
    """
    seconds = seconds_of(text)
    if seconds is not None:
        return now - seconds
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError, OSError):
        form = _("'{text}' is neither a span like 2h nor a time like 2026-11-21T09:30")
        raise ValueError(form.format(text=text)) from None
