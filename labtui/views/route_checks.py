"""Route checks in words: which way a packet goes at a router, and by what that is known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from labtui.locale import _
from labtui.model.route_checks import RouteCheck, over
from labtui.views.view import Cell, Role, Section

if TYPE_CHECKING:
    from labtui.model.links import Link


def title_of(check: RouteCheck) -> str:
    """`rt-836 > 10.121.251.1 (835)`."""
    question = check.question
    about = f" ({question.about})" if question.about else ""
    return f"{question.router} > {question.address}{about}"


def way_text(check: RouteCheck, every: Iterable[Link]) -> str:
    """Which way it goes, in one line."""
    return {
        "silent": _("did not answer: {why}"),
        "no-route": _("NO ROUTE: the packet is refused there"),
        "dropped": _("DROPPED: {prefix} is a blackhole"),
        "default": _("by the default route, {face} {gateway}"),
        "differs": _("by {face} {gateway}, and not by {table} as the main table has it"),
        "here": _("its own network, at {face}"),
        "goes": _("by {face} {gateway}{link}"),
    }[check.verdict].format(**_values(check, every))


def _values(check: RouteCheck, every: Iterable[Link]) -> dict[str, str]:
    taken, link = check.taken, over(check, every)
    return {
        "why": check.why,
        "prefix": taken.prefix if taken is not None else "",
        "table": taken.interface if taken is not None else "",
        "face": check.face or "?",
        "gateway": check.gateway,
        "link": _(", the link {name}").format(name=link.name) if link is not None else "",
    }


def role_of(check: RouteCheck) -> Role:
    """How bad that is."""
    if check.verdict == "silent":
        return "stale"
    if check.astray:
        return "bad"
    return "warn" if check.verdict == "differs" else "good"


def route_text(check: RouteCheck) -> str:
    """The route of the main table: `10.121.251.0/24 bgp 65035 distance 20`."""
    taken = check.taken
    if taken is None:
        return ""
    path = " ".join(str(number) for number in taken.path)
    words = [taken.prefix, taken.kind, f"AS {path}" if path else ""]
    return "  ".join(word for word in words if word)


def basis_text(check: RouteCheck) -> str:
    """By what it is known."""
    if check.why:
        return ""
    if check.checked:
        word = _("the router's own check")
        return f"{word}: {check.status}" if check.status else word
    return _("its main table (RouterOS has a route check from 7.18 on, for IPv4)")


def section(check: RouteCheck, every: Iterable[Link]) -> Section:
    """All of one answer."""
    lines = [
        (_("way"), Cell(way_text(check, every), role_of(check))),
        (_("route"), Cell(route_text(check))),
        (_("known by"), Cell(basis_text(check), "dim")),
    ]
    return Section(title_of(check), tuple(line for line in lines if line[1].text))


def ordered(checks: Iterable[RouteCheck]) -> Sequence[RouteCheck]:
    """What is astray first, then by router and site."""
    return sorted(
        checks,
        key=lambda check: (
            not check.astray,
            check.verdict == "silent",
            check.question.router,
            check.question.about,
        ),
    )
