"""Single values of an answer, whatever Perl made of them: numbers as texts, texts as numbers."""

from __future__ import annotations

import math
from typing import Any

from labtui.model.text import clean

_MOST = 1e18


def real(value: Any) -> float | None:
    """A finite number of sensible size, also from a text; else None."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and abs(number) <= _MOST else None


def whole(value: Any) -> int | None:
    """The same without its fraction."""
    number = real(value)
    return None if number is None else int(number)


def word(value: Any, longest: int = 200) -> str:
    """A text or number as one harmless line; empty for what is neither."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return clean(str(value), longest).strip()


def words(value: Any, most: int = 256) -> tuple[str, ...]:
    """The words of a list, or of a text with blanks or commas between them."""
    if isinstance(value, str):
        value = value.replace(",", " ").split()
    if not isinstance(value, list):
        return ()
    return tuple(filter(None, (word(each) for each in value[:most])))


def table(value: Any) -> dict[str, Any]:
    """An object, empty for anything else."""
    return value if isinstance(value, dict) else {}
