"""The courier and its outbox: in order, not too often, again after a failure, never twice."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from labtui.config.redact import keep_out
from labtui.config.schema import NotifyConfig, Tls
from labtui.findings.finding import Severity
from labtui.live.history.compare import Change, Known
from labtui.live.history.database import Database
from labtui.live.history.told import News, Notice
from labtui.live.notify.courier import Courier
from labtui.live.notify.hooks import CauseHook
from labtui.live.notify.outbox import SPAN, Outbox
from labtui.model.events import Said
from tests.live.history.test_told import cause, finding
from tests.live.notify.listener import Listener, listening
from tests.snapshots import NOW


def told(
    database: Database,
    hook: CauseHook,
    name: str,
    news: News = "new",
    severity: Severity = "warning",
    at: float = NOW,
) -> None:
    """A cause is written down, with what the hook shall tell of it."""
    said = Said("{said}", (("said", f"{name} is away"),))
    found = cause(finding(name, severity)) if news != "over" else None
    notice = Notice(news, name, severity, said, at - 5, at, found)
    value = "over" if news == "over" else f"{severity} {at}"
    change = Change(("cause", name), Known("x", name, value, at, at))
    rows = (
        [(hook.name, name, news, severity, at, hook.record(notice))] if hook.wants(notice) else []
    )
    database.record([change], notices=rows)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "events.db"


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    with closing(Database(path, write=True)) as made:
        yield made


def config(url: str = "http://127.0.0.1:9/", **more: Any) -> NotifyConfig:
    return NotifyConfig("chat", webhook=url, tls=Tls("off"), timeout=1, **more)


@contextmanager
def courier(
    settings: NotifyConfig, path: Path, clock: Callable[[], float] = lambda: NOW + 61
) -> Iterator[Courier]:
    made = Courier(settings, path, clock)
    made.start()
    try:
        yield made
    finally:
        assert made.leave(5)


def states(database: Database) -> list[str]:
    return [row[0] for row in database.all("SELECT state FROM notices ORDER BY id")]


def settled(database: Database, *wanted: str) -> list[str]:
    """Until the rows are so, or a while has passed."""
    ends = time.monotonic() + 8
    while states(database) != list(wanted) and time.monotonic() < ends:
        time.sleep(0.02)
    return states(database)


def says(listener: Listener) -> list[str]:
    return [request.body["says"] for request in listener.got]


def test_what_is_told_arrives_once_however_often_the_recorder_starts(
    database: Database, path: Path
) -> None:
    with listening() as listener:
        settings = config(listener.url)
        hook = CauseHook(settings, "lsalab")
        told(database, hook, "pve3", severity="critical")
        with courier(settings, path) as running:
            assert settled(database, "told") == ["told"]
            told(database, hook, "pve3", "over", "critical", NOW + 60)
            running.wake()
            assert settled(database, "told", "told") == ["told", "told"]
        for _start in range(2):
            with courier(settings, path):
                time.sleep(0.2)
        assert says(listener) == ["pve3 is away", "pve3 is away"]
        first, second = (request.body for request in listener.got)
    assert (first["news"], second["news"]) == ("new", "over")
    assert (first["lab"], first["noun"], first["name"]) == ("lsalab", "node", "pve3")


def test_what_was_on_its_way_when_the_recorder_was_killed_is_not_sent_again(
    database: Database, path: Path
) -> None:
    with listening() as listener:
        settings = config(listener.url)
        told(database, CauseHook(settings, "lsalab"), "pve3")
        outbox = Outbox(database, "chat", 6)
        outbox.sending(outbox.next(NOW))
        with courier(settings, path):
            assert settled(database, "unknown") == ["unknown"]
            time.sleep(0.2)
        assert listener.got == []


def test_one_that_refuses_is_tried_again_later_and_later_and_not_for_ever(
    database: Database,
) -> None:
    told(database, CauseHook(config(), "lsalab"), "pve3")
    outbox, now, pauses = Outbox(database, "chat", 6), NOW, []
    while (batch := outbox.next(now)).rows:
        outbox.sending(batch)
        again = outbox.failed(batch, now, for_good=False)
        if again is None:
            break
        assert outbox.next(now).until == again
        pauses.append(again - now)
        now = again
    assert pauses[:4] == [5, 10, 20, 40]
    assert len(pauses) == 9
    assert max(pauses) <= 900
    assert states(database) == ["given-up"]


def test_after_a_refusal_the_same_arrives(database: Database, path: Path) -> None:
    moved = [0.0]
    with listening() as listener:
        listener.answers = [503]
        settings = config(listener.url)
        told(database, CauseHook(settings, "lsalab"), "pve3")
        with courier(settings, path, lambda: NOW + moved[0]) as running:
            listener.wait(1)
            assert settled(database, "waiting") == ["waiting"]
            moved[0] = 6.0
            running.wake()
            assert settled(database, "told") == ["told"]
        assert len(listener.got) == 2


def test_a_hook_that_hangs_holds_no_other_up_and_the_end_is_in_time(
    database: Database, path: Path
) -> None:
    with listening() as dead, listening() as well:
        dead.answer = "hang"
        hanging = msgspec.structs.replace(config(dead.url), name="dead")
        working = config(well.url)
        told(database, CauseHook(hanging, "lsalab"), "pve3")
        told(database, CauseHook(working, "lsalab"), "pve4")
        with courier(hanging, path), courier(working, path):
            dead.wait(1)
            assert len(well.wait(1)) == 1
    assert states(database) == ["waiting", "told"]


def test_too_many_are_told_in_one(database: Database, path: Path) -> None:
    moved = [10.0]
    with listening() as listener:
        settings = config(listener.url, most=3)
        hook = CauseHook(settings, "lsalab")
        for number in range(9):
            told(database, hook, f"pve{number}", at=NOW + number)
        with courier(settings, path, lambda: NOW + moved[0]) as running:
            assert settled(database, *["told"] * 9) == ["told"] * 9
            told(database, hook, "rt-a", at=NOW + 50)
            running.wake()
            time.sleep(0.2)
            assert len(listener.got) == 3
            assert states(database)[-1] == "waiting"
            told(database, hook, "pve0", "worse", "critical", NOW + 60)
            running.wake()
            assert settled(database, *["told"] * 11)[-2:] == ["told"] * 2
            told(database, hook, "rt-b", at=NOW + 70)
            moved[0] += SPAN
            running.wake()
            assert settled(database, *["told"] * 12)[-1] == "told"
        assert [request.body["news"] for request in listener.got] == [
            "new",
            "new",
            "several",
            "several",
            "new",
        ]
        assert listener.got[3].body["severity"] == "critical"
        assert listener.got[2].body["count"] == 7
        assert listener.got[2].body["says"] == "pve2 is away, and 6 more"


def test_what_is_over_before_it_could_be_told_is_not_told_at_all(database: Database) -> None:
    hook = CauseHook(config(), "lsalab")
    told(database, hook, "pve3")
    told(database, hook, "pve4")
    told(database, hook, "pve3", "over", at=NOW + 9)
    outbox = Outbox(database, "chat", 6)
    assert [row.cause for row in outbox.next(NOW + 10).rows] == ["pve4"]
    assert states(database) == ["dropped", "waiting", "dropped"]


def test_only_what_is_bad_enough_is_told_and_only_the_end_of_that(database: Database) -> None:
    hook = CauseHook(config(severity="critical"), "lsalab")
    told(database, hook, "pve3", severity="warning")
    told(database, hook, "pve3", "over", "warning", NOW + 1)
    told(database, hook, "pve4", severity="critical", at=NOW + 2)
    # It was less bad in the end; it was told all the same.
    told(database, hook, "pve4", "over", "warning", NOW + 3)
    rows = database.all("SELECT cause, news FROM notices ORDER BY id")
    assert rows == [("pve4", "new"), ("pve4", "over")]
    silent = CauseHook(config(over=False), "lsalab")
    assert not silent.wants(Notice("over", "x", "critical", Said("x"), NOW, NOW))


def test_what_waited_for_a_day_is_given_up(database: Database) -> None:
    told(database, CauseHook(config(), "lsalab"), "pve3")
    assert not Outbox(database, "chat", 6).next(NOW + 90_000).rows
    assert states(database) == ["given-up"]


def test_no_secret_leaves_in_a_record() -> None:
    keep_out(("hunter2-of-the-lab",))
    hook = CauseHook(config(), "lsalab")
    said = Said("{said}", (("said", "guest hunter2-of-the-lab is off, password=abc"),))
    record = json.loads(hook.record(Notice("new", "x", "warning", said, NOW, NOW)))
    assert "hunter2" not in json.dumps(record)
    assert "abc" not in json.dumps(record)


def test_what_is_critical_is_bounded_too(database: Database) -> None:
    hook, outbox = CauseHook(config(most=2), "lsalab"), Outbox(database, "chat", 2)
    sent = 0
    for number in range(9):
        told(database, hook, f"pve{number}", "new", "critical", NOW + number)
        batch = outbox.next(NOW + number)
        if batch.rows:
            outbox.sending(batch)
            outbox.told(batch, NOW + number)
            sent += 1
    assert sent == 4
    assert outbox.next(NOW + 9).until == NOW + SPAN
