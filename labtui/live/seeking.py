"""Asking all routers at once who has an address now, for a lookup; nobody is waited for long."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Protocol, runtime_checkable

from labtui.locale import _
from labtui.model.errors import LabError
from labtui.model.lookup import Query, Sighting, Sightings
from labtui.model.routes import RouteAnswer

_PATIENCE = 6.0


@runtime_checkable
class Router(Protocol):
    """What a lookup needs of a RouterOS source."""

    name: str

    async def look_up(self, address: str) -> RouteAnswer: ...

    async def neighbours(self, *, address: str = "", mac: str = "") -> tuple[Sighting, ...]: ...


async def seek(sources: Iterable[object], query: Query) -> Sightings:
    """What the routers say of an address or MAC now. Raises nothing: who is silent is named."""
    if query.kind not in ("address", "mac"):
        return Sightings()
    routers = [source for source in sources if isinstance(source, Router)]
    found = await asyncio.gather(*(_ask(router, query) for router in routers))
    seen: list[Sighting] = []
    routes: list[RouteAnswer] = []
    silent: dict[str, str] = {}
    for router, each in zip(routers, found, strict=True):
        if isinstance(each, str):
            silent[router.name] = each
            continue
        seen.extend(each[0])
        if each[1] is not None:
            routes.append(each[1])
    return Sightings(tuple(seen), tuple(routes), silent)


async def _ask(
    router: Router, query: Query
) -> tuple[tuple[Sighting, ...], RouteAnswer | None] | str:
    """Its answer, or why there is none."""
    try:
        async with asyncio.timeout(_PATIENCE):
            if query.kind == "mac":
                return await router.neighbours(mac=query.text), None
            seen = await router.neighbours(address=query.text)
            return seen, await router.look_up(query.text)
    except TimeoutError:
        return _("no answer in {seconds:.0f} s").format(seconds=_PATIENCE)
    except LabError as error:
        return error.why or error.what
