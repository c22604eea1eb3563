"""Ages as a router prints them: `1m45s`, `9ms445us`, `2d09:29:51`. Pure."""

from __future__ import annotations

import re

_UNITS = {
    "w": 604800.0,
    "d": 86400.0,
    "h": 3600.0,
    "m": 60.0,
    "s": 1.0,
    "ms": 1e-3,
    "us": 1e-6,
}
_PART = re.compile(r"(\d{1,9})(ms|us|[wdhms])")
_CLOCK = re.compile(r"(?:(\d{1,5})d)?(\d{1,3}):(\d\d):(\d\d)")


def seconds(text: str) -> float | None:
    """Seconds; None for what is none."""
    if clock := _CLOCK.fullmatch(text):
        days, hours, minutes, rest = (int(part or 0) for part in clock.groups())
        return 86400.0 * days + 3600.0 * hours + 60.0 * minutes + rest
    found = _PART.findall(text)
    if not found or "".join(number + unit for number, unit in found) != text:
        return None
    return sum(int(number) * _UNITS[unit] for number, unit in found)
