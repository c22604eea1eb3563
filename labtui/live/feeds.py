"""Feeds: every named read at its own pace, backing off when it fails, never giving up.

One asyncio task per feed, so that none holds another up. A feed never overlaps itself. What is on
the screen is read at its pace, what is not at its idle pace. A failure changes only the feed's
freshness; the data stays and ages.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from labtui.live.store import Store
from labtui.locale import _
from labtui.model.errors import LabError, Problem
from labtui.model.snapshot import Snapshot

if TYPE_CHECKING:
    from labtui.sources.source import FeedSpec, Reading

_log = logging.getLogger(__name__)
_LONGEST_PAUSE = 60.0
_JITTER = 0.1
_FIRST_SPREAD = 0.15


class Feeds:
    """Runs the feeds of all sources into one store."""

    def __init__(
        self,
        store: Store,
        specs: Iterable[FeedSpec],
        clock: Callable[[], float],
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._store = store
        self._runs = [_Run(spec, store, clock, jitter) for spec in specs]
        self._tasks: list[asyncio.Task[None]] = []
        for run in self._runs:
            store.expect(run.spec.feed, run.spec.pace)

    def start(self) -> None:
        """Begin to read."""
        self._tasks = [
            asyncio.create_task(run.forever(), name=f"feed {run.spec.feed}") for run in self._runs
        ]

    def wish(self, topics: frozenset[str]) -> None:
        """Say which topics somebody looks at; those are read at their pace, the others idly."""
        for run in self._runs:
            run.wish(run.spec.feed.topic in topics)

    def read_now(self, topics: frozenset[str]) -> None:
        """Read those topics at once; a reading that is under way will do."""
        for run in self._runs:
            if run.spec.feed.topic in topics:
                run.hurry()

    async def close(self) -> None:
        """Stop all feeds. A read that hangs is let go of, not waited for."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []


class _Run:
    """One feed's life."""

    def __init__(
        self,
        spec: FeedSpec,
        store: Store,
        clock: Callable[[], float],
        jitter: Callable[[], float],
    ) -> None:
        self.spec = spec
        self._store = store
        self._clock = clock
        self._jitter = jitter
        self._hurry = asyncio.Event()
        self._wished = True
        self._failures = 0
        self._failure: Problem | None = None
        self._via = ""
        self._sequence = 0

    def wish(self, wished: bool) -> None:
        if wished == self._wished:
            return
        self._wished = wished
        # What is read rarely is not late because nobody looked, nor in the moment when somebody
        # does: the short pace counts from the next reading on.
        if not wished:
            self._store.expect(self.spec.feed, self._pace)
        fresh = self._store.snapshot.freshness.get(self.spec.feed)
        age = fresh.age(self._clock()) if fresh else None
        if wished and (age is None or age > self.spec.pace):
            self._hurry.set()

    @property
    def _pace(self) -> float:
        return self.spec.pace if self._wished else self.spec.idle_pace

    def _expect(self) -> None:
        fresh = self._store.snapshot.freshness.get(self.spec.feed)
        if fresh is None or fresh.pace != self._pace:
            self._store.expect(self.spec.feed, self._pace)

    def hurry(self) -> None:
        self._hurry.set()

    async def forever(self) -> None:
        """Read, wait, read; ends only by cancellation."""
        await self._prerequisites()
        # A router's three feeds at once would be three logins at once.
        await asyncio.sleep(self._jitter() * _FIRST_SPREAD)
        while True:
            self._hurry.clear()
            pause = await self._read_once()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._hurry.wait()

    async def _prerequisites(self) -> None:
        """Wait until the topics that go before this one have been tried, if anybody reads them."""
        arrived = asyncio.Event()

        def look(snapshot: Snapshot) -> None:
            source = self.spec.feed.source
            ours = {f.topic: each for f, each in snapshot.freshness.items() if f.source == source}
            if all(ours[topic].sequence for topic in self.spec.after if topic in ours):
                arrived.set()

        look(self._store.snapshot)
        unsubscribe = self._store.subscribe(look)
        try:
            await arrived.wait()
        finally:
            unsubscribe()

    async def _read_once(self) -> float:
        """One reading; returns the pause after it in seconds."""
        self._sequence += 1
        sequence, began = self._sequence, self._clock()
        try:
            async with asyncio.timeout(self.spec.deadline):
                reading = await self.spec.read(self._store.snapshot)
        except TimeoutError:
            why = _("no answer in {seconds:.0f} s").format(seconds=self.spec.deadline)
            return self._failed(self._problem("timed-out", why), sequence)
        except LabError as error:
            return self._failed(error.bare().problem, sequence)
        except Exception as error:  # noqa: BLE001 - a fault in one reader must not stop the rest
            # Only the kind of the fault: its text could hold what the backend sent.
            _log.error("feed %s: %s", self.spec.feed, type(error).__name__)
            why = _("fault in the reader ({kind})").format(kind=type(error).__name__)
            return self._failed(self._problem("unexpected", why), sequence)
        return self._succeeded(reading, sequence, began)

    def _problem(self, kind: str, why: str) -> Problem:
        what = _("could not read {topic}").format(topic=self.spec.feed.topic)
        timed_out = kind == "timed-out"
        return Problem("timed-out" if timed_out else "unexpected", what, self.spec.feed.source, why)

    def _succeeded(self, reading: Reading, sequence: int, began: float) -> float:
        took = self._clock() - began
        self._log_success(reading, took)
        self._failures, self._failure, self._via = 0, None, reading.via
        self._expect()
        self._store.apply(
            self.spec.feed,
            reading.part,
            read_at=began,
            sequence=sequence,
            took=took,
            via=reading.via,
            complaints=reading.complaints,
            heard=reading.heard,
        )
        return 0.0 if reading.unfinished else self._jittered(self._pace)

    def _failed(self, problem: Problem, sequence: int) -> float:
        self._failures += 1
        self._log_failure(problem)
        pause = self._jittered(min(_LONGEST_PAUSE, self.spec.pace * 2 ** (self._failures - 1)))
        now = self._clock()
        self._expect()
        self._store.fail(self.spec.feed, problem, at=now, sequence=sequence, next_try=now + pause)
        return pause

    def _log_success(self, reading: Reading, took: float) -> None:
        feed, via = self.spec.feed, reading.via or "?"
        _log.debug("read %s via %s %.0fms ok", feed, via, took * 1000)
        if self._failures:
            _log.warning("%s can be read again, via %s", feed, via)
        elif self._via and reading.via and self._via != reading.via:
            _log.info("%s is read via %s now, was %s", feed, via, self._via)

    def _log_failure(self, problem: Problem) -> None:
        """A failure that goes on is worth a warning once."""
        same = self._failure is not None and problem.kind == self._failure.kind
        level = logging.DEBUG if same else logging.WARNING
        _log.log(level, "%s failed (%s): %s", self.spec.feed, problem.kind, problem.sentence)
        self._failure = problem

    def _jittered(self, seconds: float) -> float:
        return seconds * (1 - _JITTER + 2 * _JITTER * self._jitter())
