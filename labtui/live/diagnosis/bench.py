"""The bench of one diagnosis: routers to ask, what the snapshot knows, and the clock."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol, runtime_checkable

from labtui.locale import _
from labtui.model.diagnosis import Checked, Layer, StepName, Verdict
from labtui.model.errors import LabError
from labtui.model.links import Link, links
from labtui.model.links.where import Where, where
from labtui.model.pings import Ping, Pinged
from labtui.model.routes import RouteAnswer
from labtui.model.snapshot import Snapshot

_ALIVE = {".proplist": "name"}
ALIVE_LIMIT = 5.0
"""Seconds that a router has to say that it is there, connecting included."""
ENOUGH_LOST = 0.2
"""From this share on a line is said to lose packets."""


@runtime_checkable
class Router(Protocol):
    """What a diagnosis needs of a RouterOS source; everything raises `LabError`."""

    name: str

    async def look_up(self, address: str) -> RouteAnswer: ...

    async def ping(self, wanted: Ping) -> Pinged: ...

    async def get(self, path: str, deadline: float = 10.0, **words: str | int) -> Any: ...


class Bench:
    """What the steps share. A router's word on whether it answers is asked for once."""

    def __init__(self, routers: Mapping[str, Router], snapshot: Snapshot, now: float) -> None:
        self.routers = routers
        self.snapshot = snapshot
        self.now = now
        self.links: tuple[Link, ...] = links(snapshot, now)
        self.by_key = {link.key: link for link in self.links}
        self.where: Where = where(snapshot)
        self._alive: dict[str, str] = {}
        self._began = time.monotonic()

    def begin(self) -> None:
        """A step begins: its time is counted from here."""
        self._began = time.monotonic()

    def said(
        self,
        step: StepName,
        verdict: Verdict,
        reason: str,
        about: str = "",
        layers: tuple[Layer, ...] = (),
        /,
        **values: str,
    ) -> Checked:
        """The step that ends now."""
        took = time.monotonic() - self._began
        return Checked(step, verdict, reason, tuple(values.items()), about, layers, took)

    async def silent(self, router: str) -> str:
        """Why a router does not answer; empty when it does."""
        if router not in self._alive:
            self._alive[router] = await self._ask(router)
        return self._alive[router]

    async def _ask(self, router: str) -> str:
        asked = self.routers.get(router)
        if asked is None:
            return _("it is not in the configuration")
        try:
            async with asyncio.timeout(ALIVE_LIMIT):
                return await _or_why(asked.get("/system/identity/print", ALIVE_LIMIT, **_ALIVE))
        except TimeoutError:
            return _("no answer in {seconds:.0f} s").format(seconds=ALIVE_LIMIT)

    async def ping(self, router: str, wanted: Ping) -> Pinged | str:
        """What came back, or why nothing was sent."""
        asked = self.routers.get(router)
        if asked is None:
            return _("it is not in the configuration")
        try:
            return await asked.ping(wanted)
        except LabError as error:
            return error.why or error.what

    async def surely(self, router: str, wanted: Ping) -> Pinged | str:
        """Like `ping`, and once more with more packets where some were lost and some were not."""
        first = await self.ping(router, wanted)
        if isinstance(first, str) or not 0 < first.lost < 1:
            return first
        again = await self.ping(router, Ping(
            wanted.address, wanted.source, 10, wanted.interval, wanted.size, wanted.whole
        ))  # fmt: skip
        return first if isinstance(again, str) else first.with_more(again)

    async def route(self, router: str, address: str) -> RouteAnswer | str:
        """Which routes cover that address there, or why that can't be said."""
        asked = self.routers.get(router)
        if asked is None:
            return _("it is not in the configuration")
        try:
            return await asked.look_up(address)
        except LabError as error:
            return error.why or error.what


async def _or_why(asking: Any) -> str:
    try:
        await asking
    except LabError as error:
        return error.why or error.what
    return ""


Clock = Callable[[], float]


def shown(pinged: Pinged) -> dict[str, str]:
    """What a step says of a ping: milliseconds, counts, the router's word."""
    found = {"sent": str(pinged.sent), "received": str(pinged.received)}
    found["lost"] = f"{pinged.lost * 100:.0f}"
    if pinged.mean is not None:
        found["ms"] = f"{pinged.mean * 1000:.1f}"
    if pinged.status:
        found["status"] = pinged.status
    return found
