"""Calendar events of Proxmox VE, a subset of systemd's: when does a schedule come up next (UTC).

`02:30`, `*/15` (minutes), `*:0/30`, `mon..fri 22:00`, `sat,sun 3:15`, `hourly`, `daily`, `weekly`.
"""

from __future__ import annotations

import calendar
import time

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WORDS = {"hourly": "*:00", "daily": "00:00", "weekly": "mon 00:00", "minutely": "*:*"}
_DAY = 86_400


def next_run(schedule: str, after: float) -> int:
    """The first epoch second later than `after` at which a schedule comes up.

    Raises:
        ValueError: the text is no schedule of that subset.
    """
    days, hours, minutes = _parse(schedule)
    moment = time.gmtime(after)
    midnight = calendar.timegm((moment.tm_year, moment.tm_mon, moment.tm_mday, 0, 0, 0))
    for step in range(8):
        start = midnight + step * _DAY
        if time.gmtime(start).tm_wday not in days:
            continue
        for hour in hours:
            for minute in minutes:
                found = start + hour * 3_600 + minute * 60
                if found > after:
                    return found
    raise ValueError(f"unable to parse calendar event '{schedule}'")


def last_run(schedule: str, before: float) -> int:
    """The latest epoch second up to `before` at which a schedule came up, within a week."""
    found = next_run(schedule, before - 8 * _DAY)
    while (later := next_run(schedule, found)) <= before:
        found = later
    return found


def _parse(schedule: str) -> tuple[list[int], list[int], list[int]]:
    words = _WORDS.get(schedule.strip().lower(), schedule.strip().lower()).split()
    try:
        days = list(range(7))
        if words and words[0][:3] in _DAYS:
            days = _weekdays(words.pop(0))
        clock = words.pop(0) if words else "00:00"
        hour, colon, minute = clock.partition(":")
        if not colon:
            hour, minute = "*", hour
        found = days, _numbers(hour, 24), _numbers(minute.partition(":")[0], 60)
    except (ValueError, IndexError):
        raise ValueError(f"unable to parse calendar event '{schedule}'") from None
    if words:
        raise ValueError(f"unable to parse calendar event '{schedule}'")
    return found


def _weekdays(text: str) -> list[int]:
    found: set[int] = set()
    for part in text.split(","):
        first, dots, last = part.partition("..")
        begin = _DAYS.index(first[:3])
        end = _DAYS.index(last[:3]) if dots else begin
        found.update(range(begin, end + 1))
    return sorted(found)


def _numbers(text: str, limit: int) -> list[int]:
    found: set[int] = set()
    for part in text.split(","):
        start, slash, step = part.partition("/")
        first, dots, last = start.partition("..")
        if first == "*":
            begin, end = 0, limit - 1
        else:
            begin = int(first)
            end = int(last) if dots else (limit - 1 if slash else begin)
        found.update(range(begin, end + 1, max(1, int(step)) if slash else 1))
    if not found or max(found) >= limit or min(found) < 0:
        raise ValueError(text)
    return sorted(found)
