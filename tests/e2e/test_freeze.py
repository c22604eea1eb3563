"""A freeze from a shell reaches a console that runs, and a thaw in the console ends it."""

from __future__ import annotations

import sys

import pytest

from tests.cli.running import demo_process, labtui
from tests.terminal import Terminal

pytestmark = pytest.mark.pty


def test_a_freeze_from_a_shell_is_seen_and_thawed_in_the_console() -> None:
    with demo_process("--speed", "10") as lab:
        config = lab["config"]
        with Terminal([sys.executable, "-m", "labtui", "--config", config], 120, 36) as terminal:
            terminal.until_shows("4/4 up", "43 running of 58")
            assert labtui("--config", config, "freeze", "disk", "swap").status == 0
            terminal.until_shows("FROZEN by ", ": disk swap", patience=20)
            terminal.send("2")
            terminal.send("m")
            terminal.until_shows("has frozen all writes", "nothing is sent")
            terminal.send("\x1b")
            terminal.until(lambda screen: "nothing is sent" not in screen)
            terminal.send(":")
            terminal.until_shows("go to")
            terminal.send("thaw\r")
            terminal.until(lambda screen: "FROZEN" not in screen, patience=20)
            terminal.until_shows("thawed: writes go on")
            terminal.send("q")
            assert terminal.wait() == 0, terminal.text()
