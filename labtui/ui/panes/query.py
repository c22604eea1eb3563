"""A question that is asked of a server while somebody looks at an object, and its answers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import NamedTuple

from labtui.actions.action import Wire
from labtui.model.courses import Timeframe
from labtui.views.view import Section


class Told(NamedTuple):
    """What came, and in how many seconds to ask on; None: that was all."""

    sections: tuple[Section, ...]
    again: float | None = None


class Look(NamedTuple):
    """What a person chose: the time of the charts, and which task's log (0 is the newest)."""

    timeframe: Timeframe = "hour"
    task: int = 0


class Query(NamedTuple):
    """One question. `title` heads what is shown until it is answered.

    `read` raises `LabError`. `on` names what of the look it depends on.
    """

    id: str
    title: str
    read: Callable[[Wire, Look], AsyncIterator[Told]]
    on: str = ""
