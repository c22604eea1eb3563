"""Pace: however much news comes in, the screen is painted at most about four times a second.

While nobody has pressed a key for a while it is once a second, which the ages ask for anyway: what
comes from the lab is seconds old, and a console that is only looked at should cost little.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

GAP = 0.25
QUIET_GAP = 1.0
# Seconds after a key, or the start, in which somebody is taken to be working with it.
_ATTENDED = 15.0


class Pace:
    """Runs something soon after it was asked to, and never twice within a gap (seconds)."""

    def __init__(
        self,
        run: Callable[[], None],
        gap: float = GAP,
        quiet_gap: float = QUIET_GAP,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._run = run
        self._gap = gap
        self._quiet_gap = max(gap, quiet_gap)
        self._clock = clock
        self._last = float("-inf")
        self._pressed_at = clock()
        self._timer: asyncio.TimerHandle | None = None

    def pressed(self) -> None:
        """A key was pressed: what was put off for longer than the short gap comes sooner."""
        was_quiet = self._quiet()
        self._pressed_at = self._clock()
        if was_quiet and self._timer is not None:
            self.stop()
            self.ask()

    def ask(self) -> None:
        """Have it run at once, or when the gap is over."""
        if self._timer is None:
            gap = self._quiet_gap if self._quiet() else self._gap
            wait = max(0.0, self._last + gap - self._clock())
            self._timer = asyncio.get_running_loop().call_later(wait, self._due)

    def stop(self) -> None:
        """Forget what was asked."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _quiet(self) -> bool:
        return self._clock() - self._pressed_at > _ATTENDED

    def _due(self) -> None:
        self._timer = None
        self._last = self._clock()
        self._run()
