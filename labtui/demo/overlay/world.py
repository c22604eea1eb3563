"""The living network: advances in time, takes faults and configuration, answers what is reachable.

Between two events everything is computed in closed form, so that it does not matter how often
`advance` is called. All of it runs in one thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from labtui.demo.clock import Clock
from labtui.demo.lab import Lab
from labtui.demo.overlay.adjacency import Adjacency, Speaker
from labtui.demo.overlay.backup import BackupLine
from labtui.demo.overlay.builder import build, new_underlay
from labtui.demo.overlay.devices import BgpConnection, BgpSession, Peer, Router
from labtui.demo.overlay.lines import add_lines
from labtui.demo.overlay.memory import restore
from labtui.demo.overlay.ospf import Neighbourhood
from labtui.demo.overlay.pairing import Pairing
from labtui.demo.overlay.prefixes import Paths
from labtui.demo.overlay.reach import Question, Reach
from labtui.demo.overlay.routing import EXTERNAL_PREFIXES, Routing
from labtui.demo.overlay.tunnel import Tunnel, TunnelEnd
from labtui.demo.overlay.underlay import Path, Underlay, Uplink

# Far more than a long pause can hold; a fault in the physics must not hang the servers.
_MOST_EVENTS = 10_000
RESTART_SECONDS = 40.0
"""How long a router is away when it restarts."""


class OverlayWorld:
    """Routers, tunnels, sessions and lines of the demo lab."""

    def __init__(self, lab: Lab, clock: Clock) -> None:
        self.lab = lab
        self.clock = clock
        self.undo: dict[tuple[str, str], Callable[[], None]] = {}
        """How each fault that has begun is mended, by its name and target."""
        self.settled: dict[object, Any] = {}
        """What was worked out since the last event for those who ask again."""
        self._now = clock.now()
        self._settled_at: float | None = None
        self._watchers: list[Callable[[], None]] = []
        self.underlay: Underlay = new_underlay(lab)
        parts = build(lab, self._now, self.underlay)
        add_lines(lab, parts, self._now, self.underlay)
        self.routers: dict[str, Router] = parts.routers
        self.tunnels: list[Tunnel] = parts.tunnels
        self.adjacencies: list[Adjacency] = parts.adjacencies
        self.lines: list[BackupLine] = parts.lines
        self.neighbourhoods: list[Neighbourhood] = parts.neighbourhoods
        self.routing = Routing()
        self.paths: Paths = {}
        self._pairing = Pairing(
            lab, self.underlay, self.routers, self.tunnels, self.adjacencies, self.lines
        )
        self._reach = Reach(self)
        for router in self.routers.values():
            router.say(router.booted, "system,info", "router rebooted")
        self._pairing.match(self._now)
        self._settle()

    @property
    def now(self) -> float:
        """The moment the world stands at, seconds since the epoch."""
        return self._now

    def advance(self) -> None:
        """Let the time pass that the clock says has passed."""
        target = self.clock.now()
        if target == self._settled_at:
            # Every sentence to every router asks; what is to come has been looked for already.
            return
        happened = False
        for _ in range(_MOST_EVENTS):
            moment = self._next_event()
            if moment is None or moment > target:
                break
            self._accrue(max(moment, self._now))
            self._settle()
            happened = True
        self._accrue(target)
        self._settled_at = target
        if happened:
            self._tell()

    def set_link(self, number: int, up: bool) -> None:
        """Cut the path of a link, or mend it. KeyError for a number the lab does not have."""
        with self.path(number) as path:
            path.cut = not up

    @contextmanager
    def path(self, number: int) -> Iterator[Path]:
        """Change the path of a link. KeyError for a number the lab does not have."""
        if all(link.number != number for link in self.lab.links):
            raise KeyError(number)
        with self.changing():
            yield self.underlay.path(number)

    @contextmanager
    def uplink(self, site: str) -> Iterator[Uplink]:
        """Change a site's line to the internet. KeyError for a site the lab does not have."""
        with self.changing():
            yield self.underlay.uplinks[site]

    def set_router(self, name: str, up: bool) -> None:
        """Pull the plug of a router, or put it back. KeyError for an unknown name."""
        router = self.routers[name]
        with self.changing():
            self._power(router, up)

    def restart(self, name: str) -> None:
        """Restart a router: it is away for a while. KeyError for an unknown name."""
        router = self.routers[name]
        with self.changing():
            if router.up:
                self._power(router, up=False)
                router.starts_at = self._now + RESTART_SECONDS

    def _power(self, router: Router, up: bool) -> None:
        router.starts_at = None
        if router.safe is not None and not up:
            # What was not released is not there after the next start.
            restore(router, router.safe.memory)
            router.safe = None
        if not up:
            router.sessions.clear()
        if up and not router.up:
            router.booted = self._now
            router.boots += 1
            router.log.clear()
            router.say(self._now, "system,info", "router rebooted")
        router.up = up

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Time stands still inside; afterwards the changed configuration takes effect."""
        self.advance()
        try:
            yield
        finally:
            self._settled_at = None
            self._pairing.match(self._now)
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
        adjacency = self.between(router.site, path[0]) if path else None
        if adjacency is None:
            return None
        side = adjacency.left if adjacency.left.router is router else adjacency.right
        return side.connection

    def probe(self, router: Router, address: str) -> float | None:
        """Seconds to an address and back, as a ping from `router` sees it; None if unanswered."""
        return self.reach.ask(router, Question(address)).seconds

    @property
    def reach(self) -> Reach:
        """Pings and traces."""
        return self._reach

    def between(self, one: str, other: str) -> Adjacency | None:
        """The session between two sites, an established one before others."""
        found = None
        for adjacency in self.adjacencies:
            if {adjacency.left.site, adjacency.right.site} == {one, other}:
                if adjacency.established:
                    return adjacency
                found = found or adjacency
        return found

    def _next_event(self) -> float | None:
        now = self._now
        moments = [tunnel.next_event(now) for tunnel in self.tunnels]
        moments += [adjacency.next_event() for adjacency in self.adjacencies]
        moments += [line.next_event() for line in self.lines]
        moments += [hood.next_event(now) for hood in self.neighbourhoods]
        moments += [router.starts_at for router in self.routers.values()]
        moments.append(self.underlay.next_turn(now))
        return min((moment for moment in moments if moment is not None), default=None)

    def _accrue(self, target: float) -> None:
        if target <= self._now:
            return
        for tunnel in self.tunnels:
            tunnel.accrue(self._now, target)
        self._now = target

    def _settle(self) -> None:
        """Bring everything in line with the present configuration and the present moment."""
        self.settled.clear()
        for router in self.routers.values():
            if router.starts_at is not None and router.starts_at <= self._now:
                self._power(router, up=True)
        self._talkative()
        for tunnel in self.tunnels:
            tunnel.settle(self._now)
        for line in self.lines:
            line.settle(self._now)
        for hood in self.neighbourhoods:
            hood.settle(self._now)
        before = [side.established for item in self.adjacencies for side, _ in item.sides]
        for adjacency in self.adjacencies:
            adjacency.settle(self._now)
            if isinstance(adjacency.tunnel, Tunnel):
                for side, end in _ends(adjacency, adjacency.tunnel):
                    end.loaded = side.established
        self._note(before)
        self._count_prefixes()

    def _talkative(self) -> None:
        for adjacency in self.adjacencies:
            if isinstance(adjacency.tunnel, Tunnel):
                for side, end in _ends(adjacency, adjacency.tunnel):
                    end.talkative = not side.connection.disabled

    def _note(self, before: list[bool]) -> None:
        """Write sessions that came or went to the log of their routers."""
        sides = [side for item in self.adjacencies for side, _ in item.sides]
        for was, side in zip(before, sides, strict=True):
            if was is side.established or side.router is None or not side.router.up:
                continue
            connection = side.connection
            state = "Established" if side.established else "Connection closed"
            text = f"{connection.name}-1 {{l_addr: {connection.local_address}, r_addr: "
            text += f"{connection.remote_address}}} {state}"
            side.router.say(self._now, "route,bgp,info", text)

    def _count_prefixes(self) -> None:
        self.routing.refresh(self.routers, self.adjacencies, self._now)
        self.paths = self._site_paths()
        for adjacency in self.adjacencies:
            # A dead tunnel brings no news: the count stays as it was until the hold timer ends.
            if not adjacency.established or not adjacency.tunnel.passing(self._now):
                continue
            for side, other in adjacency.sides:
                offered, taken = self.routing.count(other, side)
                other.offered = offered
                if side.session is not None:
                    stuck = not adjacency.has_heard(side, other, self._now)
                    side.session.prefix_count = 0 if stuck else taken

    def _site_paths(self) -> Paths:
        """The path of every site to every other one's network, and to the outside neighbours."""
        homes = {router.subnet: router.site for router in self.routers.values()}
        homes |= {name: name for name in EXTERNAL_PREFIXES}
        return {
            (site, homes[group]): path
            for (site, group), path in self.routing.paths.items()
            if group in homes
        }

    def _tell(self) -> None:
        for told in tuple(self._watchers):
            told()


def _ends(adjacency: Adjacency, tunnel: Tunnel) -> list[tuple[Speaker, TunnelEnd]]:
    """Each side of a session with the end of the tunnel it speaks through."""
    pairs = []
    for side, _ in adjacency.sides:
        fits = [end for end in tunnel.ends if end.router is side.router]
        pairs += [(side, fits[0])] if fits else []
    return pairs


def peers_of(router: Router) -> list[Peer]:
    """All WireGuard peers of a router, in the order of their interfaces."""
    return [peer for face in router.wireguard for peer in face.peers]
