"""Findings about networks, from how many prefixes each router hears while its sessions are up."""

from __future__ import annotations

from collections.abc import Iterator

from labtui.findings.finding import (
    Evidence,
    Finding,
    Hits,
    Remedy,
    Severity,
    Subject,
    Words,
    counted,
    words,
)
from labtui.findings.rule import Rule
from labtui.findings.sight import Sight
from labtui.locale import N_
from labtui.model.overlay import Bgp

_SHIFT_LASTS = 15.0
_FEWEST_ROUTERS = 3


def _shifts(sight: Sight) -> tuple[str, int, str]:
    """(rule, how many networks, router) of a lasting change of what all routers hear."""
    tables = sight.history.tables
    shift = tables.shift
    if len(shift) < _FEWEST_ROUTERS or sight.now - (tables.since or sight.now) < _SHIFT_LASTS:
        return "", 0, ""
    for router, own in sorted(shift.items()):
        others = {count for name, count in shift.items() if name != router}
        if len(others) != 1:
            continue
        (other,) = others
        if own == 0 and other < 0:
            return "prefix-lost", -other, router
        if own == 0 and other > 0:
            return "prefix-new", other, router
        if other == 0 and own > 0:
            return "prefix-twice", own, router
    return "", 0, ""


def _prefix(sight: Sight, rule: str) -> Iterator[Finding]:
    found, count, router = _shifts(sight)
    if found != rule:
        return
    seen = sight.routers.get(router)
    site = seen.site if seen else router
    lans = sight.places.lans.get(site, ())
    network = lans[0] if lans else site
    says, checks, severity = _prefix_words(rule, site, network, count)
    evidence = [
        Evidence(_change(name, change), source=name)
        for name, change in sorted(sight.history.tables.shift.items())
        if change
    ]
    evidence.append(Evidence(words(N_("every BGP session is up")), source=router))
    yield Finding(
        rule,
        Subject("prefix", network, network),
        "routing",
        severity,
        says,
        sight.history.tables.since,
        "likely" if rule == "prefix-lost" else "possible",
        evidence=tuple(evidence),
        remedies=(Remedy(checks, view="bgp"),),
        sites=(site,),
        hits=Hits(sites=() if rule == "prefix-new" else (site,),
                  prefixes=() if rule == "prefix-new" else lans),
    )  # fmt: skip


def _change(router: str, change: int) -> Words:
    if change < 0:
        return counted(N_("{router} hears one prefix fewer than it did with these sessions"),
                       N_("{router} hears {n} prefixes fewer than it did with these sessions"),
                       -change, router=router)  # fmt: skip
    return counted(N_("{router} hears one prefix more than it did with these sessions"),
                   N_("{router} hears {n} prefixes more than it did with these sessions"),
                   change, router=router)  # fmt: skip


def _prefix_words(rule: str, site: str, network: str, count: int) -> tuple[Words, Words, Severity]:
    if rule == "prefix-lost":
        return (
            words(N_("{site} does not announce {network} any more"), site=site, network=network),
            words(N_("on the router of {site}: is the network among what BGP announces?"),
                  site=site),
            "critical",
        )  # fmt: skip
    if rule == "prefix-twice":
        return (
            words(N_("a second site announces {network}"), network=network),
            words(N_("look at the routes to {network} on every router: two origins"),
                  network=network),
            "warning",
        )  # fmt: skip
    return (
        counted(
            N_("{site} announces one network more than it did"),
            N_("{site} announces {n} networks more than it did"),
            count,
            site=site,
        ),
        words(N_("look at what the router of {site} announces: is it meant to?"), site=site),
        "warning",
    )


SHIFT_RULES = (
    Rule("prefix-lost", "overlay", (Bgp,), lambda sight: _prefix(sight, "prefix-lost")),
    Rule("prefix-twice", "overlay", (Bgp,), lambda sight: _prefix(sight, "prefix-twice")),
    Rule("prefix-new", "overlay", (Bgp,), lambda sight: _prefix(sight, "prefix-new")),
)
