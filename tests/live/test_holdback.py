"""The gate of a console: read-only, frozen and thawed; no write gets round it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from labtui.config.schema import Config
from labtui.live import freeze as freezing
from labtui.live import holdback
from labtui.live.freeze import Freeze
from labtui.live.holdback import Holdback
from labtui.live.journal import Journal
from tests.live.gates import ALL, Clock, entries, made, reached, until
from tests.snapshots import NOW

AMY = Freeze("amy", "192.0.2.7", NOW, "disk swap")


async def test_a_console_that_nothing_holds_back_writes(tmp_path: Path) -> None:
    gate, _path, _book = made(tmp_path)
    assert await reached(gate) == (ALL, "")
    assert (gate.sentence(), gate.held.read_only) == ("", False)


async def test_read_only_lets_nothing_through(tmp_path: Path) -> None:
    gate, _path, _book = made(tmp_path, read_only=True)
    sent, words = await reached(gate)
    assert sent == []
    assert "this console is read-only (ssh ssh://root@pve1:22 qm unlock 104)" in words
    assert words.endswith("start it without --read-only")
    assert await reached(gate, begun=True) == ([], words)


async def test_a_freeze_of_somebody_else_is_seen_at_once_before_a_write(tmp_path: Path) -> None:
    gate, path, _book = made(tmp_path)
    freezing.write(path, AMY)
    assert gate.sentence() == ""
    sent, words = await reached(gate)
    assert sent == []
    assert "amy (from 192.0.2.7) has frozen all writes since " in words
    assert "(disk swap)" in words
    assert words.endswith("ask, then `:thaw` (`labtui thaw`)")
    assert gate.held.freeze == AMY
    path.unlink()
    assert (await reached(gate))[0] == ALL


async def test_a_damaged_freeze_file_lets_nothing_through_and_says_so(tmp_path: Path) -> None:
    gate, path, _book = made(tmp_path)
    path.write_text("frozen!")
    sent, words = await reached(gate)
    assert sent == []
    assert "can't be relied on: it is damaged" in words
    assert "mend that" in words


async def test_a_freeze_cuts_what_runs_too(tmp_path: Path) -> None:
    gate, path, _book = made(tmp_path)
    freezing.write(path, AMY)
    assert (await reached(gate, begun=True))[0] == []


async def test_a_disk_that_hangs_counts_as_a_freeze(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, _path, _book = made(tmp_path)
    monkeypatch.setattr(holdback, "_LIMIT", 0.05)
    monkeypatch.setattr(freezing, "read", lambda path: time.sleep(0.3))
    sent, words = await reached(gate)
    assert sent == []
    assert "no answer in" in words
    gate.close()


async def test_freeze_and_thaw_of_one_console_hold_another(tmp_path: Path) -> None:
    one, path, book = made(tmp_path)
    other, _path, _book = made(tmp_path)
    word = await one.freeze("  disk   swap ")
    assert word.well
    assert str(path) in word.text
    assert (await reached(other))[0] == []
    assert other.held.freeze is not None
    assert other.held.freeze.why == "disk swap"
    assert (await other.thaw()).text == "thawed: writes go on"
    assert (await reached(one))[0] == ALL
    assert one.held.freeze is None
    assert [(entry["event"], entry.get("why")) for entry in entries(book)] == [
        ("frozen", "disk swap"),
        ("thawed", None),
    ]


async def test_a_second_freeze_leaves_the_first_and_says_so(tmp_path: Path) -> None:
    gate, path, _book = made(tmp_path)
    freezing.write(path, AMY)
    word = await gate.freeze("mine")
    assert word.well
    assert word.text.startswith("it was so before: amy (from 192.0.2.7) has frozen")
    assert freezing.read(path) == AMY
    assert (await gate.thaw()).well
    assert gate.held.freeze is None


async def test_a_file_that_cannot_be_written_freezes_this_console_alone(tmp_path: Path) -> None:
    gate, _path, _book = made(tmp_path, path=tmp_path / "nowhere" / "freeze.json")
    word = await gate.freeze("fire")
    assert not word.well
    assert word.text.startswith("only this console is frozen: ")
    assert (await reached(gate))[0] == []
    (tmp_path / "nowhere").mkdir()
    assert (await reached(gate))[0] == []
    assert (await gate.thaw()).well
    assert (await reached(gate))[0] == ALL


async def test_a_thaw_that_fails_is_none(tmp_path: Path) -> None:
    gate, path, _book = made(tmp_path)
    path.mkdir()
    word = await gate.thaw()
    assert not word.well
    assert word.text.startswith("not thawed: the freeze file stays")
    assert (await reached(gate))[0] == []
    path.rmdir()
    assert (await gate.thaw()).text in ("nothing was frozen", "thawed: writes go on")


async def test_nothing_to_thaw_is_said(tmp_path: Path) -> None:
    gate, _path, book = made(tmp_path)
    assert await gate.thaw() == holdback.Word("nothing was frozen")
    assert entries(book) == []


async def test_a_file_of_ones_own_says_whom_it_holds(tmp_path: Path) -> None:
    gate, _path, _book = made(tmp_path, private=True)
    assert "all consoles of this user" in (await gate.freeze("")).text


async def test_a_running_console_sees_a_freeze_and_a_thaw(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holdback, "_PAUSE", 0.01)
    gate, path, _book = made(tmp_path)
    gate.start()
    try:
        freezing.write(path, AMY)
        await until(lambda: gate.held.freeze == AMY)
        path.unlink()
        await until(lambda: gate.held.freeze is None)
    finally:
        gate.close()


async def test_without_any_place_for_the_file_all_counts_as_frozen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "labtui").write_text("a file where a folder should be")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    config = Config(str(tmp_path / "config.toml"), "lsalab")
    gate = Holdback.of(config, read_only=False, journal=Journal(None), clock=Clock())
    sent, words = await reached(gate)
    assert sent == []
    assert "a folder of labtui can't be used" in words
