"""From `q` to the end of the process: healthy, and with every endpoint black-holed."""

from __future__ import annotations

import sys
import time

from benchmarks.table import Figure, middle, milliseconds, percentile
from tests.cli.running import control, demo_process
from tests.terminal import Terminal

ROUNDS = 5


def _quit_times(hung: bool) -> list[float]:
    times = []
    with demo_process() as lab:
        command = [sys.executable, "-m", "labtui", "--config", lab["config"]]
        for _round in range(ROUNDS):
            control(lab, "/fault", server="*", mode="ok")
            with Terminal(command) as terminal:
                terminal.until_shows("of 58")
                if hung:
                    control(lab, "/fault", server="*", mode="hang")
                    # Long enough for every feed to be in the middle of a read that hangs.
                    terminal.drain(8)
                began = terminal.send("q")
                terminal.wait()
                times.append(time.perf_counter() - began)
    return times


def measure() -> list[Figure]:
    """Medians and the worst."""
    healthy, hung = _quit_times(hung=False), _quit_times(hung=True)
    return [
        Figure("quit, everything answers", milliseconds(middle(healthy))),
        Figure("quit, everything black-holed, median", milliseconds(middle(hung)), "400 ms"),
        Figure(
            "quit, everything black-holed, worst", milliseconds(percentile(hung, 1.0)), "400 ms"
        ),
    ]
