"""What a larger lab has beside the one of the documentation: sites, their links, nodes.

Every further site has two tunnels: one to the first site, one to the site before it or to `mou`.
Each eighth has a router that is too old for tunnels; its way is the backup line that the overlay
gives to such routers. Nodes stand in all sites in turn.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_network

from labtui.demo.lab import GIB, Card, Link, Node, Site

MOST_NODES = 128
MOST_ROUTERS = 120
LAST_HOST = 250
"""Guests whose host number would be higher have no address of their own."""

_STUDENT_NODES = ("pve1", "pve2", "pve2", "pve3", "pve4")
_FIRST_STUDENT_HOST = (60, 100)
"""Host number of the first guest of courses and students: with four nodes, with more."""

_FIRST_NODE_HOST = 60
_VERSIONS = ("7.20.4 (stable)", "7.19.6 (stable)", "7.16.2 (stable)", "7.12.2 (stable)")
_OLD_VERSION = "6.49.17 (long-term)"
_HUB, _OTHER_HUB = "836", "mou"
_CARD = ("0x10de", "0x2684", "NVIDIA Corporation", "AD102 [GeForce RTX 4090]")


@dataclass(frozen=True)
class Place:
    """Where thrown guests may stand: nodes by how often, their subnets, the first host number."""

    nodes: tuple[str, ...]
    subnets: dict[str, str]
    first_host: int


def place_for(nodes: tuple[Node, ...], sites: tuple[Site, ...]) -> Place:
    """The place in a lab of these nodes and sites."""
    larger = len(nodes) > len(set(_STUDENT_NODES))
    subnet_of = {site.name: site.subnet for site in sites}
    return Place(
        tuple(node.name for node in nodes) if larger else _STUDENT_NODES,
        {node.name: subnet_of[node.site] for node in nodes},
        _FIRST_STUDENT_HOST[larger],
    )


def more_sites(count: int) -> tuple[Site, ...]:
    """That many sites after the first four."""
    return tuple(
        Site(
            str(900 + number),
            f"10.121.{number}.0/24",
            65100 + number,
            f"rt-{900 + number}",
            f"192.0.2.{100 + number}",
            _OLD_VERSION if number % 8 == 0 else _VERSIONS[number % len(_VERSIONS)],
        )
        for number in range(5, 5 + count)
    )


def more_links(links: int, sites: tuple[Site, ...]) -> tuple[Link, ...]:
    """Two tunnels for each of these sites that can; `links` is the highest number in use."""
    found: list[Link] = []
    able = [site for site in sites if site.router_version != _OLD_VERSION]
    for index, site in enumerate(able):
        before = able[index - 1].name if index % 3 else _OTHER_HUB
        for far in (_HUB, before):
            number = len(found)
            subnet = f"10.255.{1 + number // 128}.{number % 128 * 2}/31"
            found.append(Link(links + 1 + number, far, site.name, subnet))
    return tuple(found)


def more_nodes(count: int, sites: tuple[Site, ...]) -> tuple[Node, ...]:
    """That many nodes after the first four; each fourth has two cards."""
    found = []
    for number in range(5, 5 + count):
        site = sites[number % len(sites)]
        host = _FIRST_NODE_HOST + number // len(sites)
        found.append(
            Node(
                f"pve{number}",
                site.name,
                str(ip_network(site.subnet)[host]),
                64,
                512 * GIB,
                "AMD EPYC 7543P 32-Core Processor",
                (_card("0000:01:00", 14), _card("0000:02:00", 15)) if number % 4 == 0 else (),
            )
        )
    return tuple(found)


def _card(slot: str, group: int) -> Card:
    return Card(slot, *_CARD, group)
