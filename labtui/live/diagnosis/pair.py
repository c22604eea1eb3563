"""The steps between two sites: routes hop by hop both ways, then the links that they go through."""

from __future__ import annotations

from collections.abc import AsyncIterator
from ipaddress import ip_address, ip_network
from itertools import pairwise

from labtui.live.diagnosis.bench import ENOUGH_LOST, Bench, shown
from labtui.live.diagnosis.link import carrier_of, link_steps, reach
from labtui.live.diagnosis.way import walk
from labtui.model.cluster import Membership
from labtui.model.diagnosis import Checked
from labtui.model.links import CARRIERS, Link
from labtui.model.links.where import stale
from labtui.model.network import OverlayGraph, graph
from labtui.model.paths import Trail, home_address
from labtui.model.pings import Ping
from labtui.model.prefixes import prefix_table
from labtui.model.routes import Routes

_BROKEN = ("down", "one-way", "never", "off")
_LARGE = 1380
_MOST_BEHIND = 2


async def pair_steps(bench: Bench, one: str, other: str) -> AsyncIterator[Checked]:
    """All steps between two sites; who asks for them stops at the first that is bad."""
    here, there = home_address(bench.snapshot, one), home_address(bench.snapshot, other)
    bench.begin()
    for site, home in ((one, here), (other, there)):
        if not home[0]:
            yield bench.said("route", "unknown", "no-home", site)
            return
    async for step in reach(bench, (here[0], there[0])):
        yield step
    trails = []
    if not await bench.silent(here[0]):
        bench.begin()
        trails.append(await walk(bench, here[0], there[1]))
    if not await bench.silent(there[0]):
        trails.append(await walk(bench, there[0], here[1]))
    if trails and all(trail.arrived for trail in trails):
        async for step in _arrived(bench, one, other, here, there, trails):
            yield step
        return
    seen = False
    for link in _candidates(bench, one, other):
        async for step in _of_link(bench, link):
            seen = seen or step.verdict == "bad"
            yield step
    if not seen:
        for trail in trails:
            yield route_step(bench, trail)


def route_step(bench: Bench, trail: Trail) -> Checked:
    """How a way ends, and where."""
    last = trail.hops[-1]
    told = {
        "address": trail.address,
        "way": " > ".join(trail.sites),
        "at": last.router,
        "why": last.why,
        "gateway": last.gateway,
    }
    if trail.arrived:
        return bench.said("route", "good", "arrived", last.router, **told)
    if trail.ending == "silent":
        return bench.said("route", "unknown", "silent", last.router, **told)
    reason: str = trail.ending
    if reason == "leaves" and _by_default(trail):
        reason = "no-route"
    if reason == "no-route" and not _announced(bench, trail.address):
        reason = "not-announced"
    return bench.said("route", "bad", reason, last.router, ("routing",), **told)


def _by_default(trail: Trail) -> bool:
    """Whether an inside address goes out by the default route, which is as good as none."""
    prefix = trail.hops[-1].prefix
    default = bool(prefix) and ip_network(prefix).prefixlen == 0
    return default and ip_address(trail.address).is_private


def _announced(bench: Bench, address: str) -> bool:
    """Whether any router that answers announces a network with that address."""
    target = ip_address(address)
    return any(
        target in ip_network(net)
        for router, routes in bench.snapshot.of(Routes)
        if not stale(bench.snapshot, Routes, router, bench.now)
        for net in routes.own
    )


async def _arrived(
    bench: Bench,
    one: str,
    other: str,
    here: tuple[str, str],
    there: tuple[str, str],
    trails: list[Trail],
) -> AsyncIterator[Checked]:
    """Routes are there: whether what they promise is kept, and whether it is the right way."""
    for trail in trails:
        yield route_step(bench, trail)
    for address in (there[1], here[1]):
        bench.begin()
        if (twice := _two_origins(bench, address)) is not None:
            yield twice
    pings = [await _beyond(bench, here, there[1])]
    if pings[0].verdict == "good":
        pings += [
            await _beyond(bench, here, host, behind=True) for host in _behind(bench, there[1])
        ]
        pings.append(await _large(bench, here, there[1]))
    suspects = [bench.by_key[key] for trail in trails for key in trail.links if key in bench.by_key]
    well = all(step.verdict != "bad" for step in pings)
    around = [] if well else list(dict.fromkeys(link.key for link in suspects))
    direct = _direct(bench, one, other)
    if well:
        for step in pings:
            yield step
        around = [link.key for link in direct if link.state in _BROKEN]
    for key in around:
        async for step in _of_link(bench, bench.by_key[key]):
            yield step
    if not well:
        for step in pings:
            yield step


async def _beyond(
    bench: Bench, here: tuple[str, str], address: str, *, behind: bool = False
) -> Checked:
    """A ping from the network of one site into that of the other."""
    bench.begin()
    router, source = here
    pinged = await bench.surely(router, Ping(address, source))
    if isinstance(pinged, str):
        return bench.said("beyond", "unknown", "not-asked", router, why=pinged)
    words = {"address": address, "source": source, **shown(pinged)}
    if pinged.lost >= 1 and behind:
        # A host may be off, or silent by its own wish.
        return bench.said("beyond", "warn", "host-silent", router, **words)
    if pinged.lost >= 1:
        return bench.said("beyond", "bad", "no-answer", router, ("beyond",), **words)
    if pinged.lost >= ENOUGH_LOST:
        return bench.said("beyond", "bad", "loses", router, ("beyond",), **words)
    return bench.said("beyond", "good", "host" if behind else "replies", router, **words)


async def _large(bench: Bench, here: tuple[str, str], address: str) -> Checked:
    """A packet as large as links of a usual MTU take."""
    bench.begin()
    router, source = here
    pinged = await bench.ping(router, Ping(address, source, 3, size=_LARGE, whole=True))
    if isinstance(pinged, str):
        return bench.said("size", "unknown", "not-asked", router, why=pinged)
    if not pinged.received:
        return bench.said("size", "bad", "narrow-way", router, ("underlay",), size=str(_LARGE))
    return bench.said("size", "good", "whole", router, size=str(_LARGE))


def _two_origins(bench: Bench, address: str) -> Checked | None:
    target = ip_address(address)
    for row in prefix_table(bench.snapshot).prefixes:
        if row.verdict in ("double", "foreign") and target in ip_network(row.prefix):
            origins = ", ".join(origin.site or f"AS{origin.asn}" for origin in row.origins)
            return bench.said("route", "bad", "two-origins", row.prefix, ("routing",),
                              prefix=row.prefix, origins=origins)  # fmt: skip
    return None


def _behind(bench: Bench, address: str) -> list[str]:
    """Nodes of a cluster in the same network as that address."""
    near = ip_network(f"{address}/24", strict=False)
    found = [
        member.address
        for _cluster, membership in bench.snapshot.of(Membership)
        for member in membership.members
        if member.address and ":" not in member.address and ip_address(member.address) in near
    ]
    return sorted(found)[:_MOST_BEHIND]


def _direct(bench: Bench, one: str, other: str) -> list[Link]:
    """The carriers that join two sites, also those of which one end alone is in sight."""
    found = []
    for link in bench.links:
        if link.kind in CARRIERS and link.kind not in ("ipsec", "vxlan"):
            sites = {*link.sites, bench.where.site(link.far_router)}
            if one in sites and other in sites:
                found.append(link)
    return found


def _candidates(bench: Bench, one: str, other: str) -> list[Link]:
    """The links of the shortest way there would be if all were up."""
    net = graph(bench.snapshot, bench.links)
    sites = _shortest(net, one, other)
    found: list[Link] = []
    for near, far in pairwise(sites):
        edges = _direct(bench, near, far)
        found += sorted(edges, key=lambda link: (link.kind != "wireguard", link.key))
    return found


def _shortest(net: OverlayGraph, one: str, other: str) -> tuple[str, ...]:
    ways: dict[str, tuple[str, ...]] = {one: (one,)}
    front = [one]
    while front and other not in ways:
        further = []
        for site in front:
            for edge in sorted(net.at(site), key=lambda edge: edge.key):
                far = edge.other(site)
                if far not in ways:
                    ways[far] = (*ways[site], far)
                    further.append(far)
        front = further
    return ways.get(other, ())


async def _of_link(bench: Bench, link: Link) -> AsyncIterator[Checked]:
    """The steps of a link but for its routers, which were asked already."""
    async for step in link_steps(bench, carrier_of(bench, link)):
        if step.step != "router" or step.verdict == "bad":
            yield step
