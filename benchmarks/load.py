"""What the console costs while nobody touches it: requests, CPU, memory."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from benchmarks.table import Figure
from tests.cli.running import demo_process
from tests.terminal import Terminal

SETTLE = 20.0
WATCHED = 30.0
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


def _idle(guests: int) -> tuple[float, float, float]:
    """(share of a core, MiB, bytes per second to the terminal) of an untouched console."""
    with demo_process("--guests", str(guests)) as lab:
        command = [sys.executable, "-m", "labtui", "--config", lab["config"]]
        with Terminal(command) as terminal:
            terminal.until_shows("labtui", f"of {guests}", patience=60)
            terminal.drain(SETTLE)
            before, began = cpu_seconds(terminal.process.pid), time.perf_counter()
            received = terminal.drain(WATCHED)
            took = time.perf_counter() - began
            used = cpu_seconds(terminal.process.pid) - before
            return used / took, resident(terminal.process.pid), received / took


def measure() -> list[Figure]:
    """Idle cost at three sizes."""
    figures = []
    aims = {60: "3 %", 2000: "6 %", 10000: ""}
    for guests, aim in aims.items():
        share, memory, received = _idle(guests)
        figures += [
            Figure(f"{guests} guests: CPU, share of a core", f"{share * 100:.1f} %", aim),
            Figure(f"{guests} guests: resident memory", f"{memory:.0f} MiB"),
            Figure(f"{guests} guests: bytes per second to the terminal", f"{received:.0f}"),
        ]
    return figures
