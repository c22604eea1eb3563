"""Counts of prefixes in the file: stretches that grow, changes, gaps, restarts, old forms."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from labtui.live.history.database import Database
from labtui.live.history.prefix_counts import PrefixCounts, stretches_in
from labtui.live.history.schema import STEPS
from labtui.model.overlay import Bgp, BgpConnection, BgpSession
from labtui.model.snapshot import Snapshot
from tests.snapshots import NOW, snapshot

KEEP = 90 * 86400.0


def lab(at: float, prefixes: int) -> Snapshot:
    connection = BgpConnection("rt-a", "to-b", "10.0.0.2", 65002)
    session = BgpSession("rt-a", "to-b-1", "10.0.0.2", established=True, prefixes=prefixes)
    return snapshot(("rt-a", Bgp((connection,), (session,))), read_at=at)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "events.db"


def begun(database: Database) -> PrefixCounts:
    counting = PrefixCounts()
    counting.begin(database)
    return counting


def found(path: Path) -> list[tuple[float, float, int]]:
    rows = stretches_in(path, NOW - 1e6, NOW + 1e6)
    assert rows is not None
    return [(each.since - NOW, each.until - NOW, each.count) for each in rows]


def test_a_count_that_stays_is_one_row_that_grows(path: Path) -> None:
    database = Database(path, write=True)
    counting = begun(database)
    for second in range(0, 601, 10):
        counting.look(lab(NOW + second, 4 if second < 300 else 7), NOW + second, KEEP, database)
    counting.look(lab(NOW + 605, 7), NOW + 605, KEEP, database, last=True)
    database.close()
    assert found(path) == [(0, 300, 4), (300, 605, 7)]


def test_a_gap_says_nothing_and_a_restart_goes_on(path: Path) -> None:
    database = Database(path, write=True)
    begun(database).look(lab(NOW, 4), NOW, KEEP, database, last=True)
    again = begun(database)
    again.look(lab(NOW + 100, 4), NOW + 100, KEEP, database, last=True)
    late = begun(database)
    late.look(lab(NOW + 5000, 4), NOW + 5000, KEEP, database, last=True)
    database.close()
    assert found(path) == [(0, 100, 4), (5000, 5000, 4)]


def test_what_changes_all_the_time_is_written_once_a_minute(path: Path) -> None:
    database = Database(path, write=True)
    counting = begun(database)
    for second in range(0, 600, 10):
        counting.look(lab(NOW + second, second), NOW + second, KEEP, database)
    counting.look(lab(NOW + 600, 0), NOW + 600, KEEP, database, last=True)
    database.close()
    assert len(found(path)) <= 11


def test_what_is_old_says_nothing_and_goes_in_the_end(path: Path) -> None:
    database = Database(path, write=True)
    counting = begun(database)
    counting.look(lab(NOW, 4), NOW, KEEP, database, last=True)
    counting.look(lab(NOW, 4), NOW + 900, KEEP, database, last=True)
    assert found(path) == [(0, 0, 4)], "a reading of a quarter of an hour ago is not the present"
    begun(database).look(lab(NOW + KEEP + 9, 5), NOW + KEEP + 9, KEEP, database, last=True)
    assert stretches_in(path, 0.0, NOW + 1e8, ("rt-a/other",)) == ()
    rows = stretches_in(path, 0.0, NOW + 1e8, ("rt-a/to-b",))
    assert rows is not None
    assert [each.count for each in rows] == [5]
    database.close()


def test_without_a_file_and_with_an_older_one(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert stretches_in(path, 0.0, NOW) is None
    import labtui.live.history.file as of_file

    monkeypatch.setattr(of_file, "STEPS", STEPS[:3])
    monkeypatch.setattr(of_file, "VERSION", 3)
    Database(path, write=True).close()
    assert stretches_in(path, 0.0, NOW) == ()
    monkeypatch.undo()
    database = Database(path, write=True)
    begun(database).look(lab(NOW, 4), NOW, KEEP, database, last=True)
    database.close()
    assert found(path) == [(0, 0, 4)], "a file of version 3 becomes one of version 4"


def test_a_lab_without_bgp_writes_nothing(path: Path) -> None:
    database = Database(path, write=True)
    begun(database).look(snapshot(read_at=NOW), NOW, KEEP, database, last=True)
    begun(database).look(lab(NOW, 4), NOW + 1, KEEP, database, last=True)
    database.close()
    assert [count for _since, _until, count in found(path)] == [4]
    assert msgspec.structs.asdict(stretches_in(path, 0.0, NOW + 9)[0])["session"] == "rt-a/to-b"  # type: ignore[index]  # there is one
