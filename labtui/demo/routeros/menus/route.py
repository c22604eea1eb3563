"""/ip/route and /routing/route: every path the router knows, the active one among them marked."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_interface, ip_network

from labtui.demo.overlay.devices import Record
from labtui.demo.overlay.routing import STATIC, Heard
from labtui.demo.routeros.menu import Context, Field, Menu, always, invalid, text
from labtui.demo.routeros.menus.interface import faces
from labtui.demo.routeros.menus.ip import addresses
from labtui.demo.routeros.values import Version, boolean

_SIX: Version = (6, 999)
_SEVEN: Version = (7,)


@dataclass(frozen=True)
class Route:
    """A route; `source` is the flag that says where it comes from."""

    destination: str
    gateway: str
    immediate: str
    source: str
    distance: int
    active: bool = True
    local: str = ""
    heard: Heard | None = None
    metric: int = 0
    record: Record | None = None
    disabled: bool = False
    blackhole: bool = False


def routes(context: Context) -> list[Route]:
    """All routes, static and connected ones first."""
    found = list(_static(context)) + list(_connected(context))
    known = {route.destination for route in found if route.active and not route.disabled}
    learned = list(_bgp(context, known))
    known |= {route.destination for route in learned if route.active}
    return found + learned + list(_ospf(context, known))


def _static(context: Context) -> Iterator[Route]:
    wan = context.router.ports[0]
    network = ip_interface(wan.address or "0.0.0.0/32").network
    for record in context.router.table(STATIC):
        gateway = record.get("gateway")
        blackhole = "blackhole" in record.values
        near = _inside(gateway, str(network))
        yield Route(
            record.get("dst-address", "0.0.0.0/0"),
            gateway,
            f"{gateway}%{wan.name}" if near else gateway,
            "static",
            int(record.get("distance", "1")),
            active=not record.disabled and not (near and wan.disabled),
            record=record,
            disabled=record.disabled,
            blackhole=blackhole,
        )


def _inside(address: str, network: str) -> bool:
    try:
        return ip_interface(address).ip in ip_network(network)
    except ValueError:
        return False


def _connected(context: Context) -> Iterator[Route]:
    """The route of a dead tunnel stays."""
    running = {face.name for face in faces(context) if not face.disabled}
    for row in addresses(context):
        if row.disabled or row.interface not in running:
            continue
        point = row.address.endswith("/32") and row.interface.lstrip("<").startswith("l2tp-")
        network = f"{row.network}/32" if point else str(ip_interface(row.address).network)
        local = f"{row.address.partition('/')[0]}%{row.interface}"
        yield Route(network, row.interface, row.interface, "connect", 0, local=local)


def _bgp(context: Context, known: set[str]) -> Iterator[Route]:
    world = context.world
    for heard in world.routing.heard(context.router, world.adjacencies, world.now):
        hop = heard.connection
        immediate = f"{hop.remote_address}%{hop.interface}"
        for prefix in heard.group.prefixes:
            active = heard.active and prefix not in known
            yield Route(
                prefix, hop.remote_address, immediate, "bgp", 20, active=active, heard=heard
            )


def _ospf(context: Context, known: set[str]) -> Iterator[Route]:
    """What the neighbour over a backup line has: its network, its loopback is not in OSPF."""
    for hood in context.world.neighbourhoods:
        if context.router not in hood.routers or not hood.full(context.world.now):
            continue
        one, other = hood.routers
        far, side = (other, 1) if context.router is one else (one, 0)
        near = hood.attachment(context.router)
        if near is None:
            continue
        name = hood.line.face.name if side == 0 else f"<l2tp-{hood.line.record.get('user')}>"
        gateway = hood.line.inner[side]
        active = far.subnet not in known
        immediate = f"{gateway}%{name}"
        yield Route(
            far.subnet, gateway, immediate, "ospf", 110, active=active, metric=near.cost + 1
        )


def _ident(_context: Context, route: Route) -> str:
    """An id of its own for each route, which stays while other routes come and go."""
    place = zlib.crc32(f"{route.source} {route.destination} {route.gateway}".encode())
    return f"*{0x30000000 + place % 0x10000000:X}"


def _source(name: str) -> Field[Route]:
    return Field(name, lambda _context, route: "true" if route.source == name else None)


def _dynamic(_context: Context, route: Route) -> bool:
    return route.record is None


def _scope(_context: Context, route: Route) -> str:
    return {"connect": "10", "static": "30", "ospf": "20"}.get(route.source, "40")


def _target_scope(_context: Context, route: Route) -> str | None:
    return {"connect": None, "static": "10", "ospf": "10"}.get(route.source, "30")


def _active(_context: Context, route: Route) -> str | None:
    return "true" if route.active else None


def _write(name: str, check: Callable[[str], object]) -> Callable[[Context, Route, str], None]:
    def write(_context: Context, route: Route, value: str) -> None:
        try:
            check(value)
        except ValueError:
            raise invalid(name) from None
        if route.record is not None:
            route.record.values[name] = value

    return write


def _disable(_context: Context, route: Route, value: str) -> None:
    if route.record is not None:
        route.record.values["disabled"] = boolean(value in ("yes", "true"))


def _kept(name: str) -> Callable[[Context, Route], str | None]:
    return lambda _context, route: route.record.values.get(name) if route.record else None


def _add(context: Context, attributes: Mapping[str, str]) -> Route:
    values = {"dst-address": "0.0.0.0/0", "distance": "1", "disabled": "false"}
    record = Record(context.router.fresh_number(), values)
    route = Route(values["dst-address"], "", "", "static", 1, record=record)
    for entry in ROUTES.fields:
        if entry.name in attributes and entry.write is not None:
            entry.write(context, route, attributes[entry.name])
    context.router.table(STATIC).append(record)
    return next(made for made in _static(context) if made.record is record)


def _remove(context: Context, route: Route) -> None:
    if route.record is not None:
        context.router.table(STATIC).remove(route.record)


def _status(_context: Context, route: Route) -> str:
    face = route.immediate.partition("%")[2]
    if route.source == "connect":
        return f"{route.gateway} reachable"
    return f"{route.gateway} reachable via  {face}" if face else f"{route.gateway} unreachable"


def _as_path(context: Context, route: Route) -> str | None:
    if route.heard is None:
        return None
    sites = {site.name: site.asn for site in context.world.lab.sites}
    asns = sites | context.world.lab.external_asns
    return ",".join(str(asns.get(name, 0)) for name in route.heard.path)


def _of_bgp(read: Callable[[Heard], str]) -> Callable[[Context, Route], str | None]:
    return lambda _context, route: None if route.heard is None else read(route.heard)


def _belongs_to(_context: Context, route: Route) -> str:
    if route.heard is not None:
        return f"bgp-IP-{route.heard.connection.remote_address}"
    return {"connect": "connected", "ospf": "ospf-lab"}.get(route.source, route.source)


def _metric(_context: Context, route: Route) -> str | None:
    return str(route.metric) if route.source == "ospf" else None


ROUTES: Menu[Route] = Menu(
    "/ip/route",
    routes,
    (
        Field("dst-address", text("destination"), _write("dst-address", ip_network)),
        Field("routing-table", always("main"), since=_SEVEN),
        Field("gateway", text("gateway"), _write("gateway", str)),
        Field("gateway-status", _status, until=_SIX),
        Field("immediate-gw", text("immediate"), since=_SEVEN),
        Field("distance", text("distance"), _write("distance", int)),
        Field("scope", _scope),
        Field("target-scope", _target_scope),
        Field("suppress-hw-offload", always("false"), since=_SEVEN, until=(7, 20, 8)),
        Field("local-address", text("local"), since=_SEVEN),
        Field(
            "blackhole",
            lambda _context, route: "" if route.blackhole else None,
            _write("blackhole", str),
            since=_SEVEN,
        ),
        Field("bgp-as-path", _as_path, until=_SIX),
        Field("dynamic", lambda context, route: boolean(_dynamic(context, route))),
        Field("active", _active),
        _source("connect"),
        _source("static"),
        _source("bgp"),
        _source("ospf"),
        Field("disabled", lambda _context, route: boolean(route.disabled), _disable),
        Field("comment", _kept("comment"), _write("comment", str)),
    ),
    _ident,
    print_also=("stats",),
    key="dst-address",
    add=_add,
    remove=_remove,
    frozen=_dynamic,
)

DETAILS: Menu[Route] = Menu(
    "/routing/route",
    routes,
    (
        Field("dst-address", text("destination")),
        Field("routing-table", always("main")),
        Field("afi", always("ip4")),
        Field("gateway", text("gateway")),
        Field("immediate-gw", text("immediate")),
        Field("distance", text("distance")),
        Field("scope", _scope),
        Field("target-scope", _target_scope),
        Field("local-address", text("local")),
        Field("belongs-to", _belongs_to),
        Field("bgp.session", _of_bgp(lambda heard: f"{heard.connection.name}-1")),
        Field("bgp.as-path", _as_path),
        Field("bgp.origin", _of_bgp(lambda _heard: "igp")),
        Field("bgp.nexthop", _of_bgp(lambda heard: heard.connection.remote_address)),
        Field("ospf.metric", _metric),
        Field("ospf.type", lambda _context, route: "intra" if route.source == "ospf" else None),
        Field("blackhole", lambda _context, route: "true" if route.blackhole else None),
        Field("active", _active),
        _source("connect"),
        _source("static"),
        _source("bgp"),
        _source("ospf"),
    ),
    _ident,
    since=_SEVEN,
    key="dst-address",
)
