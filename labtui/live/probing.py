"""Asking the routers on somebody's wish: a diagnosis, ways between sites, route checks, latencies.

Reading only: it works while writes are frozen, and on a console that is read-only.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from labtui.live.store import Store

# Loaded when first asked: a start of the console needs none of it.
if TYPE_CHECKING:
    from labtui.live.diagnosis.bench import Bench, Router
    from labtui.model.diagnosis import Diagnosis, Subject
    from labtui.model.paths import Trail
    from labtui.model.route_checks import RouteCheck, RouteQuestion


class Probing:
    """What the screen and the commands ask through. `sources` are those of the lab, now."""

    def __init__(
        self, store: Store, sources: Callable[[], Iterable[object]], clock: Callable[[], float]
    ) -> None:
        self._store = store
        self._sources = sources
        self._clock = clock

    def diagnose(self, subject: Subject) -> AsyncIterator[Diagnosis]:
        """The diagnosis after each step; whoever stops listening ends it."""
        from labtui.live.diagnosis.run import diagnose

        return diagnose(subject, self._routers(), self._store.snapshot, self._clock)

    async def between(self, one: str, other: str) -> tuple[Trail | None, Trail | None]:
        """The way that packets take now from one site to another, and the way back."""
        from labtui.live.diagnosis.way import between

        return await between(self._bench(), one, other)

    def latencies(self) -> AsyncIterator[tuple[str, float | None]]:
        """(key, seconds there and back) of every link that stands, as the answers come."""
        from labtui.live.diagnosis.run import latencies
        from labtui.model.links import CARRIERS

        bench = self._bench()
        wanted = tuple(
            link
            for link in bench.links
            if link.kind in CARRIERS
            and link.kind not in ("ipsec", "vxlan")
            and link.state in ("up", "degraded")
        )
        return latencies(bench, wanted)

    def check_routes(self, questions: Sequence[RouteQuestion]) -> AsyncIterator[RouteCheck]:
        """Which way packets go at those routers, as the answers come."""
        from labtui.live.diagnosis.route_check import check_routes

        return check_routes(self._sources(), questions)

    def _routers(self) -> dict[str, Router]:
        from labtui.live.diagnosis.bench import Router

        return {each.name: each for each in self._sources() if isinstance(each, Router)}

    def _bench(self) -> Bench:
        from labtui.live.diagnosis.bench import Bench

        return Bench(self._routers(), self._store.snapshot, self._clock())
