"""The living lab: sources, feeds, store and jobs of one configuration, put together.

Clients' libraries are imported by the sources in their own threads when they first connect, never
here: the first frame must not wait for them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path

from labtui.actions.action import Action, Plan
from labtui.config.schema import Config
from labtui.live.feeds import Feeds
from labtui.live.jobs import Jobs
from labtui.live.journal import Journal
from labtui.live.store import Store
from labtui.live.wire import LiveWire
from labtui.model.snapshot import Snapshot
from labtui.sources.netbox.source import NetboxSource
from labtui.sources.proxmox.source import ProxmoxSource
from labtui.sources.routeros.source import RouterSource
from labtui.sources.source import Source


class LiveLab:
    """Everything between the wire and the screen. `start` begins to read, `close` ends at once.

    `codes` are one-time codes by cluster; `topics` limits what is read, None for everything.
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
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.lab = config.lab
        self.demo = config.demo
        self.read_only = read_only or config.read_only
        self.store = Store(config.lab)
        self._clock = clock
        clusters = {
            c.name: ProxmoxSource(c, _asker(codes or {}, c.name), clock) for c in config.proxmox
        }
        sources: list[Source] = [*clusters.values()]
        sources.extend(RouterSource(router, clock) for router in config.routers)
        if config.netbox is not None:
            sources.append(NetboxSource(config.netbox, clock))
        self._sources = sources
        self.wire = LiveWire(self.store, clusters, read_only=self.read_only, clock=clock)
        self.jobs = Jobs(self.store, self.wire, actions, Journal(journal))
        specs = [
            spec
            for source in sources
            for spec in source.feeds()
            if topics is None or spec.feed.topic in topics
        ]
        self._feeds = Feeds(self.store, specs, clock)

    def start(self) -> None:
        """Begin to read; call it on the running event loop."""
        self.store.subscribe(self._adopt)
        self._feeds.start()

    async def close(self) -> None:
        """Let go of everything; never waits for anything that hangs."""
        self.jobs.close()
        await self._feeds.close()
        for source in self._sources:
            await source.close()

    def wish(self, topics: frozenset[str]) -> None:
        """Say which topics are on the screen."""
        self._feeds.wish(topics)

    def read_now(self, topics: frozenset[str]) -> None:
        """Read those topics at once."""
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

    def _adopt(self, snapshot: Snapshot) -> None:
        self.jobs.adopt(snapshot)


def _asker(codes: Mapping[str, str], cluster: str) -> Callable[[], str] | None:
    code = codes.get(cluster)
    return None if code is None else lambda: code
