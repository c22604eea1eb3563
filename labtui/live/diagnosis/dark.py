"""A router that is silent and whose address does not reply: whether it is itself, its line, or us.

All that is asked are a few pings, by the routers that answer: whether the one who asks reaches
anybody, whether others reach the silent one, and whether the gateway before it replies.
"""

from __future__ import annotations

import asyncio

from labtui.live.diagnosis.bench import Bench
from labtui.live.diagnosis.ends import host_of, met_at
from labtui.model.diagnosis import Checked, Layer
from labtui.model.links import LinkEnd
from labtui.model.overlay import WireGuard
from labtui.model.pings import Ping
from labtui.model.routes import Routes

_COUNT, _MOST, _ASKED = 2, 3, 8
_SURELY = 5.0
_BOTH: tuple[Layer, ...] = ("router", "underlay")


async def which(bench: Bench, near: LinkEnd, far: str, words: dict[str, str]) -> Checked:
    """The step that says it; both layers where nothing that can be asked tells them apart."""
    address = words["address"]
    others = [
        router
        for router in dict.fromkeys(router for link in bench.links for router in link.routers)
        if router not in (near.router, far)
    ]
    if (seen := await _seen_by(bench, others, address)) is not None:
        words["who"] = seen
        return bench.said("underlay", "bad", "from-here", near.router, ("underlay",), **words)
    if (alive := _alive(bench, near.router, far)) is not None:
        words["link"] = alive
        return bench.said("underlay", "bad", "alive", near.router, ("underlay",), **words)
    if (alone := await _alone(bench, near, others, address)) is not None:
        words["others"] = alone
        return bench.said("underlay", "bad", "own-line", near.router, ("underlay",), **words)
    routes = bench.snapshot.one(Routes, far)
    for each in routes.exits if routes is not None else ():
        pinged = await bench.ping(near.router, Ping(each.gateway, "", _COUNT))
        if isinstance(pinged, str):
            continue
        words["gateway"] = each.gateway
        if pinged.received:
            return bench.said("underlay", "bad", "behind-gateway", near.router, ("router",),
                              **words)  # fmt: skip
        if each.pinged:
            return bench.said("underlay", "bad", "gateway-dark", near.router, ("underlay",),
                              **words)  # fmt: skip
    return bench.said("underlay", "bad", "dark", near.router, _BOTH, **words)


async def _seen_by(bench: Bench, others: list[str], address: str) -> str | None:
    """Another router that reaches it."""
    some = others[:_ASKED]
    silent = await asyncio.gather(*(bench.silent(router) for router in some))
    answering = [router for router, why in zip(some, silent, strict=True) if not why]
    for router in answering[:_MOST]:
        pinged = await bench.ping(router, Ping(address, "", _COUNT))
        if not isinstance(pinged, str) and pinged.received:
            return router
    return None


def _alive(bench: Bench, near: str, far: str) -> str | None:
    """A tunnel to it with a handshake since it was heard last, as the router at its other end says.

    That a session or an old handshake still stands proves nothing: both outlive a dead router.
    """
    fresh = bench.snapshot.fresh(WireGuard, far)
    heard = fresh.read_at if fresh is not None else None
    for link in bench.links:
        if heard is None or far not in link.routers or near in link.routers:
            continue
        for end in link.ends:
            if end.router != far and (end.handshake_at or 0.0) > heard + _SURELY:
                return link.name
    return None


async def _alone(bench: Bench, near: LinkEnd, others: list[str], address: str) -> str | None:
    """The public addresses of others, when the one who asks reaches none of them either."""
    known = {host for router in others for host in met_at(bench, router)}
    known |= {host_of(end.endpoint) for link in bench.links for end in link.ends
              if end.router == near.router and end.endpoint}  # fmt: skip
    wanted = sorted(known - {address, ""})[:_MOST]
    if not wanted:
        return None
    for host in wanted:
        pinged = await bench.ping(near.router, Ping(host, "", _COUNT))
        if isinstance(pinged, str) or pinged.received:
            return None
    return ", ".join(wanted)
