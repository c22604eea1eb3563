"""/ip/address, /ip/route, /ip/neighbor.

The route table holds the best path to each prefix only; the other paths a router hears are left out
to keep it small.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Network, ip_interface

from labtui.demo.overlay.builder import EXTERNAL_PREFIXES
from labtui.demo.overlay.devices import BgpConnection
from labtui.demo.routeros.menu import Context, Field, Menu, always, text
from labtui.demo.routeros.menus.interface import faces
from labtui.demo.routeros.values import boolean, duration

# dn42 lives in 172.20.0.0/14; this many /27 of it stand for what a neighbour there announces.
_DN42_BLOCK = IPv4Network("172.20.0.0/14")
_DN42_STEP = 7


@dataclass(frozen=True)
class Address:
    """An address on an interface."""

    number: int
    address: str
    network: str
    interface: str


@dataclass(frozen=True)
class Route:
    """A route; `source` is the flag that says where it comes from."""

    destination: str
    gateway: str
    immediate: str
    source: str
    distance: int
    local: str = ""


@dataclass(frozen=True)
class Neighbour:
    """A device that announces itself on a port."""

    number: int
    interface: str
    address: str
    mac: str
    identity: str
    platform: str
    board: str
    version: str
    discovered_by: str
    age: float


def _addresses(context: Context) -> list[Address]:
    found = [face for face in faces(context) if face.address]
    return [
        Address(number, face.address, face.network, face.name)
        for number, face in enumerate(found, start=1)
    ]


@lru_cache
def external_prefixes(origin: str) -> tuple[str, ...]:
    """The prefixes that a neighbour outside the lab announces."""
    subnets = list(_DN42_BLOCK.subnets(new_prefix=27))
    count = EXTERNAL_PREFIXES[origin]
    return tuple(str(subnets[(index * _DN42_STEP) % len(subnets)]) for index in range(count))


def _connected(context: Context) -> list[tuple[str, str, str]]:
    """Network, interface and local address; the route of a dead tunnel stays."""
    return [
        (str(ip_interface(face.address).network), face.name, face.address.partition("/")[0])
        for face in faces(context)
        if face.address and not face.disabled
    ]


def _learned(context: Context) -> list[tuple[str, BgpConnection]]:
    world = context.world
    routes = []
    for site in world.lab.sites:
        hop = world.next_hop(context.router, site.name)
        if hop is not None:
            loopback = world.routers[site.router].loopback
            routes += [(site.subnet, hop), (f"{loopback}/32", hop)]
    for origin in EXTERNAL_PREFIXES:
        hop = world.next_hop(context.router, origin)
        if hop is not None:
            routes += [(prefix, hop) for prefix in external_prefixes(origin)]
    return routes


def _routes(context: Context) -> list[Route]:
    gateway = context.router.public_address.rpartition(".")[0] + ".1"
    wan = context.router.ports[0].name
    routes = [Route("0.0.0.0/0", gateway, f"{gateway}%{wan}", "static", 1)]
    for network, name, address in _connected(context):
        local = f"{address}%{name}"
        routes.append(Route(network, name, name, "connect", 0, local))
    for prefix, hop in _learned(context):
        address = hop.remote_address
        immediate = f"{address}%{hop.interface.name}"
        routes.append(Route(prefix, address, immediate, "bgp", 20))
    return routes


def _route_ident(_context: Context, route: Route) -> str:
    """An id of its own for each route, which stays while other routes come and go."""
    place = zlib.crc32(f"{route.source} {route.destination} {route.gateway}".encode())
    return f"*{0x30000000 + place % 0x10000000:X}"


def _source(name: str) -> Field[Route]:
    return Field(name, lambda _context, route: "true" if route.source == name else None)


def _dynamic(_context: Context, route: Route) -> str:
    return boolean(route.source != "static")


def _scope(_context: Context, route: Route) -> str:
    return {"connect": "10", "static": "30"}.get(route.source, "40")


def _target_scope(_context: Context, route: Route) -> str | None:
    return None if route.source == "connect" else "10" if route.source == "static" else "30"


def _neighbours(context: Context) -> list[Neighbour]:
    router = context.router
    prefix = router.lan_address.rpartition(".")[0]
    now = context.world.now
    found = [
        Neighbour(
            1,
            "ether2,bridge-lan",
            f"{prefix}.2",
            "00:00:5E:00:53:E0",
            f"sw-{router.site}",
            "MikroTik",
            "CRS326-24G-2S+",
            "7.16.2 (stable) 2024-11-26 12:09:40",
            "cdp,lldp,mndp",
            now % 60.0,
        )
    ]
    nodes = [node for node in context.world.lab.nodes if node.site == router.site]
    for number, node in enumerate(nodes, start=2):
        found.append(
            Neighbour(
                number,
                "ether2,bridge-lan",
                node.address,
                f"00:00:5E:00:53:F{number}",
                node.name,
                "",
                "",
                "",
                "lldp",
                (now + 7 * number) % 30.0,
            )
        )
    return found


ADDRESSES: Menu[Address] = Menu(
    "/ip/address",
    _addresses,
    (
        Field("address", text("address")),
        Field("network", text("network")),
        Field("interface", text("interface")),
        Field("actual-interface", text("interface")),
        Field("invalid", always("false")),
        Field("dynamic", always("false")),
        Field("disabled", always("false")),
    ),
    lambda context, item: context.router.ident(item.number),
    key="address",
)

ROUTES: Menu[Route] = Menu(
    "/ip/route",
    _routes,
    (
        Field("dst-address", text("destination")),
        Field("routing-table", always("main")),
        Field("gateway", text("gateway")),
        Field("immediate-gw", text("immediate")),
        Field("distance", text("distance")),
        Field("scope", _scope),
        Field("target-scope", _target_scope),
        Field("suppress-hw-offload", always("false"), until=(7, 20, 8)),
        Field("local-address", text("local")),
        Field("dynamic", _dynamic),
        Field("active", always("true")),
        _source("connect"),
        _source("static"),
        _source("bgp"),
        Field("disabled", always("false")),
    ),
    _route_ident,
    print_also=("stats",),
    key="dst-address",
)

NEIGHBOURS: Menu[Neighbour] = Menu(
    "/ip/neighbor",
    _neighbours,
    (
        Field("interface", text("interface")),
        Field("address", text("address")),
        Field("address4", text("address")),
        Field("mac-address", text("mac")),
        Field("identity", text("identity")),
        Field("platform", text("platform")),
        Field("version", text("version")),
        Field("board", text("board")),
        Field("discovered-by", text("discovered_by")),
        Field("age", lambda _context, item: duration(item.age), steady=False),
    ),
    lambda context, item: context.router.ident(item.number),
    key="identity",
)
