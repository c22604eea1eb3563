"""Pings from a router: always counted, within a limit of time, by the account for reading.

`/tool/ping` is there from RouterOS 7.9 to 7.24; the root's `/ping` leaves the command tree after
7.22, and RouterOS 6 has it alone. Needs the policy `test`. Each `!re` is a packet with the totals
so far. What a packet without answer looks like over the API is not recorded anywhere public: the
console prints `status` and leaves size, ttl and time blank, so every field may be absent.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence

from labtui.model.errors import LabError, NotFound, Rejected
from labtui.model.pings import MOST, Ping, Pinged
from labtui.model.text import clean
from labtui.sources.routeros import values
from labtui.sources.routeros.asking import Ask
from labtui.sources.routeros.sentences import Row

_COMMANDS = ("/tool/ping", "/ping")
_LEAST_INTERVAL, _MOST_INTERVAL = 0.05, 5.0
# A router waits a second for the last answer; the rest is for a slow line.
_SPARE = 4.0


def limit(ping: Ping) -> float:
    """Seconds within which it is over, answered or not."""
    return _count(ping) * max(1.0, ping.interval) + _SPARE


def words(ping: Ping) -> dict[str, str]:
    """The attributes of the command; there is always a count."""
    interval = min(_MOST_INTERVAL, max(_LEAST_INTERVAL, ping.interval))
    found = {
        "address": ping.address,
        "count": str(_count(ping)),
        "interval": f"{round(interval * 1000)}ms",
    }
    if ping.source:
        found["src-address"] = ping.source
    if ping.size:
        found["size"] = str(ping.size)
    if ping.whole:
        found["do-not-fragment"] = "yes"
    return found


async def ping(ask: Ask, wanted: Ping) -> Pinged:
    """Send it and wait for its end. Raises `LabError`: `Forbidden` without the policy `test`."""
    return result(await _rows(ask, words(wanted)))


async def _rows(ask: Ask, attributes: Mapping[str, str]) -> list[Row]:
    try:
        return await ask.command(_COMMANDS[0], attributes)
    except (NotFound, Rejected) as error:
        if "no such command" not in error.why:
            raise
        absent: LabError = error
    try:
        return await ask.command(_COMMANDS[1], attributes)
    except (NotFound, Rejected) as error:
        if "no such command" in error.why:
            raise absent from None
        raise


def result(rows: Sequence[Row]) -> Pinged:
    """The totals that the last row which has any repeats, and the last word of a failure."""
    sent = received = 0
    times: dict[str, float] = {}
    status = ""
    for row in rows:
        with contextlib.suppress(ValueError):
            sent = max(0, values.number(row["sent"])) if "sent" in row else sent
            received = max(0, values.number(row["received"])) if "received" in row else received
        for name in ("min-rtt", "avg-rtt", "max-rtt"):
            with contextlib.suppress(ValueError):
                if row.get(name):
                    times[name] = values.duration(row[name])
        told = clean(row.get("status", ""))
        # An answer may have a status as well (`echo reply`), and then a time.
        if told and not row.get("time"):
            status = told
    return Pinged(
        sent, received, times.get("min-rtt"), times.get("avg-rtt"), times.get("max-rtt"), status
    )


def _count(ping: Ping) -> int:
    return max(1, min(MOST, ping.count))
