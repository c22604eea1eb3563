"""Where a part of the snapshot comes from and how old it is."""

from __future__ import annotations

from typing import Literal

import msgspec

from labtui.model.errors import Problem

Backend = Literal["proxmox", "routeros", "netbox"]


class Feed(msgspec.Struct, frozen=True, order=True):
    """The name of one stream of readings: which backend, which source of it, about what."""

    backend: Backend
    source: str
    topic: str

    def __str__(self) -> str:
        return f"{self.backend}/{self.source}/{self.topic}"


class Freshness(msgspec.Struct, frozen=True):
    """How a feed is doing. Times are seconds since the epoch on this machine's clock.

    `read_at` is when the last good reading began; `problem` is the failure since then, first seen
    at `failing_since`; `via` is the endpoint that answered last; `complaints` are rows left out.
    `remembered`: the data is of an earlier start of the console, nothing was read since.
    """

    pace: float
    read_at: float | None = None
    took: float = 0.0
    sequence: int = 0
    via: str = ""
    problem: Problem | None = None
    failing_since: float | None = None
    next_try: float | None = None
    complaints: tuple[str, ...] = ()
    remembered: bool = False

    @property
    def by_shell(self) -> bool:
        """True when `pvesh` was asked over SSH, because no web server answers."""
        return self.via.startswith("ssh ")

    def age(self, now: float) -> float | None:
        """Seconds since the last good reading, None when there was none."""
        return None if self.read_at is None else max(0.0, now - self.read_at)

    def stale(self, now: float) -> bool:
        """True when the data must no longer pass for the present.

        That is after three missed readings, or sooner when one is known to have failed; and
        always while it is only remembered.
        """
        if self.remembered:
            return True
        age = self.age(now)
        limit = self.pace + 10.0 if self.problem is not None else 3 * self.pace + 5.0
        return age is None or age > limit
