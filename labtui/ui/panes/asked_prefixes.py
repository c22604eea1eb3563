"""How many prefixes sessions brought over time, read from the history while somebody looks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol, runtime_checkable

from labtui.actions.action import Wire
from labtui.locale import _
from labtui.model.diagnosis import link_named
from labtui.model.links import links
from labtui.model.prefix_counts import SPANS, Stretch, course_of, heard_over
from labtui.model.prefixes import prefix_table
from labtui.model.snapshot import Snapshot
from labtui.ui.panes.query import Look, Query, Told
from labtui.views import courses, emptiness
from labtui.views.view import Section

_AGAIN = 60.0
_MOST = 6


@runtime_checkable
class KnowsCounts(Protocol):
    """A wire that has a history of prefix counts beside it."""

    async def prefix_counts(
        self, since: float, sessions: tuple[str, ...]
    ) -> tuple[Stretch, ...] | None:
        """None where no history is kept. Raises `LabError`."""
        ...


def of_row(noun: str, key: str, snapshot: Snapshot) -> tuple[Query, ...]:
    """The course of the session, of both ends of a link, or of whoever hears of a prefix."""
    if noun == "session":
        router, _slash, rest = key.partition("/")
        wanted: tuple[str, ...] = (f"{router}/{rest.partition('/')[0]}",)
    elif noun == "link":
        link = link_named(links(snapshot, 0.0), noun, key)
        ends = link.ends if link is not None and link.kind == "bgp" else ()
        wanted = tuple(f"{end.router}/{dict(end.told).get('connection', '')}" for end in ends)
    else:
        row = next((one for one in prefix_table(snapshot).prefixes if one.prefix == key), None)
        wanted = heard_over(snapshot, row.heard) if row is not None else ()
    return (_query(wanted[:_MOST]),) if wanted else ()


def _query(sessions: tuple[str, ...]) -> Query:
    async def read(wire: Wire, look: Look) -> AsyncIterator[Told]:
        while True:
            yield Told((await _section(wire, look, sessions),), _AGAIN)

    return Query("counts", _("Prefixes over time"), read, "timeframe")


async def _section(wire: Wire, look: Look, sessions: tuple[str, ...]) -> Section:
    title, now = _("Prefixes over time"), wire.now()
    if not isinstance(wire, KnowsCounts):
        return Section(title, emptiness.nothing(_("no history is kept here")))
    found = await wire.prefix_counts(now - SPANS[look.timeframe], sessions)
    if not found:
        word = _("no history is kept here") if found is None else _("nothing was counted yet")
        return Section(title, emptiness.nothing(word))
    return courses.of_sessions(course_of(found, look.timeframe, now))
