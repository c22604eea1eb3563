"""/ip/route and /routing/route: every path the router knows, the active one among them marked."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from ipaddress import IPv4Address, ip_network

from labtui.demo.overlay.devices import Record
from labtui.demo.overlay.routing import STATIC, Heard
from labtui.demo.routeros.menu import (
    Command,
    Context,
    Field,
    Menu,
    Parameter,
    Replies,
    always,
    invalid,
    text,
)
from labtui.demo.routeros.menus.table import Route, routes, static
from labtui.demo.routeros.values import Version, boolean

_SIX: Version = (6, 999)
_SEVEN: Version = (7,)


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
    return next(made for made in static(context) if made.record is record)


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
    asns = context.world.lab.asns
    return ",".join(str(asns.get(name, 0)) for name in route.heard.path)


def _of_bgp(read: Callable[[Heard], str]) -> Callable[[Context, Route], str | None]:
    return lambda _context, route: None if route.heard is None else read(route.heard)


def _belongs_to(_context: Context, route: Route) -> str:
    if route.heard is not None:
        return f"bgp-IP-{route.heard.connection.remote_address}"
    return {"connect": "connected", "ospf": "ospf-lab"}.get(route.source, route.source)


async def _check(
    context: Context, _targets: Sequence[object], attributes: Mapping[str, str]
) -> Replies:
    """Which way a packet goes; nobody recorded what a refusal looks like, so it has no interface.

    What is repeated without `once` is said once here too.
    """
    try:
        address = IPv4Address(attributes.get("dst-ip", ""))
    except ValueError:
        raise invalid("dst-ip") from None
    fitting = [
        route
        for route in routes(context)
        if route.active and not route.disabled and address in ip_network(route.destination)
    ]
    best = max(fitting, key=lambda route: ip_network(route.destination).prefixlen, default=None)
    if best is None or best.blackhole:
        yield ["!re", "=status=unreachable"]
    else:
        hop, sign, face = best.immediate.partition("%")
        words = ["!re", "=status=ok", f"=interface={face if sign else hop}"]
        yield [*words, f"=nexthop={hop}"] if sign else words
    yield ["!done"]


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
        Field("check-gateway", _kept("check-gateway"), _write("check-gateway", str)),
        Field("comment", _kept("comment"), _write("comment", str)),
    ),
    _ident,
    commands=(
        Command(
            "check",
            "read",
            _check,
            tuple(Parameter(name) for name in ("dst-ip", "src-ip", "once", "duration", "interval")),
            since=(7, 18),
            unaddressed=True,
        ),
    ),
    print_also=("stats",),
    key="dst-address",
    settled=True,
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
    settled=True,
)
