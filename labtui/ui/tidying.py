"""When memory is tidied: never at the start, never while somebody types.

Errors that are kept hold their frames in cycles, and Python would look for those so rarely that a
console with failing sources grows for hours. A full collection takes a few milliseconds once what
the start made is left out of it.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

EVERY = 30.0
_QUIET = 2.0


class Tidying:
    """Collects garbage at quiet moments."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._pressed_at = float("-inf")

    def begin(self) -> None:
        """After the first frame: what stands by now stays; the start had turned collecting off."""
        gc.freeze()
        gc.enable()

    def pressed(self) -> None:
        """A key was pressed: more may follow."""
        self._pressed_at = self._clock()

    def tidy(self) -> bool:
        """Collect, unless somebody types just now; whether it was done."""
        if self._clock() - self._pressed_at < _QUIET:
            return False
        gc.collect()
        return True
