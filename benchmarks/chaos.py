"""`make chaos`: every fault of the demo lab alone, and seeded mixes, under a console that is used.

`make chaos ARGS="--mixes 200 --seed 1 --workers 4"`; `--only NAME` runs one fault, `--only SEED`
one mix. What was wrong is printed with what repeats it.
"""

from __future__ import annotations

import argparse
import json
import queue
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from benchmarks.table import Figure, markdown, milliseconds, percentile
from tests.chaos.cases import alone
from tests.chaos.leaving import Left, leave
from tests.chaos.outside import world

Found = dict[str, Any]


def _alone() -> list[str]:
    """The names of the cases of one fault each."""
    with world() as lab:
        return [case.name for case in alone(lab.faults())]


class Crew:
    """Workers that take cases from one heap until it is empty."""

    def __init__(self, lines: list[str], workers: int) -> None:
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        for line in lines:
            self._lines.put(line)
        self._threads = [threading.Thread(target=self._work) for _each in range(workers)]
        self.found: list[Found] = []

    def run(self) -> list[Found]:
        """Everything that was found."""
        for thread in self._threads:
            thread.start()
            time.sleep(1.0)
        for thread in self._threads:
            thread.join()
        return self.found

    def _take(self) -> str:
        try:
            return self._lines.get_nowait()
        except queue.Empty:
            return ""

    def _work(self) -> None:
        command = [sys.executable, "-m", "tests.chaos.worker"]
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert process.stdin is not None and process.stdout is not None
        line = self._take()
        while line:
            process.stdin.write(line + "\n")
            process.stdin.flush()
            # The worker asks for the next only when it has told of this one.
            answer = process.stdout.readline()
            if not answer:
                self.found.append({"name": line, "wrong": ["the worker ended"], "recovery": None})
                break
            self._note(json.loads(answer) | {"worker": id(process)})
            line = self._take()
        process.stdin.close()
        process.wait()

    def _note(self, found: Found) -> None:
        self.found.append(found)
        mark = "WRONG" if found["wrong"] else "well"
        recovery = found["recovery"]
        after = "never" if recovery is None else f"{recovery:.1f} s"
        print(f"{len(self.found):4} {mark:5} {after:>7}  {found['name']}", flush=True)
        for wrong in found["wrong"]:
            print(f"             {'; '.join(found.get('blows', ()))}: {wrong}", flush=True)


def figures(found: list[Found]) -> list[Figure]:
    """What was measured, for the tables of `docs/reliability.md`."""
    whole = [one for one in found if "beats" in one]
    recoveries = [one["recovery"] for one in whole if one["recovery"] is not None]
    stalls = [stall for one in whole for stall in one["stalls"]]
    computed, waited = ([stall[which] for stall in stalls] for which in (1, 2))
    beats = sum(one["beats"] for one in whole)
    rows = [
        Figure("cases", str(len(found))),
        Figure("cases with anything wrong", str(sum(bool(one["wrong"]) for one in found)), "0"),
        Figure("looks at all panes against the truth", str(sum(one["checks"] for one in whole))),
        Figure("keys pressed", str(sum(one["pressed"] for one in whole))),
        Figure("heartbeats", str(beats)),
        Figure("lateness of a beat, p99 of the worst case", _longest(whole, "p99")),
        Figure("longest gap, whoever held the processor", _longest(whole, "longest")),
        Figure("gaps over 50 ms, whoever held it", str(len(stalls))),
        Figure("most that the loop computed in one gap", _most(computed), "50 ms"),
        Figure(
            "gaps in which it computed for over 50 ms", str(sum(x > 0.05 for x in computed)), "0"
        ),
        Figure("longest wait with a processor free", _most(waited)),
    ]
    if recoveries:
        rows += [
            Figure("all well again, median", f"{percentile(recoveries, 0.5):.1f} s"),
            Figure("all well again, p99", f"{percentile(recoveries, 0.99):.1f} s"),
            Figure("all well again, slowest", f"{max(recoveries):.1f} s", "90 s"),
        ]
    return rows + _growth(whole)


def leaving(rounds: int, seed: int) -> list[Figure]:
    """From `q` to the end of the process, in a terminal, with something broken each time."""
    left: list[Left] = []
    with world() as lab:
        for number in range(rounds):
            left.append(leave(lab, seed + number))
            lab.heal()
    times = [one.seconds for one in left]
    slowest = max(left, key=lambda one: one.seconds)
    print(f"slowest to leave: {', '.join(slowest.broken)}, after {' '.join(slowest.typed)}")
    return [
        Figure("times left", str(rounds)),
        Figure("ended badly", str(sum(one.status != 0 for one in left)), "0"),
        Figure("from `q` to the end, median", milliseconds(percentile(times, 0.5)), "400 ms"),
        Figure("from `q` to the end, slowest", milliseconds(max(times)), "400 ms"),
    ]


def _longest(whole: list[Found], what: str) -> str:
    return milliseconds(max((one[what] for one in whole), default=0.0))


def _most(seconds: list[float]) -> str:
    return milliseconds(max(seconds, default=0.0))


def _growth(whole: list[Found]) -> list[Figure]:
    """From the first to the last case of each session, the one that grew most."""
    grown: dict[str, float] = {}
    first: dict[int, list[float]] = {}
    for one in whole:
        if one["fresh"]:
            first[one["worker"]] = one["counts"]
        for name, before, now in zip(_COUNTED, first[one["worker"]], one["counts"], strict=True):
            grown[name] = max(grown.get(name, 0.0), now - before)
    return [Figure(f"most that one session gained: {n}", f"{v:.0f}") for n, v in grown.items()]


_COUNTED = ("threads", "sockets", "file handles", "MiB of memory")


def main() -> int:
    """1 when anything was wrong."""
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--mixes", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1, help="the first mix's seed")
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--only", action="append", help="a fault's name or a mix's seed")
    parser.add_argument("--no-alone", action="store_true", help="mixes only")
    parser.add_argument("--leave", type=int, default=20, help="how often to leave the program")
    parser.add_argument("--keep", type=Path, help="write everything that was found to this file")
    options = parser.parse_args()
    names = [] if options.no_alone else _alone()
    lines = [f"alone {name}" for name in names]
    lines += [f"mix {options.seed + number}" for number in range(options.mixes)]
    if options.only:
        lines = [f"{'mix' if one.isdigit() else 'alone'} {one}" for one in options.only]
        options.leave = 0
    found = Crew(lines, min(options.workers, len(lines))).run()
    if options.keep is not None:
        options.keep.write_text("\n".join(json.dumps(one) for one in found) + "\n")
    print(markdown("Chaos", figures(found)))
    if options.leave:
        print(markdown("Leaving", leaving(options.leave, options.seed)))
    return int(any(one["wrong"] for one in found))


if __name__ == "__main__":
    raise SystemExit(main())
