"""Routes of a router, always bounded: counted first, or asked for by their exact prefixes.

A table of 22,000 routes is two megabytes and keeps a small router busy for seconds; 10,000 routes
hung a poller. So more than `MOST` are never printed, and a look-up names each prefix that could
cover the address.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from ipaddress import ip_address, ip_network

from labtui.model.errors import NotFound, Rejected
from labtui.model.overlay import Bgp
from labtui.model.route_checks import RouteCheck, RouteQuestion
from labtui.model.routes import Exit, Hop, LearntRoute, RouteAnswer, Routes, covering
from labtui.model.text import clean
from labtui.sources.routeros import values
from labtui.sources.routeros.asking import Ask, if_allowed
from labtui.sources.routeros.read import Complaints, each, needed, plain
from labtui.sources.routeros.sentences import Row

MOST = 2000
"""As many active BGP routes are read at most."""
_MOST_OWN = 64
_DEFAULT = "0.0.0.0/0"
_NEW, _OLD, _NEW6 = "/routing/route", "/ip/route", "/ipv6/route"
LEARNT = ("dst-address", "gateway", "bgp.as-path", "bgp.session")
LEARNT6 = ("dst-address", "gateway", "bgp-as-path")
OWN = ("dst-address", "bgp", "gateway", "check-gateway")
LISTED = ("list", "address", "disabled")
NETWORK6 = ("network", "disabled")
COVER = (
    "dst-address",
    "gateway",
    "immediate-gw",
    "distance",
    "active",
    "disabled",
    "blackhole",
    "connect",
    "static",
    "bgp",
    "ospf",
    "bgp-as-path",
    "gateway-status",
)
_ACTIVE_BGP = ("?bgp=true", "?active=true")
_NUMBER = re.compile(r"[0-9]+")
_KINDS = ("connect", "static", "bgp", "ospf")
_FACE6 = re.compile(r"reachable via +(\S+)")


async def read(ask: Ask, bgp: Bgp | None, complaints: Complaints) -> Routes:
    """What BGP taught the router, and what it announces as its own. Raises `LabError`.

    `bgp` are its connections: they name the lists of own networks.
    """
    own, exits = await _own(ask, bgp, complaints)
    count = await ask.count(_OLD, _ACTIVE_BGP)
    if count is None or count > MOST:
        return Routes((), own, count, whole=False, exits=exits)
    if count == 0:
        return Routes((), own, 0, exits=exits)
    try:
        rows = await ask(_NEW, LEARNT, _ACTIVE_BGP)
        menu = _NEW
    except NotFound:
        rows = await ask(_OLD, LEARNT6, _ACTIVE_BGP)
        menu = _OLD
    return Routes(tuple(each(menu, rows, learnt, complaints)), own, count, exits=exits)


async def _own(
    ask: Ask, bgp: Bgp | None, complaints: Complaints
) -> tuple[tuple[str, ...], tuple[Exit, ...]]:
    """The networks that it is set to announce and has another route to than one it learnt, and,
    asked in the same sentence, the gateways of its default routes.

    RouterOS 7 names an address list per connection (`output.network`), RouterOS 6 has networks.
    """
    lists = {each.output_network for each in (bgp or Bgp()).connections if each.output_network}
    if lists:
        queries = either("list", sorted(lists))
        rows = await if_allowed(ask("/ip/firewall/address-list", LISTED, queries), complaints)
        wanted = [row.get("address", "") for row in rows if not _off(row)]
    else:
        rows = await if_allowed(ask("/routing/bgp/network", NETWORK6), complaints)
        wanted = [row.get("network", "") for row in rows if not _off(row)]
    networks = sorted({net for net in map(_network, wanted) if net})[:_MOST_OWN]
    if not networks:
        return (), ()
    queries = (*either("dst-address", (*networks, _DEFAULT)), "?active=true", "?#&")
    found = await ask(_OLD, OWN, queries)
    exits = tuple(
        Exit(gateway, row.get("check-gateway") == "ping")
        for row in found
        if row.get("dst-address") == _DEFAULT
        and (gateway := values.bare_address(row.get("gateway")))
        and _is_address(gateway)
    )
    there = {row.get("dst-address", "") for row in found if not values.switch(row.get("bgp"))}
    return tuple(net for net in networks if net in there), exits


async def look_up(ask: Ask, router: str, address: str) -> RouteAnswer:
    """Every route of the main table that covers an address. Raises `ValueError`, `LabError`."""
    queries = either("dst-address", covering(address))
    rows = await ask(_NEW6 if ":" in address else _OLD, COVER, queries)
    complaints = Complaints(router)
    return RouteAnswer(router, address, tuple(each(_OLD, rows, hop, complaints)))


async def check(ask: Ask, question: RouteQuestion) -> RouteCheck:
    """The router's own check, and what its table has. Raises `ValueError`, `LabError`.

    `/ip/route/check` is there from 7.18 on and for IPv4 alone; it goes on without `once` (tree of
    7.18: `interval`, `once`). What it says in `status` is recorded nowhere public.
    """
    if ":" in question.address:
        return RouteCheck(question, table=await _table6(ask, question))
    table = await look_up(ask, question.router, question.address)
    try:
        rows = await ask.command("/ip/route/check", {"dst-ip": question.address, "once": ""})
    except NotFound:
        return RouteCheck(question, table=table)
    except Rejected as error:
        if "no such command" not in error.why:
            raise
        return RouteCheck(question, table=table)
    row = rows[-1] if rows else {}
    return RouteCheck(
        question,
        checked=True,
        status=plain(row, "status"),
        interface=plain(row, "interface"),
        nexthop=values.bare_address(row.get("nexthop")),
        table=table,
    )


async def _table6(ask: Ask, question: RouteQuestion) -> RouteAnswer:
    """The same for IPv6; a router without it has no route."""
    try:
        return await look_up(ask, question.router, question.address)
    except NotFound:
        return RouteAnswer(question.router, question.address)


def either(field: str, wanted: Sequence[str]) -> tuple[str, ...]:
    """Query words for a field that is any of these; no word for none."""
    words = [f"?{field}={value}" for value in wanted]
    return (*words, *["?#|"] * (len(words) - 1))


def learnt(row: Row) -> LearntRoute:
    """A row of `/routing/route`, or of RouterOS 6's `/ip/route`."""
    path = row.get("bgp.as-path") or row.get("bgp-as-path") or ""
    return LearntRoute(
        needed(row, "dst-address"),
        as_path(path),
        plain(row, "bgp.session"),
        values.bare_address(row.get("gateway")),
    )


def as_path(text: str) -> tuple[int, ...]:
    """The numbers of `65035,65070`; those of a set (`{1,2}`) are taken as if in a row."""
    numbers = (int(found) for found in _NUMBER.findall(text[:1000]))
    return tuple(number for number in numbers if number <= 0xFFFFFFFF)


def hop(row: Row) -> Hop:
    """A row of `/ip/route` as one way of a packet.

    `immediate-gw` is `address%interface` or the interface alone; of several the first is taken.
    RouterOS 6 tells the interface in words: `10.0.0.1 reachable via  ether1`.
    """
    immediate = row.get("immediate-gw", "").partition(",")[0]
    address, sign, face = immediate.partition("%")
    if not sign and not _is_address(address):
        face = address
    if not face and (told := _FACE6.search(row.get("gateway-status", ""))):
        face = told[1]
    kind = next((name for name in _KINDS if values.switch(row.get(name))), "")
    return Hop(
        prefix=str(ip_network(needed(row, "dst-address"), strict=False)),
        gateway=values.bare_address(row.get("gateway")),
        interface=clean(face),
        kind=kind,
        distance=values.optional_number(row.get("distance")),
        active=values.boolean(row.get("active")) and not _off(row),
        path=as_path(row.get("bgp-as-path", "")),
        blackhole=values.switch(row.get("blackhole")),
    )


def _off(row: Row) -> bool:
    return row.get("disabled") in ("true", "yes")


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _network(text: str) -> str:
    try:
        return str(ip_network(text, strict=False))
    except ValueError:
        return ""
