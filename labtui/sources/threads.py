"""Daemon threads for libraries that block: one small pool per endpoint, never the loop's executor.

A call that misses its deadline leaves its thread behind for good: the caller gets `TimedOut` at
once, the connection is closed under the library if the client can do that, the thread ends when the
library lets go of it, and a fresh one takes its place. So a hung server costs a few sleeping
threads and never a late answer in the wrong place, nor a wait at exit.
"""

from __future__ import annotations

import _thread
import asyncio
import queue
import threading
from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar, runtime_checkable

from labtui.locale import _
from labtui.model.errors import (
    Forbidden,
    LabError,
    NotFound,
    Rejected,
    TimedOut,
    Unreachable,
)

_C = TypeVar("_C")
_T = TypeVar("_T")
_MOST_LOST = 8
IDLE = 60.0
"""Seconds without work after which a thread ends, and with it the connection that it holds."""
# A server that said no in good order is still in step; after anything else the connection is not.
_IN_STEP = (Rejected, Forbidden, NotFound)


@runtime_checkable
class Abortable(Protocol):
    """A client whose connection can be closed while another thread waits on it."""

    def abort(self) -> None: ...


@runtime_checkable
class Closable(Protocol):
    """A client that holds connections open between calls."""

    def close(self) -> None: ...


class Threads(Generic[_C]):
    """A pool of daemon threads, each with a client of its own that `connect` makes there.

    `where` names the endpoint in errors. A client is dropped after an exception of its call, so
    that a connection in doubt is never used again; an orderly no of the server leaves it.
    """

    def __init__(self, where: str, connect: Callable[[], _C], size: int = 2) -> None:
        self._where = where
        self._connect = connect
        self._size = size
        self._queue: queue.SimpleQueue[_Call[_C, Any] | None] = queue.SimpleQueue()
        self._alive = 0
        self._lost = 0
        self._open = 0
        self._lock = threading.Lock()

    async def run(self, work: Callable[[_C], _T], deadline: float, what: str) -> _T:
        """Do `work` with a client in a thread; `TimedOut` after `deadline` seconds.

        `what` says in a few words what was tried. Raises whatever `work` and `connect` raise.
        """
        self._ensure_threads(what)
        loop = asyncio.get_running_loop()
        call = _Call(work, loop, loop.create_future())
        self._queue.put(call)
        try:
            async with asyncio.timeout(deadline):
                result: _T = await call.future
                return result
        except TimeoutError:
            self._abandon(call)
            raise TimedOut(
                what,
                where=self._where,
                why=_("no answer in {seconds:.0f} s").format(seconds=deadline),
            ) from None
        except asyncio.CancelledError:
            self._abandon(call)
            raise
        finally:
            # An error keeps this frame, and this frame would keep the error.
            del call

    def close(self) -> None:
        """Let idle threads end; busy ones end by themselves. Never waits."""
        with self._lock:
            for _each in range(self._alive):
                self._queue.put(None)
            self._alive = 0

    def _ensure_threads(self, what: str) -> None:
        with self._lock:
            if self._lost >= _MOST_LOST:
                raise Unreachable(
                    what,
                    where=self._where,
                    why=_("{count} earlier calls still hang").format(count=self._lost),
                )
            self._open += 1
            # One that has nothing to do takes the call, over the connection that it has.
            if self._alive >= min(self._size, self._open):
                return
            self._alive += 1
        name = f"labtui {self._where}"
        thread = threading.Thread(target=self._work, name=name, daemon=True)
        # `Thread.start` waits until the new thread runs, which takes long on a busy machine: the
        # event loop leaves that to a bare thread, for which nobody waits.
        _thread.start_new_thread(self._start, (thread,))

    def _start(self, thread: threading.Thread) -> None:
        try:
            thread.start()
        except RuntimeError:
            # The machine has no more of them: what is asked waits for another, or its deadline.
            with self._lock:
                self._alive -= 1

    def _abandon(self, call: _Call[_C, Any]) -> None:
        with self._lock:
            call.abandoned = True
            self._open -= not call.finished
            left = call.started and not call.finished
            if left:
                self._alive -= 1
                self._lost += 1
        # Its thread sees that it was left and makes no use of the client any more.
        if left and isinstance(call.client, Abortable):
            call.client.abort()

    def _begin(self, call: _Call[_C, Any]) -> bool:
        with self._lock:
            call.started = not call.abandoned
            return call.started

    def _work(self) -> None:
        client: Any = None
        going = True
        while going:
            client, going = self._take(client)
        if isinstance(client, Closable):
            client.close()

    def _leave(self) -> bool:
        """Whether the thread that asks, which had nothing to do for a while, may end."""
        with self._lock:
            # A call that is on its way counts on those that are there.
            spare = self._alive > min(self._size, self._open)
            self._alive -= spare
            return spare

    def _take(self, client: Any) -> tuple[Any, bool]:
        """Do the next piece of work; returns the client that is left, and whether to go on.

        Nothing of it stays behind in this thread while it waits for the next one.
        """
        try:
            call = self._queue.get(timeout=IDLE)
        except queue.Empty:
            return client, not self._leave()
        if call is None:
            return client, False
        if not self._begin(call):
            return client, True
        error: BaseException | None = None
        result: Any = None
        try:
            if client is None:
                client = self._connect()
            call.client = client
            result = call.work(client)
        except BaseException as caught:  # noqa: BLE001 - handed to the caller, whatever it is
            error = caught.bare() if isinstance(caught, LabError) else caught
            if not isinstance(caught, _IN_STEP):
                client = None
        with self._lock:
            call.finished = True
            lost = call.abandoned is True
            self._lost -= lost
            self._open -= not lost
        if lost:
            return None, False
        call.hand_over(result, error)
        return client, True


class _Call(Generic[_C, _T]):
    """One piece of work on its way through the pool."""

    def __init__(
        self,
        work: Callable[[_C], _T],
        loop: asyncio.AbstractEventLoop,
        future: asyncio.Future[_T],
    ) -> None:
        self.work = work
        self.loop = loop
        self.future = future
        self.started = False
        self.finished = False
        self.abandoned = False
        self.client: _C | None = None

    def hand_over(self, result: _T, error: BaseException | None) -> None:
        """Give the outcome to the event loop; a loop that is gone wants none."""

        def settle() -> None:
            if self.future.done():
                return
            if error is None:
                self.future.set_result(result)
            else:
                self.future.set_exception(error)

        if not self.loop.is_closed():
            try:
                self.loop.call_soon_threadsafe(settle)
            except RuntimeError:
                # Closed between the question and the call: the console has quit.
                return
