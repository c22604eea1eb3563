"""The console in a real terminal over a real demo lab, by keyboard alone."""

from __future__ import annotations

import re
import signal
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cli.running import control, demo_process
from tests.terminal import Terminal

pytestmark = pytest.mark.pty
FILLED = ("4/4 up", "43 running of 58", "/12 given", "/9 up", "11/11 established")
# How a terminal is left: the main screen again, the cursor shown, no mouse, no bracketed paste.
SANE = (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1000l", b"\x1b[?2004l")


@pytest.fixture
def lab() -> Iterator[dict[str, Any]]:
    with demo_process("--speed", "10") as told:
        yield told


def console(lab: dict[str, Any], *words: str, columns: int = 120, rows: int = 36) -> Terminal:
    command = [sys.executable, "-m", "labtui", "--config", lab["config"], *words]
    return Terminal(command, columns, rows)


def test_fill_filter_migrate_land_and_quit(lab: dict[str, Any]) -> None:
    with console(lab) as terminal:
        terminal.until_shows(*FILLED, "DEMO")
        terminal.send("2")
        terminal.send("/db-01")
        terminal.until(lambda screen: "db-01" in screen and "gw-836" not in screen)
        terminal.send("\r")
        terminal.send("m")
        terminal.until_shows("Migrate 112 db-01", "POST /nodes/pve2/qemu/112/migrate", "enter")
        terminal.send("\r")
        terminal.until_shows("it is on pve", patience=60)
        began = terminal.send("q")
        assert terminal.wait() == 0, terminal.text()
        assert time.perf_counter() - began < 5


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (200, 50)])
def test_other_sizes_fill(lab: dict[str, Any], columns: int, rows: int) -> None:
    with console(lab, columns=columns, rows=rows) as terminal:
        terminal.until_shows(*FILLED)
        terminal.send("q")
        assert terminal.wait() == 0, terminal.text()


def test_the_first_thing_that_is_painted_is_the_whole_frame(lab: dict[str, Any]) -> None:
    arrived, ends = b"", time.perf_counter() + 30
    with console(lab) as terminal:
        while b"findings" not in arrived and time.perf_counter() < ends:
            arrived += terminal.read(0.25, draw=False)
    painted = arrived[arrived.index(b"\x1b[1;1H") :]
    words = re.sub(rb"\x1b\[[\d;?<>=]*[A-Za-z]", b"", painted)
    assert words.startswith(b" labtui ")
    whole = painted[: painted.index(b"findings")]
    assert whole.count(b"\x1b[1;1H") == 1


def test_a_dead_node_and_a_silent_router_are_told_and_the_rest_goes_on(lab: dict[str, Any]) -> None:
    with console(lab) as terminal:
        terminal.until_shows(*FILLED)
        control(lab, "/power", node="pve4", on=False)
        control(lab, "/fault", server="rt-702", mode="hang")
        terminal.until_shows("3/4 up", "on nodes that are away", patience=40)
        terminal.until(lambda screen: "rt-702 DOWN" in screen, patience=60)
        terminal.send("?")
        terminal.until_shows("ctrl+p")
        terminal.send("\x1b")
        terminal.until(lambda screen: "3/4 up" in screen)
        terminal.send("q")
        assert terminal.wait() == 0, terminal.text()


@pytest.mark.parametrize("mode", ["hang", "blackhole"])
def test_leaving_waits_for_nobody_who_does_not_answer(lab: dict[str, Any], mode: str) -> None:
    with console(lab) as terminal:
        terminal.until_shows(*FILLED)
        control(lab, "/fault", server="*", mode=mode)
        terminal.drain(6)
        terminal.send("q")
        assert terminal.wait(5) == 0, terminal.text()


def test_nothing_answers_from_the_start(lab: dict[str, Any]) -> None:
    control(lab, "/fault", server="*", mode="refuse")
    with console(lab) as terminal:
        terminal.until_shows("DOWN", "connection refused", patience=40)
        terminal.send("1")
        terminal.send("q")
        assert terminal.wait() == 0, terminal.text()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_signals_leave_a_sane_terminal(lab: dict[str, Any], number: signal.Signals) -> None:
    with console(lab) as terminal:
        terminal.until_shows(*FILLED)
        terminal.process.send_signal(number)
        printed = b""
        deadline = time.perf_counter() + 5
        while terminal.process.poll() is None and time.perf_counter() < deadline:
            printed += terminal.read(0.05)
        printed += terminal.read(0.2)
        assert terminal.process.poll() is not None
        assert all(sequence in printed for sequence in SANE)


def test_read_only_refuses_to_migrate_in_words(lab: dict[str, Any]) -> None:
    with console(lab, "--read-only") as terminal:
        terminal.until_shows(*FILLED, "READ-ONLY")
        terminal.send("2")
        terminal.send("m")
        terminal.until_shows("this console is read-only")
        terminal.send("\x1b")
        terminal.until(lambda screen: "this console is read-only" not in screen)
        terminal.send("q")
        assert terminal.wait() == 0, terminal.text()
