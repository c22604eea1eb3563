"""A demo lab whose time moves only in steps, read by the real sources over real sockets.

After each step of world time every feed that is due is read, as `labtui.live.feeds` does it, but
without its waits; a reading that hangs is left on its way while the world goes on.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from unittest import mock

import msgspec

from labtui.config.file import load
from labtui.config.schema import Config, GpuConfig
from labtui.demo import service
from labtui.demo.lab import Lab
from labtui.demo.running import RunningLab
from labtui.live.store import Store
from labtui.model.errors import LabError, Problem
from labtui.model.snapshot import Snapshot
from labtui.sources import limits
from labtui.sources.netbox.source import NetboxSource
from labtui.sources.proxmox.source import ProxmoxSource
from labtui.sources.routeros.source import RouterSource
from labtui.sources.source import FeedSpec, Source
from tests.demo.still_clock import StillClock

STEP = 10.0
"""World seconds between two readings."""

_WAITS_WELL = 20.0
_WAITS_ILL = 0.15
_DEADLINE = 20.0
_PATIENCE = 2.0
"""The machine is shared by many labs: what answers late for that is not to look like a fault."""


class Rehearsal:
    """The lab, its clock, and the store that the sources fill."""

    def __init__(
        self, running: RunningLab, clock: StillClock, config: Config, gpu: GpuConfig | None = None
    ) -> None:
        self.running = running
        self.clock = clock
        self.store = Store(config.lab)
        clusters = [
            ProxmoxSource(each, None, clock.now, config.ssh, gpu) for each in config.proxmox
        ]
        routers = [RouterSource(each, clock.now) for each in config.routers]
        self._sources: list[Source] = [*clusters, *routers]
        if config.netbox is not None:
            self._sources.append(NetboxSource(config.netbox, clock.now))
        self._specs = [spec for source in self._sources for spec in source.feeds()]
        for spec in self._specs:
            self.store.expect(spec.feed, spec.pace)
        self._began: dict[str, float] = {}
        self._flying: dict[str, asyncio.Task[None]] = {}
        self._sequence = 0

    async def read(self) -> Snapshot:
        """Read what is due; wait for those that answer."""
        now = self.clock.now()
        for spec in self._specs:
            name = str(spec.feed)
            task = self._flying.get(name)
            if (task is None or task.done()) and now - self._began.get(name, 0.0) >= spec.pace:
                self._began[name] = now
                self._flying[name] = asyncio.create_task(self._one(spec))
        fresh = {str(feed): each for feed, each in self.store.snapshot.freshness.items()}
        pending = {name: task for name, task in self._flying.items() if not task.done()}
        well = [task for name, task in pending.items() if fresh[name].problem is None]
        if well:
            await asyncio.wait(well, timeout=_WAITS_WELL)
        ill = [task for task in pending.values() if not task.done()]
        if ill:
            await asyncio.wait(ill, timeout=_WAITS_ILL)
        return self.store.snapshot

    async def step(self, seconds: float = STEP) -> Snapshot:
        """Let world time pass in small pieces, then read."""
        lab, clock = self.running, self.clock
        end = clock.moment + seconds
        while clock.moment < end:
            due = lab.player.due
            moment = min(end, clock.moment + 5.0)
            clock.moment = moment if due is None else max(clock.moment, min(moment, due))
            await lab.player.play()
            lab.advance()
            await lab.refresh()
        return await self.read()

    async def close(self) -> None:
        """Let go of what is on its way."""
        for task in self._flying.values():
            task.cancel()
        await asyncio.gather(*self._flying.values(), return_exceptions=True)
        for source in self._sources:
            await source.close()

    async def _one(self, spec: FeedSpec) -> None:
        self._sequence += 1
        sequence, at = self._sequence, self.clock.now()
        try:
            async with asyncio.timeout(min(spec.deadline, _DEADLINE)):
                reading = await spec.read(self.store.snapshot)
        except TimeoutError:
            self._failed(spec, Problem("timed-out", "no answer", spec.feed.source, ""), sequence)
        except LabError as error:
            self._failed(spec, error.problem, sequence)
        else:
            self.store.apply(
                spec.feed,
                reading.part,
                read_at=at,
                sequence=sequence,
                via=reading.via,
                complaints=reading.complaints,
            )

    def _failed(self, spec: FeedSpec, problem: Problem, sequence: int) -> None:
        at = self.clock.now()
        self.store.fail(spec.feed, problem, at=at, sequence=sequence, next_try=None)


@contextmanager
def _patient() -> Iterator[None]:
    """Every limit of the sources, longer for a while."""
    kept = [(each, each.silence, each.whole) for each in vars(limits).values()
            if isinstance(each, limits.Limit)]  # fmt: skip
    for each, silence, whole in kept:
        msgspec.structs.force_setattr(each, "silence", silence * _PATIENCE)
        msgspec.structs.force_setattr(each, "whole", whole * _PATIENCE)
    try:
        yield
    finally:
        for each, silence, whole in kept:
            msgspec.structs.force_setattr(each, "silence", silence)
            msgspec.structs.force_setattr(each, "whole", whole)


@asynccontextmanager
async def rehearsal(lab: Lab | None = None, *, shell: bool = False) -> AsyncIterator[Rehearsal]:
    """A lab that stands still until it is told to step; healthy, and read a few times.

    `shell`: what GPUs do is asked over SSH, which takes long in a busy process.
    """
    clock = StillClock()
    with mock.patch.object(service, "Clock", lambda _speed: clock), _patient():
        async with service.start_lab(lab=lab, auth_delay=0.02, delay_scale=0.02) as running:
            if running.driver is not None:
                running.driver.cancel()
            config = load(running.config)
            stage = Rehearsal(running, clock, config, GpuConfig("ssh") if shell else None)
            try:
                yield stage
            finally:
                await stage.close()


def frozen(snapshot: Snapshot) -> Snapshot:
    """The same with plain mappings, which can be pickled."""
    parts, freshness = dict(snapshot.parts), dict(snapshot.freshness)
    return msgspec.structs.replace(snapshot, parts=parts, freshness=freshness)
