"""The living network: advances in time, takes faults and configuration, answers what is reachable.

Between two events everything is computed in closed form, so that it does not matter how often
`advance` is called. All of it runs in one thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import ip_address, ip_network

from labtui.demo.clock import Clock
from labtui.demo.lab import Lab
from labtui.demo.overlay.adjacency import Adjacency, Speaker
from labtui.demo.overlay.builder import EXTERNAL_PREFIXES, build
from labtui.demo.overlay.devices import BgpConnection, BgpSession, Peer, Router
from labtui.demo.overlay.prefixes import Paths, advertised, best_paths
from labtui.demo.overlay.tunnel import Tunnel, TunnelEnd

# A site announces its subnet and its router's loopback.
SITE_PREFIXES = 2
# Far more than a long pause can hold; a fault in the physics must not hang the servers.
_MOST_EVENTS = 10_000


class OverlayWorld:
    """Routers, tunnels and sessions of the demo lab."""

    def __init__(self, lab: Lab, clock: Clock) -> None:
        self.lab = lab
        self.clock = clock
        self._now = clock.now()
        self._closed: set[int] = set()
        self._watchers: list[Callable[[], None]] = []
        parts = build(lab, self._now, lambda number: number not in self._closed)
        self.routers = parts.routers
        self.tunnels = parts.tunnels
        self.adjacencies = parts.adjacencies
        self.paths: Paths = {}
        self._settle()

    @property
    def now(self) -> float:
        """The moment the world stands at, seconds since the epoch."""
        return self._now

    def advance(self) -> None:
        """Let the time pass that the clock says has passed."""
        target = self.clock.now()
        happened = False
        for _ in range(_MOST_EVENTS):
            moment = self._next_event()
            if moment is None or moment > target:
                break
            self._accrue(max(moment, self._now))
            self._settle()
            happened = True
        self._accrue(target)
        if happened:
            self._tell()

    def set_link(self, number: int, up: bool) -> None:
        """Cut the path of a link, or mend it. KeyError for a number the lab does not have."""
        if all(link.number != number for link in self.lab.links):
            raise KeyError(number)
        with self.changing():
            self._closed.discard(number) if up else self._closed.add(number)

    def set_router(self, name: str, up: bool) -> None:
        """Pull the plug of a router, or put it back. KeyError for an unknown name."""
        router = self.routers[name]
        with self.changing():
            if up and not router.up:
                router.booted = self._now
                router.boots += 1
            router.up = up

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Time stands still inside; afterwards the changed configuration takes effect."""
        self.advance()
        yield
        self._settle()
        self._tell()

    def watch(self, told: Callable[[], None]) -> Callable[[], None]:
        """Have `told` called after every change that is no mere counter; the answer ends it."""
        self._watchers.append(told)
        return lambda: self._watchers.remove(told)

    def stop_session(self, session: BgpSession) -> None:
        """Administratively stop a session; it stays down until its `stopped` flag is cleared."""
        adjacency, speaker = self.adjacency_of(session.connection)
        with self.changing():
            adjacency.stop(speaker, self._now)

    def adjacency_of(self, connection: BgpConnection) -> tuple[Adjacency, Speaker]:
        """The adjacency a connection belongs to and its side. KeyError for a foreign connection."""
        for adjacency in self.adjacencies:
            for side, _ in adjacency.sides:
                if side.connection is connection:
                    return adjacency, side
        raise KeyError(connection.name)

    def next_hop(self, router: Router, origin: str) -> BgpConnection | None:
        """The connection over which a router reaches the prefixes of `origin`."""
        path = self.paths.get((router.site, origin))
        adjacency = self._between(router.site, path[0]) if path else None
        if adjacency is None:
            return None
        side = adjacency.left if adjacency.left.router is router else adjacency.right
        return side.connection

    def probe(self, router: Router, address: str) -> float | None:
        """Seconds to an address and back, as a ping from `router` sees it; None if unanswered."""
        try:
            target = ip_address(address)
        except ValueError:
            return None
        if not router.up:
            return None
        own = {router.lan_address, router.loopback, router.public_address}
        own |= {face.address.partition("/")[0] for face in router.wireguard}
        if address in own:
            return 0.00006
        for tunnel in self.tunnels:
            for end, other in ((tunnel.left, tunnel.right), (tunnel.right, tunnel.left)):
                if end.router is router and address == _inner_address(other):
                    tunnel.poke(self._now)
                    return self._round_trip(tunnel)
        for other_router in self.routers.values():
            if address == other_router.public_address:
                return 0.0041 if other_router.up else None
            if target in ip_network(other_router.subnet) or address == other_router.loopback:
                return self._routed(router, other_router)
        return None

    def _routed(self, router: Router, target: Router) -> float | None:
        total = 0.0
        here = router.site
        for there in self.paths.get((router.site, target.site), ()):
            adjacency = self._between(here, there)
            step = None if adjacency is None else self._round_trip(adjacency.tunnel)
            if step is None:
                return None
            total += step
            here = there
        reached = here == target.site and target.up
        return total + 0.0003 if reached else None

    def _round_trip(self, tunnel: Tunnel) -> float | None:
        if not tunnel.passing(self._now):
            return None
        # A jitter of a few per cent, made of the time alone.
        return 2 * tunnel.latency * (1 + 0.06 * ((self._now * 7.13 + tunnel.number) % 1.0))

    def _between(self, one: str, other: str) -> Adjacency | None:
        for adjacency in self.adjacencies:
            if {adjacency.left.site, adjacency.right.site} == {one, other}:
                return adjacency
        return None

    def _next_event(self) -> float | None:
        moments = [tunnel.next_event(self._now) for tunnel in self.tunnels]
        moments += [adjacency.next_event() for adjacency in self.adjacencies]
        return min((moment for moment in moments if moment is not None), default=None)

    def _accrue(self, target: float) -> None:
        if target <= self._now:
            return
        for tunnel in self.tunnels:
            tunnel.accrue(self._now, target)
        self._now = target

    def _settle(self) -> None:
        """Bring everything in line with the present configuration and the present moment."""
        for adjacency in self.adjacencies:
            for side, end in zip(
                (adjacency.left, adjacency.right), adjacency.tunnel.ends, strict=True
            ):
                end.talkative = not side.connection.disabled
        for tunnel in self.tunnels:
            tunnel.settle(self._now)
        for adjacency in self.adjacencies:
            adjacency.settle(self._now)
            for side, end in zip(
                (adjacency.left, adjacency.right), adjacency.tunnel.ends, strict=True
            ):
                end.loaded = side.established
        self._count_prefixes()

    def _count_prefixes(self) -> None:
        counts = {site.name: SITE_PREFIXES for site in self.lab.sites} | EXTERNAL_PREFIXES
        edges = [
            (adjacency.left.site, adjacency.right.site)
            for adjacency in self.adjacencies
            if adjacency.established
        ]
        self.paths = best_paths(counts, edges)
        for adjacency in self.adjacencies:
            # A dead tunnel brings no news: the count stays as it was until the hold timer ends.
            if not adjacency.established or not adjacency.tunnel.passing(self._now):
                continue
            for side, other in adjacency.sides:
                if side.session is not None:
                    side.session.prefix_count = advertised(
                        other.site, side.site, self.paths, counts
                    )

    def _tell(self) -> None:
        for told in tuple(self._watchers):
            told()


def _inner_address(end: TunnelEnd) -> str:
    """The address of an end inside its tunnel."""
    return end.peer.interface.address.partition("/")[0]


def peers_of(router: Router) -> list[Peer]:
    """All WireGuard peers of a router, in the order of their interfaces."""
    return [peer for face in router.wireguard for peer in face.peers]
