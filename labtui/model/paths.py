"""The way that packets take now, hop by hop, as each router's own routes have it. Pure.

Who walks asks each router for the routes that cover the address (`RouteAnswer`) and gives the
answer to `step`, which says where the packet would be next or why it ends there.
"""

from __future__ import annotations

from ipaddress import ip_address, ip_interface, ip_network
from typing import Literal

import msgspec

from labtui.model.links import Link
from labtui.model.links.where import Where
from labtui.model.overlay import RouterFacts
from labtui.model.routes import RouteAnswer, Routes
from labtui.model.snapshot import Snapshot

MOST_HOPS = 32
Ending = Literal["", "arrived", "no-route", "blackhole", "silent", "leaves", "loop", "too-long"]


class Hop(msgspec.Struct, frozen=True):
    """One router on the way with the route that it takes; `link` is the key of the link to the
    next one. `why` says why a router did not answer.
    """

    router: str
    site: str
    prefix: str = ""
    kind: str = ""
    gateway: str = ""
    interface: str = ""
    link: str = ""
    path: tuple[int, ...] = ()
    why: str = ""


class Trail(msgspec.Struct, frozen=True):
    """The hops so far to an address, and how it ends; an empty `ending` goes on at `next`.

    `silent`: the last hop's router did not say where it would send the packet, so from there on the
    way is unknown. `leaves`: the next one is none of our routers.
    """

    address: str
    hops: tuple[Hop, ...] = ()
    ending: Ending = ""
    next: str = ""

    @property
    def sites(self) -> tuple[str, ...]:
        """The sites on the way, one after the other."""
        return tuple(dict.fromkeys(hop.site for hop in self.hops))

    @property
    def links(self) -> tuple[str, ...]:
        """The keys of the links that it goes through."""
        return tuple(hop.link for hop in self.hops if hop.link)

    @property
    def arrived(self) -> bool:
        return self.ending == "arrived"


class Ground(msgspec.Struct, frozen=True):
    """What a walk stands on: where addresses are, and the router and link behind an interface."""

    where: Where
    behind: dict[tuple[str, str], tuple[str, str]] = {}


def ground(where: Where, links: tuple[Link, ...]) -> Ground:
    """`links` are all links; the sessions of routing protocols among them do not count."""
    behind: dict[tuple[str, str], tuple[str, str]] = {}
    for link in links:
        if link.kind in ("ospf", "bgp", "ipsec") or link.far is None:
            continue
        for end, other in ((link.near, link.far), (link.far, link.near)):
            if end.interface:
                behind.setdefault((end.router, end.interface), (other.router, link.key))
    return Ground(where, behind)


def begin(router: str, address: str) -> Trail:
    """A packet for that address, at that router."""
    return Trail(address, next=router)


def step(trail: Trail, answer: RouteAnswer | str, on: Ground) -> Trail:
    """The trail after the next router's answer; a text is why it gave none."""
    router = trail.next
    hop = Hop(router, on.where.site(router))
    if any(before.router == router for before in trail.hops):
        return _ended(trail, hop, "loop")
    if on.where.has(router, trail.address):
        return _ended(trail, hop, "arrived")
    if isinstance(answer, str):
        return _ended(trail, msgspec.structs.replace(hop, why=answer), "silent")
    taken = answer.taken
    if taken is None:
        return _ended(trail, hop, "no-route")
    face = taken.interface or _named(taken.gateway)
    hop = msgspec.structs.replace(
        hop, prefix=taken.prefix, kind=taken.kind, gateway=taken.gateway, interface=face,
        path=taken.path,
    )  # fmt: skip
    if taken.blackhole:
        return _ended(trail, hop, "blackhole")
    far, link = on.behind.get((router, face), ("", ""))
    owner = on.where.hosts.get(taken.gateway, "")
    following = owner if owner != router else ""
    following = following or (far if face else "")
    if following:
        if far == following:
            hop = msgspec.structs.replace(hop, link=link)
        hops = (*trail.hops, hop)
        ending: Ending = "too-long" if len(hops) >= MOST_HOPS else ""
        return Trail(trail.address, hops, ending, following)
    return _ended(trail, hop, "arrived" if _here(taken.kind, taken.gateway, face) else "leaves")


def _ended(trail: Trail, hop: Hop, ending: Ending) -> Trail:
    return Trail(trail.address, (*trail.hops, hop), ending)


def _named(gateway: str) -> str:
    """A gateway that is no address is an interface."""
    try:
        ip_address(gateway)
    except ValueError:
        return gateway
    return ""


def _here(kind: str, gateway: str, face: str) -> bool:
    """Whether that network is the router's own: no gateway but an interface."""
    return kind == "connect" or gateway in ("", face)


def home_address(snapshot: Snapshot, site: str) -> tuple[str, str]:
    """(router, address): the router's own address in the network that people use at that site.

    In a network that the site announces, else in the widest private one of no link; both are empty
    where none is known.
    """
    found: list[tuple[int, int, str, str]] = []
    for router, facts in snapshot.of(RouterFacts):
        if (facts.site or router) != site:
            continue
        routes = snapshot.one(Routes, router)
        own = [ip_network(net) for net in (routes.own if routes else ())]
        for row in facts.addresses:
            try:
                face = ip_interface(row.address)
            except ValueError:
                continue
            if (
                row.disabled
                or face.version != 4
                or not face.is_private
                or face.network.prefixlen > 29
            ):
                continue
            told = any(net.version == 4 and face.ip in net for net in own)
            lan = row.interface.lower().startswith(("bridge", "lan", "vlan", "br-"))
            found.append((-2 * told - lan, face.network.prefixlen, router, row.host))
    best = min(found, default=(0, 0, "", ""))
    return best[2], best[3]
