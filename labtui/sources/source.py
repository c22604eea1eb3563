"""What every source offers: named reads with their own pace, and a clean end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

import msgspec

from labtui.model.feed import Feed
from labtui.model.snapshot import Part, Snapshot


class Reading(msgspec.Struct, frozen=True):
    """One good answer: the part of the snapshot it replaces, who answered, rows left out.

    `unfinished`: some of what was asked still waits for its answer, and the next reading, which may
    begin at once, brings it. `heard`: somebody answered; when not, nobody had to be asked or nobody
    could be, and all of it was known before.
    """

    part: Part
    via: str = ""
    complaints: tuple[str, ...] = ()
    unfinished: bool = False
    heard: bool = True


@dataclass(frozen=True)
class FeedSpec:
    """A named read. Times in seconds.

    `read` gets the present snapshot (some readings depend on others) and raises
    `model.errors.LabError`. `pace` is how often while somebody looks, `idle_pace` otherwise,
    `deadline` bounds one whole reading. `after` names topics of the same source that are tried
    first, so that they do not wait for this one's questions.
    """

    feed: Feed
    read: Callable[[Snapshot], Awaitable[Reading]]
    pace: float
    idle_pace: float
    deadline: float
    after: tuple[str, ...] = ()


class Source(Protocol):
    """One cluster, one router or one NetBox."""

    name: str

    def feeds(self) -> tuple[FeedSpec, ...]:
        """The reads that this source offers."""

    async def close(self) -> None:
        """Let go of connections; never waits for a hung one."""
