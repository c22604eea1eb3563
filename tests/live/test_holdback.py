"""The gate of a console: read-only, frozen, elevated for a while; no write gets round it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from labtui.actions.action import SSH, Call
from labtui.config.schema import Config, SafetyConfig
from labtui.live import freeze as freezing
from labtui.live import holdback
from labtui.live.freeze import Freeze
from labtui.live.holdback import Holdback
from labtui.live.journal import Journal
from labtui.live.store import Store
from labtui.live.wire import LiveWire
from labtui.model.errors import Rejected
from tests.snapshots import NOW

CALLS = (
    *(Call("lab", m, "/nodes/pve1/qemu/104/status/stop") for m in ("POST", "PUT", "DELETE")),
    Call("lab", SSH, "ssh://root@pve1:22", (("command", "qm unlock 104"),)),
)
ALL = [call.method for call in CALLS]
AMY = Freeze("amy", "192.0.2.7", NOW, "disk swap")


class Recorder:
    """A cluster that writes down what reaches it."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    async def get(self, path: str, deadline: float = 10.0, **params: str | int) -> Any:
        return []

    async def call(
        self, method: str, path: str, params: Mapping[str, str | int], deadline: float = 30.0
    ) -> Any:
        self.sent.append(method)
        return "UPID:x"

    def shell(self, node: str, address: str) -> tuple[str, str, str]:
        raise AssertionError(node)

    def ask_config(self, vmid: int) -> None:
        raise AssertionError(vmid)

    async def task_status(self, upid: str) -> Any:
        raise AssertionError(upid)

    async def task_log(self, upid: str, start: int) -> list[tuple[int, str]]:
        raise AssertionError(upid)


class Clock:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


def made(tmp_path: Path, clock: Clock | None = None, **more: Any) -> tuple[Holdback, Path, Path]:
    """A gate with its freeze file and its journal."""
    path, book = tmp_path / "freeze.json", tmp_path / "journal.jsonl"
    given = {"path": path, "journal": Journal(book), "clock": clock or Clock(), **more}
    return Holdback(**given), path, book


def entries(book: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in book.read_text().splitlines()] if book.exists() else []


async def reached(gate: Holdback, *, begun: bool = False) -> tuple[list[str], str]:
    """What every kind of write comes to: the methods sent, and the last refusal."""
    cluster, words = Recorder(), ""
    wire = LiveWire(Store(), {"lab": cluster}, gate=gate, begun=begun)
    for call in CALLS:
        try:
            await wire.call(call)
        except Rejected as error:
            words = f"{error}. {error.remedy}"
    return cluster.sent, words


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
        await _until(lambda: gate.held.freeze == AMY)
        path.unlink()
        await _until(lambda: gate.held.freeze is None)
    finally:
        gate.close()


async def _until(true: Callable[[], bool]) -> None:
    for _round in range(500):
        if true():
            return
        await asyncio.sleep(0.01)
    raise AssertionError


async def test_timed_elevation_from_its_beginning_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSH_CLIENT", "192.0.2.9 50000 22")
    clock = Clock()
    gate, _path, book = made(tmp_path, clock, elevation=600)
    sent, words = await reached(gate)
    assert sent == []
    assert "read-only until it is elevated" in words
    assert words.endswith("`:write 10m WHY` does that, for 10:00 at most")
    assert gate.held.read_only
    assert gate.elevate(300, "swap a disk").text == "may write for 5:00: swap a disk"
    assert gate.held == holdback.Held(False, None, NOW + 300)
    assert (await reached(gate))[0] == ALL
    clock.now += 299
    assert (await reached(gate))[0] == ALL
    clock.now += 1
    assert (await reached(gate))[0] == []
    assert gate.held.read_only
    (line,) = entries(book)
    assert (line["event"], line["from"], line["why"]) == ("elevated", "192.0.2.9", "swap a disk")
    assert line["user"]
    assert line["seconds"] == 300


async def test_what_runs_is_not_cut_when_the_time_is_over_and_nothing_new_starts(
    tmp_path: Path,
) -> None:
    clock, cluster = Clock(), Recorder()
    gate, _path, _book = made(tmp_path, clock, elevation=600)
    wire = LiveWire(Store(), {"lab": cluster}, gate=gate)
    with pytest.raises(Rejected, match="until it is elevated"):
        wire.lent()
    gate.elevate(60, "a reason")
    lent = wire.lent()
    clock.now += 61
    await lent.call(CALLS[0])
    assert cluster.sent == ["POST"]
    with pytest.raises(Rejected, match="until it is elevated"):
        wire.lent()
    with pytest.raises(Rejected, match="until it is elevated"):
        await wire.call(CALLS[0])


async def test_the_end_of_an_elevation_is_in_the_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holdback, "_PAUSE", 0.01)
    clock = Clock()
    gate, _path, book = made(tmp_path, clock, elevation=600)
    gate.elevate(60, "one")
    assert gate.lower().text == "read-only again; what runs goes on"
    assert gate.lower().text == "it was read-only already"
    gate.elevate(60, "two")
    clock.now += 61
    gate.start()
    await _until(lambda: entries(book)[-1]["event"] == "elevation ended")
    gate.elevate(60, "three")
    gate.close()
    assert [entry.get("how") for entry in entries(book)] == [
        *(None, "readonly"),
        *(None, "time"),
        *(None, "left"),
    ]


def test_a_clock_that_is_put_back_makes_no_elevation_longer(tmp_path: Path) -> None:
    clock = Clock()
    gate, _path, _book = made(tmp_path, clock, elevation=600)
    gate.elevate(60, "one")
    clock.now -= 10
    assert gate.held.read_only


@pytest.mark.parametrize(
    ("options", "seconds", "reason", "word"),
    [
        ({"elevation": 600, "read_only": True}, 60, "x", "this console is read-only"),
        ({"elevation": 0}, 60, "x", "may write all the time"),
        ({"elevation": 600}, 601, "x", "for 10:00 at most"),
        ({"elevation": 600}, 0, "x", "for 10:00 at most"),
        ({"elevation": 600}, 60, "   ", "no reason"),
        ({"elevation": 600, "journal": Journal(None), "audited": True}, 60, "x", "journal"),
        ({"elevation": 600, "journal": Journal(Path("/dev/null/x"))}, 60, "x", "journal"),
    ],
)
def test_an_elevation_that_may_not_be(
    tmp_path: Path, options: dict[str, Any], seconds: float, reason: str, word: str
) -> None:
    gate, _path, _book = made(tmp_path, **options)
    with pytest.raises(Rejected, match=word):
        gate.elevate(seconds, reason)
    assert gate.held.until is None


def test_readonly_without_elevation_says_what_it_is_for(tmp_path: Path) -> None:
    assert not made(tmp_path)[0].lower().well


def test_the_gate_of_a_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = Config(
        str(tmp_path / "config.toml"),
        "lsalab",
        safety=SafetyConfig(freeze_file=str(tmp_path / "f.json"), elevation=60),
    )
    gate = Holdback.of(config, read_only=False, journal=Journal(None), clock=Clock())
    assert (gate.path, gate.longest, gate.held.read_only) == (tmp_path / "f.json", 60, True)


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
