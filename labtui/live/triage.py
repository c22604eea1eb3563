"""The keeper of the triage: one place that says what is wrong in the lab at present, and why.

It looks when a new snapshot of the store has more than other figures, and every few seconds
without one, in a thread of its own: a look takes some 20 to 60 ms in a lab of ten thousand
guests. However fast news come, it rests after each look for many times as long as that took. What
people have put aside is read from the file of marks, which other consoles write as well. The rules
are imported in the thread, too.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from labtui.live.glance import Glance
from labtui.live.journal import Journal, user
from labtui.live.store import Store
from labtui.live.tried import Past, Tried
from labtui.locale import _
from labtui.model.errors import LabError, TimedOut
from labtui.model.snapshot import Snapshot
from labtui.model.text import clean
from labtui.sources.threads import Threads

if TYPE_CHECKING:
    from labtui.findings import Mark, Triage, Watch
    from labtui.live.marks import Marks

_log = logging.getLogger(__name__)
GAP = 0.4
"""Seconds between two looks at least."""
_TICK = 1.0
_LOAD = 12.0
_LIMIT = 30.0
_FILE_PAUSE, _FILE_LIMIT = 2.0, 2.0
OVER_AFTER = 3600.0
"""A mark without an end goes when its finding has been away for so long (seconds)."""


class TriageKeeper:
    """`present` is the triage to show, None before the first look; `looked_at` when it was made.

    `path` is the file of marks; without one marks are this console's own, and `word` says why.
    `tried` is what consoles did lately, of which `past` knows.
    `fault`: why there is no newer triage, empty when all is well. `gap` 0: never rests, for tests.
    """

    def __init__(
        self,
        store: Store,
        clock: Callable[[], float] = time.time,
        *,
        path: Path | None = None,
        word: str = "",
        journal: Journal | None = None,
        gap: float = GAP,
        past: Past | None = None,
    ) -> None:
        self.present: Triage | None = None
        self.looked_at = 0.0
        self.fault = ""
        self._store, self._clock, self._path, self._gap = store, clock, path, gap
        self._journal = journal or Journal(None)
        self._listeners: list[Callable[[], None]] = []
        self.tried = Tried(past, clock, self._tell)
        self._watch: Watch | None = None
        self._primed: Watch | None = None
        self._marks: tuple[Mark, ...] = ()
        self._stamp: tuple[int, int, int] | None = None
        self._word = word
        self._missing: dict[str, float] = {}
        self._news = asyncio.Event()
        self._glance = Glance()
        self._seen: tuple[int, float, object] | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._thread: Threads[None] = Threads("labtui", lambda: None, size=1)
        self._files: Threads[None] = Threads(str(path or ""), lambda: None, size=1)
        self._unsubscribe: Callable[[], None] | None = None

    def start(self) -> None:
        """Begin to look; call it on the running event loop, after the first frame."""
        if self._unsubscribe is None:
            self._unsubscribe = self._store.subscribe(lambda _snapshot: self._news.set())
            self._tasks = [asyncio.create_task(self._run(), name="triage")]
            if self._path is not None:
                self._tasks.append(asyncio.create_task(self._read_marks(), name="marks"))

    def close(self) -> None:
        """Stop; a look that is under way is left to end by itself."""
        for task in self._tasks:
            task.cancel()
        if self._unsubscribe is not None:
            self._unsubscribe()
        self.tried.close()
        self._thread.close()
        self._files.close()

    def subscribe(self, listener: Callable[[], None]) -> None:
        """Call `listener` on the loop when the triage, or what is wrong with it, is another."""
        self._listeners.append(listener)

    @property
    def watch(self) -> Watch | None:
        """What is remembered, for whoever keeps it; None before the first look."""
        return self._watch

    def prime(self, watch: Watch) -> None:
        """Go on from what an earlier start remembered, in place of the first looks."""
        self._primed = watch
        self._news.set()

    @property
    def settled(self) -> bool:
        """True when it has looked at the present snapshot, at this time, with these marks."""
        return self._seen == (self._store.snapshot.sequence, self._clock(), self._marks)

    def word(self) -> str:
        """What a person has to be told of the file of marks; once."""
        word, self._word = self._word, ""
        return word

    async def put_aside(
        self, finding: str, kind: Literal["ack", "snooze"], why: str, until: float | None
    ) -> None:
        """Mark a finding for all consoles. Raises `LabError` when it is not there or not kept."""
        from labtui.findings.quiet import Mark
        from labtui.live.marks import LONGEST_REASON

        cause = self.present.cause(finding) if self.present is not None else None
        if cause is None:
            raise LabError(_("not put aside"), why=_("the finding is over"))
        now, why = self._clock(), clean(" ".join(why.split()), LONGEST_REASON)
        mark = Mark(finding, kind, user(), why, now, cause.severity, until)
        await self._change(mark, finding)
        self._journal.note(now, "put aside", finding=finding, kind=kind, until=until, why=why)

    async def take_up(self, finding: str) -> None:
        """Take the mark of a finding away, for all consoles. Raises `LabError`."""
        await self._change(None, finding)
        self._journal.note(self._clock(), "taken up", finding=finding)

    async def _change(self, mark: Mark | None, *findings: str) -> None:
        from labtui.live import marks

        path, now = self._path, self._clock()
        if path is None:
            kept = tuple(each for each in self._marks if each.finding not in findings)
            self._marks = (*kept, mark) if mark is not None else kept
        else:
            if mark is not None:
                write = partial(marks.put, path, mark, now)
            else:
                write = partial(marks.drop, path, findings, now)
            what = _("keeping the mark")
            self._take(await self._files.run(lambda _client: write(), _FILE_LIMIT, what))
        self._news.set()

    def _take(self, marks: Marks) -> None:
        self._word = marks.word or self._word
        if marks.word:
            _log.warning("%s", marks.word)
        if marks.marks != self._marks:
            self._marks = marks.marks
            self._news.set()

    async def _read_marks(self) -> None:
        """Every two seconds: have other consoles changed the file?"""
        from labtui.live import marks

        path = self._path
        while path is not None:
            try:
                what = _("looking at the marks")
                stamp = await self._files.run(lambda _client: marks.stamp(path), _FILE_LIMIT, what)
                if stamp != self._stamp:
                    self._take(
                        await self._files.run(lambda _client: marks.read(path), _FILE_LIMIT, what)
                    )
                    self._stamp = stamp
            except (LabError, OSError) as error:
                # The disk may hang: what was known of the marks stays in force.
                _log.debug("marks: %s", error)
            await asyncio.sleep(_FILE_PAUSE)

    async def _run(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(_TICK):
                    await self._news.wait()
            self._news.clear()
            began = time.monotonic()
            if self._primed is not None:
                self._watch, self._primed, self._glance = self._primed, None, Glance()
            await self._look()
            took = time.monotonic() - began
            if self._gap:
                await asyncio.sleep(max(self._gap, _LOAD * took))

    async def _look(self) -> None:
        snapshot, now, marks = self._store.snapshot, self._clock(), self._marks
        look = partial(_looked, self._watch, snapshot, now, marks)
        fault = ""
        try:
            if self._gap and not self.fault and not await self._worth(snapshot, now):
                return
            self._watch, self.present = await self._thread.run(
                lambda _client: look(), _LIMIT, _("judging the lab")
            )
            self.looked_at = now
        except TimedOut as error:
            fault = str(error)
        except Exception as error:  # noqa: BLE001 - a fault of a rule must not end the console
            if not self.fault:
                _log.exception("the findings could not be made")
            fault = _("fault in labtui: {kind}").format(kind=type(error).__name__)
        self.fault = fault
        self._seen = (snapshot.sequence, now, marks)
        if not fault:
            await self._forget(now)
        self._tell()

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()

    async def _worth(self, snapshot: Snapshot, now: float) -> bool:
        glance = partial(self._glance.worth, snapshot, self._marks, now)
        return await self._thread.run(lambda _client: glance(), _LIMIT, _("judging the lab"))

    async def _forget(self, now: float) -> None:
        """Take away marks without an end whose finding is over."""
        entries = self._watch.memory.entries if self._watch is not None else {}
        open_ended = {mark.finding for mark in self._marks if mark.until is None}
        self._missing = {
            finding: self._missing.get(finding, now)
            for finding in open_ended
            if finding not in entries
        }
        over = [name for name, since in self._missing.items() if now - since >= OVER_AFTER]
        if over:
            try:
                await self._change(None, *over)
            except LabError as error:
                _log.debug("marks: %s", error)
            self._missing = {}


def _looked(
    watch: Watch | None, snapshot: Snapshot, now: float, marks: tuple[Mark, ...]
) -> tuple[Watch, Triage]:
    """One look, in the thread; imports the rules the first time."""
    import msgspec

    from labtui.findings import Watch as Fresh

    kept = watch if watch is not None else Fresh()
    return msgspec.structs.replace(kept, marks=marks).look(snapshot, now)
