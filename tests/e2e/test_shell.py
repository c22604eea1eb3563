"""Shells and consoles from the screen, in a real terminal over a real demo lab."""

from __future__ import annotations

import fcntl
import os
import signal
import struct
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import control, demo_process
from tests.terminal import Terminal

pytestmark = pytest.mark.pty
CTRL_BRACKET = "\x1d"


@pytest.fixture(scope="module")
def lab() -> Iterator[dict[str, Any]]:
    with demo_process() as told:
        yield told


@pytest.fixture
def terminal(lab: dict[str, Any]) -> Iterator[Terminal]:
    command = [sys.executable, "-m", "labtui", "--config", lab["config"]]
    with Terminal(command, 120, 36) as made:
        made.until_shows("running of 58")
        made.send("2/web-01\r")
        made.until_shows("1 of 58")
        made.until_shows("x shell", "v console")
        yield made


def resize(terminal: Terminal, columns: int, rows: int) -> None:
    terminal.screen.resize(rows, columns)
    fcntl.ioctl(terminal._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def settings(terminal: Terminal) -> list[Any]:
    return termios.tcgetattr(terminal._master)


def children(pid: int) -> list[int]:
    """Processes that this one began and that are still there."""
    found = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(word) for path in found for word in path.read_text().split()]


def alive_again(terminal: Terminal) -> None:
    """The panes are there, take keys, and show what is of now."""
    terminal.until_shows("43 running of 58", "x shell")
    terminal.send("\x1b")
    terminal.until_shows("web-01", "web-02")
    terminal.send("r")
    terminal.until(lambda screen: any(word in screen for word in ("6 fresh", "lsalab 0s")))


def at_the_console(terminal: Terminal) -> None:
    terminal.send("v")
    terminal.until_shows("console of 110 web-01 on pve1. Ctrl+] leaves it", "web-01 login:")
    terminal.send("root\rsecret\r")
    terminal.until_shows("root@web-01:~#")
    terminal.send("stty size\r")
    terminal.until_shows("36 120")
    resize(terminal, 100, 30)
    time.sleep(0.2)
    terminal.send("stty size\r")
    terminal.until_shows("30 100")
    terminal.send("echo one two\r")
    terminal.until_shows("\none two")
    terminal.send(CTRL_BRACKET)
    terminal.until_shows("left the console of 110 web-01")


def at_the_shell(terminal: Terminal) -> None:
    terminal.send("x")
    terminal.until_shows("ssh to 110 web-01: root@10.121.250.30 (agent, eth0)", "root@web-01:~#")
    assert children(terminal.process.pid)
    terminal.send("hostname\r")
    terminal.until_shows("\nweb-01")
    # Its keys are its own: labtui must not end by this.
    terminal.send("\x03")
    terminal.send("exit 4\r")
    terminal.until_shows("the last command there ended with 4", "agent, eth0")
    assert children(terminal.process.pid) == []


def test_both_are_typed_to_and_left_and_the_panes_are_alive(terminal: Terminal) -> None:
    at_the_console(terminal)
    at_the_shell(terminal)
    alive_again(terminal)
    terminal.send("q")
    assert terminal.wait() == 0, terminal.text()


@pytest.mark.parametrize(
    ("key", "shown", "number"),
    [("x", "root@web-01:~#", signal.SIGTERM), ("v", "web-01 login:", signal.SIGHUP)],
)
def test_an_end_from_outside_leaves_nothing_behind(
    terminal: Terminal, key: str, shown: str, number: signal.Signals
) -> None:
    terminal.send(key)
    terminal.until_shows(shown)
    begun = children(terminal.process.pid)
    os.kill(terminal.process.pid, number)
    terminal.wait(8)
    terminal.drain(0.2)
    assert not [pid for pid in begun if Path(f"/proc/{pid}").exists()]
    assert settings(terminal)[3] & termios.ICANON
    assert settings(terminal)[3] & termios.ECHO
    assert 1049 << 5 not in terminal.screen.mode


def test_from_the_command_line(lab: dict[str, Any]) -> None:
    command = [sys.executable, "-m", "labtui", "--config", lab["config"]]
    with Terminal([*command, "ssh", "rt-835"], 100, 30) as terminal:
        terminal.until_shows("ssh to rt-835: admin@10.121.251.1 (configuration)", "] >")
        terminal.send("/system identity print\r")
        terminal.until(lambda screen: "name: rt-835" in screen and screen.count("] >") > 1, 20.0)
        terminal.send("/quit\r")
        assert terminal.wait(15.0) == 0, terminal.text()
    with Terminal([*command, "console", "103"], 100, 30) as terminal:
        terminal.until_shows("console of 103 jump", "jump login:")
        terminal.send(CTRL_BRACKET)
        terminal.until_shows("left the console of 103 jump")
        assert terminal.wait() == 0, terminal.text()
    with Terminal([*command, "console", "111"], 100, 30) as terminal:
        terminal.until_shows("it has no serial port", "qm set 111 --serial0 socket")
        assert terminal.wait() == 3, terminal.text()


def test_a_console_ends_with_its_guest(terminal: Terminal, lab: dict[str, Any]) -> None:
    terminal.send("v")
    terminal.until_shows("web-01 login:")
    control(lab, "/break", fault="guest-stopped", target="110")
    terminal.until_shows("the console of 110 web-01 was ended over there")
    terminal.send("q")
    assert terminal.wait() == 0, terminal.text()
