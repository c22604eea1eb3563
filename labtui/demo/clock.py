"""The one clock of the demo world: wall time, which `--speed` can make run faster."""

from __future__ import annotations

import time


class Clock:
    """World time in seconds since the epoch; `speed` world seconds pass in one real second."""

    def __init__(self, speed: float = 1.0) -> None:
        self.speed = speed
        self._started_real = time.monotonic()
        self._started_world = time.time()

    def now(self) -> float:
        """World time, seconds since the epoch."""
        return self._started_world + (time.monotonic() - self._started_real) * self.speed
