"""The order of an evacuation: what goes when, what side by side, how long it takes. Pure.

What interrupts nobody goes first, what is shut down for it last, so that a node that can't be
emptied after all has cost nobody anything.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from labtui.actions.action import Step

# Recorded moves spend about five seconds before and after the transfer; HA works in rounds.
OVERHEAD = {
    "live": 5.0,
    "offline": 5.0,
    "restart": 25.0,
    "cold": 60.0,
    "ha": 20.0,
    "relocate": 75.0,
}
_RANK = {"live": 0, "ha": 0, "restart": 1, "relocate": 2, "cold": 2, "offline": 3}


class Limits(msgspec.Struct, frozen=True):
    """How many may be under way at a time: from one node, and to one node."""

    source: int = 2
    target: int = 2


def ordered(steps: Sequence[Step], limits: Limits) -> tuple[Step, ...]:
    """The steps in the order in which they go, each with its wave (from 1)."""
    waiting = sorted(steps, key=lambda s: (_RANK.get(s.way, 4), -s.estimate, s.subject))
    found: list[Step] = []
    wave = 0
    while waiting:
        wave += 1
        taken: list[Step] = []
        for step in waiting:
            if admitted(step, taken, limits):
                taken.append(step)
        waiting = [step for step in waiting if step not in taken]
        found += [msgspec.structs.replace(step, wave=wave) for step in taken]
    return tuple(found)


def admitted(step: Step, under_way: Sequence[Step], limits: Limits) -> bool:
    """Whether it may begin beside those."""
    out = sum(other.source == step.source for other in under_way)
    into = sum(other.target == step.target for other in under_way)
    return out < limits.source and into < limits.target


def duration(steps: Sequence[Step], limits: Limits, least: float = 0.0) -> float:
    """Seconds for all of them, each beginning as soon as the limits let it.

    `least`: what the network needs for all that is copied, however much goes side by side.
    """
    waiting, under_way, now = list(steps), list[tuple[float, Step]](), 0.0
    while waiting or under_way:
        for step in list(waiting):
            if admitted(step, [other for _end, other in under_way], limits):
                waiting.remove(step)
                under_way.append((now + step.estimate, step))
        ended = min(under_way, key=lambda pair: pair[0])
        under_way.remove(ended)
        now = ended[0]
    return max(now, least)
