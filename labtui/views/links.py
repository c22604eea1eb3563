"""Links: every kind of the overlay in one table, both ends in a row where both are known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from labtui.locale import N_, _
from labtui.model.interfaces import Interfaces
from labtui.model.ospf import Ospf
from labtui.model.overlay import Bgp, RouterFacts, WireGuard
from labtui.model.snapshot import Part, Snapshot
from labtui.views import aging
from labtui.views.figures import exact_span, rate, span
from labtui.views.link_words import because, kind_text, layer_text, state_text, told_text
from labtui.views.view import Cell, Column, Role, Section, Summary, View

if TYPE_CHECKING:
    from labtui.model.links import Layer, Link, LinkEnd, LinkKind, LinkState

_ROLES: dict[LinkState, Role] = {
    "up": "good",
    "degraded": "warn",
    "down": "bad",
    "one-way": "bad",
    "never": "bad",
    "idle": "dim",
    "off": "dim",
    "unknown": "stale",
}
_TROUBLE: dict[LinkState, int] = {"down": 4, "one-way": 3, "never": 2, "degraded": 1, "unknown": 1}
_LAYERS: dict[Layer, Role] = {"good": "good", "bad": "bad", "unknown": "stale", "none": "dim"}
_PARTS: dict[LinkKind, type[Part]] = {
    "wireguard": WireGuard,
    "l2tp": Interfaces,
    "ipsec": Interfaces,
    "vxlan": Interfaces,
    "ospf": Ospf,
    "bgp": Bgp,
}


def _rows(snapshot: Snapshot, now: float) -> Sequence[Link]:
    # Joining is loaded with the first rows: the first frame is drawn without it.
    from labtui.model.links import links

    return links(snapshot, now)


def _name(link: Link) -> str:
    return link.name


def _state(link: Link, now: float) -> Cell:
    return Cell(state_text(link.state), _ROLES[link.state])


def _moments(link: Link) -> list[float | None]:
    """Of WireGuard the last handshakes, of the others since when they are up."""
    shaken = link.kind == "wireguard"
    return [end.handshake_at if shaken else end.since for end in link.ends]


def _age(link: Link, now: float) -> Cell:
    ages = [span(now - at) if at is not None else "-" for at in _moments(link)]
    if set(ages) == {"-"}:
        return Cell("")
    text = ages[0] if len(set(ages)) == 1 else " / ".join(ages)
    return Cell(text, "" if link.state == "up" else _ROLES[link.state])


def _age_value(link: Link) -> float | None:
    return max((at for at in _moments(link) if at is not None), default=None)


def _rate(value: float | None, end: LinkEnd) -> Cell:
    return Cell(rate(value), "stale" if end.stale else "")


def _mtu(link: Link, now: float) -> Cell:
    sizes = link.mtus
    return Cell("/".join(str(size) for size in sizes), "warn" if len(sizes) > 1 else "dim")


def _session(link: Link, now: float) -> Cell:
    """How routing over a carrier fares, or the carrier under a session."""
    if not link.over:
        return Cell("")
    kinds = " ".join(sorted({kind_text(_kind_of(key)) for key in link.over}))
    return Cell(kinds, _LAYERS[link.routing])


def _kind_of(key: str) -> LinkKind:
    head = key.partition("/")[0]
    return next(kind for kind in _PARTS if kind == head)


def _aged(link: Link, snapshot: Snapshot, now: float) -> float | None:
    """Old when all its ends are: what one end says now holds for the link."""
    ages = [_end_age(link, end, snapshot, now) for end in link.ends]
    known = [age for age in ages if age is not None]
    return min(known) if known and len(known) == len(ages) else None


def _end_age(link: Link, end: LinkEnd, snapshot: Snapshot, now: float) -> float | None:
    return aging.age_of(snapshot, now, (_PARTS[link.kind], end.router))


def _summary(rows: Sequence[Link], now: float) -> Summary:
    states = [link.state for link in rows]
    wanted = sum(state not in ("off", "idle") for state in states)
    up = sum(state in ("up", "degraded") for state in states)
    text = _("{up}/{all} up").format(up=up, all=len(rows))
    if unknown := states.count("unknown"):
        text += _(", {n} unknown").format(n=unknown)
    role: Role = "good" if up == wanted else "bad"
    if role == "good" and "degraded" in states:
        role = "warn"
    return Summary(text, "" if not rows else role)


def _details(link: Link, snapshot: Snapshot, now: float) -> tuple[Section, ...]:
    verdict = aging.section(
        _("Link"),
        (
            (_("kind"), Cell(kind_text(link.kind))),
            (_("link"), Cell(link.name)),
            (_("state"), _state(link, now)),
            (_("because"), Cell(because(link))),
            (_("both ends"), Cell(_("in sight") if not link.half else _("only this one"))),
            (_("underlay"), Cell(layer_text(link.underlay), _LAYERS[link.underlay])),
            (_("tunnel"), Cell(layer_text(link.tunnel), _LAYERS[link.tunnel])),
            (_("routing"), Cell(layer_text(link.routing), _LAYERS[link.routing])),
            (_("subnet"), Cell(link.subnet)),
            (_("travels in"), Cell(_named(link.under, snapshot, now))),
            (_("carries"), Cell(_named(link.over, snapshot, now))),
        ),
        _aged(link, snapshot, now),
    )
    return (verdict, _side_by_side(link, snapshot, now))


def _named(keys: Sequence[str], snapshot: Snapshot, now: float) -> str:
    if not keys:
        return ""
    found = {link.key: link for link in _rows(snapshot, now)}
    return ", ".join(
        f"{kind_text(found[key].kind)} {found[key].name} ({state_text(found[key].state)})"
        for key in keys
        if key in found
    )


def _side_by_side(link: Link, snapshot: Snapshot, now: float) -> Section:
    """What each end says, in two columns that can be compared."""
    told = [_told(end, now) for end in link.ends]
    width = max((len(text) for text in told[0].values()), default=0) + 2
    lines = []
    for label in dict.fromkeys(label for one in told for label in one):
        texts = [one.get(label, "") for one in told]
        if any(texts):
            differs = label == _("MTU") and len({text for text in texts if text}) > 1
            cell = "".join(text.ljust(min(width, 32)) for text in texts).rstrip()
            lines.append((label, Cell(cell, "warn" if differs else "")))
    ages = [_end_age(link, end, snapshot, now) for end in link.ends]
    title = " | ".join(end.site for end in link.ends)
    return aging.section(title, tuple(lines), aging.oldest(*ages))


def _told(end: LinkEnd, now: float) -> dict[str, str]:
    over = "" if end.span is None else " " + _("over {span}").format(span=span(end.span))
    rates = "" if end.rx_rate is None else f"{rate(end.rx_rate)} / {rate(end.tx_rate)}{over}"
    return {
        _("router"): end.router,
        _("interface"): end.interface,
        _("address"): end.address,
        _("endpoint"): end.endpoint,
        _("MTU"): str(end.mtu or ""),
        _("up for"): "" if end.since is None else exact_span(now - end.since),
        _("handshake"): "" if end.handshake_at is None
        else _("{span} ago").format(span=exact_span(now - end.handshake_at)),
        _("rx/s / tx/s"): rates,
        _("switched off"): _("yes") if end.off else "",
        **{told_text(field): text for field, text in end.told if text},
    }  # fmt: skip


def _rate_column(name: str, title: str, of: str) -> Column[Link]:
    return Column(
        name,
        title,
        5,
        lambda link, now: _rate(getattr(link.near, of), link.near),
        lambda link: getattr(link.near, of),
        priority=1,
        right=True,
        descending=True,
        unit="bytes/s",
    )


LINKS: View[Link] = View(
    id="links",
    key="",
    title=N_("links"),
    noun="link",
    needs=(WireGuard, Bgp, Interfaces, Ospf, RouterFacts),
    columns=(
        Column("kind", N_("kind"), 9, lambda link, now: Cell(kind_text(link.kind), "dim"),
               lambda link: link.kind),
        Column("link", N_("link"), 14, lambda link, now: Cell(_name(link)), _name, grow=True),
        Column("state", N_("state"), 8, _state, lambda link: link.state),
        Column("for", N_("since"), 9, _age, _age_value, right=True, unit="age", timed=True),
        _rate_column("rx", N_("rx/s"), "rx_rate"),
        _rate_column("tx", N_("tx/s"), "tx_rate"),
        Column("mtu", N_("MTU"), 9, _mtu, lambda link: min(link.mtus, default=None), priority=2,
               right=True),
        Column("subnet", N_("subnet"), 18, lambda link, now: Cell(link.subnet, "dim"),
               lambda link: link.subnet, priority=3),
        Column("session", N_("carries"), 8, _session, lambda link: len(link.over), priority=2),
        Column("because", N_("because"), 24, lambda link, now: Cell(because(link), "dim"),
               lambda link: link.said.reason, priority=4),
    ),
    rows=_rows,
    heavy=True,
    row_key=lambda link: link.key,
    trouble=lambda link, now: _TROUBLE.get(link.state, 0),
    summary=_summary,
    details=_details,
    empty=N_("No links on the routers that could be asked."),
    sort="kind",
    ticks=True,
    aged=_aged,
)  # fmt: skip
