"""How long the event loop could not answer: a heartbeat on it, and what held it up.

The machine is shared with the demo lab and whatever else runs on it, so a late beat need not be the
loop's fault. Three things tell: the processor time that the loop's thread used in the gap, whether
the kernel took the processor away from it, and whether a process that does nothing but look at the
clock was late at the same moment.
"""

from __future__ import annotations

import asyncio
import resource
import sys
import threading
import time
import traceback
from collections.abc import Sequence
from types import FrameType
from typing import NamedTuple

BEAT = 0.005
_LOOK = 0.01
LIMIT = 0.050
"""The longest time, in seconds, for which the loop may not answer."""
BLOCKED = 0.250
"""Seconds of waiting on a shared machine that no scheduler explains: a call that blocks."""


class Stall(NamedTuple):
    """One gap; `began` and `ended` are on `time.monotonic`.

    `computed` is what the loop's thread computed in it, `preempted` how often the processor was
    taken from it, `beside` the part in which the reference process did not run either, `doing` what
    the loop was found at.
    """

    began: float
    ended: float
    computed: float
    preempted: int
    beside: float = 0.0
    doing: str = ""

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
        self._at = 0.0
        self._doing: list[str] = []
        self._stopped = threading.Event()

    def start(self) -> None:
        """Begin to beat."""
        self._at = time.monotonic()
        self._task = asyncio.create_task(self._beat(), name="heart")
        watch = threading.Thread(target=self._watch, args=(threading.get_ident(),), daemon=True)
        watch.start()

    async def stop(self) -> None:
        """End."""
        self._stopped.set()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _beat(self) -> None:
        while True:
            at, computed, taken = time.monotonic(), time.thread_time(), _preemptions()
            self._at, self._doing = at, []
            await asyncio.sleep(BEAT)
            now = time.monotonic()
            self.late.append(max(0.0, now - at - BEAT))
            if now - at - BEAT > LIMIT:
                used = time.thread_time() - computed
                found = " | ".join(dict.fromkeys(self._doing))
                self.stalls.append(Stall(at + BEAT, now, used, _preemptions() - taken, doing=found))

    def _watch(self, loop: int) -> None:
        """While a beat is late, note what the thread of the loop is at."""
        while not self._stopped.wait(_LOOK):
            if time.monotonic() - self._at > LIMIT / 2 + BEAT:
                frame = sys._current_frames().get(loop)
                if frame is not None:
                    self._doing.append(_ours(frame))


def _ours(frame: FrameType) -> str:
    """The innermost functions of labtui, the caller first, and where they are in other code."""
    stack = [(each.filename, each.name) for each in traceback.extract_stack(frame)]
    ours = [
        f"{path.rpartition('labtui/')[2]}:{name}"
        for path, name in stack
        if "/labtui/" in path and "site-packages" not in path
    ]
    path, name = stack[-1]
    return " > ".join((*ours[-3:], f"{path.rpartition('/')[2]}:{name}"))


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
