"""Asks the questions about one object while its details are open, and keeps what came."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine

import msgspec

from labtui.actions.action import Wire
from labtui.model.courses import TIMEFRAMES
from labtui.ui.panes.on_demand import answers, queries
from labtui.ui.panes.query import Look, Query
from labtui.views import emptiness
from labtui.views.view import Section

# A server has three workers for everybody: two of its answers at a time are enough.
_AT_ONCE = 2
_FRESH = 60.0
Run = Callable[[Coroutine[None, None, None], str], None]


class Asking:
    """The answers so far. `run` runs something in place of what it ran under that name before;
    `tell` is called at each answer.
    """

    def __init__(self, noun: str, key: str, run: Run, tell: Callable[[], None]) -> None:
        self._noun = noun
        self._key = key
        self._run = run
        self._tell = tell
        self._look = Look()
        self._wire: Wire | None = None
        self._found: dict[str, tuple[float, tuple[Section, ...]]] = {}
        self._order: tuple[str, ...] = ()
        self._slots = asyncio.Semaphore(_AT_ONCE)

    def begin(self, wire: Wire) -> None:
        """Ask everything, again if it was asked before."""
        self._wire = wire
        asked = queries(self._noun, self._key, wire.snapshot)
        self._order = tuple(query.id for query in asked)
        for query in asked:
            waiting = (Section(query.title, emptiness.loading()),)
            self._found.setdefault(query.id, (wire.now(), waiting))
            self._start(query, wire)

    def timeframe(self, steps: int) -> str:
        """Charts of a longer or shorter time; the name of it, empty when there are no charts."""
        place = TIMEFRAMES.index(self._look.timeframe) + steps
        chosen = TIMEFRAMES[max(0, min(place, len(TIMEFRAMES) - 1))]
        self._look = self._look._replace(timeframe=chosen)
        return chosen if self._again("timeframe") else ""

    def next_log(self) -> bool:
        """The log of the task before; False when there are no tasks."""
        self._look = self._look._replace(task=self._look.task + 1)
        return self._again("task")

    def sections(self, now: float) -> tuple[Section, ...]:
        """What is known, in the order of the questions; what was read long ago says so."""
        made: list[Section] = []
        for name in self._order:
            read_at, sections = self._found[name]
            age = now - read_at
            old = age if age > _FRESH else None
            made.extend(
                msgspec.structs.replace(each, age=old) if old and each.age is None else each
                for each in sections
            )
        return tuple(made)

    def _again(self, on: str) -> bool:
        if self._wire is None:
            return False
        found = queries(self._noun, self._key, self._wire.snapshot)
        asked = [query for query in found if query.on == on and query.id in self._order]
        for query in asked:
            self._start(query, self._wire)
        return bool(asked)

    def _start(self, query: Query, wire: Wire) -> None:
        self._run(self._follow(query, wire, self._look), query.id)

    async def _follow(self, query: Query, wire: Wire, look: Look) -> None:
        answering = answers(query, wire, look)
        while True:
            async with self._slots:
                told = await anext(answering, None)
            if told is None:
                return
            self._found[query.id] = (wire.now(), told.sections)
            self._tell()
            if told.again is None:
                return
            await asyncio.sleep(told.again)
