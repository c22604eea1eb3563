"""Jobs: plans being carried out, as the screen and the journal see them."""

from __future__ import annotations

from typing import Literal

import msgspec

JobState = Literal["running", "done", "failed", "cancelled", "unknown"]


class Job(msgspec.Struct, frozen=True):
    """One job. Times are seconds since the epoch; `progress` is 0 to 1, None when not known.

    `subject` is the key of the object it works on, `note` the last thing heard of it, `rate` bytes
    per second, `left` seconds still to go. `cluster` and `upid` name the task it follows.
    One of several steps has a `book`, the journal by which it is paused, stopped, taken up again.
    """

    id: str
    action: str
    subject: str
    title: str
    state: JobState
    started: float
    ended: float | None = None
    progress: float | None = None
    note: str = ""
    rate: float | None = None
    left: float | None = None
    cluster: str = ""
    upid: str = ""
    log: tuple[str, ...] = ()
    book: str = ""
    paused: bool = False

    @property
    def running(self) -> bool:
        return self.state == "running"

    @property
    def driven(self) -> bool:
        """Whether its next steps come from here: they would not happen without this console."""
        return self.running and (bool(self.book) or "," in self.subject)
