"""Takes cases through sessions and prints a line of JSON for each: `python -m tests.chaos.worker`.

Its input names the cases, a line each: `alone NAME` or `mix SEED`. A session serves several cases;
after one that went wrong, or after `PER_SESSION`, a new one is begun.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import traceback
import zlib
from typing import Any

from tests.chaos.cases import Case, alone, mix
from tests.chaos.session import Outcome, Session, counted, session

PER_SESSION = 25


def told(outcome: Outcome, fresh: bool) -> dict[str, Any]:
    """An outcome as JSON; `fresh`: it was the first of its session."""
    late = sorted(outcome.late)
    return {
        "name": outcome.case.name,
        "blows": [str(blow) for blow in outcome.case.blows],
        "wrong": [*outcome.wrong, *_slow(outcome)],
        "notes": list(outcome.notes),
        "seen": list(outcome.seen),
        "recovery": outcome.recovery,
        "checks": outcome.checks,
        "pressed": outcome.pressed,
        "beats": len(late),
        "p99": late[int(0.99 * len(late))] if late else 0.0,
        "longest": late[-1] if late else 0.0,
        "stalls": [
            [stall.wall, stall.computed, stall.waited, stall.preempted, stall.beside]
            for stall in outcome.stalls
        ],
        "counts": list(outcome.counts),
        "fresh": fresh,
    }


def _slow(outcome: Outcome) -> list[str]:
    return [
        f"the loop stood still for {stall.wall * 1000:.0f} ms: it computed for "
        f"{stall.computed * 1000:.0f} ms and waited for {stall.waited * 1000:.0f} ms, at "
        f"{stall.doing or 'what nobody saw'}"
        for stall in outcome.stalls
        if stall.guilty
    ]


def _case(made: Session, register: list[dict[str, Any]], line: str) -> Case:
    kind, _, name = line.partition(" ")
    if kind == "mix":
        return mix(register, int(name))
    return next(case for case in alone(register) if name in (case.name, case.blows[0].fault))


def _next() -> str:
    return sys.stdin.readline().strip()


async def _serve(line: str) -> str:
    """One session; returns the line that the next one begins with, empty at the end."""
    async with session(seed=zlib.crc32(line.encode())) as made:
        register = await asyncio.to_thread(made.world.faults)
        for number in range(PER_SESSION):
            outcome = await made.play(_case(made, register, line))
            _say(told(outcome, not number))
            line = await asyncio.to_thread(_next)
            if not line or outcome.recovery is None:
                break
    return line


def _say(found: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(found) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Until the input ends."""
    line = _next()
    while line:
        try:
            line = asyncio.run(_serve(line))
        except Exception as error:  # noqa: BLE001 - whatever ends a session is a finding
            # The app's own end is what the suite looks for: told, and the rest goes on.
            told_as = [f"the session ended: {error!r}", traceback.format_exc()[-1500:]]
            _say({"name": line, "wrong": told_as, "recovery": None, "counts": list(counted())})
            line = _next()
    # Threads that a black hole holds need not be waited for.
    os._exit(0)


if __name__ == "__main__":
    main()
