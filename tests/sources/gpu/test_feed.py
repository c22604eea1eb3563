"""Turns of the feed: what hangs is not asked after again and again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest

from labtui.model.errors import Unreachable
from labtui.model.snapshot import Snapshot
from labtui.model.use import CardUses
from labtui.sources.gpu import feed
from labtui.sources.gpu.feed import UseFeed
from labtui.sources.gpu.targets import Target
from labtui.sources.gpu.ways import Asker, Run
from tests.snapshots import NOW


class Hanging:
    """A way to a guest that never gets there."""

    way = "ssh"

    def __init__(self) -> None:
        self.asked = 0

    def against(self, _target: Target, _snapshot: Snapshot) -> str:
        return ""

    @asynccontextmanager
    async def opened(self, _target: Target, _snapshot: Snapshot) -> AsyncIterator[Run]:
        self.asked += 1
        await asyncio.Event().wait()
        yield cast(Any, None)

    def close(self) -> None:
        pass


class Closed(Hanging):
    """A way to a guest that leads nowhere."""

    @asynccontextmanager
    async def opened(self, _target: Target, _snapshot: Snapshot) -> AsyncIterator[Run]:
        self.asked += 1
        if self.asked:
            raise Unreachable("asking", where="gpu-amy", why="connection refused")
        yield cast(Any, None)


async def test_who_could_not_be_asked_was_not_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    place = Target("pve1", 100, "gpu-amy", ("10de",))
    monkeypatch.setattr(feed, "targets", lambda *_asked, **_named: {place.place: place})
    asker = Closed()
    use = UseFeed("lsalab", cast(Asker, asker), lambda: NOW)
    try:
        reading = await use.read(Snapshot())
    finally:
        await use.close()
    assert asker.asked == 1
    assert not reading.heard
    assert isinstance(reading.part, CardUses)
    (report,) = reading.part.reports.values()
    assert report.problem is not None


async def test_a_place_that_hangs_is_waited_for_with_patience(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    place = Target("pve1", 100, "gpu-amy", ("10de",))
    monkeypatch.setattr(feed, "targets", lambda *_asked, **_named: {place.place: place})
    monkeypatch.setattr(feed, "PATIENCE", 0.1)
    asker = Hanging()
    use = UseFeed("lsalab", cast(Asker, asker), lambda: NOW)
    try:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await use.read(Snapshot())
        loop = asyncio.get_running_loop()
        began = loop.time()
        for _again in range(3):
            assert (await use.read(Snapshot())).unfinished
        assert loop.time() - began >= 0.3
        assert asker.asked == 1
    finally:
        await use.close()
