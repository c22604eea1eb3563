"""The map as a view: its rows are sites and links, its details those of either."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from labtui.locale import N_, _
from labtui.model.interfaces import Interfaces
from labtui.model.ospf import Ospf
from labtui.model.overlay import Bgp, RouterFacts, WireGuard
from labtui.model.routes import Routes
from labtui.model.snapshot import Snapshot
from labtui.views import aging
from labtui.views.figures import exact_span
from labtui.views.link_words import kind_text, state_text
from labtui.views.links import LINKS
from labtui.views.view import Cell, Column, Role, Section, Summary, View

if TYPE_CHECKING:
    from labtui.views.map_places import Place

# The sites, links and ways are joined when somebody looks: the first frame waits for none of it.
NEEDS = (WireGuard, Bgp, Interfaces, Ospf, RouterFacts, Routes)
_TROUBLE = {"down": 4, "one-way": 3, "never": 2, "degraded": 1, "unknown": 1}


def _rows(snapshot: Snapshot, now: float) -> Sequence[Place]:
    from labtui.views.map_places import atlas

    return atlas(snapshot, now).places


def _kind(place: Place) -> str:
    if place.edge is not None:
        return kind_text(place.edge.kind)
    return _("site") if place.node is not None and place.node.ours else _("outside")


def _state(place: Place, now: float) -> Cell:
    from labtui.views.map_places import ROLES, site_sign

    if place.edge is not None:
        return Cell(state_text(place.edge.state), ROLES[place.edge.state])
    sign, role = site_sign(place)
    return Cell(_("CUT OFF"), role) if sign else Cell("")


def _trouble(place: Place, now: float) -> int:
    if place.edge is not None:
        return _TROUBLE.get(place.edge.state, 0)
    return 4 if place.lost else 0


def _summary(rows: Sequence[Place], now: float) -> Summary:
    sites = [place for place in rows if place.node is not None and place.node.ours]
    edges = [place.edge for place in rows if place.edge is not None]
    broken = sum(edge.passes is False and edge.state != "off" for edge in edges)
    text = _("{sites} sites, {links} links").format(sites=len(sites), links=len(edges))
    if broken:
        text += _(", {n} broken").format(n=broken)
    lost = [place.name for place in sites if place.lost]
    if lost:
        text += _(", cut off: {names}").format(names=" ".join(lost))
    role: Role = "bad" if broken or lost else "good"
    return Summary(text, role if edges else "")


def _aged(place: Place, snapshot: Snapshot, now: float) -> float | None:
    """A link is as old as its ends; a site as the youngest of what its routers said."""
    if place.link is not None:
        return LINKS.aged(place.link, snapshot, now)
    routers = place.node.routers if place.node is not None else ()
    ages = [aging.age_of(snapshot, now, (RouterFacts, router)) for router in routers]
    known = [age for age in ages if age is not None]
    return min(known) if known and len(known) == len(ages) else None


def _details(place: Place, snapshot: Snapshot, now: float) -> tuple[Section, ...]:
    from labtui.views.map_places import what_falls

    age = _aged(place, snapshot, now)
    fall = aging.section(_("If it fell"), (("", Cell(what_falls(place))),), age)
    if place.link is not None:
        return (*LINKS.details(place.link, snapshot, now), fall)
    return (*_site_sections(place, snapshot, now), fall)


def _site_sections(place: Place, snapshot: Snapshot, now: float) -> tuple[Section, ...]:
    from labtui.model.paths import home_address
    from labtui.views.map_places import atlas

    whole = atlas(snapshot, now)
    sections: list[Section] = []
    for router in place.node.routers if place.node is not None else ():
        facts = snapshot.one(RouterFacts, router)
        if facts is None:
            sections.append(Section(router, (("", Cell(_("nothing from it yet"), "stale")),)))
            continue
        lines = (
            (_("router"), Cell(router)),
            (_("version"), Cell(facts.version)),
            (_("board"), Cell(facts.board)),
            (_("up for"), Cell(exact_span(facts.uptime))),
            ("CPU", Cell("" if facts.cpu_load is None else f"{facts.cpu_load}%")),
            (_("inside address"), Cell(home_address(snapshot, place.name)[1])),
        )
        age = aging.age_of(snapshot, now, (RouterFacts, router))
        sections.append(aging.section(router, lines, age))
    mine = [each for each in whole.places if each.edge and place.name in each.edge.sites]
    links = tuple((each.name, _row_cell(each, now)) for each in mine)
    told = links or (("", Cell(_("none"), "dim")),)
    return (*sections, aging.section(_("Links"), told, _aged(place, snapshot, now)))


def _load(place: Place) -> str:
    from labtui.views.map_places import load

    return load(place.edge) if place.edge is not None else ""


def _row_cell(place: Place, now: float) -> Cell:
    cell = _state(place, now)
    return Cell(f"{_kind(place)} {cell.text} {_load(place)}".rstrip(), cell.role)


MAP: View[Place] = View(
    id="map",
    key="7",
    title=N_("map"),
    noun="place",
    needs=NEEDS,
    columns=(
        Column("name", N_("name"), 16, lambda place, now: Cell(place.name), lambda p: p.name,
               grow=True),
        Column("kind", N_("kind"), 9, lambda place, now: Cell(_kind(place), "dim"), _kind),
        Column("state", N_("state"), 9, _state, lambda p: p.edge.state if p.edge else ""),
        Column("rx", N_("rx/s / tx/s"), 13,
               lambda place, now: Cell(_load(place)),
               lambda p: p.edge.rx_rate if p.edge else None, right=True, unit="bytes/s"),
        Column("cut_off", N_("cut off if it fell"), 20,
               lambda place, now: Cell(", ".join(place.cut_off), "warn"),
               lambda p: ", ".join(p.cut_off), priority=1),
    ),
    rows=_rows,
    heavy=True,
    row_key=lambda place: place.key,
    trouble=_trouble,
    summary=_summary,
    details=_details,
    empty=N_("No sites: no router was read yet."),
    sort="name",
    ticks=True,
    aged=_aged,
)  # fmt: skip
