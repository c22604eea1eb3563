"""The steps of one link, from its routers up to the sessions that ride on it."""

from __future__ import annotations

from collections.abc import AsyncIterator

from labtui.live.diagnosis.bench import ENOUGH_LOST, Bench, shown
from labtui.live.diagnosis.dark import which
from labtui.live.diagnosis.ends import (
    clock_off,
    far_inner,
    host_of,
    inner,
    other_end,
    settings,
)
from labtui.model.diagnosis import Checked, Layer
from labtui.model.links import CARRIERS, Link, LinkEnd
from labtui.model.pings import Ping, Pinged

_BROKEN = ("down", "one-way", "never")
_LEAST_SIZE = 576
_USUAL_MTU = 1420
_STEPS_OF_SIZE = 12


async def link_steps(bench: Bench, link: Link) -> AsyncIterator[Checked]:
    """All steps of a link; who asks for them stops at the first that is bad."""
    carrier = carrier_of(bench, link)
    async for step in reach(bench, carrier.routers):
        yield step
    near = await _asking_end(bench, carrier)
    if near is None:
        return
    bench.begin()
    yield settings(bench, carrier)
    yield await _underlay(bench, carrier, near)
    if carrier.kind in CARRIERS:
        bench.begin()
        yield _handshake(bench, carrier)
        async for step in _through(bench, carrier, near):
            yield step
    async for step in _sessions(bench, carrier, link):
        yield step


def carrier_of(bench: Bench, link: Link) -> Link:
    """What a session travels in; a call over keys is looked at as the call. Itself for others."""
    for key in link.under:
        below = bench.by_key.get(key)
        if below is not None and below.kind != "ipsec" and link.kind not in CARRIERS:
            return below
    return link


async def reach(bench: Bench, routers: tuple[str, ...]) -> AsyncIterator[Checked]:
    """Whether the routers answer; bad only when none of them does, or a clock is far off."""
    silent: dict[str, str] = {}
    for router in routers:
        bench.begin()
        why = await bench.silent(router)
        if why:
            silent[router] = why
            continue
        if (off := clock_off(bench, router)) is not None:
            yield bench.said("router", "bad", "clock", router, ("router",), seconds=f"{off:.0f}")
            continue
        yield bench.said("router", "good", "answers", router)
    for router, why in silent.items():
        verdict = "bad" if len(silent) == len(routers) else "warn"
        layers: tuple[Layer, ...] = ("router", "underlay") if verdict == "bad" else ()
        yield Checked("router", "bad" if verdict == "bad" else "warn", "silent",
                      (("why", why),), router, layers)  # fmt: skip


async def _asking_end(bench: Bench, link: Link) -> LinkEnd | None:
    """The first end whose router answers."""
    for end in link.ends:
        if not await bench.silent(end.router):
            return end
    return None


async def _underlay(bench: Bench, link: Link, near: LinkEnd) -> Checked:
    """Whether packets get to the other end's address outside the link."""
    bench.begin()
    other = other_end(link, near)
    host = host_of(near.endpoint)
    if not host:
        return bench.said("underlay", "unknown", "no-endpoint", near.router)
    own = host_of(other.endpoint) if other is not None else ""
    source = own if bench.where.has(near.router, own) else ""
    pinged = await bench.surely(near.router, Ping(host, source))
    if isinstance(pinged, str):
        return bench.said("underlay", "unknown", "not-asked", near.router, why=pinged)
    words = {"address": host, "source": source, **shown(pinged)}
    if pinged.lost >= 1:
        if link.state in ("up", "degraded"):
            return bench.said("underlay", "unknown", "mute", near.router, **words)
        if other is not None and await bench.silent(other.router):
            return await which(bench, near, other.router, {**words, "far": other.router})
        return bench.said("underlay", "bad", "no-answer", near.router, ("underlay",), **words)
    if pinged.lost >= ENOUGH_LOST:
        return bench.said("underlay", "bad", "loses", near.router, ("underlay",), **words)
    return bench.said("underlay", "good", "replies", near.router, **words)


def _handshake(bench: Bench, link: Link) -> Checked:
    """Whether the two ends have agreed on keys, or hold the call, as they last said."""
    reason, detail = link.said.reason, link.said.detail
    told = {"kind": link.kind, "said": reason, "detail": detail}
    if link.state in ("up", "degraded"):
        moments = [end.handshake_at for end in link.ends if end.handshake_at is not None]
        if moments:
            told["age"] = f"{max(0.0, bench.now - max(moments)):.0f}"
        return bench.said("handshake", "good", "stands", link.key, **told)
    if link.state not in _BROKEN:
        return bench.said("handshake", "unknown", "state", link.key, **told)
    if link.kind == "wireguard":
        ports = [dict(end.told).get("port", "") for end in link.ends]
        told["ports"] = ", ".join(sorted({port for port in ports if port}))
        # Keys, endpoints and ports of both ends were compared before: what is left is the way.
        one_way = link.state == "one-way"
        layers: tuple[Layer, ...] = ("underlay",) if not link.half else ("tunnel", "underlay")
        why = "one-way" if one_way else ("filtered" if not link.half else "unheard")
        return bench.said("handshake", "bad", why, link.key, layers, **told)
    silent = reason in ("phase1-silent", "calling")
    return bench.said(
        "handshake", "bad", "state", link.key, ("underlay",) if silent else ("tunnel",), **told
    )


async def _through(bench: Bench, link: Link, near: LinkEnd) -> AsyncIterator[Checked]:
    """Pings within the link: whether they come back, then how large they may be."""
    bench.begin()
    target, source = far_inner(link, near), inner(near)
    if not target or not source:
        yield bench.said("tunnel", "none", "no-addresses", link.key)
        return
    pinged = await bench.surely(near.router, Ping(target, source))
    if isinstance(pinged, str):
        yield bench.said("tunnel", "unknown", "not-asked", near.router, why=pinged)
        return
    words = {"address": target, "source": source, **shown(pinged)}
    if pinged.lost >= 1:
        if link.routing == "good":
            yield bench.said("tunnel", "unknown", "mute", link.key, **words)
        else:
            both: tuple[Layer, ...] = ("underlay", "tunnel")
            yield bench.said("tunnel", "bad", "no-answer", link.key, both, **words)
        return
    if pinged.lost >= ENOUGH_LOST:
        yield bench.said("tunnel", "bad", "loses", link.key, ("underlay",), **words)
        return
    yield bench.said("tunnel", "good", "replies", link.key, **words)
    yield await _size(bench, link, near.router, Ping(target, source, 2, whole=True))


async def _size(bench: Bench, link: Link, router: str, probe: Ping) -> Checked:
    """The largest packet that passes whole, up to the link's MTU."""
    bench.begin()
    mtu = min(link.mtus, default=_USUAL_MTU)

    async def passes(size: int) -> bool:
        got = await bench.ping(router, _sized(probe, size))
        return isinstance(got, Pinged) and got.received > 0

    if await passes(mtu):
        return bench.said("size", "good", "whole", link.key, size=str(mtu))
    if not await passes(_LEAST_SIZE):
        return bench.said("size", "unknown", "none-passes", link.key, size=str(_LEAST_SIZE))
    low, high = _LEAST_SIZE, mtu
    for _step in range(_STEPS_OF_SIZE):
        if high - low <= 1:
            break
        middle = (low + high) // 2
        low, high = (middle, high) if await passes(middle) else (low, middle)
    return bench.said("size", "bad", "narrow", link.key, ("underlay",), size=str(low), mtu=str(mtu))


def _sized(ping: Ping, size: int) -> Ping:
    return Ping(ping.address, ping.source, ping.count, ping.interval, size, ping.whole)


async def _sessions(bench: Bench, carrier: Link, asked: Link) -> AsyncIterator[Checked]:
    """The sessions of routing protocols over the link."""
    keys = carrier.over if carrier.kind in CARRIERS else (asked.key,)
    riding = [bench.by_key[key] for key in keys if key in bench.by_key]
    riding = [link for link in riding if link.kind not in CARRIERS]
    if not riding:
        bench.begin()
        yield bench.said("routing", "none", "no-session", carrier.key)
    for session in riding:
        bench.begin()
        told = {"kind": session.kind, "said": session.said.reason, "name": session.name,
                "detail": session.said.detail}  # fmt: skip
        last = [dict(end.told).get("last", "") for end in session.ends]
        told["last"] = "; ".join(sorted({text for text in last if text}))
        if session.state in (*_BROKEN, "off"):
            yield bench.said("routing", "bad", "session", session.key, ("routing",), **told)
        elif session.state == "unknown":
            yield bench.said("routing", "unknown", "session", session.key, **told)
        else:
            yield bench.said("routing", "good", "session", session.key, **told)
