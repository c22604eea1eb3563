"""What stands on the map: a site or a link, each a row with what it is called and how it is."""

from __future__ import annotations

import msgspec

from labtui.locale import _
from labtui.model.links import Link, LinkState, links
from labtui.model.network import Edge, OverlayGraph, SiteNode, graph
from labtui.model.snapshot import Snapshot
from labtui.model.weak_points import WeakPoint, weak_points
from labtui.views.figures import rate
from labtui.views.link_words import kind_text, state_text
from labtui.views.view import Role

SIGNS: dict[LinkState, str] = {
    "up": "✓",
    "degraded": "▲",
    "down": "✗",
    "one-way": "✗",
    "never": "✗",
    "idle": "·",
    "off": "-",
    "unknown": "?",
}
ROLES: dict[LinkState, Role] = {
    "up": "good",
    "degraded": "warn",
    "down": "bad",
    "one-way": "bad",
    "never": "bad",
    "idle": "dim",
    "off": "dim",
    "unknown": "stale",
}


class Place(msgspec.Struct, frozen=True):
    """A site (`node`), or a link between two (`edge` with `link`)."""

    key: str
    name: str
    node: SiteNode | None = None
    edge: Edge | None = None
    link: Link | None = None
    cut_off: tuple[str, ...] = ()
    lost: bool = False

    @property
    def is_site(self) -> bool:
        return self.node is not None


class Atlas(msgspec.Struct, frozen=True):
    """All of a map at one moment: the graph, the places in their order, links by key."""

    net: OverlayGraph
    places: tuple[Place, ...]
    links: dict[str, Link]
    islands: tuple[frozenset[str], ...]

    @property
    def by_key(self) -> dict[str, Place]:
        return {place.key: place for place in self.places}

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Which sites are joined, whatever the state of their links."""
        found = set()
        for edge in self.net.edges:
            one, other = sorted(edge.sites)
            found.add((one, other))
        return tuple(sorted(found))


def site_key(name: str) -> str:
    """The key of a site's row."""
    return f"site/{name}"


def atlas(snapshot: Snapshot, now: float) -> Atlas:
    """The map of this moment."""
    every = links(snapshot, now)
    net = graph(snapshot, every)
    by_key = {link.key: link for link in every}
    weak = {(point.key, point.is_site): point for point in weak_points(net)}
    islands = net.islands()
    mainland = islands[0] if islands and len(islands[0]) > 1 else frozenset[str]()
    # A site whose router was not read yet has no links: nobody knows whether it is cut off.
    failing = {site for edge in net.edges if edge.passes is False for site in edge.sites}
    adrift = failing - mainland if mainland else frozenset[str]()
    places = [_site(node, weak, adrift) for node in net.sites]
    places += [_edge(edge, by_key[edge.key], weak) for edge in net.edges]
    return Atlas(net, tuple(places), by_key, islands)


def _site(
    node: SiteNode, weak: dict[tuple[str, bool], WeakPoint], adrift: frozenset[str] | set[str]
) -> Place:
    point = weak.get((node.name, True))
    lost = node.ours and node.name in adrift
    cut = point.cut_off if point is not None else ()
    return Place(site_key(node.name), node.name, node=node, cut_off=cut, lost=lost)


def _edge(edge: Edge, link: Link, weak: dict[tuple[str, bool], WeakPoint]) -> Place:
    point = weak.get((edge.key, False))
    cut = point.cut_off if point is not None else ()
    return Place(edge.key, link.name, edge=edge, link=link, cut_off=cut)


def site_sign(place: Place) -> tuple[str, Role]:
    """A site's glyph and what it means; nothing where it belongs to the rest."""
    if place.node is None or not place.node.ours:
        return "", "dim"
    return ("✗", "bad") if place.lost else ("", "good")


def load(edge: Edge) -> str:
    """Both directions of a link, in bytes per second; empty where unknown."""
    if edge.rx_rate is None and edge.tx_rate is None:
        return ""
    return f"{rate(edge.rx_rate)}/{rate(edge.tx_rate)}"


def milliseconds(seconds: float | None) -> str:
    """`12ms`; empty for None."""
    return "" if seconds is None else f"{seconds * 1000:.0f}ms"


def edge_labels(edge: Edge, seconds: float | None) -> tuple[str, ...]:
    """What a link is labelled with, the fullest first; a glyph alone is the last."""
    sign = SIGNS[edge.state]
    kind = "" if edge.kind == "wireguard" else kind_text(edge.kind)
    word = "" if edge.state == "up" else state_text(edge.state)
    ms, rates = milliseconds(seconds), load(edge) if edge.passes else ""
    full = (sign, kind, word, rates, ms)
    found = (full, (sign, kind, word, ms or rates), (sign, kind, word), (sign, kind), (sign,))
    return tuple(dict.fromkeys(" ".join(part for part in parts if part) for parts in found))


def what_falls(place: Place) -> str:
    """What would be cut off if it fell."""
    if place.is_site and place.node is not None and not place.node.ours:
        return _("not one of our sites")
    if place.edge is not None and not place.edge.passes:
        return _("nothing passes here now")
    if not place.cut_off:
        return _("if it fell, all others would still be reached")
    return _("if it fell, cut off: {sites}").format(sites=", ".join(place.cut_off))
