"""The course of a node's or guest's figures, read while somebody looks.

Any node answers for any other from its own copy, also for one that is dead (recorded).
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from labtui.actions.action import Wire
from labtui.locale import _
from labtui.model.courses import course
from labtui.model.guests import Guest
from labtui.ui.panes.query import Look, Query, Told
from labtui.views import courses

# The servers write a step a minute.
_AGAIN = 60.0


def of_node(cluster: str, node: str) -> Query:
    """A node's course."""

    async def read(wire: Wire, look: Look) -> AsyncIterator[Told]:
        while True:
            path = f"/nodes/{node}/rrddata"
            rows = await wire.read(cluster, path, timeframe=look.timeframe, cf="AVERAGE")
            yield Told((courses.of_node(course(rows, look.timeframe)),), _AGAIN)

    return Query("history", _("History"), read, "timeframe")


def of_guest(guest: Guest) -> Query:
    """A guest's course."""

    async def read(wire: Wire, look: Look) -> AsyncIterator[Told]:
        while True:
            path = f"/nodes/{guest.node}/{guest.kind}/{guest.vmid}/rrddata"
            rows = await wire.read(guest.cluster, path, timeframe=look.timeframe, cf="AVERAGE")
            yield Told((courses.of_guest(course(rows, look.timeframe)),), _AGAIN)

    return Query("history", _("History"), read, "timeframe")
