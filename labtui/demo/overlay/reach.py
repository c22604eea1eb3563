"""Where a packet from a router goes, and what comes back: pings and traces."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, ip_interface
from typing import TYPE_CHECKING

from labtui.demo.overlay.backup import BackupLine
from labtui.demo.overlay.devices import Port, Router, WireguardInterface
from labtui.demo.overlay.firewall import Packet, lets_in
from labtui.demo.overlay.pairing import inner_address
from labtui.demo.overlay.routing import STATIC
from labtui.demo.overlay.tunnel import Tunnel

if TYPE_CHECKING:
    from labtui.demo.overlay.world import OverlayWorld

TIMEOUT = "timeout"
NO_ROUTE = "no route to host"
TOO_BIG_HERE = "packet too large and cannot be fragmented"
TOO_BIG_THERE = "fragmentation needed and DF set"
_MOST_HOPS = 16
_LAN_DELAY = 0.0003
_OWN = 0.00006
_INTERNET = 0.0041


@dataclass(frozen=True)
class Question:
    """A packet asked about: whole IPv4 size in bytes; `face` forces the first interface."""

    address: str
    size: int = 56
    fragment: bool = True
    source: str = ""
    face: str = ""


@dataclass(frozen=True)
class Answer:
    """Seconds there and back, or the reason for their absence; the routers on the way."""

    seconds: float | None
    status: str = ""
    hops: tuple[str, ...] = ()
    times: tuple[float, ...] = ()


@dataclass
class _Walk:
    """How far a packet has come."""

    here: Router
    total: float = 0.0
    hops: tuple[str, ...] = ()
    times: tuple[float, ...] = ()

    def step(self, seconds: float, address: str) -> None:
        self.total += seconds
        self.hops = (*self.hops, address)
        self.times = (*self.times, self.total)

    def ended(self, status: str) -> Answer:
        return Answer(None, status, self.hops, self.times)

    def arrived(self, seconds: float = 0.0) -> Answer:
        return Answer(self.total + seconds, "", self.hops, (*self.times[:-1], self.total + seconds))


Way = Tunnel | BackupLine


class Reach:
    """Pings and traces of a world."""

    def __init__(self, world: OverlayWorld) -> None:
        self._world = world
        self._asked = 0

    def ask(self, router: Router, question: Question) -> Answer:
        """Send one packet from a router and wait for its answer."""
        try:
            target = IPv4Address(question.address)
        except ValueError:
            return Answer(None, NO_ROUTE)
        if not router.up:
            return Answer(None, TIMEOUT)
        if question.source and not router.owns(question.source):
            return Answer(None, NO_ROUTE)
        self._asked += 1
        walk = _Walk(router)
        for number in range(_MOST_HOPS):
            answer = self._here(walk, question, target)
            if answer is not None:
                return answer
            way = self._next(walk.here, question, target, first=number == 0)
            if way is None:
                return self._outside(walk, question)
            status = self._cross(walk, way, question)
            if status:
                return walk.ended(status)
            if not self._is_router(walk, way):
                return walk.arrived()
        return walk.ended("TTL exceeded")

    def _here(self, walk: _Walk, question: Question, target: IPv4Address) -> Answer | None:
        router = walk.here
        if router.owns(question.address):
            if walk.total and not lets_in(router, Packet("icmp")):
                return walk.ended(TIMEOUT)
            return walk.arrived(0.0 if walk.total else _OWN)
        for face in router.ports:
            bridged = face.kind == "bridge" and face.address and not face.disabled
            if bridged and target in ip_interface(face.address).network:
                walk.step(_LAN_DELAY, question.address)
                return walk.arrived()
        return None

    def _next(
        self, router: Router, question: Question, target: IPv4Address, *, first: bool
    ) -> tuple[Way, Router | None, str] | None:
        """The way to take, who stands at its end and by which address."""
        world = self._world
        for tunnel in world.tunnels:
            for end, other in tunnel.sides:
                forced = first and question.face and end.peer.interface.name != question.face
                near = end.router is router and not forced
                if near and inner_address(other) == question.address:
                    return tunnel, other.router, question.address
        best = world.routing.best(router.site, target)
        if best is not None and best[1]:
            item = world.between(router.site, best[1][0])
            if item is not None:
                side, far = item.sides[0 if item.left.router is router else 1]
                if isinstance(item.tunnel, Tunnel | BackupLine):
                    return item.tunnel, far.router, side.connection.remote_address
        return self._by_ospf(router, target)

    def _by_ospf(
        self, router: Router, target: IPv4Address
    ) -> tuple[Way, Router | None, str] | None:
        for hood in self._world.neighbourhoods:
            one, other = hood.routers
            if router not in (one, other):
                continue
            far = other if router is one else one
            address = hood.line.inner[1 if router is one else 0]
            near = far.owns(str(target)) or target in ip_interface(far.subnet).network
            full = hood.full(self._world.now)
            if str(target) == address or (full and near):
                return hood.line, far, address
        return None

    def _cross(self, walk: _Walk, found: tuple[Way, Router | None, str], question: Question) -> str:
        """Go through a tunnel or a line and back; the answer says what went wrong."""
        way, _, address = found
        now = self._world.now
        mtu = _mtu(walk.here, way)
        if question.size > mtu and not question.fragment:
            return TOO_BIG_THERE if walk.total else TOO_BIG_HERE
        if isinstance(way, Tunnel):
            way.poke(now)
        if not way.passing(now) or min(question.size, mtu) > way.limit:
            return TIMEOUT
        if way.loss > 0:
            kept = (1.0 - way.loss) ** 2
            if self._world.underlay.chance("ping", self._asked, address) >= kept:
                return TIMEOUT
        number = way.number
        # A jitter of a few per cent, made of the time alone.
        walk.step(2 * way.delay * (1 + 0.06 * ((now * 7.13 + number) % 1.0)), address)
        return ""

    @staticmethod
    def _is_router(walk: _Walk, found: tuple[Way, Router | None, str]) -> bool:
        router = found[1]
        if router is None:
            return False
        walk.here = router
        return True

    def _outside(self, walk: _Walk, question: Question) -> Answer:
        """By the default route: other sites' public addresses, and nothing else answers."""
        world, router = self._world, walk.here
        if not router.online or not world.underlay.uplink(router.site).up:
            return walk.ended(TIMEOUT)
        if (site := self._behind(question.address)) is not None:
            return self._gateway(walk, router, site)
        for other in world.routers.values():
            if other.public_address != question.address:
                continue
            line, far = world.underlay.uplink(router.site), world.underlay.uplink(other.site)
            answers = other.up and other.online and far.up
            if not answers or question.size > min(line.mtu, far.mtu):
                return walk.ended(TIMEOUT)
            kept = ((1.0 - line.loss) * (1.0 - far.loss)) ** 2
            if world.underlay.chance("ping", self._asked) >= kept:
                return walk.ended(TIMEOUT)
            walk.step(_INTERNET + 2 * (line.delay + far.delay), question.address)
            return walk.arrived()
        return walk.ended(TIMEOUT)

    def _behind(self, address: str) -> str | None:
        """The site whose router has that address as its way out: a box of the provider's."""
        for router in self._world.routers.values():
            if any(row.get("gateway") == address for row in router.table(STATIC)):
                return router.site
        return None

    def _gateway(self, walk: _Walk, router: Router, site: str) -> Answer:
        """It stands at the near end of the site's line, and needs no power of that building."""
        line = self._world.underlay.uplink(site)
        if not line.up:
            return walk.ended(TIMEOUT)
        near = self._world.underlay.uplink(router.site)
        walk.step(_INTERNET + 2 * near.delay, "gateway")
        return walk.arrived()


def _mtu(router: Router, way: Way) -> int:
    if isinstance(way, BackupLine):
        return way.mtu
    end = way.left if way.left.router is router else way.right
    return end.peer.interface.mtu


def face_of(router: Router, name: str) -> Port | WireguardInterface | None:
    """An interface by its name."""
    faces: list[Port | WireguardInterface] = [*router.ports, *router.wireguard]
    return next((face for face in faces if face.name == name), None)
