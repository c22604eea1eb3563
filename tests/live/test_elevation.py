"""Elevation for a while: from its beginning to its end, what it does not cut, what it is for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from labtui.config.schema import Config, SafetyConfig
from labtui.live import holdback
from labtui.live.holdback import Holdback
from labtui.live.journal import Journal
from labtui.live.store import Store
from labtui.live.wire import LiveWire
from labtui.model.errors import Rejected
from tests.live.gates import ALL, CALLS, Clock, Recorder, entries, made, reached, until
from tests.snapshots import NOW


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
    await until(lambda: entries(book)[-1]["event"] == "elevation ended")
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
