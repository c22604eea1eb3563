"""BGP: every configured connection with its session, or the lack of one."""

from __future__ import annotations

from collections.abc import Sequence

from labtui.locale import N_, _
from labtui.model.overlay import DN42, Bgp, RouterFacts
from labtui.model.peerings import Peering, PeeringState, peerings
from labtui.model.snapshot import Snapshot
from labtui.views import aging
from labtui.views.figures import exact_span, span
from labtui.views.view import Cell, Column, Role, Section, Summary, View

_ROLES: dict[PeeringState, Role] = {
    "established": "good",
    "empty": "warn",
    "down": "bad",
    "no-session": "bad",
    "stopped": "warn",
    "limit": "bad",
    "disabled": "dim",
    "unknown": "stale",
}
_TROUBLE: dict[PeeringState, int] = {
    "down": 4,
    "no-session": 4,
    "limit": 4,
    "stopped": 2,
    "empty": 1,
    "unknown": 1,
}


def _state_text(state: PeeringState) -> str:
    return {
        "established": _("established"),
        "empty": _("no prefixes"),
        "down": _("DOWN"),
        "no-session": _("NO SESSION"),
        "stopped": _("stopped"),
        "limit": _("OVER LIMIT"),
        "disabled": _("disabled"),
        "unknown": _("unknown"),
    }[state]


def _rows(snapshot: Snapshot, now: float) -> Sequence[Peering]:
    return peerings(snapshot, now)


def session_name(peering: Peering) -> str:
    """`836 > 835`."""
    return f"{peering.site} > {peering.far_name}"


def _state(peering: Peering, now: float) -> Cell:
    return Cell(_state_text(peering.state), _ROLES[peering.state])


def _as(peering: Peering, now: float) -> Cell:
    number = peering.remote_as
    if number is None:
        return Cell("")
    return Cell(
        f"{number} x" if peering.outside else str(number), "info" if peering.outside else ""
    )


def _for(peering: Peering, now: float) -> Cell:
    session = peering.session
    if session is None or session.established_at is None:
        return Cell("")
    return Cell(span(now - session.established_at), "stale" if peering.stale else "")


def _prefixes(peering: Peering, now: float) -> Cell:
    session = peering.session
    count = session.prefixes if session else None
    return Cell("" if count is None else str(count), "warn" if count == 0 else "")


def _aged(peering: Peering, snapshot: Snapshot, now: float) -> float | None:
    return aging.age_of(snapshot, now, (Bgp, peering.connection.router))


def _summary(rows: Sequence[Peering], now: float) -> Summary:
    states = [row.state for row in rows]
    up = sum(state in ("established", "empty") for state in states)
    wanted = sum(state != "disabled" for state in states)
    text = _("{up}/{all} established").format(up=up, all=len(rows))
    if unknown := states.count("unknown"):
        text += _(", {n} unknown").format(n=unknown)
    return Summary(text, "" if not rows else "good" if up == wanted else "bad")


def _side(peering: Peering) -> str:
    number = peering.remote_as
    if not peering.outside:
        return _("inside")
    return _("outside (DN42)") if number in DN42 else _("outside")


def _remote(peering: Peering, snapshot: Snapshot) -> Cell:
    """The number with whose it is: site, and the person that NetBox names."""
    number = peering.remote_as
    if number is None:
        return Cell("")
    from labtui.model.asn_holders import holder_of

    holder = holder_of(snapshot, number)
    words = [f"{number} {_side(peering)}", ", ".join(holder.every_site), holder.tenant]
    text = "  ".join(word for word in words if word)
    if holder.disputed:
        text += "  " + _("(routers and NetBox do not agree)")
    return Cell(text, "warn" if holder.disputed else "")


def _details(peering: Peering, snapshot: Snapshot, now: float) -> tuple[Section, ...]:
    connection, session = peering.connection, peering.session
    configured = Section(
        _("Connection"),
        (
            (_("router"), Cell(connection.router, "stale" if peering.stale else "")),
            (_("name"), Cell(connection.name)),
            (_("state"), _state(peering, now)),
            (_("the router says"), Cell(connection.about)),
            (_("remote address"), Cell(connection.remote_address)),
            (_("remote AS"), _remote(peering, snapshot)),
            (_("local address"), Cell(connection.local_address)),
            (_("role"), Cell(connection.role)),
            (_("comment"), Cell(connection.comment)),
        ),
    )
    if session is None:
        lack = _("configured, but there is no session: the other side was never reached")
        none = Section(_("Session"), ((_("state"), Cell(lack, "bad")),))
        return aging.sections((configured, none), _aged(peering, snapshot, now))
    up = exact_span(now - session.established_at) if session.established_at else ""
    seen = Section(
        _("Session"),
        (
            (_("name"), Cell(session.name)),
            (_("established for"), Cell(up)),
            (_("prefixes"), Cell("" if session.prefixes is None else str(session.prefixes))),
            (_("hold time"), Cell(span(session.hold_time))),
            (_("last stopped"), Cell(session.last_stopped)),
            (_("they said last"), Cell(session.received)),
            (_("we said last"), Cell(session.sent)),
            (_("local AS"), Cell(str(session.local_as or ""))),
        ),
    )
    return aging.sections((configured, seen), _aged(peering, snapshot, now))


BGP: View[Peering] = View(
    id="bgp",
    key="5",
    title=N_("bgp"),
    noun="session",
    needs=(Bgp, RouterFacts),
    columns=(
        Column(
            "session",
            N_("session"),
            14,
            lambda p, n: Cell(session_name(p)),
            session_name,
            grow=True,
        ),
        Column("as", N_("peer as"), 12, _as, lambda p: p.remote_as),
        Column("state", N_("state"), 12, _state, lambda p: p.state),
        Column(
            "for",
            N_("for"),
            4,
            _for,
            lambda p: p.session.established_at if p.session else None,
            right=True,
            unit="age",
            timed=True,
        ),
        Column(
            "prefixes",
            N_("prefixes"),
            8,
            _prefixes,
            lambda p: p.session.prefixes if p.session else None,
            right=True,
        ),
        Column(
            "remote",
            N_("remote"),
            16,
            lambda p, n: Cell(p.connection.remote_address, "dim"),
            lambda p: p.connection.remote_address,
            priority=3,
        ),
        Column(
            "router",
            N_("router"),
            8,
            lambda p, n: Cell(p.connection.router, "dim"),
            lambda p: p.connection.router,
            priority=4,
        ),
    ),
    rows=_rows,
    row_key=lambda peering: peering.key,
    trouble=lambda peering, now: _TROUBLE.get(peering.state, 0),
    summary=_summary,
    details=_details,
    empty=N_("No BGP connections on the routers that could be asked."),
    sort="session",
    aged=_aged,
)
