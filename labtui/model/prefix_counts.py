"""How many prefixes each BGP connection brought, over time: stretches of one count. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import msgspec

from labtui.model.courses import Course, Timeframe
from labtui.model.overlay import Bgp
from labtui.model.peerings import peerings
from labtui.model.snapshot import Snapshot

SPANS: dict[Timeframe, float] = {
    "hour": 3600.0,
    "day": 86400.0,
    "week": 7 * 86400.0,
    "month": 31 * 86400.0,
    "year": 366 * 86400.0,
}
"""Seconds of a course."""
STEPS = 120


class Stretch(msgspec.Struct, frozen=True):
    """From `since` to `until` (epoch seconds) a connection (`ROUTER/NAME`) brought `count`."""

    session: str
    since: float
    until: float
    count: int


class Total(msgspec.Struct, frozen=True):
    """What a connection brought within a span: at its end, at the least, at the most."""

    session: str
    last: int
    least: int
    most: int
    changes: int


def counts(snapshot: Snapshot, routers: Iterable[str], now: float) -> dict[str, int]:
    """Prefixes by connection of those routers; one that is not up brings none.

    What says of itself no count although it is established is left out.
    """
    wanted = set(routers)
    found: dict[str, int] = {}
    for peering in peerings(snapshot, now):
        connection, session = peering.connection, peering.session
        if connection.router not in wanted:
            continue
        up = session is not None and session.established and not connection.disabled
        count = session.prefixes if session is not None and up else 0
        if count is not None:
            found[connection.key] = found.get(connection.key, 0) + count
    return found


def heard_over(snapshot: Snapshot, routers: Iterable[str]) -> tuple[str, ...]:
    """The connections of those routers."""
    wanted = set(routers)
    return tuple(
        connection.key
        for router, bgp in snapshot.of(Bgp)
        if router in wanted
        for connection in bgp.connections
    )


def course_of(stretches: Iterable[Stretch], timeframe: Timeframe, now: float) -> Course:
    """Figures by connection. A step has the least of what it saw, so that a short loss shows."""
    span = SPANS[timeframe]
    begin, width = now - span, span / STEPS
    figures: dict[str, list[float | None]] = {}
    for each in stretches:
        values = figures.setdefault(each.session, [None] * STEPS)
        first = max(0, int((each.since - begin) // width))
        last = min(STEPS - 1, int((each.until - begin) // width))
        for step in range(first, last + 1):
            known = values[step]
            values[step] = float(each.count) if known is None else min(known, float(each.count))
    times = tuple(begin + (step + 0.5) * width for step in range(STEPS))
    return Course(timeframe, times, {name: tuple(found) for name, found in figures.items()})


def totals(stretches: Sequence[Stretch]) -> tuple[Total, ...]:
    """One for each connection, by name."""
    grouped: dict[str, list[Stretch]] = {}
    for each in sorted(stretches, key=lambda one: one.since):
        grouped.setdefault(each.session, []).append(each)
    return tuple(
        Total(
            name,
            found[-1].count,
            min(one.count for one in found),
            max(one.count for one in found),
            sum(one.count != other.count for one, other in pairwise(found)),
        )
        for name, found in sorted(grouped.items())
    )
