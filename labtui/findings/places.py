"""Where things stand: networks of sites, nodes in them, and what is at the far end of a tunnel."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_address, ip_interface, ip_network

import msgspec

from labtui.model.cluster import Membership
from labtui.model.derived import Derived
from labtui.model.overlay import RouterFacts, WireGuard
from labtui.model.snapshot import Snapshot

Network = IPv4Network | IPv6Network
_PRIVATE = tuple(ip_network(net) for net in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
# A smaller network joins two routers; nobody lives there.
_SMALLEST_LAN = 29


class Link(msgspec.Struct, frozen=True):
    """An address of a router on an interface."""

    router: str
    interface: str
    host: str
    network: Network


class Places(msgspec.Struct, frozen=True):
    """The joins by address.

    `lans`: site -> its private networks; `nodes`: (cluster, node) -> site; `far_ends`: (router,
    interface) -> the site at the other end of its small network; `hosts`: address -> router.
    """

    lans: dict[str, tuple[str, ...]] = {}
    nodes: dict[tuple[str, str], str] = {}
    far_ends: dict[tuple[str, str], str] = {}
    hosts: dict[str, str] = {}
    links: dict[str, tuple[Link, ...]] = {}

    def interface_to(self, router: str, remote: str) -> str:
        """The interface in whose network that address is, or an empty text."""
        try:
            address = ip_address(remote)
        except ValueError:
            return ""
        for link in self.links.get(router, ()):
            if address in link.network:
                return link.interface
        return ""


def _places(snapshot: Snapshot) -> Places:
    facts = dict(snapshot.of(RouterFacts))
    links = {name: _links(each) for name, each in facts.items()}
    tunnelled = {
        (router, interface.name)
        for router, part in snapshot.of(WireGuard)
        for interface in part.interfaces
    }
    site = {name: each.site or name for name, each in facts.items()}
    lans: dict[str, list[Network]] = {}
    for name, each in links.items():
        for link in each:
            if (name, link.interface) not in tunnelled and _is_lan(link.network):
                lans.setdefault(site[name], []).append(link.network)
    hosts = {link.host: name for name, each in links.items() for link in each}
    return Places(
        {name: tuple(sorted(str(net) for net in nets)) for name, nets in lans.items()},
        _nodes(snapshot, lans),
        _far_ends(links, site),
        hosts,
        links,
    )


def _links(facts: RouterFacts) -> tuple[Link, ...]:
    found = []
    for address in facts.addresses:
        if address.disabled:
            continue
        try:
            interface = ip_interface(address.address)
        except ValueError:
            continue
        host = str(interface.ip)
        found.append(Link(facts.router, address.interface, host, interface.network))
    return tuple(found)


def _is_lan(network: Network) -> bool:
    return (
        isinstance(network, IPv4Network)
        and network.prefixlen <= _SMALLEST_LAN
        and any(isinstance(net, IPv4Network) and network.subnet_of(net) for net in _PRIVATE)
    )


def _nodes(snapshot: Snapshot, lans: dict[str, list[Network]]) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for cluster, membership in snapshot.of(Membership):
        for member in membership.members:
            try:
                address = ip_address(member.address)
            except ValueError:
                continue
            for site, networks in lans.items():
                if any(address in network for network in networks):
                    found[cluster, member.name] = site
    return found


def _far_ends(
    links: dict[str, tuple[Link, ...]], site: dict[str, str]
) -> dict[tuple[str, str], str]:
    """Two routers in one small network are the two ends of a link."""
    by_network: dict[Network, list[Link]] = {}
    for each in links.values():
        for link in each:
            small = link.network.num_addresses <= 4
            if small and link.network.num_addresses > 1:
                by_network.setdefault(link.network, []).append(link)
    found: dict[tuple[str, str], str] = {}
    for pair in by_network.values():
        if len({link.router for link in pair}) == 2:
            for link in pair:
                other = next(each for each in pair if each.router != link.router)
                found[link.router, link.interface] = site[other.router]
    return found


places = Derived((RouterFacts, WireGuard, Membership), _places, figures=False)
"""Where things stand."""
