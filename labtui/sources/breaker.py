"""A breaker: when a way to a server is left alone, and who tries it again.

Closed, every call may go. After `threshold` failures in a row it opens: nobody goes that way for a
while, longer each time, with jitter so that several consoles do not come back at once. When the
while is over it is half open: one call goes as a probe, and its outcome decides.
"""

from __future__ import annotations

import random
from collections.abc import Callable

FIRST_REST = 5.0
LONGEST_REST = 120.0
# A probe whose caller went away never reports; after that long another one may go.
_PROBE_LASTS = 30.0
_JITTER = 0.2


class Breaker:
    """One way's breaker. Times in seconds on `clock`, a monotonic one."""

    def __init__(
        self,
        clock: Callable[[], float],
        threshold: int = 2,
        longest: float = LONGEST_REST,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._clock = clock
        self._threshold = threshold
        self._longest = longest
        self._jitter = jitter
        self._failures = 0
        self._rest = FIRST_REST
        self._probe_until = 0.0
        self.until = 0.0
        """When its rest is over; 0 while it is closed."""

    @property
    def open(self) -> bool:
        """True when it is not closed: resting, or waiting for the outcome of a probe."""
        return self.until > 0.0

    @property
    def ready(self) -> bool:
        """True when a call may go: closed, or its rest is over and no probe is on its way."""
        if not self.open:
            return True
        now = self._clock()
        return now >= self.until and now >= self._probe_until

    def begin(self) -> None:
        """A call goes; while it is not closed, that is the probe."""
        if self.open:
            self._probe_until = self._clock() + _PROBE_LASTS

    def failed(self) -> None:
        """The way did not work. Calls that were under way when it opened change nothing."""
        now = self._clock()
        if self.open and now < self.until:
            return
        self._failures += 1
        self._probe_until = 0.0
        if self._failures < self._threshold and not self.open:
            return
        spread = 1 - _JITTER + 2 * _JITTER * self._jitter()
        self.until = now + self._rest * spread
        self._rest = min(self._rest * 2, self._longest)

    def answered(self) -> None:
        """Somebody is there, whatever was said."""
        self._failures = 0
        self._rest = FIRST_REST
        self._probe_until = 0.0
        self.until = 0.0
