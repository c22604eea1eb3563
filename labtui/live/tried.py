"""What consoles tried lately, this one and others, as the history has it.

Jobs of this console and tasks of the clusters are in the snapshot. What other consoles did to a
tunnel or a session, or this one before it was started anew, only the history knows. It is read
while somebody looks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from labtui.model.errors import LabError
from labtui.model.events import Event, Query

LOOKED_BACK = 3600.0
"""Seconds before now of which jobs are told."""
_AGAIN = 10.0
_KIND = "job"

Past = Callable[[Query], Awaitable[tuple[Event, ...]]]


class Tried:
    """`events` are the jobs of the last hour, the newest first; empty until somebody looked.

    `tell` is called on the loop when they are others.
    """

    def __init__(
        self, past: Past | None, clock: Callable[[], float], tell: Callable[[], None]
    ) -> None:
        self.events: tuple[Event, ...] = ()
        self._past, self._clock, self._tell = past, clock, tell
        self._asked = float("-inf")
        self._task: asyncio.Task[None] | None = None

    def look(self) -> None:
        """Somebody looks at them: read them anew, if that was not done just now."""
        now = self._clock()
        busy = self._task is not None and not self._task.done()
        if self._past is not None and not busy and now - self._asked >= _AGAIN:
            self._asked = now
            self._task = asyncio.create_task(self._read(self._past, now), name="what was tried")

    def close(self) -> None:
        """Stop reading."""
        if self._task is not None:
            self._task.cancel()

    async def _read(self, past: Past, now: float) -> None:
        try:
            found = await past(Query(since=now - LOOKED_BACK))
        except LabError:
            # The events' own pane says what is wrong with the history.
            return
        ended: dict[str, Event] = {}
        for event in found:
            if event.kind == _KIND:
                # The newest first: the end of a job stands for its beginning.
                ended.setdefault(event.key, event)
        events = tuple(ended.values())
        if events != self.events:
            self.events = events
            self._tell()
