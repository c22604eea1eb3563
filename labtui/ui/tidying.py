"""When memory is tidied: never at the start, never while somebody types.

Dialogs that were closed and errors that were kept hold themselves in cycles. Python would look for
those by itself in the middle of a key's work, and 17,000 objects of a few dialogs take it 70 ms. So
they are looked for often, between two keys, and what survives is left out of the next look.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

EVERY = 1.0
_QUIET = 0.3
_WHOLE_EVERY, _WHOLE_QUIET = 120.0, 5.0
"""Seconds after which what survived is looked through too, once nobody has typed for a while."""


class Tidying:
    """Collects garbage at quiet moments."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._pressed_at = float("-inf")
        self._whole_at = clock()

    def begin(self) -> None:
        """After the first frame: what stands by now stays; the start had turned collecting off."""
        gc.freeze()
        # By itself it looks at little that is young (5 ms); what has lived a while is for `tidy`.
        gc.set_threshold(5_000, 20, 1_000)
        gc.enable()

    def pressed(self) -> None:
        """A key was pressed: more may follow."""
        self._pressed_at = self._clock()

    def tidy(self) -> bool:
        """Collect, unless somebody types just now; whether it was done."""
        now = self._clock()
        quiet = now - self._pressed_at
        if quiet < _QUIET:
            return False
        if now - self._whole_at >= _WHOLE_EVERY and quiet >= _WHOLE_QUIET:
            self._whole_at = now
            gc.unfreeze()
        gc.collect()
        gc.freeze()
        return True
