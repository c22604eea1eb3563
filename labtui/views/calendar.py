"""Days and weeks as text: the words of a day, and bars over the coming weeks."""

from __future__ import annotations

import datetime as dt

from labtui.locale import N_, _
from labtui.model.leases import begins_at, day_of, ends_at

DAY = 86400.0
WEEKS = 4
FULL, UNDATED, WANTED, FREE, MONDAY = "█", "▒", "░", "·", "│"
_MONTHS = (
    N_("Jan"), N_("Feb"), N_("Mar"), N_("Apr"), N_("May"), N_("Jun"),
    N_("Jul"), N_("Aug"), N_("Sep"), N_("Oct"), N_("Nov"), N_("Dec"),
)  # fmt: skip


def day_text(day: str, now: float) -> str:
    """`Dec 1`, with the year where it is another one; the text itself when it is no day."""
    try:
        found = dt.date.fromisoformat(day)
    except ValueError:
        return day
    if day[:4] != day_of(now)[:4]:
        return day
    return _("{month} {day}").format(month=_(_MONTHS[found.month - 1]), day=found.day)


def days_from(now: float, days: int) -> list[dt.date]:
    """Today and the days after it, by this machine's clock."""
    first = dt.date.fromisoformat(day_of(now))
    return [first + dt.timedelta(days=number) for number in range(days)]


def bar(since: str, until: str, now: float, days: int = 7 * WEEKS, sign: str = FULL) -> str:
    """A sign for each day from today on that is within, with a stroke before each Monday.

    Without an end it goes on for ever.
    """
    begin = since or "0"
    end = until or "9"
    signs: list[str] = []
    for day in days_from(now, days):
        if day.weekday() == 0 and signs:
            signs.append(MONDAY)
        signs.append(sign if begin <= day.isoformat() <= end else FREE)
    return "".join(signs)


def labelled(text: str, name: str) -> str:
    """A bar with a name in the longest run of full days, where it fits."""
    run = max(text.replace(MONDAY, FULL).split(FREE), key=len, default="")
    if len(run) < len(name) + 2:
        return text
    place = text.replace(MONDAY, FULL).index(run) + 1
    return f"{text[:place]}{name}{text[place + len(name) :]}"


def head(now: float, days: int) -> str:
    """The line above bars: each Monday's date behind a stroke that stands over its own."""
    line = ""
    width = 0
    for number, day in enumerate(days_from(now, days)):
        if day.weekday() == 0 and number:
            line = f"{line[:width]:<{width}}{MONDAY}{day.month}/{day.day}"
            width += 1
        width += 1
    return f"{line[:width]:<{width}}"


def left(until: str, now: float) -> float | None:
    """Seconds until that day is over; less than nothing afterwards; None without an end."""
    ends = ends_at(until)
    return None if ends is None else ends - now


def begun(since: str, now: float) -> bool:
    """Whether that day has come."""
    begins = begins_at(since)
    return begins is None or begins <= now
