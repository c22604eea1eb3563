"""The file of marks: shared, private, replaced as a whole; what can't be used is set aside."""

from __future__ import annotations

import json
import stat
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labtui.findings import Mark
from labtui.live import marks
from labtui.live.cache_file import Unusable
from labtui.live.marks import Marks, drop, put, read
from labtui.model.errors import Rejected
from tests.snapshots import NOW


def mark(finding: str = "node-down:lab/pve4", until: float | None = None, why: str = "fan") -> Mark:
    return Mark(finding, "ack", "amy", why, NOW, "critical", until)


def test_a_mark_is_read_as_it_was_put(tmp_path: Path) -> None:
    path = tmp_path / "marks.json"
    assert read(path) == Marks()
    assert put(path, mark(), NOW).marks == (mark(),)
    assert read(path) == Marks((mark(),))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert json.loads(path.read_text())["marks"][0]["by"] == "amy"
    assert drop(path, (mark().finding,), NOW).marks == ()
    assert read(path) == Marks()


def test_a_second_mark_on_a_finding_takes_the_place_of_the_first(tmp_path: Path) -> None:
    path = tmp_path / "marks.json"
    put(path, mark(), NOW)
    put(path, mark("other:1"), NOW)
    put(path, mark(why="power"), NOW)
    assert [(each.finding, each.why) for each in read(path).marks] == [
        ("other:1", "fan"),
        ("node-down:lab/pve4", "power"),
    ]


def test_what_has_ended_goes_with_the_next_change(tmp_path: Path) -> None:
    path = tmp_path / "marks.json"
    put(path, mark("old:1", until=NOW + 60), NOW)
    put(path, mark("new:1"), NOW + 59)
    assert len(read(path).marks) == 2
    put(path, mark("newer:1"), NOW + 60)
    assert [each.finding for each in read(path).marks] == ["new:1", "newer:1"]


def test_consoles_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "marks.json"

    def write(number: int) -> None:
        put(path, mark(f"rule:{number}"), NOW)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert {each.finding for each in read(path).marks} == {f"rule:{n}" for n in range(12)}
    assert sorted(each.name for each in tmp_path.iterdir()) == ["marks.json", "marks.json.lock"]


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"marks": [7]}', b'{"marks": [{"finding": 1}]}', b"\xff"]
)
def test_a_damaged_file_is_set_aside_with_a_word(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "marks.json"
    path.write_bytes(content)
    path.chmod(0o600)
    found = read(path)
    assert found.marks == ()
    assert "damaged" in found.word
    assert str(tmp_path / "marks.json.damaged") in found.word
    assert (tmp_path / "marks.json.damaged").read_bytes() == content
    assert read(path) == Marks()


def test_a_file_that_others_can_read_is_none(tmp_path: Path) -> None:
    path = tmp_path / "marks.json"
    put(path, mark(), NOW)
    path.chmod(0o644)
    found = read(path)
    assert (found.marks, "open to others" in found.word) == ((), True)


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("{}")
    path = tmp_path / "marks.json"
    path.symlink_to(tmp_path / "elsewhere")
    assert "a link" in read(path).word
    assert (tmp_path / "elsewhere").read_text() == "{}"


def test_what_cannot_be_read_is_not_written_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "marks.json"
    put(path, mark(), NOW)

    def away(_path: Path) -> bytes:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr("labtui.live.cache_file.read", away)
        assert "Input/output error" in read(path).word
        with pytest.raises(Rejected, match="could not be kept"):
            put(path, mark("other:1"), NOW)
    assert read(path).marks == (mark(),)


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Rejected, match="could not be kept"):
        put(tmp_path / "file" / "marks.json", mark(), NOW)


def test_another_content_has_another_stamp(tmp_path: Path) -> None:
    path = tmp_path / "marks.json"
    assert marks.stamp(path) is None
    put(path, mark(), NOW)
    first = marks.stamp(path)
    put(path, mark("other:1"), NOW)
    assert first is not None
    assert marks.stamp(path) not in (None, first)


@given(st.text(max_size=300), st.text(max_size=80))
def test_words_of_others_are_cleaned(why: str, by: str) -> None:
    told = {"finding": "a:b", "kind": "ack", "by": by, "why": why, "at": NOW, "severity": "notice"}
    found = marks._understood(json.dumps({"marks": [told]}).encode())
    assert len(found) == 1
    assert found[0].why.isprintable()
    assert found[0].by.isprintable()
    assert len(found[0].why) <= marks.LONGEST_REASON


@given(st.binary(max_size=200))
def test_rubbish_is_unusable_and_nothing_else(data: bytes) -> None:
    try:
        assert isinstance(marks._understood(data), tuple)
    except Unusable as error:
        assert "damaged" in str(error)
