"""From `q` to the end of the process: healthy, and while no endpoint answers.

Hung: it takes connections and says nothing. Black-holed: packets vanish, as behind a dead router.
"""

from __future__ import annotations

import sys
import time

from benchmarks.table import Figure, middle, milliseconds, percentile
from tests.cli.running import control, demo_process
from tests.terminal import Terminal

ROUNDS = 5


def _quit_times(mode: str) -> list[float]:
    times = []
    with demo_process() as lab:
        command = [sys.executable, "-m", "labtui", "--config", lab["config"]]
        for _round in range(ROUNDS):
            control(lab, "/fault", server="*", mode="ok")
            with Terminal(command) as terminal:
                terminal.until_shows("of 58")
                if mode != "ok":
                    control(lab, "/fault", server="*", mode=mode)
                    # Long enough for every feed to be in the middle of a read that hangs.
                    terminal.drain(8)
                began = terminal.send("q")
                terminal.wait()
                times.append(time.perf_counter() - began)
    return times


def measure() -> list[Figure]:
    """Medians and the worst."""
    figures = [Figure("quit, everything answers", milliseconds(middle(_quit_times("ok"))))]
    for mode, word in (("hang", "hung"), ("blackhole", "black-holed")):
        times = _quit_times(mode)
        for name, share in (("median", 0.5), ("worst", 1.0)):
            took = milliseconds(percentile(times, share))
            figures.append(Figure(f"quit, everything {word}, {name}", took, "400 ms"))
    return figures
