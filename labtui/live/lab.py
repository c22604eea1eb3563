"""The living lab: sources, feeds, store and jobs of one configuration, put together.

The sources are imported and made in a thread once reading begins, and their client libraries in the
sources' own threads when they first connect: the first frame must not wait for any of them.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from labtui.actions.action import Action, Plan
from labtui.config.safety import marks_file
from labtui.config.schema import Config
from labtui.live.holdback import Holdback
from labtui.live.journal import Journal
from labtui.live.store import Store
from labtui.locale import _
from labtui.model.errors import LabError, Problem
from labtui.model.events import Event, Query
from labtui.model.feed import Feed

if TYPE_CHECKING:
    from labtui.actions.evacuation.book import Order
    from labtui.live.acting import Acting
    from labtui.live.audit import Audit
    from labtui.live.entry.entry import Entry
    from labtui.live.feeds import Feeds
    from labtui.live.history.keeper import Keeper
    from labtui.live.jobs import Jobs
    from labtui.live.keeping import KeepingWire
    from labtui.live.probing import Probing
    from labtui.live.steps import Books
    from labtui.live.triage import TriageKeeper
    from labtui.live.upkeep import Beside
    from labtui.live.wire import Desk
    from labtui.model import lookup
    from labtui.sources.proxmox.source import ProxmoxSource
    from labtui.sources.source import Source


class LiveLab:
    """Everything between the wire and the screen. `start` begins to read, `close` ends at once.

    `codes` are one-time codes by cluster; `topics` limits what is read, None for everything.
    `beside` are what keeps the last state and watches this host.
    """

    def __init__(
        self,
        config: Config,
        actions: Sequence[Action],
        *,
        read_only: bool = False,
        journal: Path | None = None,
        codes: Mapping[str, str] | None = None,
        topics: frozenset[str] | None = None,
        beside: Sequence[Beside] = (),
        history: Keeper | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.lab = config.lab
        self.demo = config.demo
        self.store = Store(config.lab)
        self._config = replace(config, read_only=True) if read_only else config
        self._codes = codes or {}
        self._topics = topics
        self._beside = tuple(beside)
        self.history = history
        self._clock = clock
        self._sources: list[Source] = []
        self._clusters: dict[str, ProxmoxSource] = {}
        self._desks: dict[str, Desk] = {}
        self._feeds: Feeds | None = None
        self._wished: frozenset[str] | None = None
        self._opening: asyncio.Task[None] | None = None
        self._actions = actions
        self._journal_file = journal
        self._journal = Journal(journal)
        self.gate = Holdback.of(config, read_only=read_only, journal=self._journal, clock=clock)

    @cached_property
    def acting(self) -> Acting:
        """What carries plans out."""
        from labtui.live.acting import Acting

        return Acting(
            self._config,
            self._actions,
            self.store,
            self.gate,
            self._journal,
            self._journal_file,
            self._clusters,
            self._desks,
            self.read_now,
            self._clock,
            self.history.path if self.history is not None else None,
        )

    @property
    def wire(self) -> KeepingWire:
        """What surveys read through and jobs act through."""
        return self.acting.wire

    @property
    def jobs(self) -> Jobs:
        """The jobs of this console."""
        return self.acting.jobs

    @property
    def books(self) -> Books:
        """The journals of work in several steps."""
        return self.acting.books

    @property
    def audit(self) -> Audit:
        """Who did what."""
        return self.acting.audit

    @cached_property
    def probing(self) -> Probing:
        """Questions to the routers: diagnosis, paths."""
        from labtui.live.probing import Probing

        return Probing(self.store, lambda: self._sources, self._clock)

    @cached_property
    def triage(self) -> TriageKeeper:
        """What is wrong at present and why; begins to look when it is started."""
        from labtui.live.triage import TriageKeeper

        path, word = None, ""
        try:
            path = marks_file(self._config)
        except LabError as error:
            word = _("what is put aside is not kept: {why}").format(why=error)
        return TriageKeeper(
            self.store, self._clock, path=path, word=word, journal=self._journal, past=self.past
        )

    @cached_property
    def entry(self) -> Entry:
        """Shells and consoles."""
        from labtui.live.entry.entry import Entry

        return Entry(
            self._config,
            self.store,
            self.gate,
            self._clusters,
            audit=self.audit,
            clock=self._clock,
        )

    def start(self) -> None:
        """Begin to read; call it on the running event loop."""
        from labtui.live.changes import Changes

        self.gate.start()
        self.store.subscribe(self.jobs.adopt)
        self.store.subscribe(Changes().look)
        for each in self._beside:
            each.begin(self.store)
        if self.history is not None:
            self._keep_history(self.history)
        self._opening = asyncio.create_task(self._open(), name="opening the lab")

    async def opened(self) -> None:
        """Wait until the feeds run."""
        if self._opening is not None:
            await self._opening

    async def close(self) -> None:
        """Let go of everything; never waits for anything that hangs."""
        for each in self._beside:
            # What they do last is done while the rest is put away.
            each.leave()
        if self.history is not None:
            self.history.leave()
        if "triage" in vars(self):
            self.triage.close()
        if "acting" in vars(self):
            self.acting.close()
        self.gate.close()
        if self._opening is not None:
            self._opening.cancel()
        if self._feeds is not None:
            await self._feeds.close()
        for source in self._sources:
            await source.close()

    def wish(self, topics: frozenset[str]) -> None:
        """Say which topics are on the screen."""
        self._wished = topics
        if self.history is not None:
            self.history.wish("events" in topics)
        if self._feeds is not None:
            self._feeds.wish(topics)

    async def past(self, query: Query) -> tuple[Event, ...]:
        """What happened, the newest first; nothing where none is kept. Raises `LabError`."""
        return await self.history.ask(query) if self.history is not None else ()

    async def seek(self, query: lookup.Query) -> lookup.Sightings:
        """Where an address, MAC or guest is now, as routers and guests say. Raises nothing."""
        from labtui.live.seeking import seek

        return await seek(self._sources, query, self.store.snapshot, self._clusters)

    def read_now(self, topics: frozenset[str]) -> None:
        """Read those topics at once."""
        if self._feeds is not None:
            self._feeds.read_now(topics)

    def start_job(self, action: Action, plan: Plan) -> str:
        """Carry a plan out; returns the job's id."""
        return self.jobs.start(action, plan)

    async def order_job(self, job_id: str, order: Order) -> None:
        """Have a job of several steps pause, go on or try again. Raises `LabError`."""
        await self.jobs.order(job_id, order)

    async def cancel_job(self, job_id: str) -> None:
        """Stop what a job started. Raises `LabError`."""
        await self.jobs.cancel(job_id)

    def now(self) -> float:
        """Seconds since the epoch."""
        return self._clock()

    def _keep_history(self, history: Keeper) -> None:
        """What is found wrong goes there too; what an earlier start found comes from there."""
        triage = self.triage

        def judged() -> None:
            if triage.present is not None:
                history.judged(triage.present, triage.watch)

        triage.subscribe(judged)
        triage.start()
        history.begin(self.store, triage.prime)

    async def _open(self) -> None:
        from labtui.live.endings import offer

        await offer(self.jobs, self.books)
        try:
            await self._open_sources()
        except LabError as error:
            self._say(error.problem)
        except Exception as error:  # noqa: BLE001 - without sources there is only this to show
            self._say(
                Problem(
                    "unexpected",
                    _("the sources could not be loaded"),
                    "labtui",
                    type(error).__name__,
                    _("is the installation complete?"),
                )
            )

    def _say(self, problem: Problem) -> None:
        """Put a failure to begin where the panes and the commands look for failures."""
        for cluster in self._config.proxmox or ():
            feed = Feed("proxmox", cluster.name, "resources")
            self.store.expect(feed, 5.0)
            self.store.fail(feed, problem, at=self.now(), sequence=1, next_try=None)

    async def _open_sources(self) -> None:
        from labtui.live.feeds import Feeds
        from labtui.live.opening import made
        from labtui.live.wire import desks_of

        clusters, others = await made(self._config, self._codes, self._clock, self.gate.reason)
        self._clusters.update(clusters)
        self._desks.update(desks_of(others))
        self._sources = [*clusters.values(), *others]
        self.audit.take(others)
        specs = [
            spec
            for source in self._sources
            for spec in source.feeds()
            if self._topics is None or spec.feed.topic in self._topics
        ]
        self._feeds = Feeds(self.store, specs, self._clock)
        if self._wished is not None:
            self._feeds.wish(self._wished)
        self._feeds.start()
