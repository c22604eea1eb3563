"""Pace: however much news comes in, the screen is painted at most about four times a second."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

GAP = 0.25


class Pace:
    """Runs something soon after it was asked to, and never twice within a gap (seconds)."""

    def __init__(
        self,
        run: Callable[[], None],
        gap: float = GAP,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._run = run
        self._gap = gap
        self._clock = clock
        self._last = float("-inf")
        self._timer: asyncio.TimerHandle | None = None

    def ask(self) -> None:
        """Have it run at once, or when the gap is over."""
        if self._timer is None:
            wait = max(0.0, self._last + self._gap - self._clock())
            self._timer = asyncio.get_running_loop().call_later(wait, self._due)

    def stop(self) -> None:
        """Forget what was asked."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _due(self) -> None:
        self._timer = None
        self._last = self._clock()
        self._run()
