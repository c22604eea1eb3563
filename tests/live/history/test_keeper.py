"""The keeper: what is written of triages, what it says when it can't, and that it goes on."""

from __future__ import annotations

import asyncio
import itertools
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from labtui.config.schema import Config, HistoryConfig, NotifyConfig, Tls
from labtui.findings import Triage, Watch
from labtui.live.history.database import Database
from labtui.live.history.keeper import Keeper
from labtui.live.history.opening import last_watch, open_history
from labtui.live.notify.courier import Courier
from labtui.live.notify.hooks import CauseHook
from labtui.live.store import Store
from labtui.model.errors import LabError
from labtui.model.events import Query
from labtui.model.jobs import Job
from tests.live.history.test_told import cause, finding
from tests.live.notify.listener import listening
from tests.snapshots import NOW, feed_of, membership


def read(store: Store, at: float, sequence: int, **there: bool) -> None:
    part = membership(True, **there)
    store.expect(feed_of(part, "lab"), 5.0)
    store.apply(feed_of(part, "lab"), part, read_at=at, sequence=sequence)


async def until(true: Callable[[], bool], seconds: float = 8.0) -> None:
    """Wait until it is so; fails when it never is."""
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 - the keeper is a thread and tells nobody of its rounds
            await asyncio.sleep(0.02)


async def rounds(*keepers: Keeper) -> None:
    """Until each has come round with what it has now."""
    for keeper in keepers:
        before = keeper.rounds
        await until(lambda keeper=keeper, before=before: keeper.rounds >= before + 2)  # type: ignore[misc]


async def test_a_cause_is_written_and_told_by_a_hook_from_the_triage(tmp_path: Path) -> None:
    store, path = Store("lab"), tmp_path / "events.db"
    with listening() as listener:
        config = NotifyConfig("chat", webhook=listener.url, tls=Tls("off"), timeout=2)
        courier = Courier(config, path, lambda: NOW)
        hooks = [CauseHook(config, "lsalab")]
        keeper = Keeper(path, 1e6, lambda: NOW, hooks=hooks, pause=0.02)
        keeper.on_notices = courier.wake
        keeper.begin(store)
        courier.start()
        settling = Triage((cause(finding("pve9")),), settling=True)
        keeper.judged(settling, Watch())
        await rounds(keeper)
        keeper.judged(Triage((cause(finding("pve3")),)), Watch())
        await until(lambda: len(listener.got) == 1)
        keeper.judged(Triage(), Watch())
        await until(lambda: len(listener.got) == 2)
        assert keeper.finish(3)
        assert courier.leave(3)
        told = [(each.body["news"], each.body["name" if n == 0 else "says"])
                for n, each in enumerate(listener.got)]  # fmt: skip
    assert told == [("new", "pve3"), ("over", "pve3 is away: 3 guests were on it")]
    with closing(Database(path, write=False)) as database:
        found = database.events(Query())
    assert [event.after for event in found] == ["over", "critical"]
    assert (found[1].view, found[1].row) == ("nodes", "lab/pve3")


async def test_what_was_remembered_comes_to_the_next_start(tmp_path: Path) -> None:
    path, watch = tmp_path / "events.db", Watch()
    watch = msgspec.structs.replace(
        watch, history=msgspec.structs.replace(watch.history, began=NOW - 99)
    )
    for expected in (0, 1):
        taken: list[Watch] = []
        store = Store("lab")
        keeper = Keeper(path, 1e6, lambda: NOW, pause=0.02)
        keeper.begin(store, taken.append)
        keeper.judged(Triage(), watch)
        await rounds(keeper)
        assert len(taken) == expected
        assert keeper.finish(3)


@pytest.mark.parametrize("trouble", ["folder", "newer"])
async def test_what_can_not_be_kept_is_said_once_and_goes_on_when_it_can(
    tmp_path: Path, trouble: str, caplog: pytest.LogCaptureFixture
) -> None:
    clock = [NOW]
    path = tmp_path / "history" / "events.db"
    if trouble == "folder":
        (tmp_path / "history").write_text("in the way")
    else:
        with closing(Database(path, write=True)) as made:
            made.all("PRAGMA user_version=99")
    store = Store("lab")
    keeper = Keeper(path, 1e6, lambda: clock[0], pause=0.02)
    keeper.begin(store)
    keeper.wish(True)
    read(store, NOW, 1, pve1=True)
    await until(lambda: bool(store.snapshot.events))
    (event,) = store.snapshot.events
    assert (event.id, event.weight) == (0, "bad")
    assert keeper.word.startswith("the history is not kept: ")
    with pytest.raises(LabError):
        await keeper.ask(Query())
    if trouble == "folder":
        (tmp_path / "history").unlink()
    else:
        path.unlink()
    clock[0] += 31
    read(store, NOW + 31, 2, pve1=True)
    await until(lambda: not keeper.word)
    clock[0] += 6
    read(store, NOW + 37, 3, pve1=False)
    await until(lambda: [event.after for event in store.snapshot.events] == ["down"])
    assert keeper.finish(3)
    assert sum("is not kept" in record.getMessage() for record in caplog.records) == 1


async def test_a_damaged_file_is_set_aside_and_a_new_one_begun(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "events.db"
    path.write_bytes(b"not at all " * 999)
    store = Store("lab")
    keeper = Keeper(path, 1e6, lambda: NOW, pause=0.02)
    keeper.begin(store)
    read(store, NOW, 1, pve1=True)
    await until(lambda: (tmp_path / "events.db.damaged").exists() and path.exists())
    await rounds(keeper)
    read(store, NOW + 1, 2, pve1=False)
    await rounds(keeper)
    assert await keeper.ask(Query(object="pve1"))
    assert keeper.finish(3)
    assert "set aside as events.db.damaged" in caplog.text


async def test_jobs_of_a_console_that_only_reads_are_written_too(tmp_path: Path) -> None:
    path = tmp_path / "events.db"
    writer, reader = Store("lab"), Store("lab")
    clock = itertools.count(int(NOW)).__next__
    keepers = [Keeper(path, 1e6, clock, pause=0.02) for _each in range(2)]
    keepers[0].begin(writer)
    await rounds(keepers[0])
    keepers[1].begin(reader)
    job = Job("1", "node.evacuate", "lab/pve1", "Empty pve1", "running", NOW - 60)
    reader.show_jobs((job,))
    await rounds(keepers[1])
    reader.show_jobs((msgspec.structs.replace(job, state="done", ended=NOW),))
    await rounds(*keepers)
    found = await keepers[0].ask(Query())
    assert [event.after for event in found] == ["done", "running"]
    for keeper in keepers:
        assert keeper.finish(3)


async def test_the_work_is_done_in_a_daemon_thread(tmp_path: Path) -> None:
    keeper = Keeper(tmp_path / "events.db", 1e6, lambda: NOW, pause=0.02)
    before = set(threading.enumerate())
    keeper.begin(Store("lab"))
    (thread,) = set(threading.enumerate()) - before
    assert (thread.name, thread.daemon) == ("labtui history", True)
    assert await keeper.ask(Query()) == ()
    assert keeper.finish(3)


def test_nothing_is_kept_where_the_configuration_wants_none(tmp_path: Path) -> None:
    none = Config(str(tmp_path / "c.toml"), "lab", history=HistoryConfig(0), demo=True)
    assert open_history(none) == (None, "")
    some = msgspec.structs.replace(none, history=HistoryConfig())
    keeper, word = open_history(some)
    assert keeper is not None
    assert (keeper.path, word) == (tmp_path / "history" / "events.db", "")
    assert last_watch(some, NOW) is None


def test_the_console_loads_sqlite_only_when_its_history_is_opened() -> None:
    program = (
        "import labtui.cli.console, labtui.ui.app, labtui.live.lab, labtui.live.history.opening\n"
        "import sys; print('sqlite3' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "False\n"
