"""The freeze file: made, read and removed; whatever can't be understood counts as a freeze."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labtui.live import freeze
from labtui.live.freeze import Freeze, read, remove, told, write
from tests.snapshots import NOW

MADE = Freeze("amy", "192.0.2.7", NOW, "disk swap")


def test_a_freeze_is_read_as_it_was_made(tmp_path: Path) -> None:
    path = tmp_path / "freeze.json"
    assert read(path) is None
    write(path, MADE)
    assert read(path) == MADE
    assert set(json.loads(path.read_text())) == {"by", "from", "at", "why"}
    assert remove(path)
    assert read(path) is None
    assert not remove(path)


def test_everybody_may_read_it_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        write(tmp_path / "freeze.json", MADE)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "freeze.json").stat().st_mode) == 0o664


def test_the_first_one_stays(tmp_path: Path) -> None:
    path = tmp_path / "freeze.json"
    write(path, MADE)
    with pytest.raises(FileExistsError):
        write(path, Freeze("ben", "", NOW, "no"))
    assert read(path) == MADE


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'"amy"', b'{"by": 7}', b'{"at": "now"}', b"\xff\xfe", b"x" * 70_000],
)
def test_a_damaged_file_counts_as_a_freeze(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "freeze.json"
    path.write_bytes(content)
    found = read(path)
    assert found is not None
    assert found.problem == "it is damaged"
    assert "can't be relied on: it is damaged" in told(found, path)


def test_an_empty_object_is_a_freeze_by_nobody_knows_whom(tmp_path: Path) -> None:
    path = tmp_path / "freeze.json"
    path.write_text("{}")
    assert read(path) == Freeze()
    assert told(Freeze(), path) == "? has frozen all writes since ?"


def test_what_is_no_file_counts_as_a_freeze(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    assert _problem(tmp_path / "folder") == "it is no file"
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    assert _problem(tmp_path / "link") == "it is a link"
    os.mkfifo(tmp_path / "pipe")
    assert _problem(tmp_path / "pipe") == "it is no file"


def test_a_folder_that_is_not_there_counts_as_a_freeze(tmp_path: Path) -> None:
    """A share that is not mounted must not let writes through."""
    assert _problem(tmp_path / "share" / "freeze.json") == "its folder is not there"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_counts_as_a_freeze(tmp_path: Path) -> None:
    path = tmp_path / "freeze.json"
    write(path, MADE)
    path.chmod(0)
    assert _problem(path) == "Permission denied"


def _problem(path: Path) -> str:
    found = read(path)
    assert found is not None
    return found.problem


@given(st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
def test_any_content_is_survived_and_never_lets_writes_through(content: bytes) -> None:
    found = freeze._understood(content)
    assert isinstance(found, Freeze)
    assert told(found, None).isprintable()


@given(st.text(), st.text(), st.floats(), st.text())
def test_what_others_wrote_is_cleaned(by: str, origin: str, at: float, why: str) -> None:
    data = json.dumps({"by": by, "from": origin, "at": at, "why": why}).encode()
    assert told(freeze._understood(data), None).isprintable()
