"""`labtui record` and `labtui events` over a demo lab, as systemd and a person would use them."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from labtui.cli import record
from labtui.cli.events import events
from labtui.cli.get import get
from labtui.cli.sd_notify import ServiceManager
from labtui.config.file import load
from labtui.config.schema import Address, Config, RouterConfig, Tls
from labtui.config.secret import Secret
from labtui.live.history.keeper import Keeper
from labtui.live.lab import LiveLab
from labtui.live.upkeep import Upkeep
from tests.cli.running import LABTUI, control, demo_process, labtui

AWAY = "node pve3 is away"


@pytest.fixture(scope="module")
def demo() -> Iterator[dict[str, Any]]:
    with demo_process("--speed", "20", "--guests", "12") as told:
        yield told


class Manager:
    """What systemd listens on, and what it has heard."""

    def __init__(self, path: Path) -> None:
        self.said: list[str] = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self._socket.settimeout(0.1)
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        while not self._ending.is_set():
            with suppress(TimeoutError):
                self.said.append(self._socket.recv(4096).decode())

    def heard(self, word: str) -> bool:
        """Whether it hears that before long."""
        ends = time.monotonic() + 20
        while time.monotonic() < ends:
            if word in self.said:
                return True
            time.sleep(0.05)
        return False

    def close(self) -> None:
        self._ending.set()
        self._thread.join(5)
        self._socket.close()


@contextmanager
def recorder(config: str, **env: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [*LABTUI, "--config", config, "record"],
        env={**os.environ, "LC_ALL": "C.UTF-8", **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(10)
        if process.stdout is not None:
            process.stdout.close()


class Teller:
    """`labtui events` and `labtui get events`, in this process."""

    def __init__(self, config: str, capsys: pytest.CaptureFixture[str]) -> None:
        self._config, self._capsys = load(Path(config)), capsys

    def said(self, status: int = 0, **wanted: Any) -> str:
        words = {"since": "", "before": "", "about": "", "most": 500, "output": "table", **wanted}
        assert events(self._config, **words) == status
        told = self._capsys.readouterr()
        return told.err if status else told.out

    def rows(self, **wanted: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.said(output="json", **wanted))
        return found

    def got(self) -> list[dict[str, str]]:
        assert get(self._config, "events", "csv", "") == 0
        return list(csv.DictReader(io.StringIO(self._capsys.readouterr().out)))


def test_a_recorder_records_is_alone_and_ends_cleanly(
    demo: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = demo["config"]
    teller = Teller(config, capsys)
    assert "labtui record" in teller.said(1)
    with closing(Manager(tmp_path / "notify")) as manager:
        env = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "900000"}
        with recorder(config, **env) as running:
            assert manager.heard("READY=1\nSTATUS=lsalab")
            assert manager.heard("WATCHDOG=1")
            second = labtui("--config", config, "record")
            assert second.status == 1
            assert "a recorder of lsalab runs already" in second.err
            time.sleep(3)
            control(demo, "/power", node="pve3", on=False)
            ends = time.monotonic() + 25
            found: list[dict[str, Any]] = []
            while not found and time.monotonic() < ends:
                found = teller.rows(about="pve3", since="1h")
                time.sleep(0.1)
            assert found[-1]["what"] == AWAY
            running.send_signal(signal.SIGTERM)
            assert manager.heard("STOPPING=1")
            assert running.wait(10) == 0
            assert running.stdout is not None
            assert running.stdout.read() == ""
    _look_at_the_forms(teller)


def _look_at_the_forms(teller: Teller) -> None:
    rows = teller.got()
    assert AWAY in [row["what"] for row in rows]
    assert AWAY in teller.said()
    moment = next(row["at"] for row in rows if row["what"] == AWAY)
    (before,) = teller.rows(before=moment, most=1)
    assert before["at"] <= moment
    assert teller.rows(about="nobody") == []
    assert "neither a span like 2h" in teller.said(2, since="yesterday")


def test_the_recorder_has_no_account_that_writes() -> None:
    router = RouterConfig(
        "836",
        (Address("192.0.2.1", 8729),),
        Tls(),
        "ro",
        Secret("plain", "a"),
        write_username="rw",
        write_password=Secret("plain", "b"),
    )
    reading = record.reading_only(Config("c.toml", "lab", routers=(router,)))
    assert reading.read_only
    assert (reading.routers[0].write_username, reading.routers[0].write_password) == ("", None)


def test_without_a_service_manager_nothing_is_said() -> None:
    ServiceManager({}).tell("READY=1")
    ServiceManager({"NOTIFY_SOCKET": "/nowhere/at/all"}).tell("READY=1")
    assert ServiceManager({"WATCHDOG_USEC": "2000000"}).watchdog == 2.0
    mine = {"WATCHDOG_USEC": "2000000", "WATCHDOG_PID": str(os.getpid())}
    assert ServiceManager(mine).watchdog == 2.0
    for odd in ({}, {"WATCHDOG_USEC": "x"}, {**mine, "WATCHDOG_PID": "1"}):
        assert ServiceManager(odd).watchdog == 0.0


async def test_the_recorder_watches_the_host_that_it_runs_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "config.toml"
    file.write_text("lab = 'a'\n")
    labs: list[LiveLab] = []

    def lab_of(*given: Any, **named: Any) -> LiveLab:
        labs.append(LiveLab(*given, **named))
        return labs[-1]

    monkeypatch.setattr(record, "LiveLab", lab_of)
    watch = Upkeep(file, tmp_path, pause=0.01)
    monkeypatch.setattr(record, "upkeep_of", lambda _config: watch)
    config, keeper = Config(str(file), "a"), Keeper(tmp_path / "events.db", 3600.0)
    running = asyncio.create_task(record._recorded(config, {}, keeper, []))
    try:
        async with asyncio.timeout(10):
            while not labs:  # noqa: ASYNC110 - nobody tells of its start
                await asyncio.sleep(0.01)
            file.write_text("lab = 'b'\n")
            while not labs[0].store.snapshot.lapses:  # noqa: ASYNC110 - another thread does it
                await asyncio.sleep(0.01)
        assert labs[0].store.snapshot.lapses[0].path == str(file)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
