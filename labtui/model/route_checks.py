"""Route checks: which way a packet for an address goes at each router that it matters to. Pure.

RouterOS answers `/ip/route/check` from 7.18 on, with what really is done, routing rules and VRFs
included. Before that, and for IPv6, the routes of the main table that cover the address have to do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import ip_address, ip_network
from typing import Literal

import msgspec

from labtui.model.diagnosis import link_named
from labtui.model.links import Link, links
from labtui.model.overlay import RouterFacts
from labtui.model.paths import home_address
from labtui.model.prefixes import prefix_table
from labtui.model.routes import Hop, RouteAnswer
from labtui.model.snapshot import Snapshot

MOST = 40
"""As many questions are put at most."""
Verdict = Literal["goes", "here", "no-route", "dropped", "default", "differs", "silent"]


class RouteQuestion(msgspec.Struct, frozen=True):
    """A packet for `address` at that router; `about` is whose address it is: a site or a prefix."""

    router: str
    address: str
    about: str = ""


class RouteCheck(msgspec.Struct, frozen=True):
    """A router's answer.

    `status`, `interface` and `nexthop` are the words of its own check, empty where it has none
    (`checked` is False); `table` is what its main table has. `why`: it did not answer.
    """

    question: RouteQuestion
    checked: bool = False
    status: str = ""
    interface: str = ""
    nexthop: str = ""
    table: RouteAnswer | None = None
    why: str = ""

    @property
    def taken(self) -> Hop | None:
        """The route of the main table that covers the address."""
        return self.table.taken if self.table is not None else None

    @property
    def face(self) -> str:
        """The interface by which the packet leaves."""
        taken = self.taken
        return self.interface or (taken.interface if taken is not None else "")

    @property
    def gateway(self) -> str:
        """The next hop's address; empty where the network is the router's own."""
        taken = self.taken
        found = self.nexthop or (taken.gateway if taken is not None else "")
        return found if _is_address(found) else ""

    @property
    def verdict(self) -> Verdict:
        """How it goes on from there."""
        taken = self.taken
        if self.why:
            return "silent"
        if taken is not None and taken.blackhole:
            return "dropped"
        if taken is None and not self.interface:
            return "no-route"
        if self.interface and taken is not None and taken.interface not in ("", self.interface):
            return "differs"
        if taken is not None and ip_network(taken.prefix).prefixlen == 0:
            return "default"
        return "here" if taken is not None and taken.kind == "connect" else "goes"

    @property
    def astray(self) -> bool:
        """Whether that is no way to an inside address."""
        inside = ip_address(self.question.address).is_private
        lost = self.verdict in ("no-route", "dropped")
        return lost or (self.verdict == "default" and inside)


def for_address(snapshot: Snapshot, address: str, only: str = "") -> tuple[RouteQuestion, ...]:
    """That address at every router, or at one. Raises `ValueError` for what is no address."""
    host = str(ip_address(address))
    routers = (only,) if only else tuple(sorted(snapshot.sources("routeros")))
    return tuple(RouteQuestion(router, host) for router in routers)[:MOST]


def for_row(snapshot: Snapshot, now: float, noun: str, key: str) -> tuple[RouteQuestion, ...]:
    """What a check of that row asks: of a prefix all who hear of it, of a link its two ends, of a
    router or site the ways to all others.
    """
    if noun == "prefix":
        found: Iterable[RouteQuestion] = _of_prefix(snapshot, key)
    elif noun == "feed":
        backend, _slash, rest = key.partition("/")
        router = rest.partition("/")[0]
        found = _from(snapshot, router) if backend == "routeros" else ()
    elif noun == "place" and key.startswith("site/"):
        found = _of_site(snapshot, key.partition("/")[2])
    else:
        every = links(snapshot, now)
        link = link_named(every, noun, key)
        found = _of_link(snapshot, link) if link is not None else ()
    return tuple(dict.fromkeys(found))[:MOST]


def between(snapshot: Snapshot, one: str, other: str) -> tuple[RouteQuestion, ...]:
    """From each of two sites to the other."""
    pairs = ((one, other), (other, one))
    return tuple(each for here, there in pairs for each in _to(snapshot, here, there))


def over(question: RouteCheck, every: Iterable[Link]) -> Link | None:
    """The link by whose interface the packet leaves, the carrier before what rides on it."""
    return link_over(question.question.router, question.face, every)


def link_over(router: str, face: str, every: Iterable[Link]) -> Link | None:
    """The link of that interface of that router; None for an interface of none."""
    found = [
        link
        for link in every
        if face and any((end.router, end.interface) == (router, face) for end in link.ends)
    ]
    return min(found, key=lambda link: link.kind in ("bgp", "ospf", "ipsec"), default=None)


def _of_prefix(snapshot: Snapshot, prefix: str) -> Iterator[RouteQuestion]:
    """The first host of it, at every router but the one that announces it; of a peer outside the
    first host of one of its prefixes.
    """
    row = next((each for each in prefix_table(snapshot).prefixes if each.prefix == prefix), None)
    try:
        net = ip_network(row.some[0] if row is not None and row.some else prefix, strict=False)
    except ValueError:
        return
    address = str(net[1] if net.num_addresses > 2 else net[0])
    own = {origin.router for origin in row.origins} if row is not None else set()
    for router in sorted(snapshot.sources("routeros")):
        if router not in own:
            yield RouteQuestion(router, address, prefix)


def _from(snapshot: Snapshot, router: str) -> Iterator[RouteQuestion]:
    facts = snapshot.one(RouterFacts, router)
    mine = facts.site or router if facts is not None else router
    for site in _sites(snapshot):
        address = home_address(snapshot, site)[1]
        if site != mine and address:
            yield RouteQuestion(router, address, site)


def _of_site(snapshot: Snapshot, site: str) -> Iterator[RouteQuestion]:
    for router, facts in snapshot.of(RouterFacts):
        if (facts.site or router) == site:
            yield from _from(snapshot, router)


def _of_link(snapshot: Snapshot, link: Link) -> Iterator[RouteQuestion]:
    """At each end that is ours the home of the other one's site."""
    ends = link.ends
    for near in ends:
        others = [end.site for end in ends if end is not near]
        for site in others:
            address = home_address(snapshot, site)[1]
            if address and site != near.site:
                yield RouteQuestion(near.router, address, site)


def _to(snapshot: Snapshot, here: str, there: str) -> Iterator[RouteQuestion]:
    router, address = home_address(snapshot, here)[0], home_address(snapshot, there)[1]
    if router and address:
        yield RouteQuestion(router, address, there)


def _sites(snapshot: Snapshot) -> list[str]:
    return sorted({facts.site or router for router, facts in snapshot.of(RouterFacts)})


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
