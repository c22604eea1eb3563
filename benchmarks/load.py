"""What the console costs while nobody touches it: CPU, memory, bytes to the terminal.

The configurations of all guests are read once after the start, sixty in five seconds; what that
costs is told apart from what is left after it.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import NamedTuple

from benchmarks.table import Figure
from tests.cli.running import demo_process
from tests.terminal import Terminal

SETTLE = 20.0
WATCHED = 60.0
_SWEPT_IN_A_SECOND = 12.0
_LONGEST_SWEEP = 300.0
_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def resident(pid: int) -> float:
    """Resident memory in MiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


class Idle(NamedTuple):
    """Share of a core, MiB, bytes per second to the terminal."""

    share: float
    memory: float
    received: float


def _watched(terminal: Terminal) -> Idle:
    pid = terminal.process.pid
    before, began = cpu_seconds(pid), time.perf_counter()
    received = terminal.drain(WATCHED)
    took = time.perf_counter() - began
    return Idle((cpu_seconds(pid) - before) / took, resident(pid), received / took)


def _idle(guests: int) -> tuple[Idle, Idle | None]:
    """An untouched console soon after its start, and when all configurations were read.

    The second is None where that takes too long.
    """
    with demo_process("--guests", str(guests)) as lab:
        command = [sys.executable, "-m", "labtui", "--config", lab["config"]]
        with Terminal(command) as terminal:
            terminal.until_shows("labtui", f"of {guests}", patience=60)
            terminal.drain(SETTLE)
            first = _watched(terminal)
            left = guests / _SWEPT_IN_A_SECOND - WATCHED
            if left > _LONGEST_SWEEP:
                return first, None
            terminal.drain(max(0.0, left))
            return first, _watched(terminal)


def measure() -> list[Figure]:
    """Idle cost at three sizes."""
    figures = []
    aims = {60: "3 %", 2000: "6 %", 10000: ""}
    for guests, aim in aims.items():
        first, later = _idle(guests)
        name = f"{guests} guests"
        figures.append(
            Figure(f"{name}: CPU, share of a core, first minute", f"{first.share * 100:.1f} %")
        )
        if later is not None:
            share = f"{later.share * 100:.1f} %"
            figures.append(Figure(f"{name}: CPU, share of a core, after it", share, aim))
        last = later or first
        figures += [
            Figure(f"{name}: resident memory", f"{last.memory:.0f} MiB"),
            Figure(f"{name}: bytes per second to the terminal", f"{last.received:.0f}"),
        ]
    return figures
