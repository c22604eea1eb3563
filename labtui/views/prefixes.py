"""Prefixes: who announces what, what NetBox says of it, and what comes from outside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from labtui.locale import N_, _
from labtui.model.inventory import Inventory
from labtui.model.overlay import Bgp, RouterFacts
from labtui.model.routes import Routes
from labtui.model.snapshot import Snapshot
from labtui.views import aging
from labtui.views.view import Cell, Column, Role, Section, Summary, View

if TYPE_CHECKING:
    from labtui.model.prefixes import Origin, Prefix, Verdict

_ROLES: dict[Verdict, Role] = {
    "known": "good",
    "unrecorded": "warn",
    "missing": "bad",
    "double": "bad",
    "foreign": "bad",
    "leaking": "bad",
    "outside": "info",
}
_TROUBLE: dict[Verdict, int] = {
    "foreign": 4,
    "double": 4,
    "missing": 3,
    "leaking": 3,
    "unrecorded": 1,
}


def _verdict_text(verdict: Verdict) -> str:
    return {
        "known": _("announced"),
        "unrecorded": _("not recorded"),
        "missing": _("MISSING"),
        "double": _("TWO ORIGINS"),
        "foreign": _("FROM OUTSIDE"),
        "leaking": _("LEAKING"),
        "outside": _("outside"),
    }[verdict]


def _because(prefix: Prefix) -> str:
    return {
        "known": _("announced by one site"),
        "unrecorded": _("announced, and NetBox does not know it"),
        "missing": _("NetBox has it for a site, and no router announces it"),
        "double": _("more than one site announces it: packets go to the nearer one"),
        "foreign": _("it is ours, and somebody outside announces it"),
        "leaking": _("it goes to a peer outside over a connection without an output filter"),
        "outside": _("learnt from a peer outside"),
    }[prefix.verdict]


def _rows(snapshot: Snapshot, now: float) -> Sequence[Prefix]:
    # Joining is loaded with the first rows: the first frame is drawn without it.
    from labtui.model.prefixes import prefix_table

    return prefix_table(snapshot).prefixes


def _origin_text(origin: Origin) -> str:
    if origin.site:
        return origin.router or origin.site
    return f"AS{origin.asn} {origin.realm}".rstrip()


def _origins(prefix: Prefix) -> str:
    return " ".join(_origin_text(origin) for origin in prefix.origins)


def _systems(prefix: Prefix) -> str:
    return " ".join(str(origin.asn) for origin in prefix.origins if origin.asn is not None)


def _recorded(prefix: Prefix) -> str:
    if prefix.outside:
        return ""
    if prefix.record is None:
        return _("no")
    return _("yes") if prefix.exact else _("within {prefix}").format(prefix=prefix.record.prefix)


def _state(prefix: Prefix, now: float) -> Cell:
    return Cell(_verdict_text(prefix.verdict), _ROLES[prefix.verdict])


def _count(prefix: Prefix, now: float) -> Cell:
    return Cell(str(prefix.count), "info") if prefix.outside else Cell("")


def _aged(prefix: Prefix, snapshot: Snapshot, now: float) -> float | None:
    """As old as the routes of whoever announces it, else as any of them."""
    named = [origin.router for origin in prefix.origins if origin.router]
    if named:
        return aging.age_of(snapshot, now, *((Routes, router) for router in named))
    return aging.age_of_any(snapshot, now, Routes)


def _summary(rows: Sequence[Prefix], now: float) -> Summary:
    inside = [row for row in rows if not row.outside]
    wrong = sum(row.verdict not in ("known", "unrecorded") for row in inside)
    outside = sum(row.count for row in rows if row.outside)
    text = _("{n} inside, {outside} outside").format(n=len(inside), outside=outside)
    if wrong:
        text += _(", {n} wrong").format(n=wrong)
    return Summary(text, "" if not rows else "bad" if wrong else "good")


def _details(prefix: Prefix, snapshot: Snapshot, now: float) -> tuple[Section, ...]:
    record = prefix.record
    about = Section(
        _("Prefix"),
        (
            (_("prefix"), Cell(prefix.prefix)),
            (_("state"), _state(prefix, now)),
            (_("because"), Cell(_because(prefix))),
            (_("announced by"), Cell(_origins(prefix))),
            (_("AS"), Cell(_systems(prefix))),
            (_("learnt by"), Cell(" ".join(prefix.heard))),
            (_("goes out over"), Cell(" ".join(prefix.leaks), "bad" if prefix.leaks else "")),
        ),
    )
    found = [about]
    if record is not None:
        found.append(
            Section(
                "NetBox",
                (
                    (_("prefix"), Cell(record.prefix)),
                    (_("site"), Cell(record.site)),
                    (_("tenant"), Cell(record.tenant)),
                    (_("status"), Cell(record.status)),
                    (_("description"), Cell(record.description)),
                ),
            )
        )
    if prefix.outside:
        some = ((_("some of them"), Cell(" ".join(prefix.some))),)
        found.append(Section(_("{n} prefixes").format(n=prefix.count), some))
    found.append(_sessions(prefix, snapshot))
    from labtui.model.prefixes import prefix_table

    partial = prefix_table(snapshot).partial
    if partial:
        lines = tuple((router, Cell(_("{n} routes, too many to read").format(n=count or "?")))
                      for router, count in sorted(partial.items()))  # fmt: skip
        found.append(Section(_("Not read"), lines))
    return aging.sections(tuple(found), _aged(prefix, snapshot, now))


def _sessions(prefix: Prefix, snapshot: Snapshot) -> Section:
    """How many prefixes each session of the routers that have learnt it brings."""
    wanted = {*prefix.heard, *(origin.router for origin in prefix.origins)}
    lines = tuple(
        (f"{router} {session.name}", Cell("" if session.prefixes is None
                                          else str(session.prefixes)))
        for router, bgp in snapshot.of(Bgp)
        if router in wanted
        for session in bgp.sessions
        if session.established
    )  # fmt: skip
    return Section(_("Prefixes per session"), lines)


PREFIXES: View[Prefix] = View(
    id="prefixes",
    key="",
    title=N_("prefixes"),
    noun="prefix",
    needs=(Routes, Bgp, RouterFacts, Inventory),
    columns=(
        Column("prefix", N_("prefix"), 18, lambda p, n: Cell(p.prefix), lambda p: p.prefix,
               grow=True),
        Column("state", N_("state"), 12, _state, lambda p: p.verdict),
        Column("origin", N_("origin"), 16, lambda p, n: Cell(_origins(p)), _origins),
        Column("as", N_("AS"), 10, lambda p, n: Cell(_systems(p), "dim"), _systems, priority=1),
        Column("site", N_("site"), 8, lambda p, n: Cell(p.site), lambda p: p.site, priority=1),
        Column("netbox", "NetBox", 16, lambda p, n: Cell(_recorded(p), "dim"), _recorded,
               priority=2, part=Inventory),
        Column("count", N_("count"), 5, _count, lambda p: p.count, priority=2, right=True),
        Column("heard", N_("learnt by"), 20, lambda p, n: Cell(" ".join(p.heard), "dim"),
               lambda p: len(p.heard), priority=4),
    ),
    rows=_rows,
    heavy=True,
    row_key=lambda prefix: prefix.prefix,
    trouble=lambda prefix, now: _TROUBLE.get(prefix.verdict, 0) - (1 if prefix.outside else 0),
    summary=_summary,
    details=_details,
    empty=N_("No prefixes: no router with BGP has been read."),
    sort="prefix",
    aged=_aged,
)  # fmt: skip
