"""The overlay as a graph: sites, the links between them with their state, the ways of BGP. Pure.

What the map and the diagnosis stand on. A site is in it as soon as a router of it is configured or
a link ends there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from labtui.model.links.link import BROKEN, CARRIERS, Link, LinkKind, LinkState
from labtui.model.overlay import RouterFacts
from labtui.model.routes import Routes
from labtui.model.snapshot import Snapshot
from labtui.model.systems import systems


class SiteNode(msgspec.Struct, frozen=True):
    """A site with its routers; `ours` is False for the far end of a link to somebody else."""

    name: str
    routers: tuple[str, ...] = ()
    ours: bool = True


class Edge(msgspec.Struct, frozen=True):
    """A link that joins two sites. Rates are bytes per second, as its first end counts them."""

    key: str
    kind: LinkKind
    sites: tuple[str, str]
    routers: tuple[str, ...]
    state: LinkState
    mtu: int | None = None
    rx_rate: float | None = None
    tx_rate: float | None = None
    sessions: tuple[str, ...] = ()

    @property
    def passes(self) -> bool | None:
        """Whether packets get through; None when nobody can say."""
        if self.state in ("up", "degraded"):
            return True
        return False if self.state in BROKEN or self.state == "off" else None

    def other(self, site: str) -> str:
        """The site at the other end."""
        return self.sites[1] if site == self.sites[0] else self.sites[0]


class OverlayGraph(msgspec.Struct, frozen=True):
    """Sites and edges. `paths`: (from, to) -> the sites on the way as BGP has it, both included."""

    sites: tuple[SiteNode, ...] = ()
    edges: tuple[Edge, ...] = ()
    paths: Mapping[tuple[str, str], tuple[str, ...]] = {}

    def at(self, site: str) -> tuple[Edge, ...]:
        """The edges of a site."""
        return tuple(edge for edge in self.edges if site in edge.sites)

    def between(self, one: str, other: str) -> tuple[Edge, ...]:
        """The edges that join two sites directly."""
        return tuple(edge for edge in self.edges if set(edge.sites) == {one, other})

    def islands(
        self, *, without_edges: Iterable[str] = (), without_sites: Iterable[str] = ()
    ) -> tuple[frozenset[str], ...]:
        """Groups of our sites that reach one another, the largest first.

        An edge of which nobody can say whether it passes counts as one that does not.
        """
        gone, cut = set(without_sites), set(without_edges)
        left = {site.name for site in self.sites if site.ours} - gone
        near: dict[str, set[str]] = {name: set() for name in left}
        for edge in self.edges:
            one, other = edge.sites
            if edge.passes and edge.key not in cut and one in left and other in left:
                near[one].add(other)
                near[other].add(one)
        groups: list[frozenset[str]] = []
        while left:
            group = set[str]()
            front = {min(left)}
            while front:
                group |= front
                front = {far for site in front for far in near[site]} - group
            left -= group
            groups.append(frozenset(group))
        return tuple(sorted(groups, key=lambda group: (-len(group), sorted(group))))

    def way(self, one: str, other: str) -> tuple[str, ...]:
        """The sites of a shortest way over edges that pass, both ends included; empty for none."""
        ways: dict[str, tuple[str, ...]] = {one: (one,)}
        front = [one]
        while front and other not in ways:
            further: list[str] = []
            for site in front:
                for edge in sorted(self.at(site), key=lambda edge: edge.key):
                    far = edge.other(site)
                    if edge.passes and far not in ways:
                        ways[far] = (*ways[site], far)
                        further.append(far)
            front = further
        return ways.get(other, ())

    @property
    def lopsided(self) -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
        """Pairs of ways that do not mirror each other: there, and back."""
        found = []
        for (one, other), there in sorted(self.paths.items()):
            back = self.paths.get((other, one))
            if one < other and back is not None and back != tuple(reversed(there)):
                found.append((there, back))
        return tuple(found)


def graph(snapshot: Snapshot, links: Sequence[Link]) -> OverlayGraph:
    """The graph of these links (see `labtui.model.links.links`)."""
    routers: dict[str, list[str]] = {}
    for name in snapshot.sources("routeros"):
        facts = snapshot.one(RouterFacts, name)
        routers.setdefault((facts.site if facts else "") or name, []).append(name)
    for router, facts in snapshot.of(RouterFacts):
        if router not in routers.setdefault(facts.site or router, []):
            routers[facts.site or router].append(router)
    edges = tuple(_edges(links, set(routers)))
    strangers = {site for edge in edges for site in edge.sites} - set(routers)
    sites = [SiteNode(name, tuple(there)) for name, there in sorted(routers.items())]
    sites += [SiteNode(name, ours=False) for name in sorted(strangers)]
    return OverlayGraph(tuple(sites), edges, _paths(snapshot))


def _edges(links: Sequence[Link], ours: set[str]) -> Iterable[Edge]:
    """Carriers between two sites; IPsec and VXLAN ride with or under another and are left out
    where they do.
    """
    for link in links:
        if link.kind not in CARRIERS or (link.kind == "ipsec" and link.over):
            continue
        if link.kind == "vxlan":
            continue
        far = link.far.site if link.far is not None else link.far_name
        # A half-known end without routing is a person's machine, which is no site.
        if link.far is None and far not in ours and not link.over:
            continue
        if not far or far == link.near.site:
            continue
        yield Edge(
            link.key,
            link.kind,
            (link.near.site, far),
            link.routers,
            link.state,
            min(link.mtus, default=None),
            link.near.rx_rate,
            link.near.tx_rate,
            link.over,
        )


def _paths(snapshot: Snapshot) -> dict[tuple[str, str], tuple[str, ...]]:
    """From each site to each other one, by the AS path to what the other's router announces."""
    sites = {router: facts.site or router for router, facts in snapshot.of(RouterFacts)}
    known = systems(snapshot)
    tables = dict(snapshot.of(Routes))
    homes = {
        prefix: sites.get(router) or router
        for router, routes in tables.items()
        for prefix in routes.own
    }
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for router, routes in tables.items():
        here = sites.get(router) or router
        for route in routes.learnt:
            home = homes.get(route.prefix)
            if home is None or home == here or not route.path:
                continue
            way = tuple(known.site(number) or f"AS{number}" for number in route.path)
            if way[-1] == home:
                found.setdefault((here, home), (here, *dict.fromkeys(way)))
    return found
