"""A link to a lab that obeys: readings come in when a test says so, wishes are written down."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec

from labtui.actions.action import Action, Call, LogLine, Plan, TaskState, Wire
from labtui.actions.evacuation.book import Order
from labtui.config.schema import Config
from labtui.live.entry.entry import Entry
from labtui.live.history.keeper import Keeper
from labtui.live.holdback import Holdback
from labtui.live.probing import Probing
from labtui.live.store import Store
from labtui.live.triage import TriageKeeper
from labtui.model import lookup
from labtui.model.cluster import Membership
from labtui.model.errors import LabError, Problem
from labtui.model.events import Event, Query
from labtui.model.feed import Feed, Freshness
from labtui.model.jobs import Job
from labtui.model.snapshot import Part, Snapshot
from tests.snapshots import NOW, feed_of
from tests.ui.labs import parts


class FakeWire:
    """Reads nothing; the fake action's survey is told what to find."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @property
    def snapshot(self) -> Snapshot:
        return self._store.snapshot

    @property
    def max_age(self) -> float:
        return 30.0

    def now(self) -> float:
        return NOW

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)

    async def read(self, source: str, path: str, **params: str | int) -> Any:
        raise AssertionError(path)

    async def call(self, call: Call) -> Any:
        raise AssertionError(call)

    async def task_state(self, source: str, upid: str) -> TaskState:
        return TaskState(False, "OK")

    async def task_log(self, source: str, upid: str, after: int) -> tuple[LogLine, ...]:
        return ()


class FakeLink:
    """A `LabLink`: what it is asked for is written down."""

    def __init__(self, given: list[tuple[str, Part]] | None = None, **flags: bool) -> None:
        self.store = Store("lsalab")
        self.wire: Wire = FakeWire(self.store)
        self.gate = Holdback(read_only=flags.get("read_only", False))
        self.demo = flags.get("demo", False)
        self.triage = TriageKeeper(self.store, lambda: self.clock, gap=0.0)
        self.lab = "lsalab"
        self.history: Keeper | None = None
        self.sources: list[object] = []
        self.probing = Probing(self.store, lambda: self.sources, lambda: self.clock)
        self.entry = Entry(Config("", "lsalab"), self.store, self.gate, {})
        self.clock = NOW
        self.given = given if given is not None else parts()
        self.started = self.closed = False
        self.wishes: list[frozenset[str]] = []
        self.reads: list[frozenset[str]] = []
        self.jobs: list[Plan] = []
        self.cancelled: list[str] = []
        self.orders: list[tuple[str, Order]] = []
        self.queries: list[Query] = []
        self.events: tuple[Event, ...] = ()
        self.refuse: LabError | None = None
        self._sequence = 0

    def start(self) -> None:
        self.started = True
        for source, part in self.given:
            if isinstance(part, Membership):
                # Seen whole before, so that it is known since when a member is away.
                all_there = tuple(msgspec.structs.replace(m, online=True) for m in part.members)
                self.read(source, msgspec.structs.replace(part, members=all_there), ago=1.0)
            self.read(source, part)

    def read(self, source: str, part: Part, ago: float = 1.0) -> None:
        """A reading comes in."""
        self._sequence += 1
        feed = feed_of(part, source)
        if feed not in self.store.snapshot.freshness:
            self.store.expect(feed, 5.0)
        self.store.apply(feed, part, read_at=self.clock - ago, sequence=self._sequence)

    def fail(self, feed: Feed, problem: Problem) -> None:
        """A reading fails."""
        self._sequence += 1
        self.store.fail(
            feed, problem, at=self.clock, sequence=self._sequence, next_try=self.clock + 7
        )

    def jobs_are(self, *jobs: Job) -> None:
        self.store.show_jobs(jobs)

    async def close(self) -> None:
        self.closed = True
        self.gate.close()
        self.triage.close()

    def wish(self, topics: frozenset[str]) -> None:
        self.wishes.append(topics)

    async def past(self, query: Query) -> tuple[Event, ...]:
        if self.refuse is not None:
            raise self.refuse
        self.queries.append(query)
        return self.events

    async def seek(self, query: lookup.Query) -> lookup.Sightings:
        return lookup.Sightings()

    def read_now(self, topics: frozenset[str]) -> None:
        self.reads.append(topics)

    def start_job(self, action: Action, plan: Plan) -> str:
        if self.refuse is not None:
            raise self.refuse
        self.jobs.append(plan)
        return f"job-{len(self.jobs)}"

    async def order_job(self, job_id: str, order: Order) -> None:
        if self.refuse is not None:
            raise self.refuse
        self.orders.append((job_id, order))

    async def cancel_job(self, job_id: str) -> None:
        if self.refuse is not None:
            raise self.refuse
        self.cancelled.append(job_id)

    def now(self) -> float:
        return self.clock


def stale(link: FakeLink, topic: str, seconds: float) -> None:
    """Let the readings of a topic be that old."""
    snapshot = link.store.snapshot
    fresh: dict[Feed, Freshness] = {}
    for feed, known in snapshot.freshness.items():
        old = feed.topic == topic
        fresh[feed] = msgspec.structs.replace(known, read_at=link.clock - seconds) if old else known
    link.store.snapshot = msgspec.structs.replace(
        snapshot, freshness=fresh, sequence=snapshot.sequence + 1
    )
