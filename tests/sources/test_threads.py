"""The pools of threads: who starts them, how many there are, and that none is lost count of."""

from __future__ import annotations

import asyncio
import threading

import pytest

from labtui.model.errors import TimedOut
from labtui.sources.threads import Threads


async def test_no_thread_is_started_on_the_event_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """`Thread.start` waits for the new thread: on a busy machine the screen would stand still."""
    starters: list[int] = []
    start = threading.Thread.start

    def note(self: threading.Thread) -> None:
        starters.append(threading.get_ident())
        start(self)

    monkeypatch.setattr(threading.Thread, "start", note)
    threads: Threads[object] = Threads("x", object)
    assert await threads.run(lambda _client: 7, 5, "asking") == 7
    release = threading.Event()
    with pytest.raises(TimedOut):
        await threads.run(lambda _client: release.wait(5), 0.05, "waiting")
    assert await threads.run(lambda _client: 8, 5, "asking") == 8
    release.set()
    threads.close()
    assert len(starters) >= 2
    assert threading.get_ident() not in starters


async def test_a_thread_without_work_takes_the_next_call() -> None:
    """One call after the other needs one connection; those side by side have one each."""
    made: list[object] = []

    def connect() -> object:
        made.append(object())
        return made[-1]

    threads: Threads[object] = Threads("x", connect)
    for _number in range(5):
        await threads.run(lambda _client: None, 5, "asking")
    assert len(made) == 1
    both = threading.Barrier(2)
    await asyncio.gather(
        *(threads.run(lambda _client: both.wait(5), 5, "asking") for _number in range(2))
    )
    assert len(made) == 2
    threads.close()


async def test_calls_that_were_given_up_leave_room_for_others() -> None:
    threads: Threads[object] = Threads("x", object, size=1)
    release = threading.Event()
    for _number in range(3):
        with pytest.raises(TimedOut):
            await threads.run(lambda _client: release.wait(5), 0.02, "waiting")
    # The second call waits in the queue and is given up before anybody took it.
    first = asyncio.create_task(threads.run(lambda _client: release.wait(5), 5, "waiting"))
    await asyncio.sleep(0)
    with pytest.raises(TimedOut):
        await threads.run(lambda _client: None, 0.02, "waiting")
    release.set()
    assert await first
    assert await threads.run(lambda _client: 1, 5, "asking") == 1
    assert threads._open == 0
    threads.close()


async def test_a_machine_without_threads_is_a_deadline_missed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    threads: Threads[object] = Threads("x", object)
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", refuse)
        with pytest.raises(TimedOut):
            await threads.run(lambda _client: 1, 0.05, "asking")
    assert await threads.run(lambda _client: 1, 5, "asking") == 1
    threads.close()


class Held:
    """A client that says when it was closed."""

    def __init__(self, closed: threading.Event) -> None:
        self._closed = closed

    def close(self) -> None:
        self._closed.set()


async def test_a_thread_that_has_nothing_to_do_ends_with_its_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("labtui.sources.threads.IDLE", 0.02)
    closed = threading.Event()
    threads: Threads[Held] = Threads("x", lambda: Held(closed))
    assert await threads.run(lambda _client: 1, 5, "asking") == 1
    assert await asyncio.to_thread(closed.wait, 5)
    assert threads._alive == 0
    closed.clear()
    assert await threads.run(lambda _client: 2, 5, "asking") == 2
    threads.close()
    assert await asyncio.to_thread(closed.wait, 5)


async def test_no_call_is_left_without_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads that end all the time, calls that come at that very moment."""
    monkeypatch.setattr("labtui.sources.threads.IDLE", 0.001)
    threads: Threads[object] = Threads("x", object)
    for number in range(300):
        assert await threads.run(lambda _client: number, 5, "asking") == number  # noqa: B023
        await asyncio.sleep(number % 4 / 2000)
    assert threads._open == 0
    threads.close()
