"""Traffic that looks alive: a rate that swings smoothly, and its integral in closed form."""

from __future__ import annotations

import math
from dataclasses import dataclass

# Period in seconds and share of the mean rate. The shares sum to less than one, so that the rate
# stays positive and counters never run backwards.
_WAVES = ((613.0, 0.45), (97.0, 0.2), (23.0, 0.1))


@dataclass(frozen=True)
class Flow:
    """A stream with a mean rate in bytes per second; `phase` sets it apart from other streams."""

    mean: float
    phase: float = 0.0

    def rate(self, moment: float) -> float:
        """Bytes per second at `moment` (seconds since the epoch)."""
        swing = sum(
            share * math.sin(math.tau * moment / period + self.phase * index)
            for index, (period, share) in enumerate(_WAVES, start=1)
        )
        return self.mean * (1 + swing)

    def amount(self, start: float, end: float) -> float:
        """Bytes between two moments; zero when `end` is not after `start`."""
        if end <= start:
            return 0.0
        swing = 0.0
        for index, (period, share) in enumerate(_WAVES, start=1):
            before = math.cos(math.tau * start / period + self.phase * index)
            after = math.cos(math.tau * end / period + self.phase * index)
            swing += share * period / math.tau * (before - after)
        return max(0.0, self.mean * (end - start + swing))
