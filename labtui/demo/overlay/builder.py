"""From the lab's frozen facts to routers, tunnels and sessions that have been up for a while."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import ip_interface, ip_network

from labtui.demo.lab import Lab, Link, Site
from labtui.demo.overlay.adjacency import Adjacency, Speaker
from labtui.demo.overlay.devices import BgpConnection, Peer, Port, Router, WireguardInterface
from labtui.demo.overlay.flow import Flow
from labtui.demo.overlay.keys import private_key, public_key
from labtui.demo.overlay.tunnel import Tunnel, TunnelEnd

DAY = 86400.0
FIRST_LISTEN_PORT = 51820
# Prefixes that a neighbour outside the lab announces.
EXTERNAL_PREFIXES = {"dn42": 611}
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


def loopback(lab: Lab, site: str) -> str:
    """The loopback and router id of a site's router."""
    index = [entry.name for entry in lab.sites].index(site)
    return f"10.255.255.{index + 1}"


def build(lab: Lab, now: float, is_open: Callable[[int], bool]) -> Parts:
    """All parts, running at `now`; `is_open` tells whether the path of a link works."""
    parts = Parts()
    for index, site in enumerate(lab.sites):
        parts.routers[site.router] = _router(lab, site, index, now)
    for link in lab.links:
        if any(site.name == link.right for site in lab.sites) or link.right in EXTERNAL_PREFIXES:
            _site_link(lab, link, parts, now, is_open)
        else:
            _roaming(lab, link, parts, now, is_open)
    return parts


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


def _site_link(
    lab: Lab, link: Link, parts: Parts, now: float, is_open: Callable[[int], bool]
) -> None:
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
        ends.append(TunnelEnd(routers[side], peer, publics[side], flow))
    tunnel = Tunnel(
        link.number, ends[0], ends[1], dice.uniform(0.0015, 0.012), lambda: is_open(link.number)
    )
    _has_been_up(tunnel, now)
    parts.tunnels.append(tunnel)
    if link.bgp:
        parts.adjacencies.append(_adjacency(lab, link, tunnel, now))


def _roaming(
    lab: Lab, link: Link, parts: Parts, now: float, is_open: Callable[[int], bool]
) -> None:
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
        near = TunnelEnd(router, peer, router.public_address, Flow(dice.uniform(2e4, 6e4)))
        far = TunnelEnd(None, theirs, where, Flow(dice.uniform(3e3, 9e3)))
        far.present = far.talkative = near.loaded = far.loaded = age == 0.0
        tunnel = Tunnel(100 + index, near, far, 0.021 + 0.004 * index, lambda: is_open(link.number))
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
    for end, other in ((tunnel.left, tunnel.right), (tunnel.right, tunnel.left)):
        end.peer.last_handshake = last
        end.peer.current_endpoint = (other.public_address, other.peer.interface.listen_port)
        end.peer.tx = end.outgoing.amount(booted, now) * 0.8
        end.peer.rx = other.outgoing.amount(booted, now) * 0.8
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
            end.peer.interface,
            addresses[side],
            asns[side],
            addresses[1 - side],
            asns[1 - side],
        )
        if end.router is not None:
            end.router.connections.append(connection)
        router_id = loopback(lab, names[side]) if names[side] in sites else addresses[side]
        phase = (link.number * 13.0 + side * 29.0) % 60.0
        speaker = Speaker(end.router, names[side], connection, router_id, phase)
        session = speaker.row()
        session.established = True
        session.started = now - (2 * DAY + 5003.0 * link.number)
        speakers.append(speaker)
    return Adjacency(link.number, tunnel, speakers[0], speakers[1])
