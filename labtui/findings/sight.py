"""The lab as the rules see it: one snapshot with its joins, made once per judgement."""

from __future__ import annotations

from functools import cached_property

import msgspec

from labtui.findings.adjacency import Adjacency, adjacencies
from labtui.findings.history import History
from labtui.findings.links import Links, links
from labtui.findings.past_overlay import TunnelPast, tunnel_id
from labtui.findings.places import Places, places
from labtui.model.cluster import Membership, Resources
from labtui.model.feed import Feed, Freshness
from labtui.model.links import Link, links_of
from labtui.model.network import OverlayGraph, graph
from labtui.model.overlay import RouterFacts
from labtui.model.owners import Registry, registry
from labtui.model.presence import NodePresence, SeenGuest, presences, seen_guests
from labtui.model.snapshot import Part, Snapshot
from labtui.model.tunnels import Judgement, Tunnel, TunnelEnd

_QUICK = ("wireguard", "bgp")
BROKEN = frozenset(("dead", "one-way", "never", "off"))


class SeenTunnel(msgspec.Struct, frozen=True):
    """A tunnel with its verdict, its name and the sites of its ends."""

    tunnel: Tunnel
    judgement: Judgement
    name: str
    sites: tuple[str, ...]
    past: TunnelPast

    @property
    def key(self) -> str:
        return self.tunnel.key

    @property
    def id(self) -> str:
        """The same from whichever end it is seen."""
        return tunnel_id(self.tunnel)

    @property
    def broken(self) -> bool:
        return self.judgement.verdict in BROKEN or self.fallen

    @property
    def fallen(self) -> bool:
        """It fell, and has had no handshake since, whatever its figures say."""
        return self.judgement.verdict == "up" and self.past.passing is False

    @property
    def proven(self) -> bool:
        """True when bytes came in at an end that was just read."""
        return any(not end.stale and end.peer.rx_rate for end in self.tunnel.ends)

    @property
    def ends(self) -> tuple[TunnelEnd, ...]:
        return self.tunnel.ends


class SeenRouter(msgspec.Struct, frozen=True):
    """A router: whether it answers (None: not asked yet), and when it was last heard."""

    name: str
    site: str
    facts: RouterFacts | None
    answers: bool | None
    heard_at: float | None
    failing_since: float | None
    kinds: tuple[str, ...]
    """Kinds of the problems of its feeds."""

    @property
    def silent(self) -> bool:
        """It does not answer, and not because it refused us."""
        return self.answers is False and bool({"unreachable", "timed-out"} & set(self.kinds))


class Sight:
    """What the rules look at. Everything is computed when first asked for."""

    def __init__(
        self, snapshot: Snapshot, history: History, now: float, overlay: Links | None = None
    ) -> None:
        self.snapshot = snapshot
        self.overlay = overlay if overlay is not None else links(snapshot, now)
        self.reasons: dict[tuple[str, str], str] = {}
        """What the rules of one family have made out of an object once for all of them."""
        self.history = history
        self.now = now
        self.clusters: dict[str, Resources] = dict(snapshot.of(Resources))
        self.memberships: dict[str, Membership] = dict(snapshot.of(Membership))
        self._fresh = {(feed.topic, feed.source): each for feed, each in snapshot.freshness.items()}

    def fresh(self, topic: str, source: str) -> Freshness:
        """How a feed is doing; one that does not exist was never read."""
        return self._fresh.get((topic, source)) or Freshness(pace=5.0)

    def as_of(self, topic: str, source: str) -> float | None:
        """When it was read, if that is too long ago; else None."""
        fresh = self._fresh.get((topic, source))
        if fresh is None or not fresh.stale(self.now):
            return None
        return fresh.read_at

    def part(self, kind: type[Part]) -> bool:
        """Whether anything of that kind was ever read."""
        return any(isinstance(part, kind) for part in self.snapshot.parts.values())

    @cached_property
    def feeds(self) -> dict[tuple[str, str], list[tuple[Feed, Freshness]]]:
        """(backend, source) -> its feeds."""
        found: dict[tuple[str, str], list[tuple[Feed, Freshness]]] = {}
        for feed, fresh in sorted(self.snapshot.freshness.items(), key=lambda pair: pair[0]):
            found.setdefault((feed.backend, feed.source), []).append((feed, fresh))
        return found

    @cached_property
    def presences(self) -> dict[tuple[str, str], NodePresence]:
        return presences(self.snapshot)

    @cached_property
    def guests(self) -> dict[str, SeenGuest]:
        return seen_guests(self.snapshot)

    @cached_property
    def on_node(self) -> dict[tuple[str, str], list[SeenGuest]]:
        """(cluster, node) -> the guests whose rows name it, templates left out."""
        found: dict[tuple[str, str], list[SeenGuest]] = {}
        for seen in self.guests.values():
            guest = seen.guest
            if not guest.template:
                found.setdefault((guest.cluster, guest.node), []).append(seen)
        return found

    @cached_property
    def registry(self) -> Registry:
        return registry(self.snapshot)

    @cached_property
    def places(self) -> Places:
        return places(self.snapshot)

    def site_of_node(self, cluster: str, node: str) -> str:
        """By its address in a site's network, else as NetBox has it; empty when nobody knows."""
        return self.places.nodes.get((cluster, node)) or self.registry.site_of(node)

    @cached_property
    def tunnels(self) -> tuple[SeenTunnel, ...]:
        """Every tunnel with its verdict."""
        return tuple(self._seen(*each) for each in self.overlay.tunnels)

    def _seen(self, tunnel: Tunnel, judgement: Judgement) -> SeenTunnel:
        known = self.places.far_ends
        near, far = tunnel.near, tunnel.far
        near_site = self._site_of_end(near)
        far_site = self._site_of_end(far) if far else known.get((near.router, near.interface.name))
        far_site = far_site or self._site_called(tunnel.far_name)
        sign = "=" if far_site else ">"
        name = f"{near_site} {sign} {far_site or tunnel.far_name}"
        sites = (near_site, far_site) if far_site else (near_site,)
        past = self.history.tunnels.get(tunnel_id(tunnel)) or TunnelPast()
        return SeenTunnel(tunnel, judgement, name, sites, past)

    @cached_property
    def joined(self) -> tuple[Link, ...]:
        """Every link of every kind, both ends joined."""
        return links_of(self.snapshot, self.now, self.overlay.tunnels, self.overlay.peerings)

    @cached_property
    def graph(self) -> OverlayGraph:
        """The sites and what joins them."""
        return graph(self.snapshot, self.joined)

    @cached_property
    def tunnels_at(self) -> dict[str, list[SeenTunnel]]:
        """Site -> its tunnels to other sites that we hold."""
        found: dict[str, list[SeenTunnel]] = {}
        for seen in self.tunnels:
            if len(seen.sites) == 2:
                for site in seen.sites:
                    found.setdefault(site, []).append(seen)
        return found

    @cached_property
    def adjacencies(self) -> tuple[Adjacency, ...]:
        """Every BGP neighbourship once, both ends joined."""
        return adjacencies(self.overlay.peerings)

    @cached_property
    def by_session(self) -> dict[str, Adjacency]:
        """Id -> neighbourship."""
        return {session.id: session for session in self.adjacencies}

    def tunnels_under(self, session: Adjacency) -> list[SeenTunnel]:
        """The tunnels whose interface has the session's link network."""
        found = []
        for router, remote in session.remotes:
            interface = self.places.interface_to(router, remote)
            found += self._by_interface.get((router, interface), [])
        return found

    @cached_property
    def _by_interface(self) -> dict[tuple[str, str], list[SeenTunnel]]:
        found: dict[tuple[str, str], list[SeenTunnel]] = {}
        for seen in self.tunnels:
            for end in seen.ends:
                found.setdefault((end.router, end.interface.name), []).append(seen)
        return found

    @cached_property
    def routers(self) -> dict[str, SeenRouter]:
        """Every router of the configuration by its name."""
        facts = dict(self.snapshot.of(RouterFacts))
        return {
            name: self._router(name, facts.get(name), feeds)
            for (backend, name), feeds in self.feeds.items()
            if backend == "routeros"
        }

    def _router(
        self, name: str, facts: RouterFacts | None, feeds: list[tuple[Feed, Freshness]]
    ) -> SeenRouter:
        # What is read once a minute says nothing about the last half minute.
        quick = [fresh for feed, fresh in feeds if feed.topic in _QUICK]
        kinds = tuple(fresh.problem.kind for fresh in quick if fresh.problem is not None)
        read = [fresh.read_at for fresh in quick if fresh.read_at is not None]
        failing = [fresh.failing_since for fresh in quick if fresh.failing_since is not None]
        answers: bool | None = None
        if any(not fresh.stale(self.now) for fresh in quick):
            answers = True
        elif kinds:
            answers = False
        # One that was never read is where NetBox has it.
        site = (facts.site if facts else "") or self.registry.site_of(name) or name
        heard, since = max(read, default=None), min(failing, default=None)
        return SeenRouter(name, site, facts, answers, heard, since, kinds)

    def _site_of_end(self, end: TunnelEnd) -> str:
        router = self.routers.get(end.router)
        return router.site if router is not None else end.site

    def _site_called(self, name: str) -> str:
        """The site of a router that was never read, by what the other end calls it."""
        words = name.split()
        for router in self.routers.values():
            if router.facts is None and {router.name, router.site} & set(words):
                return router.site
        return ""

    @cached_property
    def router_at(self) -> dict[str, SeenRouter]:
        """Site -> its router."""
        return {router.site: router for router in self.routers.values()}
