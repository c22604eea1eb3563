"""Two consoles and a recorder: one writes, nothing comes twice, a kill damages nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import pairwise
from pathlib import Path

from labtui.live.history.database import Database
from labtui.live.history.election import Election
from labtui.live.history.keeper import Keeper
from labtui.live.store import Store
from labtui.model.events import Event, Query
from tests.live.history.test_keeper import rounds, until
from tests.live.history.writer import STEP
from tests.snapshots import feed_of, membership


@contextmanager
def process(folder: Path, seconds: float, *words: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.live.history.writer", str(folder), str(seconds), *words]
    started = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert started.stdout is not None
        started.first = started.stdout.readline().strip()  # type: ignore[attr-defined]
        yield started
    finally:
        started.kill()
        started.wait(10)
        if started.stdout is not None:
            started.stdout.close()


def events(folder: Path) -> list[Event]:
    """The oldest first, from a file that is whole."""
    with closing(Database(folder / "events.db", write=True)) as database:
        assert database.all("PRAGMA integrity_check") == [("ok",)]
        return list(database.events(Query()))[::-1]


def alternate(found: list[Event]) -> bool:
    """Each change once: a node that has gone can only come, at another time."""
    words = [event.after for event in found]
    return all(one != other for one, other in pairwise(words))


def test_two_consoles_and_a_recorder_write_no_event_twice(tmp_path: Path) -> None:
    with process(tmp_path, 9), process(tmp_path, 9):
        time.sleep(1.2)
        with process(tmp_path, 9, "recorder") as recorder:
            # The console that writes gives way within two seconds.
            time.sleep(3.5)
            assert not Election(tmp_path).stand_as_recorder()
            recorder.send_signal(signal.SIGKILL)
            recorder.wait(10)
            killed = time.time()
            # One of the consoles takes over, and finds what happened in between.
            time.sleep(3.5)
        found = events(tmp_path)
    assert len(found) >= 8
    assert {event.key for event in found} == {"lab/pve2"}
    assert alternate(found)
    assert len({event.at for event in found}) == len(found)
    before = [event.at for event in found if event.at <= killed]
    assert killed - max(before) < 3 * STEP
    assert any(event.at > killed for event in found)


def test_a_second_recorder_is_refused(tmp_path: Path) -> None:
    with process(tmp_path, 5, "recorder"), process(tmp_path, 5, "recorder") as second:
        assert second.first == "refused"  # type: ignore[attr-defined]
        assert second.wait(10) == 0


def test_kills_at_any_moment_leave_a_whole_file(tmp_path: Path) -> None:
    for number in range(4):
        with process(tmp_path, 9, "recorder") as writer:
            time.sleep(0.4 + 0.23 * number)
            os.kill(writer.pid, signal.SIGKILL)
    found = events(tmp_path)
    assert found
    assert alternate(found)


async def test_a_console_reads_what_the_recorder_writes(tmp_path: Path) -> None:
    recorder, console = Store("lab"), Store("lab")
    election = Election(tmp_path)
    assert election.stand_as_recorder()
    writing = Keeper(tmp_path / "events.db", 1e6, election=election, pause=0.02)
    reading = Keeper(tmp_path / "events.db", 1e6, pause=0.02)
    for keeper, store in ((writing, recorder), (reading, console)):
        keeper.begin(store)
    reading.wish(True)
    feed = feed_of(membership(True), "lab")
    for number, there in enumerate((True, False), 1):
        for store in (recorder, console):
            store.expect(feed, 5.0)
            part = membership(True, pve1=True, pve2=there)
            store.apply(feed, part, read_at=time.time(), sequence=number)
        await rounds(writing, reading)
    try:
        await until(lambda: bool(console.snapshot.events))
        assert [event.after for event in console.snapshot.events] == ["down"]
        assert await reading.ask(Query(object="pve2")) == console.snapshot.events
        assert await reading.ask(Query(object="pve9")) == ()
    finally:
        assert writing.finish(3)
        assert reading.finish(3)
