"""From the command to the first frame, and to five filled panes, against a bare Textual app.

All are started in turn in one run, so that the machine's noise is in every one of them.
"""

from __future__ import annotations

import subprocess
import sys
import time

from benchmarks.table import Figure, middle, milliseconds
from tests.cli.running import demo_process
from tests.terminal import Terminal

ROUNDS = 9
_PATIENCE = 30.0
# What each of the five panes shows once it has rows.
_FILLED = ("4/4 up", "of 58", "/12 given", "/9 up", "/11 established")


def _until(command: list[str], *words: str) -> float:
    """Seconds until all the words have arrived, in the bytes: drawing them would cost time."""
    wanted, arrived = [word.encode() for word in words], b""
    with Terminal(command) as terminal:
        while not all(word in arrived for word in wanted):
            took = time.perf_counter() - terminal.started
            if took > _PATIENCE:
                raise TimeoutError(f"not within {_PATIENCE} s: {words}")
            arrived += terminal.read(0.25, draw=False)
        return time.perf_counter() - terminal.started


def _imports(module: str) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", f"import {module}"], check=True)
    return time.perf_counter() - began


def measure() -> list[Figure]:
    """Medians of several rounds and their ratios."""
    bare = [sys.executable, "-m", "benchmarks.bare_app"]
    times: dict[str, list[float]] = {"bare": [], "import": [], "first": [], "filled": []}
    with demo_process() as lab:
        console = [sys.executable, "-m", "labtui", "--config", lab["config"]]
        for _round in range(ROUNDS):
            times["import"].append(_imports("textual.app"))
            times["bare"].append(_until(bare, "READY"))
            times["first"].append(_until(console, "labtui", "nodes"))
            times["filled"].append(_until(console, *_FILLED))
    bare_time, import_time = middle(times["bare"]), middle(times["import"])
    first, filled = middle(times["first"]), middle(times["filled"])
    return [
        Figure("`import textual.app`", milliseconds(import_time)),
        Figure("bare Textual app (one Static), first frame", milliseconds(bare_time)),
        Figure("labtui, first frame", milliseconds(first)),
        Figure("labtui / bare app, first frame", f"{first / bare_time:.2f}x", "1.3x"),
        Figure("labtui / `import textual.app`", f"{first / import_time:.2f}x"),
        Figure("labtui, five filled panes", milliseconds(filled)),
        Figure("five filled panes / bare app", f"{filled / bare_time:.2f}x"),
    ]
