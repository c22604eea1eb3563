"""`make soak`: an hour of the lab's time at speed, its sources flapping, a console open on it.

The console runs as its user runs it, in a real terminal. What it holds is looked at from outside:
memory, threads, sockets, file handles. A slope is per hour of real time, over all but the first
fifth, in which caches fill. What hangs holds a thread and a handle for a while, so what is held at
rest, with every server there, is told too: after each fifth.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from benchmarks.table import Figure, markdown
from tests.chaos.cases import KEYS
from tests.chaos.leaving import type_keys
from tests.chaos.outside import Refused, World, world
from tests.terminal import Terminal

HOUR = 3600.0
_EVERY = 2.0
_REST = 30.0
# Shares of the whole between two rests.
_STRETCHES = (0.2, 0.2, 0.2, 0.2, 0.2)
_FLAPS = ("server-refuse", "server-hang", "server-reset", "server-blackhole", "server-rubbish")


class Held(NamedTuple):
    """What a process holds at a moment."""

    at: float
    memory: float
    threads: int
    sockets: int
    files: int


def held(pid: int) -> Held:
    """Of that process, now; memory in MiB."""
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    told = {line.split(":")[0]: line.split()[1] for line in status if len(line.split()) > 1}
    links = []
    for handle in Path(f"/proc/{pid}/fd").iterdir():
        try:
            links.append(str(handle.readlink()))
        except OSError:
            continue
    sockets = sum(link.startswith("socket:") for link in links)
    memory = int(told["VmRSS"]) / 1024
    return Held(time.monotonic(), memory, int(told["Threads"]), sockets, len(links))


def slope(samples: Sequence[Held], what: str) -> float:
    """Least squares, per hour."""
    times = [sample.at for sample in samples]
    values = [float(getattr(sample, what)) for sample in samples]
    middle_time, middle_value = sum(times) / len(times), sum(values) / len(values)
    over = sum((t - middle_time) * (v - middle_value) for t, v in zip(times, values, strict=True))
    under = sum((t - middle_time) ** 2 for t in times)
    return HOUR * over / under if under else 0.0


def _flap(lab: World, dice: random.Random, on: dict[str, str]) -> int:
    """Servers go and come; at most half of them are away at a time. 1 when one went."""
    servers = [name for name in lab.state()["servers"] if not name.startswith("ssh:")]
    server = dice.choice(servers)
    try:
        if server in on:
            lab.mend(on.pop(server), server)
        elif len(on) < len(servers) // 2:
            on[server] = dice.choice(_FLAPS)
            lab.break_(on[server], server)
            return 1
    except Refused:
        on.pop(server, None)
    return 0


def _use(terminal: Terminal, dice: random.Random) -> None:
    type_keys(terminal, dice.choice(KEYS))


def _at_rest(lab: World, terminal: Terminal, on: dict[str, str]) -> Held:
    """What is held when every server has been there, and nobody has typed, for a while."""
    for server, fault in on.items():
        with suppress(Refused):
            lab.mend(fault, server)
    on.clear()
    terminal.send("\x1b")
    terminal.drain(_REST)
    return held(terminal.process.pid)


class Soaked(NamedTuple):
    """What was held while it was used, what at rest, and how often a server went."""

    samples: list[Held]
    rests: list[Held]
    flaps: int


def soak(seconds: float, speed: float, seed: int) -> Soaked:
    """A console that is used for so many real seconds; the rests come on top."""
    dice = random.Random(seed)
    samples: list[Held] = []
    rests: list[Held] = []
    flaps, on = 0, dict[str, str]()
    with world(speed) as lab:
        command = [sys.executable, "-m", "labtui", "--config", lab.config]
        with Terminal(command) as terminal:
            terminal.until_shows("5/5 up", patience=60)
            for share in _STRETCHES:
                end = time.monotonic() + seconds * share
                while time.monotonic() < end:
                    _use(terminal, dice)
                    terminal.drain(_EVERY / 2)
                    flaps += _flap(lab, dice, on)
                    terminal.drain(_EVERY / 2)
                    if terminal.process.poll() is not None:
                        raise AssertionError(f"ended with {terminal.process.returncode}")
                    samples.append(held(terminal.process.pid))
                rests.append(_at_rest(lab, terminal, on))
    return Soaked(samples, rests, flaps)


def figures(soaked: Soaked, speed: float) -> list[Figure]:
    """Beginning, end, most and slope of each."""
    samples, rests, flaps = soaked
    steady = samples[len(samples) // 5 :]
    real = samples[-1].at - samples[0].at
    rows = [
        Figure("real time", f"{real:.0f} s"),
        Figure("the lab's time", f"{real * speed / 60:.0f} min", "60 min"),
        Figure("times that a server went away", str(flaps)),
    ]
    for what, unit in (("memory", " MiB"), ("threads", ""), ("sockets", ""), ("files", "")):
        values = [getattr(sample, what) for sample in steady]
        told = f"{values[0]:.0f} to {values[-1]:.0f}, most {max(values):.0f}{unit}"
        rows.append(Figure(f"{what} after the first fifth", told))
        rows.append(Figure(f"{what}, slope", f"{slope(steady, what):+.1f}{unit} an hour", "flat"))
        calm = ", ".join(f"{getattr(rest, what):.0f}" for rest in rests)
        rows.append(Figure(f"{what} at rest", f"{calm}{unit}", "flat"))
    return rows


def measure(seconds: float = 300.0, speed: float = 12.0, seed: int = 1) -> list[Figure]:
    """An hour of the lab's time in five real minutes."""
    return figures(soak(seconds, speed, seed), speed)


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("--seconds", type=float, default=300.0, help="real time")
    parser.add_argument("--speed", type=float, default=12.0, help="the lab's seconds per second")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    print(markdown("Soak", measure(options.seconds, options.speed, options.seed)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
