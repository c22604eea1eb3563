"""How long the event loop could not answer: a heartbeat on it, and what held it up.

The machine is shared with the demo lab and whatever else runs on it, so a late beat need not be the
loop's fault. Three things tell: the processor time that the loop's thread used in the gap, whether
the kernel took the processor away from it, and whether a process that does nothing but look at the
clock was late at the same moment.
"""

from __future__ import annotations

import asyncio
import resource
import time
from collections.abc import Sequence
from typing import NamedTuple

BEAT = 0.005
LIMIT = 0.050
"""The longest time, in seconds, for which the loop may not answer."""
BLOCKED = 0.250
"""Seconds of waiting on a shared machine that no scheduler explains: a call that blocks."""


class Stall(NamedTuple):
    """One gap; `began` and `ended` are on `time.monotonic`.

    `computed` is what the loop's thread computed in it, `preempted` how often the processor was
    taken from it, `beside` the part in which the reference process did not run either.
    """

    began: float
    ended: float
    computed: float
    preempted: int
    beside: float = 0.0

    @property
    def wall(self) -> float:
        return self.ended - self.began

    @property
    def waited(self) -> float:
        """Seconds for which it stood still with a processor free: blocked by something."""
        return 0.0 if self.preempted else max(0.0, self.wall - self.computed - self.beside)

    @property
    def guilty(self) -> bool:
        """Whether the loop itself is to blame, beyond doubt on a machine that is shared."""
        return self.computed > LIMIT or self.waited > BLOCKED


class Heart:
    """Beats on the running loop from `start` to `stop`; every beat's lateness is kept."""

    def __init__(self) -> None:
        self.late: list[float] = []
        self.stalls: list[Stall] = []
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to beat."""
        self._task = asyncio.create_task(self._beat(), name="heart")

    async def stop(self) -> None:
        """End."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _beat(self) -> None:
        while True:
            at, computed, taken = time.monotonic(), time.thread_time(), _preemptions()
            await asyncio.sleep(BEAT)
            now = time.monotonic()
            self.late.append(max(0.0, now - at - BEAT))
            if now - at - BEAT > LIMIT:
                used = time.thread_time() - computed
                self.stalls.append(Stall(at + BEAT, now, used, _preemptions() - taken))


def _preemptions() -> int:
    return resource.getrusage(resource.RUSAGE_THREAD).ru_nivcsw


def judged(stalls: Sequence[Stall], reference: Sequence[tuple[float, float]]) -> list[Stall]:
    """The stalls, each with the time in which the reference did not run either."""
    return [
        stall._replace(
            beside=sum(
                max(0.0, min(end, stall.ended) - max(begin, stall.began))
                for begin, end in reference
            )
        )
        for stall in stalls
    ]
