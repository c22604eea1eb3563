"""The glance before a look: has anything come that is worth judging the lab anew?

Loads and times move with every reading; no rule says anything else for that within seconds, and
a look at them all is most of what an idle console would do.
"""

from __future__ import annotations

from labtui.model.errors import Problem
from labtui.model.feed import Feed
from labtui.model.jobs import Job
from labtui.model.lasting import lasting
from labtui.model.snapshot import Part, Snapshot
from labtui.model.upkeep import Lapse

LONGEST = 5.0
"""Seconds after which ages and figures alone are reason enough."""

_State = tuple[
    dict[Feed, Part],
    dict[Feed, tuple[Problem | None, bool, bool, tuple[str, ...]]],
    tuple[Job, ...],
    tuple[Lapse, ...],
]


class Glance:
    """What the last look had before it. One thread at a time may use it.

    In a large lab a glance takes milliseconds, so that it belongs into the thread of the looks.
    `longest` is in seconds.
    """

    def __init__(self, longest: float = LONGEST) -> None:
        self._longest = longest
        self._state: _State | None = None
        self._marks: object = None
        self._at = float("-inf")

    def worth(self, snapshot: Snapshot, marks: object, now: float) -> bool:
        """Whether to look now; when it says so, this is what later glances compare with.

        `marks` is what people have put aside, compared by value; `now` is in seconds, and a clock
        that was set back is reason to look.
        """
        state = _state(snapshot, now)
        waited = now - self._at
        if 0 <= waited < self._longest and marks == self._marks and _same(state, self._state):
            return False
        self._state, self._marks, self._at = state, marks, now
        return True


def _state(snapshot: Snapshot, now: float) -> _State:
    return (
        {feed: lasting(feed.source, part) for feed, part in snapshot.parts.items()},
        {
            # That a feed falls silent shows in nothing but the time.
            feed: (fresh.problem, fresh.remembered, fresh.stale(now), fresh.complaints)
            for feed, fresh in snapshot.freshness.items()
        },
        snapshot.jobs,
        snapshot.lapses,
    )


def _same(one: _State, other: _State | None) -> bool:
    if other is None or one[1:] != other[1:] or one[0].keys() != other[0].keys():
        return False
    return all(part is other[0][feed] for feed, part in one[0].items())
