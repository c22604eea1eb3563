"""The file: private, migrated, damaged, full, of a newer version, written by several."""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labtui.live.history.compare import Change, Known
from labtui.live.history.database import Database
from labtui.live.history.file import Unkept, set_aside
from labtui.live.history.schema import STEPS, VERSION
from labtui.model.events import Event, Query, Said
from tests.snapshots import NOW


def change(key: str, value: str, at: float, kind: str = "node", **more: str) -> Change:
    view, row = more.get("view", "nodes"), more.get("row", key)
    said = Said("node {name} is back", (("name", key),))
    known = Known("lab", key, value, at, at, view, row)
    event = Event(0, at, kind, "lab", key, key, "x", value, "good", said, view, row)
    return Change((kind, key), known, event)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history" / "events.db"


def opened(path: Path, *, write: bool = True) -> closing[Database]:
    return closing(Database(path, write=write))


def test_the_file_and_its_companions_are_its_owners_alone(path: Path) -> None:
    before = os.umask(0)
    try:
        with opened(path) as database:
            database.record([change("lab/pve1", "up", NOW)])
            names = {each.name for each in path.parent.iterdir()}
            assert names >= {"events.db", "events.db-wal"}
            for each in path.parent.iterdir():
                assert stat.S_IMODE(each.stat().st_mode) == 0o600, each
    finally:
        os.umask(before)


def test_what_was_written_is_read_again_newest_first(path: Path) -> None:
    with opened(path) as database:
        first, second = change("lab/pve1", "down", NOW), change("lab/pve1", "up", NOW + 5)
        assert database.record([first]) == 1
        assert database.record([second]) == 1
        found = database.events(Query())
        assert [event.after for event in found] == ["up", "down"]
        assert second.event is not None
        assert msgspec.structs.replace(found[0], id=0) == second.event
        assert database.known() == {second.key: second.known}


def test_a_file_that_nobody_has_begun_is_none(path: Path) -> None:
    assert Database.reading(path) is None
    path.parent.mkdir()
    path.touch()
    assert Database.reading(path) is None
    with opened(path):
        pass
    found = Database.reading(path)
    assert found is not None
    found.close()


def test_what_the_file_knows_already_is_not_written_twice(path: Path) -> None:
    """Should the lock ever fail: the file itself decides, in one piece with the writing."""
    with opened(path) as one, opened(path) as other:
        same = change("lab/pve1", "down", NOW)
        assert one.record([same], notices=[("phone", "lab/pve1", "new", "x", NOW, b"{}")]) == 1
        again = [("phone", "lab/pve1", "new", "x", NOW, b"{}")]
        assert other.record([same], notices=again) == 0
        earlier = change("lab/pve1", "up", NOW - 5)
        assert other.record([earlier]) == 0
        assert len(one.events(Query())) == 1
        assert len(one.all("SELECT * FROM notices")) == 1


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (Query(view="nodes", row="lab/pve1"), {"lab/pve1"}),
        (Query(view="bgp", row="836/to-835/to-835-1"), {"836/to-835"}),
        (Query(view="bgp", row="836/to-8355"), set()),
        (Query(object="pve1"), {"lab/pve1"}),
        (Query(object="104"), {"lab/104"}),
        (Query(object="104 web"), {"lab/104"}),
        (Query(object="web"), {"lab/104"}),
        (Query(object="10"), set()),
        (Query(object="%"), set()),
        (Query(since=NOW + 2), {"836/to-835", "lab/104"}),
        (Query(until=NOW + 1), {"lab/pve1"}),
        (Query(most=1), {"lab/104"}),
    ],
)
def test_events_are_found_by_row_name_and_time(path: Path, query: Query, found: set[str]) -> None:
    with opened(path) as database:
        guest = change("lab/104", "up", NOW + 3, "guest", view="guests")
        assert guest.event is not None
        named = msgspec.structs.replace(guest.event, name="104 web")
        database.record(
            [
                change("lab/pve1", "up", NOW),
                change("836/to-835", "up", NOW + 2, "session", view="bgp"),
                guest._replace(event=named),
            ]
        )
        assert {event.key for event in database.events(query)} == found


def test_old_events_go_in_slices_and_nothing_else_does(path: Path) -> None:
    with opened(path) as database:
        for number in range(25):
            database.record([change("lab/pve1", str(number), NOW + number)])
        database.record(
            [change("UPID", "done", NOW, "task"), change("UPID2", "running", NOW, "task")]
        )
        assert database.prune(NOW + 20, 10)
        assert database.prune(NOW + 20, 10)
        assert not database.prune(NOW + 20, 10)
        assert [event.after for event in database.events(Query())] == ["24", "23", "22", "21", "20"]
        assert set(database.known()) == {("node", "lab/pve1"), ("task", "UPID2")}


def test_a_file_of_the_first_version_is_brought_to_the_present_one(path: Path) -> None:
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as old:
        old.executescript(f"{STEPS[0]};PRAGMA user_version=1;")
        old.execute("INSERT INTO kept VALUES ('seen', 5.0, x'00')")
        old.commit()
    with opened(path) as database:
        assert database.kept("seen") == (5.0, b"\0")
        assert database.all("PRAGMA user_version") == [(VERSION,)]
        assert database.all("SELECT count(*) FROM notices") == [(0,)]


def test_a_file_of_a_newer_version_is_left_alone(path: Path) -> None:
    with opened(path):
        pass
    with closing(sqlite3.connect(path)) as newer:
        newer.execute(f"PRAGMA user_version={VERSION + 1}")
    for write in (True, False):
        with pytest.raises(Unkept, match="newer") as caught:
            Database(path, write=write)
        assert not caught.value.damaged


@pytest.mark.parametrize(
    "rubbish", [b"no database at all " * 200, b"SQLite format 3\0" + b"\xff" * 9000]
)
def test_a_damaged_file_is_said_to_be_one_and_set_aside(path: Path, rubbish: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(rubbish)
    with pytest.raises(Unkept) as caught:
        Database(path, write=True)
    assert caught.value.damaged
    aside = set_aside(path)
    assert aside.read_bytes() == rubbish
    with opened(path) as database:
        assert database.events(Query()) == ()


def test_a_link_is_not_followed(path: Path, tmp_path: Path) -> None:
    path.parent.mkdir()
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Unkept, match="a link"):
        Database(path, write=True)
    assert not (tmp_path / "elsewhere").exists()


def test_a_full_disk_has_its_word_and_loses_nothing_that_was_written(path: Path) -> None:
    with opened(path) as database:
        database.record([change("lab/pve1", "up", NOW)])
        pages = database.all("PRAGMA page_count")[0][0]
        database.all(f"PRAGMA max_page_count={pages}")
        many = [change(f"lab/{number}" + "x" * 500, "up", NOW) for number in range(200)]
        with pytest.raises(Unkept, match="full"):
            database.record(many)
        assert len(database.events(Query())) == 1
        database.all("PRAGMA max_page_count=100000")
        assert database.record(many) == 200


def test_a_file_that_may_not_be_written_to_has_its_word(path: Path) -> None:
    with opened(path) as database:
        database.record([change("lab/pve1", "up", NOW)])
    with opened(path, write=False) as reader:
        assert len(reader.events(Query())) == 1
        with pytest.raises(Unkept, match="may not be written to"):
            reader.record([change("lab/pve1", "down", NOW + 1)])


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=300), st.integers(0, 4000))
def test_bytes_that_were_turned_never_crash(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes, place: int
) -> None:
    path = tmp_path_factory.mktemp("noise") / "events.db"
    with opened(path) as database:
        database.record([change(f"lab/{number}", "up", NOW) for number in range(5)])
    data = bytearray(path.read_bytes())
    data[place : place + len(noise)] = noise
    path.write_bytes(bytes(data))
    try:
        with opened(path) as database:
            database.known()
            database.events(Query())
            database.record([change("lab/9", "up", NOW)])
    except Unkept as error:
        assert str(error)
