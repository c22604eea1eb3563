"""The keeper of the history: one daemon thread that writes what happens and reads what is asked.

It takes the newest snapshot and the newest triage whenever it comes round, so that it never holds
anybody up; what it misses in between is no change. Of several consoles and a recorder one writes
(`election`); the others read what that one has written. SQLite is loaded in the thread.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from uuid import uuid4

from labtui.locale import _
from labtui.model.errors import LabError
from labtui.model.events import Event, Query, Said
from labtui.model.upkeep import Lapse

if TYPE_CHECKING:
    from labtui.findings import Triage, Watch
    from labtui.live.history.election import Election
    from labtui.live.history.writing import Hook, Writing
    from labtui.live.store import Store

_log = logging.getLogger(__name__)
_PAUSE = 1.0
_AGAIN = 30.0
_ASKED = 5.0
_LEAVING = 0.1


class _Question(NamedTuple):
    query: Query
    loop: asyncio.AbstractEventLoop
    answer: asyncio.Future[tuple[Event, ...]]


class Keeper:
    """The history of one lab in one process. `begin` on the running loop, then `leave`.

    `keep` is how long events are kept (seconds). `election` is that of a recorder, which stands
    already; `hooks` are what it tells causes by. `pause`: seconds between two rounds.
    """

    def __init__(
        self,
        path: Path,
        keep: float,
        clock: Callable[[], float] = time.time,
        *,
        election: Election | None = None,
        hooks: Sequence[Hook] = (),
        pause: float = _PAUSE,
    ) -> None:
        self.path = path
        self.keep, self.clock, self.hooks = keep, clock, tuple(hooks)
        self.console = uuid4().hex[:12]
        self.word = ""
        self.rounds = 0
        """How often the thread has come round: it is alive while that grows."""
        self.on_notices: Callable[[], None] = lambda: None
        self._election = election
        self._pause = pause
        self._store: Store | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._triage: tuple[Triage, Watch | None] | None = None
        self._on_watch: Callable[[Watch], None] | None = None
        self._questions: queue.SimpleQueue[_Question] = queue.SimpleQueue()
        self._wake = threading.Event()
        self._leaving = threading.Event()
        self._done = threading.Event()
        self._wished = False
        self._shown: tuple[Event, ...] = ()
        self._next_try = 0.0

    def begin(self, store: Store, on_watch: Callable[[Watch], None] | None = None) -> None:
        """Keep what the store has from now on. `on_watch` is given, on the loop, what an earlier
        start remembered.
        """
        self._store, self._loop = store, asyncio.get_running_loop()
        self._on_watch = on_watch
        threading.Thread(target=self._run, name="labtui history", daemon=True).start()

    def judged(self, triage: Triage, watch: Watch | None) -> None:
        """There is a new triage, and the watch to keep."""
        self._triage = (triage, watch)

    def wish(self, wished: bool) -> None:
        """Say whether the events are on the screen: then the store is given them."""
        if wished and not self._wished:
            self._wake.set()
        self._wished = wished

    async def ask(self, query: Query) -> tuple[Event, ...]:
        """The events asked for, the newest first. Raises `LabError`."""
        loop = asyncio.get_running_loop()
        question = _Question(query, loop, loop.create_future())
        self._questions.put(question)
        self._wake.set()
        try:
            async with asyncio.timeout(_ASKED):
                return await question.answer
        except TimeoutError:
            raise self._unread(_("no answer in {seconds:.0f} s").format(seconds=_ASKED)) from None

    def leave(self) -> None:
        """Write once more and end; does not wait for it."""
        self._leaving.set()
        self._wake.set()

    def finish(self, patience: float = _LEAVING) -> bool:
        """Wait until that is done, `patience` seconds at most. Blocks."""
        self.leave()
        return self._done.wait(patience)

    def _unread(self, why: str) -> LabError:
        return LabError(_("the history can't be read"), where=str(self.path), why=why)

    def _run(self) -> None:
        from labtui.live.history.writing import Writing

        writing = Writing(self.path, self, self._election)
        self._prime(writing)
        while True:
            ending = self._leaving.is_set()
            self._wake.clear()
            self._round(writing, last=ending)
            self._answer(writing)
            self.rounds += 1
            if ending:
                break
            self._wake.wait(self._pause)
        writing.close()
        self._done.set()

    def _prime(self, writing: Writing) -> None:
        try:
            watch = writing.remembered()
        except Exception as error:  # noqa: BLE001 - without memory it begins anew
            _log.warning("the history's memory is not taken up: %s", type(error).__name__)
            return
        if watch is not None and self._on_watch is not None:
            self._soon(self._on_watch, watch)

    def _round(self, writing: Writing, *, last: bool) -> None:
        if self.clock() < self._next_try:
            return
        try:
            snapshot = self._store.snapshot if self._store is not None else None
            if snapshot is not None:
                writing.look(snapshot, self._triage, last=last)
            if self._wished:
                self._show(writing)
            self._say("")
        except Exception as error:  # noqa: BLE001 - a fault here must not end the thread
            self._failed(writing, error)

    def _failed(self, writing: Writing, error: Exception) -> None:
        from labtui.live.history.file import Unkept

        self._next_try = self.clock() + _AGAIN
        known = isinstance(error, (Unkept, OSError))
        if known:
            why = getattr(error, "strerror", None) or str(error)
        else:
            # With its trace, in the log alone: this is a fault of ours.
            _log.error("history", exc_info=error)
            why = _("fault in labtui: {kind}").format(kind=type(error).__name__)
        aside = writing.recover(error)
        if aside:
            self._next_try = 0.0
            text = _("the history is {why}: set aside as {path}")
            _log.warning("%s", text.format(why=why, path=aside))
            return
        self._say(_("the history is not kept: {why}").format(why=why))

    def _say(self, word: str) -> None:
        """What is wrong now, once; the screen has it above the events, the log has it too."""
        if word == self.word:
            return
        if word:
            _log.warning("%s (%s)", word, self.path)
        else:
            _log.warning("%s", _("the history is kept again"))
        self.word = word
        if self._store is not None:
            self._soon(self._store.show_events, (*self._trouble(), *self._shown))
            lapse = Lapse("history", str(self.path), word, self.clock()) if word else None
            self._soon(self._store.show_lapse, "history", lapse)

    def _trouble(self) -> tuple[Event, ...]:
        if not self.word:
            return ()
        said = Said("{said}", (("said", self.word),))
        now = self.clock()
        return (Event(0, now, "history", "", "history", "", "", "failed", "bad", said),)

    def _show(self, writing: Writing) -> None:
        news = writing.newest()
        if news is not None and self._store is not None:
            self._shown = news
            self._soon(self._store.show_events, (*self._trouble(), *news))

    def _answer(self, writing: Writing) -> None:
        while True:
            try:
                question = self._questions.get_nowait()
            except queue.Empty:
                return
            if self.word:
                self._call(question, LabError(self.word, where=str(self.path)))
                continue
            try:
                found = writing.events(question.query)
            except Exception as error:  # noqa: BLE001 - whoever asked shall hear of it
                self._call(question, self._unread(str(error) or type(error).__name__))
            else:
                self._call(question, found)

    def _call(self, question: _Question, answer: tuple[Event, ...] | LabError) -> None:
        def tell() -> None:
            if question.answer.done():
                return
            if isinstance(answer, LabError):
                question.answer.set_exception(answer)
            else:
                question.answer.set_result(answer)

        with suppress(RuntimeError):
            question.loop.call_soon_threadsafe(tell)

    def _soon(self, call: Callable[..., None], *values: object) -> None:
        """On the loop; one that is gone wants nothing any more."""
        if self._loop is not None:
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(call, *values)
