"""What the map says in words: of the place under the cursor, and of the way between two sites."""

from __future__ import annotations

from collections.abc import Mapping

from labtui.locale import _
from labtui.model.paths import Trail
from labtui.views.link_words import because, kind_text, state_text
from labtui.views.map_places import ROLES, SIGNS, Place, load, milliseconds, what_falls
from labtui.views.view import Cell


def about(place: Place, seconds: Mapping[str, float]) -> list[Cell]:
    """Two to four lines on a place."""
    fall = Cell(what_falls(place), "warn" if place.cut_off else "dim")
    edge, link = place.edge, place.link
    if edge is None or link is None:
        node = place.node
        routers = ", ".join(node.routers) if node is not None else ""
        head = _("CUT OFF from the rest") if place.lost else routers
        return [Cell(f"{place.name}  {head}".rstrip(), "bad" if place.lost else ""), fall]
    parts = [
        f"{SIGNS[edge.state]} {kind_text(edge.kind)} {place.name}: {state_text(edge.state)}",
        load(edge) + ("" if not load(edge) else "/s"),
        milliseconds(seconds.get(edge.key)),
        _("MTU {size}").format(size=edge.mtu) if edge.mtu else "",
    ]
    head = "  ".join(part for part in parts if part)
    return [Cell(head, ROLES[edge.state]), Cell(because(link), "dim"), fall]


def way(one: str, other: str, trail: Trail | None) -> Cell:
    """One direction: over which sites, how it ends, and where nothing is known any more."""
    head = f"{one} > {other}: "
    if trail is None:
        return Cell(head + _("no inside address is known of one of them"), "stale")
    sites = " > ".join(trail.sites)
    last = trail.hops[-1]
    if trail.arrived:
        between = trail.sites[1:-1]
        over = _("by {sites}").format(sites=" > ".join(between)) if between else _("directly")
        return Cell(head + over, "good")
    text = {
        "no-route": _("{way}: no route at {at}"),
        "blackhole": _("{way}: thrown away at {at} (blackhole)"),
        "silent": _("{way}: unknown from {at} on, it does not answer: {why}"),
        "leaves": _("{way}: leaves our routers at {at}, to {gateway}"),
        "loop": _("{way}: goes in a circle at {at}"),
        "too-long": _("{way}: does not end"),
    }.get(trail.ending, "{way}")
    told = text.format(way=sites, at=last.router, why=last.why, gateway=last.gateway or "?")
    return Cell(head + told, "stale" if trail.ending == "silent" else "bad")


def hops(trail: Trail) -> list[str]:
    """Each hop with the route that it takes."""
    lines = []
    for hop in trail.hops:
        kind = f" {hop.kind}" if hop.kind else ""
        route = _("{prefix} by{kind}, to {gateway} ({interface})").format(
            prefix=hop.prefix, kind=kind, gateway=hop.gateway, interface=hop.interface
        )
        lines.append(f"{hop.site} {hop.router}" + (f": {route}" if hop.prefix else ""))
    return lines
