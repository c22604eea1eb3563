"""The living lab: sources, feeds, store and jobs of one configuration, put together.

The sources are imported and made in a thread once reading begins, and their client libraries in the
sources' own threads when they first connect: the first frame must not wait for any of them.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from labtui.actions.action import Action, Plan
from labtui.config.schema import Config
from labtui.live.cache import Cache
from labtui.live.changes import Changes
from labtui.live.feeds import Feeds
from labtui.live.holdback import Holdback
from labtui.live.jobs import Jobs
from labtui.live.journal import Journal
from labtui.live.keeping import KeepingWire
from labtui.live.steps import Books
from labtui.live.store import Store
from labtui.live.wire import Cluster, LiveWire
from labtui.locale import _
from labtui.model.errors import LabError, Problem
from labtui.model.feed import Feed
from labtui.sources.threads import Threads

if TYPE_CHECKING:
    from labtui.sources.proxmox.source import ProxmoxSource
    from labtui.sources.source import Source

_OPENING_LIMIT = 30.0


class LiveLab:
    """Everything between the wire and the screen. `start` begins to read, `close` ends at once.

    `codes` are one-time codes by cluster; `topics` limits what is read, None for everything.
    `cache` is where the last known state comes from and is kept.
    """

    def __init__(
        self,
        config: Config,
        actions: tuple[Action, ...],
        *,
        read_only: bool = False,
        journal: Path | None = None,
        codes: Mapping[str, str] | None = None,
        topics: frozenset[str] | None = None,
        cache: Cache | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.lab = config.lab
        self.demo = config.demo
        self.store = Store(config.lab)
        self._config = config
        self._codes = codes or {}
        self._topics = topics
        self._cache = cache
        self._clock = clock
        self._sources: list[Source] = []
        self._clusters: dict[str, Cluster] = {}
        self._feeds: Feeds | None = None
        self._wished: frozenset[str] | None = None
        self._opening: asyncio.Task[None] | None = None
        book = Journal(journal)
        self.gate = Holdback.of(config, read_only=read_only, journal=book, clock=clock)
        self.books = Books(journal.parent / "evacuations" if journal is not None else None)
        wire = LiveWire(
            self.store,
            self._clusters,
            gate=self.gate,
            max_age=config.safety.max_age,
            clock=clock,
        )
        self.wire = KeepingWire(wire, self.books)
        self.jobs = Jobs(self.store, self.wire, actions, book, self.wire.lent)

    def start(self) -> None:
        """Begin to read; call it on the running event loop."""
        self.gate.start()
        self.store.subscribe(self.jobs.adopt)
        self.store.subscribe(Changes().look)
        if self._cache is not None:
            self._cache.begin(self.store)
        self._opening = asyncio.create_task(self._open(), name="opening the lab")

    async def opened(self) -> None:
        """Wait until the feeds run."""
        if self._opening is not None:
            await self._opening

    async def close(self) -> None:
        """Let go of everything; never waits for anything that hangs."""
        if self._cache is not None:
            # Written while the rest is put away; `Cache.finish` waits for it.
            self._cache.leave()
        self.jobs.close()
        self.gate.close()
        self.books.close()
        if self._opening is not None:
            self._opening.cancel()
        if self._feeds is not None:
            await self._feeds.close()
        for source in self._sources:
            await source.close()

    def wish(self, topics: frozenset[str]) -> None:
        """Say which topics are on the screen."""
        self._wished = topics
        if self._feeds is not None:
            self._feeds.wish(topics)

    def read_now(self, topics: frozenset[str]) -> None:
        """Read those topics at once."""
        if self._feeds is not None:
            self._feeds.read_now(topics)

    def start_job(self, action: Action, plan: Plan) -> str:
        """Carry a plan out; returns the job's id."""
        return self.jobs.start(action, plan)

    async def cancel_job(self, job_id: str) -> None:
        """Stop what a job started. Raises `LabError`."""
        await self.jobs.cancel(job_id)

    def now(self) -> float:
        """Seconds since the epoch."""
        return self._clock()

    async def _open(self) -> None:
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
        threads = Threads("labtui", lambda: None, size=1)
        try:
            make = partial(_sources, self._config, self._codes, self._clock)
            clusters, others = await threads.run(
                lambda _client: make(), _OPENING_LIMIT, _("loading the sources")
            )
        finally:
            threads.close()
        self._clusters.update(clusters)
        self._sources = [*clusters.values(), *others]
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


def _sources(
    config: Config, codes: Mapping[str, str], clock: Callable[[], float]
) -> tuple[dict[str, ProxmoxSource], list[Source]]:
    """Import and make the sources; called in a thread."""
    from labtui.sources.netbox.source import NetboxSource
    from labtui.sources.proxmox.source import ProxmoxSource
    from labtui.sources.routeros.source import RouterSource

    clusters = {
        c.name: ProxmoxSource(c, _asker(codes, c.name), clock, ssh=config.ssh)
        for c in config.proxmox
    }
    others: list[Source] = [RouterSource(r, clock, ssh=config.ssh) for r in config.routers]
    if config.netbox is not None:
        others.append(NetboxSource(config.netbox, clock))
    return clusters, others


def _asker(codes: Mapping[str, str], cluster: str) -> Callable[[], str] | None:
    code = codes.get(cluster)
    return None if code is None else lambda: code
