"""What happens at which second of world time: callbacks and processes, run in order.

A process is a generator that yields how many world seconds it waits. The time inside is that of
the event, not of the call, so a log has exact seconds however seldom the world is advanced.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Generator

Action = Callable[[], None]
Process = Generator[float, None, None]


class Scheduler:
    """A heap of actions by world time, seconds since the epoch."""

    def __init__(self, start: float) -> None:
        self.now = start
        self._order = itertools.count()
        self._heap: list[tuple[float, int, Action]] = []

    def at(self, when: float, action: Action) -> None:
        """Run `action` at world second `when` (at once when that is past)."""
        heapq.heappush(self._heap, (max(when, self.now), next(self._order), action))

    def after(self, delay: float, action: Action) -> None:
        """Run `action` in `delay` world seconds."""
        self.at(self.now + delay, action)

    def advance(self, until: float) -> None:
        """Run all that is due up to world second `until`."""
        while self._heap and self._heap[0][0] <= until:
            when, _, action = heapq.heappop(self._heap)
            self.now = when
            action()
        self.now = max(self.now, until)
