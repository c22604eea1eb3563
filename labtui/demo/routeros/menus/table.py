"""The routes of a router: all that it knows, whoever it has them from, the active ones marked."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_interface, ip_network
from typing import NamedTuple

from labtui.demo.overlay.devices import Record
from labtui.demo.overlay.routing import STATIC, Heard
from labtui.demo.routeros.menu import Context
from labtui.demo.routeros.menus.interface import faces
from labtui.demo.routeros.menus.ip import addresses


class Route(NamedTuple):
    """One of a thousand; `source` is the flag that says where it comes from."""

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
    found = list(static(context)) + list(_connected(context))
    known = {route.destination for route in found if route.active and not route.disabled}
    learned = list(_bgp(context, known))
    known |= {route.destination for route in learned if route.active}
    return found + learned + list(_ospf(context, known))


def static(context: Context) -> Iterator[Route]:
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
