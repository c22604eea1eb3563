"""What labtui itself lacks on its host, and that it is told when it is well again."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from labtui.config.schema import Config
from labtui.live.history.keeper import Keeper
from labtui.live.store import Store
from labtui.live.upkeep import Upkeep, append_lapse, room_lapse, upkeep_of
from labtui.model.upkeep import Chore, Lapse
from tests.snapshots import NOW


async def until(told: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not told():  # noqa: ASYNC110 - another thread does it
            await asyncio.sleep(0.005)


def config_in(folder: Path) -> Path:
    path = folder / "config.toml"
    path.write_text("lab = 'a'\n")
    path.chmod(0o600)
    return path


async def test_a_changed_configuration_is_told_until_it_is_as_it_was(tmp_path: Path) -> None:
    path, store = config_in(tmp_path), Store("test")
    upkeep = Upkeep(path, tmp_path, pause=0.01, clock=lambda: NOW)
    upkeep.begin(store)
    try:
        path.write_text("lab = 'b'\n")
        await until(lambda: bool(store.snapshot.lapses))
        (lapse,) = store.snapshot.lapses
        assert (lapse.chore, lapse.path, lapse.since) == ("config", str(path), NOW)
        assert "changed since this start" in lapse.why
        path.unlink()
        await until(lambda: "gone" in store.snapshot.lapses[0].why)
        config_in(tmp_path)
        await until(lambda: not store.snapshot.lapses)
        path.chmod(0o622)
        await until(lambda: bool(store.snapshot.lapses))
        assert store.snapshot.lapses[0].why == "others may write to it"
    finally:
        upkeep.leave()


@pytest.mark.parametrize(
    ("blocks", "files", "left", "why"),
    [
        (1024, 100, 10, "4 MiB are free"),
        (10**6, 100, 0, "no file can be made any more"),
        (10**6, 0, 0, ""),
        (10**6, 100, 10, ""),
    ],
)
def test_room_on_the_disk(
    monkeypatch: pytest.MonkeyPatch, blocks: int, files: int, left: int, why: str
) -> None:
    found = SimpleNamespace(f_bavail=blocks, f_frsize=4096, f_files=files, f_favail=left)
    monkeypatch.setattr(os, "statvfs", lambda _path: found)
    assert room_lapse(Path("/")) == why


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert room_lapse(tmp_path / "gone") == "No such file or directory"


async def test_a_disk_without_room_is_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room, clock = ["1 MiB are free"], [NOW]
    monkeypatch.setattr("labtui.live.upkeep.room_lapse", lambda _folder: room[0])
    store, heard = Store("test"), list[tuple[Lapse, ...]]()
    store.subscribe(lambda snapshot: heard.append(snapshot.lapses))
    upkeep = Upkeep(config_in(tmp_path), tmp_path, pause=0.005, clock=lambda: clock[0])
    upkeep.begin(store)
    try:
        await until(lambda: bool(heard))
        await asyncio.sleep(0.05)
        assert len(heard) == 1
        clock[0], room[0] = NOW + 60, "no file can be made any more"
        await until(lambda: len(heard) == 2)
        assert heard[-1] == (Lapse("disk", str(tmp_path), room[0], NOW),)
        room[0] = ""
        await until(lambda: len(heard) == 3)
        assert not heard[-1]
    finally:
        upkeep.leave()


def test_who_is_watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert upkeep_of(Config(str(config_in(tmp_path)), "lab")) is not None
    assert upkeep_of(Config("", "lab", demo=True)) is None
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    assert upkeep_of(Config("", "lab")) is None


async def test_a_history_that_is_not_kept_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store = Store("test")
    keeper = Keeper(tmp_path / "file" / "events.db", 3600.0, lambda: NOW, pause=0.01)
    keeper.begin(store)
    try:
        await until(lambda: bool(store.snapshot.lapses))
        assert store.snapshot.lapses[0].chore == "history"
        assert store.snapshot.lapses[0].why == keeper.word
    finally:
        assert await asyncio.to_thread(keeper.finish, 5)


@pytest.mark.parametrize("chore", ["journal", "log"])
async def test_a_file_that_can_not_be_appended_to_is_told(tmp_path: Path, chore: Chore) -> None:
    path, store = tmp_path / "kept" / "lines", Store("test")
    upkeep = Upkeep(config_in(tmp_path), tmp_path, {chore: path}, pause=0.01)
    upkeep.begin(store)
    try:
        await until(lambda: bool(store.snapshot.lapses))
        (lapse,) = store.snapshot.lapses
        assert (lapse.chore, lapse.path) == (chore, str(path))
        assert "folder" in lapse.why
        path.parent.mkdir()
        await until(lambda: not store.snapshot.lapses)
        assert not path.exists()
        path.mkdir()
        await until(lambda: bool(store.snapshot.lapses))
        assert store.snapshot.lapses[0].why == "Is a directory"
    finally:
        upkeep.leave()


def test_a_link_in_the_place_of_a_file_is_no_place_to_write(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("kept")
    (tmp_path / "log").symlink_to(tmp_path / "elsewhere")
    assert append_lapse(tmp_path / "log")
    assert not append_lapse(tmp_path / "elsewhere")
    assert (tmp_path / "elsewhere").read_text() == "kept"
