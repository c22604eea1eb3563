"""Exit statuses, the same for every command (listed in `labtui --help` and the README)."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """How a command ended."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    BLOCKED = 3
    UNKNOWN = 4
    INTERRUPTED = 130
