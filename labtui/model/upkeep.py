"""What labtui itself needs of the host it runs on, and what is wrong with that."""

from __future__ import annotations

from typing import Literal

import msgspec

Chore = Literal["memory", "history", "disk", "config", "journal", "log"]
"""The last state on disk; the history; room for all of it; the configuration file; what was
started from here; the log."""


class Lapse(msgspec.Struct, frozen=True):
    """A chore that is not done: of which file or folder, why in words, since when (epoch)."""

    chore: Chore
    path: str
    why: str
    since: float
