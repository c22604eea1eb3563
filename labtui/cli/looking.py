"""A lab for the time of one command: read until it has settled, worked with, and closed."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, Protocol, TypeVar

from labtui.actions import ACTIONS
from labtui.cli.reading import asker, quiet_logs, settled
from labtui.config.schema import Config
from labtui.live.lab import LiveLab
from labtui.model.snapshot import Snapshot

_T = TypeVar("_T")
_Made_co = TypeVar("_Made_co", covariant=True)


class Work(Protocol[_Made_co]):
    """What a command does with a lab that was read. Raises `LabError`."""

    def __call__(self, lab: LiveLab, snapshot: Snapshot, /) -> Coroutine[Any, Any, _Made_co]: ...


def look(config: Config, topics: frozenset[str] | None, work: Work[_T]) -> _T:
    """What `work` makes of a lab of which those topics were read (None: all), changing nothing.

    Asks for the one-time codes that it takes. Raises `LabError`.
    """
    codes = asker(config)
    with quiet_logs():
        lab = LiveLab(config, ACTIONS, read_only=True, codes=codes, topics=topics)
        return asyncio.run(worked(lab, work))


async def snapshot_alone(_lab: LiveLab, snapshot: Snapshot) -> Snapshot:
    """The work of a command that needs no more than what was read."""
    return snapshot


async def worked(lab: LiveLab, work: Work[_T]) -> _T:
    """Do that when the lab has settled; it is closed however that ends."""
    try:
        return await work(lab, await settled(lab))
    finally:
        await lab.close()
