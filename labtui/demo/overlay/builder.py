"""From the lab's frozen facts to routers, tunnels and sessions that have been up for a while."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from ipaddress import ip_interface, ip_network

from labtui.demo.lab import Lab, Link, Site
from labtui.demo.overlay.adjacency import Adjacency, Speaker
from labtui.demo.overlay.backup import BackupLine
from labtui.demo.overlay.configuration import configure, keep_inside, stretched
from labtui.demo.overlay.devices import (
    Address,
    BgpConnection,
    Peer,
    Port,
    Router,
    WireguardInterface,
)
from labtui.demo.overlay.flow import Flow
from labtui.demo.overlay.keys import private_key, public_key
from labtui.demo.overlay.ospf import Neighbourhood
from labtui.demo.overlay.routing import EXTERNAL_PREFIXES
from labtui.demo.overlay.tunnel import Tunnel, TunnelEnd
from labtui.demo.overlay.underlay import Underlay, Uplink

DAY = 86400.0
FIRST_LISTEN_PORT = 51820
STRANGER_ADDRESS = "203.0.113.142"
# Where the roaming peers are, and the age of the last handshake (None: never; 0: on the line).
_ROAMERS: tuple[tuple[str, float | None], ...] = (
    ("198.51.100.77", 0.0),
    ("203.0.113.200", 3 * DAY + 7260.0),
    ("", None),
)


@dataclass
class Parts:
    """What the world is made of."""

    routers: dict[str, Router] = field(default_factory=dict)
    tunnels: list[Tunnel] = field(default_factory=list)
    adjacencies: list[Adjacency] = field(default_factory=list)
    lines: list[BackupLine] = field(default_factory=list)
    neighbourhoods: list[Neighbourhood] = field(default_factory=list)


def loopback(lab: Lab, site: str) -> str:
    """The loopback and router id of a site's router."""
    index = [entry.name for entry in lab.sites].index(site)
    return f"10.255.255.{index + 1}"


def new_underlay(lab: Lab) -> Underlay:
    """All lines whole; the third site, if there are more than two, sits behind a NAT."""
    underlay = Underlay(lab.seed)
    for index, site in enumerate(lab.sites):
        underlay.uplinks[site.name] = Uplink(nat=index == 2)
    return underlay


def build(lab: Lab, now: float, underlay: Underlay) -> Parts:
    """All parts of the lab but its backup lines, running at `now`."""
    parts = Parts()
    for index, site in enumerate(lab.sites):
        parts.routers[site.router] = _router(lab, site, index, now)
    for link in lab.links:
        if any(site.name == link.right for site in lab.sites) or link.right in EXTERNAL_PREFIXES:
            _site_link(lab, link, parts, now, underlay)
        else:
            _roaming(lab, link, parts, now, underlay)
    for router in parts.routers.values():
        router.addresses = _addresses(router)
        router.last_number = max(router.last_number, 0x10 + len(router.wireguard))
    return parts


def _addresses(router: Router) -> list[Address]:
    faces: list[Port | WireguardInterface] = [*router.ports, *router.wireguard]
    rows = [(face.address, face.network, face.name) for face in faces if face.address]
    return [
        Address(number, address, network, name)
        for number, (address, network, name) in enumerate(rows, start=1)
    ]


def _router(lab: Lab, site: Site, index: int, now: float) -> Router:
    network = ip_network(site.subnet)
    lan = str(network[1])
    router = Router(
        site.router,
        site.name,
        site.router_version,
        site.asn,
        site.public_address,
        site.subnet,
        lan,
        loopback(lab, site.name),
        now - (11 + 17 * index) * DAY - 4211.0 * (index + 1),
        identity=site.router,
    )
    mac = f"00:00:5E:00:53:{16 * index:02X}"
    wan = ip_interface(f"{site.public_address}/24")
    router.ports = [
        Port(1, "ether1", "ether", 1500, mac, str(wan), str(wan.network[0]), mean_rate=9.4e5),
        Port(2, "ether2", "ether", 1500, mac[:-1] + "1", slave=True, mean_rate=2.1e6),
        Port(
            3,
            "bridge-lan",
            "bridge",
            1500,
            mac[:-1] + "1",
            f"{lan}/{network.prefixlen}",
            str(network[0]),
            mean_rate=2.0e6,
        ),
        _loopback_port(router),
    ]
    configure(lab, router, index)
    if index < 2 and router.major >= 7:
        router.ports.append(stretched(lab, router))
    return router


def _loopback_port(router: Router) -> Port:
    """`lo` came with 7.14; before, an empty bridge carried the loopback address."""
    numbers = router.version.split()[0].split(".")
    old = (int(numbers[0]), int(numbers[1])) < (7, 14)
    name, kind, mtu = ("loopback", "bridge", 1500) if old else ("lo", "loopback", 65536)
    address = f"{router.loopback}/32"
    return Port(4, name, kind, mtu, "00:00:00:00:00:00", address, router.loopback)


def _interface(
    router: Router | None, owner: str, link: Link, far: str, host: int
) -> WireguardInterface:
    network = ip_network(link.subnet)
    name = f"wg-{far}"
    made = WireguardInterface(
        8 + len(router.wireguard) if router else 1,
        name,
        FIRST_LISTEN_PORT + link.number,
        public_key(f"{owner} {name}"),
        private_key(f"{owner} {name}"),
        f"{network[host]}/{network.prefixlen}",
        str(network[0]),
    )
    if router is not None:
        router.wireguard.append(made)
    return made


def _peer(
    number: int, interface: WireguardInterface, far: WireguardInterface, name: str, allowed: str
) -> Peer:
    peer = Peer(number, interface, name, "", far.public_key, allowed)
    interface.peers.append(peer)
    return peer


def _peer_number(router: Router | None) -> int:
    return 1 + sum(len(interface.peers) for interface in router.wireguard) if router else 1


def _site_link(lab: Lab, link: Link, parts: Parts, now: float, underlay: Underlay) -> None:
    """A tunnel between two sites, or between a site and a neighbour we hold no router of."""
    dice = random.Random(lab.seed * 100 + link.number)
    sites = {site.name: site for site in lab.sites}
    names = (link.left, link.right)
    routers = [parts.routers[sites[name].router] if name in sites else None for name in names]
    owners = [router.name if router else name for router, name in zip(routers, names, strict=True)]
    faces = [
        _interface(routers[side], owners[side], link, names[1 - side], side) for side in (0, 1)
    ]
    publics = [router.public_address if router else STRANGER_ADDRESS for router in routers]
    ends = []
    for side in (0, 1):
        peer = _peer(
            _peer_number(routers[side]),
            faces[side],
            faces[1 - side],
            owners[1 - side],
            "0.0.0.0/0,::/0",
        )
        peer.comment = f"link {link.number} to {names[1 - side]}"
        peer.endpoint_address = publics[1 - side]
        peer.endpoint_port = faces[1 - side].listen_port
        peer.keepalive = link.keepalive
        flow = Flow(dice.uniform(4e4, 4e5), dice.uniform(0, 6))
        ends.append(TunnelEnd(routers[side], names[side], peer, publics[side], flow))
    latency = dice.uniform(0.0015, 0.012)
    tunnel = Tunnel(link.number, link.number, ends[0], ends[1], latency, underlay)
    _has_been_up(tunnel, now)
    parts.tunnels.append(tunnel)
    if link.bgp:
        parts.adjacencies.append(_adjacency(lab, link, tunnel, now))


def _roaming(lab: Lab, link: Link, parts: Parts, now: float, underlay: Underlay) -> None:
    """One interface with three people as peers: one on the line, one gone, one never seen."""
    site = lab.site(link.left)
    router = parts.routers[site.router]
    face = _interface(router, router.name, link, link.right, 1)
    network = ip_network(link.subnet)
    dice = random.Random(lab.seed * 100 + link.number)
    for index, (person, (where, age)) in enumerate(zip(lab.people, _ROAMERS, strict=False)):
        device = _interface(None, person.slug, link, link.left, 11 + index)
        allowed = f"{network[11 + index]}/32"
        peer = _peer(_peer_number(router), face, device, person.slug, allowed)
        peer.comment = person.name
        peer.keepalive = link.keepalive
        theirs = _peer(1, device, face, router.name, "0.0.0.0/0")
        theirs.endpoint_address, theirs.endpoint_port = router.public_address, face.listen_port
        near = TunnelEnd(
            router, link.left, peer, router.public_address, Flow(dice.uniform(2e4, 6e4))
        )
        far = TunnelEnd(None, person.slug, theirs, where, Flow(dice.uniform(3e3, 9e3)))
        far.present = far.talkative = near.loaded = far.loaded = age == 0.0
        latency = 0.021 + 0.004 * index
        tunnel = Tunnel(100 + index, link.number, near, far, latency, underlay)
        parts.tunnels.append(tunnel)
        if age == 0.0:
            _has_been_up(tunnel, now)
        elif age is not None:
            peer.last_handshake = now - age
            peer.current_endpoint = (where, device.listen_port)
            peer.rx, peer.tx = 48_211_904.0, 613_002_752.0


def _has_been_up(tunnel: Tunnel, now: float) -> None:
    """Counters and a handshake as if the tunnel had been up since the younger router's boot."""
    booted = max(end.router.booted for end in tunnel.ends if end.router is not None)
    last = now - (tunnel.number * 17.3) % 110.0
    for end, other in tunnel.sides:
        end.peer.last_handshake = last
        end.peer.current_endpoint = (other.public_address, tunnel.seen_port(other))
        end.peer.tx = end.outgoing.amount(booted, now) * 0.8
        end.peer.rx = other.outgoing.amount(booted, now) * 0.8
    # The end that began has shown its clock to the other one; behind a NAT it is always that end.
    natted = tunnel.underlay.uplink(tunnel.right.site).nat
    (tunnel.left if natted else tunnel.right).peer.newest_stamp = last
    tunnel.next_handshake = last + tunnel.period


def _adjacency(lab: Lab, link: Link, tunnel: Tunnel, now: float) -> Adjacency:
    sites = {site.name: site for site in lab.sites}
    names = (link.left, link.right)
    asns = [sites[name].asn if name in sites else lab.external_asns[name] for name in names]
    addresses = [end.peer.interface.address.partition("/")[0] for end in tunnel.ends]
    speakers = []
    for side, end in enumerate(tunnel.ends):
        number = 1 + len(end.router.connections) if end.router else 1
        connection = BgpConnection(
            number,
            f"to-{names[1 - side]}",
            end.peer.interface.name,
            addresses[side],
            asns[side],
            addresses[1 - side],
            asns[1 - side],
        )
        if end.router is not None:
            end.router.connections.append(connection)
            if names[1 - side] not in sites:
                keep_inside(end.router, connection)
        router_id = loopback(lab, names[side]) if names[side] in sites else addresses[side]
        phase = (link.number * 13.0 + side * 29.0) % 60.0
        speaker = Speaker(end.router, names[side], connection, router_id, phase)
        session = speaker.row()
        session.established = True
        session.started = now - (2 * DAY + 5003.0 * link.number)
        speakers.append(speaker)
    return Adjacency(link.number, tunnel, speakers[0], speakers[1])
