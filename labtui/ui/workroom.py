"""Where large tables are put in order: a thread beside the event loop, so that keys never wait.

Ten thousand rows take some 40 ms to join, judge and sort. The functions that do it are pure, so
they may run anywhere; only their results are put on the screen, on the event loop.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable

Work = Callable[[], Callable[[], None]]
"""Done in the thread; what it returns is called on the loop, and puts the result in its place."""


class Workroom:
    """Does one piece of work at a time. `done` is called on the loop after each.

    What comes while one is being done is refused: whoever wanted it asks again after `done`, with
    the newest snapshot.
    """

    def __init__(self, done: Callable[[], None]) -> None:
        self._done = done
        self._queue: queue.SimpleQueue[Work | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._failed = False
        self.busy = False

    def take(self, work: Work) -> bool:
        """Begin to do it; False when busy, and for good once some work has failed."""
        if self.busy or self._failed:
            return False
        self.busy = True
        self._loop = asyncio.get_running_loop()
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="workroom", daemon=True)
            self._thread.start()
        self._queue.put(work)
        return True

    def close(self) -> None:
        """Let the thread end when it is through with what it does; nobody waits for it."""
        self._queue.put(None)
        self._thread = self._loop = None

    def _work(self) -> None:
        while (work := self._queue.get()) is not None:
            try:
                put = work()
            except Exception:  # noqa: BLE001 - it comes again on the loop, where errors are shown
                put = self._fail
            loop = self._loop
            if loop is None or loop.is_closed():
                return
            loop.call_soon_threadsafe(self._finish, put)

    def _fail(self) -> None:
        self._failed = True

    def _finish(self, put: Callable[[], None]) -> None:
        self.busy = False
        if self._loop is not None:
            put()
            self._done()
