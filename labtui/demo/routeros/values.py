"""The value forms of RouterOS: durations, booleans, dates, versions, and comparing in queries."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

Version = tuple[int, ...]

# The routers keep the lab's local time; their dates carry no zone.
ZONE_NAME = "Asia/Taipei"
ZONE = timezone(timedelta(hours=8))

# Not strftime's, which follow the locale.
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_UNITS = (
    ("w", 604_800_000_000),
    ("d", 86_400_000_000),
    ("h", 3_600_000_000),
    ("m", 60_000_000),
    ("s", 1_000_000),
    ("ms", 1_000),
    ("us", 1),
)
_DURATION = re.compile(r"(?:\d+(?:ms|us|[wdhms]))+")
_PART = re.compile(r"(\d+)(ms|us|[wdhms])")
_TRUE = frozenset({"yes", "true"})
_FALSE = frozenset({"no", "false"})


def duration(seconds: float, step: str = "s") -> str:
    """A length of time as RouterOS prints it, down to the unit `step`: '1m45s', '9ms445us'."""
    left = max(0, int(seconds * 1_000_000 + 0.5) if step == "us" else int(seconds * 1_000_000))
    words = []
    for unit, size in _UNITS:
        count, left = divmod(left, size)
        if count:
            words.append(f"{count}{unit}")
        if unit == step:
            break
    return "".join(words) or f"0{step}"


def parse_duration(text: str) -> float:
    """Seconds of '1m45s' or of bare seconds. ValueError for anything else."""
    if text.isascii() and text.isdigit():
        return float(text)
    if not text.isascii() or _DURATION.fullmatch(text) is None:
        raise ValueError(f"no duration: {text!r}")
    sizes = dict(_UNITS)
    return sum(int(count) * sizes[unit] for count, unit in _PART.findall(text)) / 1_000_000


def boolean(value: bool) -> str:
    """A boolean as the API prints it."""
    return "true" if value else "false"


def parse_boolean(text: str) -> bool:
    """A boolean as it may be written. ValueError for anything else."""
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise ValueError(f"no boolean: {text!r}")


def local_time(moment: float) -> datetime:
    """The router's clock at a moment in seconds since the epoch."""
    return datetime.fromtimestamp(moment, UTC).astimezone(ZONE)


def stamp(moment: float, version: Version) -> str:
    """A date and time in the router's local time; the form changed with 7.10."""
    return f"{date(moment, version)} {local_time(moment):%H:%M:%S}"


def date(moment: float, version: Version) -> str:
    """The date alone: '2024-03-01', before 7.10 'mar/01/2024'."""
    local = local_time(moment)
    if version >= (7, 10):
        return f"{local:%Y-%m-%d}"
    return f"{_MONTHS[local.month - 1]}/{local:%d/%Y}"


def parse_version(text: str) -> Version:
    """The numbers of '7.20.4 (stable)'. ValueError when it begins with none."""
    found = re.match(r"\d+(?:\.\d+)*", text)
    if found is None:
        raise ValueError(f"no version: {text!r}")
    return tuple(int(part) for part in found.group().split("."))


def same(value: str, wanted: str) -> bool:
    """Whether a query's value is the field's; `yes` is `true`."""
    if value in ("true", "false"):
        return wanted in (_TRUE if value == "true" else _FALSE)
    return value == wanted


def below(value: str, bound: str) -> bool:
    """Whether a field's value sorts before a bound: numbers and durations by size, else as text."""
    try:
        return parse_duration(value) < parse_duration(bound)
    except ValueError:
        return value < bound
