"""A demo lab that leaps to the middle of an outage, read once by the real router sources."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from unittest import mock

from labtui.config.file import load
from labtui.demo import service
from labtui.demo.running import RunningLab
from labtui.demo.scenarios import scenario_named
from labtui.live.diagnosis.run import diagnose
from labtui.live.store import Store
from labtui.model.diagnosis import Diagnosis, Subject
from labtui.model.errors import LabError
from labtui.sources.routeros.source import RouterSource
from tests.demo.still_clock import StillClock

_FIRST, _LATER = 1.5, 5.0
# The lists of own networks are known to the routes once BGP was read. A router that was restarted
# ends its old connection at the first question.
_ROUNDS = 2


class Fast(StillClock):
    """Stands still, and pings do not wait for each other."""

    def __init__(self, _speed: float) -> None:
        super().__init__(1000.0)


class OutageStage:
    """The running lab, its routers, and what they said last."""

    def __init__(self, running: RunningLab, clock: StillClock) -> None:
        config = load(running.config)
        self.running, self.clock = running, clock
        self.store = Store(config.lab)
        self.routers = {each.name: RouterSource(each, clock.now) for each in config.routers}
        for source in self.routers.values():
            for spec in source.feeds():
                self.store.expect(spec.feed, spec.pace)
        self._sequence = 0

    async def leap(self, seconds: float) -> None:
        """Let world time pass with nobody looking."""
        end = self.clock.moment + seconds
        while self.clock.moment < end:
            due = self.running.player.due
            moment = min(end, self.clock.moment + 10.0)
            self.clock.moment = moment if due is None else max(self.clock.moment, min(moment, due))
            await self.running.player.play()
            self.running.advance()
        await self.running.refresh()

    async def read(self, rounds: int = _ROUNDS) -> None:
        """Read every router; who does not answer is not waited for long."""
        for _round in range(rounds):
            self.clock.moment += 2.0
            self.running.advance()
            await asyncio.gather(*(self._one(name) for name in self.routers))

    async def _one(self, name: str) -> None:
        for number, spec in enumerate(self.routers[name].feeds()):
            self._sequence += 1
            at, sequence = self.clock.now(), self._sequence
            try:
                async with asyncio.timeout(_LATER if number else _FIRST):
                    reading = await spec.read(self.store.snapshot)
            except (TimeoutError, LabError) as error:
                problem = (
                    error.problem if isinstance(error, LabError) else LabError("silent").problem
                )
                self.store.fail(spec.feed, problem, at=at, sequence=sequence, next_try=None)
                return
            self.store.apply(spec.feed, reading.part, read_at=at, sequence=sequence)

    async def begin(self, name: str) -> None:
        """The middle of that scenario, read."""
        scenario = scenario_named(name)
        self.running.player.begin(scenario)
        await self.leap(scenario.settled_after + 1)
        await self.read()

    async def diagnose(self, subject: Subject) -> Diagnosis:
        """The whole diagnosis."""
        told = [
            each
            async for each in diagnose(subject, self.routers, self.store.snapshot, self.clock.now)
        ]
        return told[-1]


@asynccontextmanager
async def outage_stage() -> AsyncIterator[OutageStage]:
    """A healthy lab, read once."""
    clock = Fast(1.0)
    with mock.patch.object(service, "Clock", lambda _speed: clock):
        async with service.start_lab(auth_delay=0.0, delay_scale=0.0) as running:
            if running.driver is not None:
                running.driver.cancel()
            stage = OutageStage(running, clock)
            try:
                await stage.leap(150)
                await stage.read(1)
                yield stage
            finally:
                for source in stage.routers.values():
                    await source.close()
