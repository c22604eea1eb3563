"""A process that only looks at the clock; see `outside.Reference`."""

from __future__ import annotations

import json
import os
import select
import sys
import time

BEAT = 0.005
LATE = 0.010


def main() -> None:
    """Answer each byte of the input with the gaps since the last one; end with the input."""
    gaps: list[tuple[float, float]] = []
    before = time.monotonic()
    while True:
        ready, _writable, _odd = select.select([0], [], [], BEAT)
        now = time.monotonic()
        if not ready and now - before > BEAT + LATE:
            gaps.append((before, now))
        if ready:
            if not os.read(0, 1):
                return
            sys.stdout.write(json.dumps(gaps) + "\n")
            sys.stdout.flush()
            gaps.clear()
        before = time.monotonic()


if __name__ == "__main__":
    main()
