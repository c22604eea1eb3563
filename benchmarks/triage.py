"""Does the triage name the right cause first? `make bench-triage ARGS="side=8 named thrown=500"`.

Everything is read by the real sources over real sockets from a demo lab; only its clock moves in
steps, so that an outage of ten minutes takes seconds (`triage_lab`). The truth is that of the
scenario's file, or of the fault that was thrown. `side=8` rehearses eight labs at a time, each in
a process of its own: most of the time of one is spent waiting for answers.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import random
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.table import Figure, markdown, milliseconds, percentile
from benchmarks.triage_faults import LATE, VISIBLE, thrown
from benchmarks.triage_lab import STEP, Rehearsal, rehearsal
from benchmarks.triage_speed import speed
from benchmarks.triage_truth import place
from labtui.demo.lab import Lab
from labtui.demo.scenarios import SCENARIOS, scenario_named
from labtui.demo.scenarios.scenario import Cause as Truth
from labtui.demo.standard_lab import default_lab
from labtui.findings import Triage, Watch

_HEALTHY_STEPS = 8
_LONGEST = 330.0
_HOUR = 3600.0
_HOURS_EACH = 4.0
_SPAN = 420.0
_BY_SHELL = ("ssh-", "nvidia-")


@dataclass(frozen=True)
class Result:
    """How one outage was told. Times are world seconds from its first fault."""

    name: str
    rank: int
    how: str
    found: float | None
    first: float | None
    told: str
    slowest: float


class Play:
    """One lab with the watch that looks at it."""

    def __init__(self, stage: Rehearsal) -> None:
        self.stage = stage
        self.watch = Watch()
        self.triage = Triage()
        self.slowest = 0.0

    async def step(self) -> Triage:
        """Ten seconds of the world, and a look at them."""
        snapshot = await self.stage.step()
        began = time.perf_counter()
        self.watch, self.triage = self.watch.look(snapshot, self.stage.clock.now())
        self.slowest = max(self.slowest, time.perf_counter() - began)
        return self.triage

    async def follow(
        self, name: str, lab: Lab, truths: Sequence[Truth], span: float, longest: float
    ) -> Result:
        """Look until the span is over and the truth is first, or until the longest is over."""
        began = self.stage.clock.now()
        found = first = None
        rank, how = 0, ""
        while True:
            triage = await self.step()
            age = self.stage.clock.now() - began
            rank, how = place(triage.causes, truths, lab)
            if rank and how != "below":
                found = age if found is None else found
                first = age if first is None and rank == 1 else first
            if age >= longest or (age >= span and rank == 1):
                break
        told = self.triage.first.finding.words.say() if self.triage.first else ""
        return Result(name, rank, how, found, first, told, self.slowest)


async def named(name: str) -> Result:
    """One scenario of the demo lab."""
    scenario, lab = scenario_named(name), default_lab()
    # What only a shell sees is told by a console that has `use = "ssh"` in its [gpu].
    shell = any(step.fault.startswith(_BY_SHELL) for step in scenario.steps)
    async with rehearsal(shell=shell) as stage:
        play = Play(stage)
        for _ in range(_HEALTHY_STEPS):
            await play.step()
        stage.running.player.begin(scenario)
        span = scenario.settled_after
        return await play.follow(name, lab, scenario.causes, span, span + _LONGEST)


async def generated(seed: int) -> Result:
    """One or two faults thrown by a seed into a lab that the seed made."""
    dice = random.Random(seed)
    lab = default_lab(
        guests=dice.randint(30, 90),
        seed=seed,
        nodes=dice.randint(4, 7),
        routers=dice.randint(4, 8),
    )
    async with rehearsal(lab) as stage:
        play = Play(stage)
        for _ in range(_HEALTHY_STEPS):
            await play.step()
        truths, names, longest = [], [], _SPAN
        for _ in range(dice.choice((1, 1, 2))):
            fault, target = thrown(dice, stage.running)
            try:
                await stage.running.break_(fault, target)
            except (KeyError, ValueError):
                continue
            truths.append(VISIBLE[fault](lab, target))
            names.append(f"{fault} {target}")
            longest = max(longest, LATE.get(fault, 0.0))
        return await play.follow(f"{seed}: {', '.join(names)}", lab, truths, 60.0, longest)


async def healthy(seconds: float, guests: int, nodes: int, seed: int) -> dict[str, str]:
    """A lab in which nothing is wrong: every critical or warning is a false one, by its id."""
    false: dict[str, str] = {}
    lab = default_lab(guests=guests, nodes=nodes, routers=max(4, nodes), seed=seed)
    async with rehearsal(lab) as stage:
        play = Play(stage)
        for _ in range(int(seconds / STEP)):
            for cause in (await play.step()).causes:
                if cause.severity != "notice":
                    false[cause.finding.id] = cause.severity
    return false


def calm(hours: float, side: int, scale: int) -> list[Figure]:
    """That many healthy hours, shared out among labs of `scale` times the usual size."""
    pieces = max(1, min(side, int(hours)), round(hours / _HOURS_EACH))
    seconds, guests, nodes = hours / pieces * _HOUR, 58 * scale, min(4 * scale, 40)
    plays = [(healthy, seconds, guests, nodes, 836 + piece) for piece in range(pieces)]
    false: dict[str, str] = {}
    for done, told in enumerate(_side_by_side(plays, side), 1):
        false |= told
        sys.stderr.write(f"{done} of {pieces} labs: {', '.join(told) or 'quiet'}\n")
    worst = list(false.values())
    span = f"{hours:g} h of healthy labs with {guests} guests, {pieces} of them"
    return [
        Figure(f"false criticals in {span}", str(worst.count("critical")), "0"),
        Figure(f"false warnings in {span}", str(worst.count("warning")), "0"),
        Figure("which", ", ".join(false) or "none"),
    ]


def _rehearse(play: tuple[Any, ...]) -> Any:
    """One play to its end; the top of a process."""
    what, *rest = play
    return asyncio.run(what(*rest))


def _side_by_side(plays: Sequence[tuple[Any, ...]], side: int) -> Iterator[Any]:
    """The results in the order of the plays, `side` of them going on at a time."""
    if side == 1:
        yield from map(_rehearse, plays)
        return
    # Started anew: a fork would take over the threads' locks of the parent.
    context = multiprocessing.get_context("spawn")
    # An executor of Python 3.11 stands still when its processes are replaced (cpython #115634).
    with context.Pool(side, maxtasksperchild=20) as pool:
        yield from pool.imap(_rehearse, plays)


_HEAD = """\
| outage | rank | how | found after | first after | told first |
|---|---|---|---|---|---|"""


def row(result: Result) -> str:
    """The line of one outage."""
    times = (f"{at:.0f} s" if at is not None else "-" for at in (result.found, result.first))
    cells = (result.name, str(result.rank or "-"), result.how or "missed", *times, result.told)
    return f"| {' | '.join(cells)} |"


def summary(results: Sequence[Result]) -> list[Figure]:
    """Rates over all outages."""
    right = [r for r in results if r.rank == 1 and r.how != "below"]
    three = [r for r in results if 1 <= r.rank <= 3 and r.how != "below"]
    times = [r.found for r in results if r.found is not None]
    total = len(results)
    figures = [
        Figure("right cause first", f"{len(right)} of {total}", "all"),
        Figure("of these, as one of several possibilities that are told",
               str(sum(r.how == "suspected" for r in right))),
        Figure("right cause among the first three", f"{len(three)} of {total}"),
    ]  # fmt: skip
    if times:
        figures.append(Figure("fault to finding, median", f"{percentile(times, 0.5):.0f} s"))
        figures.append(Figure("fault to finding, nine of ten", f"{percentile(times, 0.9):.0f} s"))
    slowest = max((r.slowest for r in results), default=0.0)
    figures.append(Figure("slowest look", milliseconds(slowest)))
    return figures


def measure() -> list[Figure]:
    """What `make bench` shows: the cost of a look; the rates take minutes (`make bench-triage`)."""
    return speed()


_USAGE = "side=n, speed, healthy[=hours[:scale]], named, thrown[=n[:seed]], or a scenario\n"


def main(wanted: Sequence[str]) -> int:
    """Print the tables of what is wanted; names of scenarios stand for themselves."""
    side = 1
    for word in wanted or ("speed", "healthy", "named", "thrown=20"):
        name, _sign, number = word.partition("=")
        count, _colon, more = number.partition(":")
        if name == "side":
            side = max(1, int(number))
        elif name == "speed":
            print(markdown("Speed", speed()), flush=True)
        elif name == "healthy":
            figures = calm(float(count or 1), side, int(more or 1))
            print(markdown("Healthy", figures), flush=True)
        elif name == "thrown":
            first = int(more or 1000)
            seeds = range(first, first + int(count or 20))
            _print("Thrown", [(generated, seed) for seed in seeds], side)
        elif name == "named" or name in SCENARIOS:
            chosen = SCENARIOS if name == "named" else (name,)
            _print("Named", [(named, each) for each in chosen], side)
        else:
            sys.stderr.write(f"{word}? {_USAGE}")
            return 2
    return 0


def _print(title: str, plays: Sequence[tuple[Any, ...]], side: int) -> None:
    """The lines as they come, then the rates."""
    print(f"### {title}\n\n{_HEAD}", flush=True)
    results: list[Result] = []
    for result in _side_by_side(plays, side):
        results.append(result)
        print(row(result), flush=True)
    print("\n" + markdown(f"{title}, in all", summary(results)), flush=True)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
