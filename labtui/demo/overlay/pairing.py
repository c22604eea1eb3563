"""From configuration to tunnels and sessions: who is whose other end.

Every peer and every connection of a router belongs to exactly one tunnel or adjacency. One whose
other end is not there gets a silent one, so that it knocks and waits as a real one would.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from labtui.demo.lab import Lab
from labtui.demo.overlay.adjacency import Adjacency, Speaker
from labtui.demo.overlay.backup import BackupLine
from labtui.demo.overlay.carrier import Carrier, NoCarrier
from labtui.demo.overlay.devices import BgpConnection, Peer, Port, Router, WireguardInterface
from labtui.demo.overlay.flow import Flow
from labtui.demo.overlay.routing import network
from labtui.demo.overlay.tunnel import Tunnel, TunnelEnd
from labtui.demo.overlay.underlay import Underlay

# Tunnels and sessions that somebody configured get numbers from here on.
FIRST_MADE = 1001
NOBODY = ""


@dataclass(eq=False)
class Pairing:
    """The register of both ends of everything; the lists are those of the world."""

    lab: Lab
    underlay: Underlay
    routers: dict[str, Router]
    tunnels: list[Tunnel]
    adjacencies: list[Adjacency]
    lines: list[BackupLine]
    strangers: list[TunnelEnd] = field(default_factory=list)
    speakers: list[Speaker] = field(default_factory=list)
    made: int = 0

    def __post_init__(self) -> None:
        self.strangers = [
            end for tunnel in self.tunnels for end in tunnel.ends if end.router is None
        ]
        self.speakers = [
            side for item in self.adjacencies for side, _ in item.sides if side.router is None
        ]

    def match(self, now: float) -> None:
        """Bring tunnels and sessions in line with what is configured."""
        self._addresses()
        self._drop_tunnels()
        for router, peer in self._lonely_peers():
            self._join_peer(router, peer)
        self._drop_adjacencies(now)
        for router, connection in self._lonely_connections():
            self._join_connection(router, connection)

    def _addresses(self) -> None:
        """The first enabled address of each tunnel's interface is the one in force there."""
        for router in self.routers.values():
            first: dict[str, tuple[str, str]] = {}
            for row in router.addresses:
                if not row.disabled:
                    first.setdefault(row.interface, (row.address, row.network))
            faces: list[Port | WireguardInterface] = [*router.wireguard, *router.ports]
            for face in faces:
                face.address, face.network = first.get(face.name, ("", ""))

    def _drop_tunnels(self) -> None:
        def exists(end: TunnelEnd) -> bool:
            if end.router is None:
                return True
            face = end.peer.interface
            return face in end.router.wireguard and end.peer in face.peers

        kept = []
        for tunnel in self.tunnels:
            silent = tunnel.right.site == NOBODY
            if all(exists(end) for end in tunnel.ends) and not silent:
                kept.append(tunnel)
        self.tunnels[:] = kept

    def _lonely_peers(self) -> Iterator[tuple[Router, Peer]]:
        for router in self.routers.values():
            for face in list(router.wireguard):
                for peer in list(face.peers):
                    if not any(end.peer is peer for item in self.tunnels for end in item.ends):
                        yield router, peer

    def _join_peer(self, router: Router, peer: Peer) -> None:
        self.made += 1
        number = FIRST_MADE + self.made
        near = self._end(router, peer, number)
        far = self._mate(peer, number) or _nobody(peer)
        path = self._path(router.site, far.site, number)
        latency = 0.0015 + self.underlay.chance("latency", path) * 0.0105
        self.tunnels.append(Tunnel(number, path, near, far, latency, self.underlay))

    def _end(self, router: Router, peer: Peer, number: int) -> TunnelEnd:
        flow = Flow(4e4 + 1e5 * self.underlay.chance("flow", number, router.name))
        return TunnelEnd(router, router.site, peer, router.public_address, flow)

    def _mate(self, peer: Peer, number: int) -> TunnelEnd | None:
        """The other end that has this peer's key and the key this peer asks for."""
        for router, other in self._lonely_peers():
            if other is not peer and _keys_agree(peer, other):
                return self._end(router, other, number)
        joined = [end for tunnel in self.tunnels for end in tunnel.ends]
        for end in self.strangers:
            if end not in joined and _keys_agree(peer, end.peer):
                return end
        return None

    def _path(self, left: str, right: str, otherwise: int) -> int:
        for link in self.lab.links:
            if {link.left, link.right} == {left, right}:
                return link.number
        return otherwise

    def _drop_adjacencies(self, now: float) -> None:
        def exists(side: Speaker) -> bool:
            return side.router is None or side.connection in side.router.connections

        kept = []
        for item in self.adjacencies:
            if all(exists(side) for side, _ in item.sides) and item.right.site != NOBODY:
                self._carry(item)
                kept.append(item)
                continue
            for side, _ in item.sides:
                if exists(side):
                    side.close(now)
        self.adjacencies[:] = kept

    def _carry(self, item: Adjacency) -> None:
        """A session whose tunnel was made anew moves to the new one."""
        carriers: Sequence[Carrier] = [*self.tunnels, *self.lines]
        if not any(carrier is item.tunnel for carrier in carriers):
            near = item.left if item.left.router is not None else item.right
            item.tunnel = NoCarrier()
            if near.router is not None:
                found = self._carrier(near.router, near.connection.remote_address)
                item.tunnel = found[0] if found is not None else item.tunnel

    def _lonely_connections(self) -> Iterator[tuple[Router, BgpConnection]]:
        for router in self.routers.values():
            for connection in list(router.connections):
                if not any(
                    side.connection is connection
                    for item in self.adjacencies
                    for side, _ in item.sides
                ):
                    yield router, connection

    def _join_connection(self, router: Router, connection: BgpConnection) -> None:
        self.made += 1
        number = FIRST_MADE + self.made
        near = self._speaker(router, connection)
        found = self._carrier(router, connection.remote_address)
        carrier: Carrier = NoCarrier() if found is None else found[0]
        mate = None if found is None else self._neighbour(found[1], connection)
        if isinstance(carrier, Tunnel) and mate is not None:
            taken = {item.number for item in self.adjacencies}
            number = number if carrier.number in taken else carrier.number
        self.adjacencies.append(Adjacency(number, carrier, near, mate or _silent(connection)))

    def _speaker(self, router: Router, connection: BgpConnection) -> Speaker:
        phase = 60.0 * self.underlay.chance("keepalive", router.name, connection.name)
        return Speaker(router, router.site, connection, router.loopback, phase)

    def _neighbour(self, far: TunnelEnd | Router, connection: BgpConnection) -> Speaker | None:
        router = far if isinstance(far, Router) else far.router
        if router is None:
            joined = [side for item in self.adjacencies for side, _ in item.sides]
            fits = (
                side
                for side in self.speakers
                if side not in joined and _addressed(connection, side.connection)
            )
            return next(fits, None)
        for owner, other in self._lonely_connections():
            if owner is router and _addressed(connection, other):
                return self._speaker(owner, other)
        return None

    def _carrier(
        self, router: Router, address: str
    ) -> tuple[Tunnel | BackupLine, TunnelEnd | Router] | None:
        """The tunnel or line whose other end has the address, and that end."""
        for tunnel in self.tunnels:
            for end, other in tunnel.sides:
                if end.router is router and inner_address(other) == address:
                    return tunnel, other
        for line in self.lines:
            if line.server is router and address == line.inner[1]:
                return line, line.client
            if line.client is router and address == line.inner[0]:
                return line, line.server
        return None


def inner_address(end: TunnelEnd) -> str:
    """The address of an end inside its tunnel."""
    return end.peer.interface.address.partition("/")[0]


def face_towards(router: Router, address: str) -> str:
    """The interface in whose network an address lies; empty where there is none."""
    for row in router.addresses:
        if not row.disabled and _within(address, row.address):
            return row.interface
    return ""


def _within(address: str, network_text: str) -> bool:
    try:
        return network(f"{address}/32").subnet_of(network(network_text))
    except ValueError:
        return False


def _keys_agree(one: Peer, other: Peer) -> bool:
    return (
        one.public_key == other.interface.public_key
        and other.public_key == one.interface.public_key
    )


def _addressed(one: BgpConnection, other: BgpConnection) -> bool:
    return one.remote_address == other.local_address and other.remote_address == one.local_address


def _nobody(peer: Peer) -> TunnelEnd:
    face = WireguardInterface(0, "", 0, "", "", "", "")
    return TunnelEnd(None, NOBODY, Peer(0, face, "", "", "", ""), "", Flow(0.0), present=False)


def _silent(connection: BgpConnection) -> Speaker:
    silent = BgpConnection(
        0, "", "", connection.remote_address, 0, connection.local_address, 0, disabled=True
    )
    return Speaker(None, NOBODY, silent, connection.remote_address, 0.0)
