"""From a key to its effect on the terminal, with live updates going on, at three sizes.

The cursor walks down and up the full guests view; a press is answered when the line that it went to
arrives anew. Presses come at odd moments, so that they meet every phase of the readings.
"""

from __future__ import annotations

import random
import re
import sys
import time

from benchmarks.table import Figure, middle, milliseconds, percentile
from tests.cli.running import control, demo_process
from tests.terminal import Terminal

PRESSES = 120
_DOWN, _UP, _HOME = "\x1b[B", "\x1b[A", "\x1b[H"
_ROW = re.compile(r"^\W*(\d{3,5}) ")
_PATIENCE = 3.0


def _visible(terminal: Terminal) -> list[str]:
    """Numbers of the guests on the screen, from the top."""
    found = (_ROW.match(line) for line in terminal.text().splitlines())
    return [match[1] for match in found if match]


def _press(terminal: Terminal, key: str, expected: str) -> float:
    """Seconds until the line of that guest arrives; `_PATIENCE` when it never does."""
    began = terminal.send(key)
    arrived = b""
    while time.perf_counter() - began < _PATIENCE:
        arrived += terminal.read(0.05)
        if expected.encode() in arrived:
            return time.perf_counter() - began
    return _PATIENCE


def _walk(guests: int, mode: str = "ok") -> list[float]:
    """Seconds from each press; `mode` is what all servers begin to do before the first."""
    dice = random.Random(guests)
    with demo_process("--guests", str(guests)) as lab:
        command = [sys.executable, "-m", "labtui", "--config", lab["config"]]
        with Terminal(command) as terminal:
            terminal.until_shows("labtui", f"of {guests}", patience=60)
            terminal.send("2")
            terminal.drain(0.5)
            terminal.send("2")
            if mode != "ok":
                control(lab, "/fault", server="*", mode=mode)
            terminal.drain(8.0)
            terminal.send(_HOME)
            terminal.drain(0.5)
            rows = _visible(terminal)
            span = min(20, len(rows) - 1)
            times, at, step = [], 0, 1
            for _number in range(PRESSES):
                terminal.drain(dice.uniform(0.02, 0.2))
                if not 0 <= at + step <= span:
                    step = -step
                at += step
                times.append(_press(terminal, _DOWN if step > 0 else _UP, rows[at]))
            return times


def measure() -> list[Figure]:
    """Median and 99th percentile at each size."""
    figures = []
    for guests in (60, 2000, 10000):
        times = _walk(guests)
        aim = "50 ms" if guests == 10000 else ""
        figures += [
            Figure(f"{guests} guests: key to paint, median", milliseconds(middle(times))),
            Figure(
                f"{guests} guests: key to paint, p99", milliseconds(percentile(times, 0.99)), aim
            ),
        ]
    times = _walk(60, "blackhole")
    figures += [
        Figure("60 guests, everything black-holed, median", milliseconds(middle(times))),
        Figure("60 guests, everything black-holed, p99", milliseconds(percentile(times, 0.99)),
               "50 ms"),
    ]  # fmt: skip
    return figures
