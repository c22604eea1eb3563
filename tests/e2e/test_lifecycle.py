"""A guest's life by keyboard, in a real terminal over a real demo lab."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cli.running import demo_process
from tests.terminal import Terminal

pytestmark = pytest.mark.pty


@pytest.fixture
def lab() -> Iterator[dict[str, Any]]:
    with demo_process("--speed", "10") as told:
        yield told


def chosen(terminal: Terminal, name: str, other: str) -> None:
    """Go to the guests and filter until that one is left."""
    terminal.until_shows("43 running of 58")
    terminal.send("2")
    terminal.send(f"/{name}")
    terminal.until(lambda screen: name in screen and other not in screen)
    terminal.send("\r")


def test_a_snapshot_a_hard_stop_and_a_start(lab: dict[str, Any]) -> None:
    command = [sys.executable, "-m", "labtui", "--config", lab["config"]]
    with Terminal(command, 100, 40) as terminal:
        chosen(terminal, "web-01", "gw-836")
        terminal.send("n")
        terminal.until_shows("a name, please")
        terminal.send("before")
        terminal.until_shows("snapname=before")
        terminal.send("\r\r\r")
        terminal.until_shows("snapshot before is there", patience=40)
        terminal.send("\r")
        terminal.until_shows("recorded as")
        # The tree stands below what else is told of a guest.
        for _page in range(8):
            terminal.drain(0.5)
            if "└ now" in terminal.text():
                break
            terminal.send("\x1b[6~")
        terminal.until_shows("before  ", "└ now")
        terminal.send("\x1b")
        terminal.send("D")
        terminal.until_shows("what it has not written yet is lost")
        terminal.send("\r")
        terminal.until_shows("type web-01 to go:")
        terminal.send("web-01\r")
        terminal.until_shows("it is off", patience=40)
        terminal.until_shows("42 running", patience=40)
        terminal.send("s")
        terminal.until_shows("status/start", "enter go")
        terminal.send("\r")
        terminal.until_shows("it runs", patience=40)
        terminal.send("q")
        assert terminal.wait() == 0, terminal.text()


def test_marked_guests_go_down_together(lab: dict[str, Any]) -> None:
    command = [sys.executable, "-m", "labtui", "--config", lab["config"]]
    with Terminal(command, 120, 40) as terminal:
        chosen(terminal, "web-0", "gw-836")
        terminal.send("*")
        terminal.send("d")
        terminal.until_shows("Shut down 2 guests", "110 web-01", "111 web-02")
        terminal.send("\r")
        terminal.until_shows("all 2 done", patience=40)
        terminal.send("q")
        assert terminal.wait() == 0, terminal.text()
