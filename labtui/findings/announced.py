"""Findings about prefixes by the routes themselves, about ways that differ there and back, and
about links whose ends have different sizes.
"""

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
from labtui.model.interfaces import Interfaces
from labtui.model.inventory import Inventory
from labtui.model.overlay import Bgp, WireGuard
from labtui.model.prefixes import Prefix, prefix_table
from labtui.model.routes import Routes


def _origins(sight: Sight) -> Iterator[Finding]:
    for prefix in prefix_table(sight.snapshot).prefixes:
        if prefix.verdict not in ("double", "foreign"):
            continue
        names = " ".join(origin.router or origin.site or f"AS{origin.asn}"
                         for origin in prefix.origins)  # fmt: skip
        outside = prefix.verdict == "foreign"
        yield _finding(
            sight, "prefix-origins", prefix, "critical" if outside else "warning",
            words(N_("{network} is announced by more than one: {origins}"), network=prefix.prefix,
                  origins=names) if not outside
            else words(N_("somebody outside announces {network}: {origins}"),
                       network=prefix.prefix, origins=names),
            words(N_("each router takes the nearer one, so packets go to different places")),
            words(N_("find out whose it is, and take it from the list of the other")),
            Hits(prefixes=(prefix.prefix,), sites=tuple(o.site for o in prefix.origins if o.site)),
        )  # fmt: skip


def _silent(sight: Sight) -> Iterator[Finding]:
    for prefix in prefix_table(sight.snapshot).prefixes:
        if prefix.verdict != "missing":
            continue
        router = sight.router_at.get(prefix.site)
        if router is None or not router.answers:
            continue
        yield _finding(
            sight, "prefix-silent", prefix, "warning",
            words(N_("nobody announces {network}, which NetBox has for {site}"),
                  network=prefix.prefix, site=prefix.site),
            words(N_("no route to it is known to the routers that were read")),
            words(N_("put it into the list of {site}'s router, or correct NetBox"),
                  site=prefix.site),
            Hits(prefixes=(prefix.prefix,)),
        )  # fmt: skip


def _leaks(sight: Sight) -> Iterator[Finding]:
    leaking: dict[str, list[str]] = {}
    for prefix in prefix_table(sight.snapshot).prefixes:
        for connection in prefix.leaks:
            leaking.setdefault(connection, []).append(prefix.prefix)
    for connection, networks in sorted(leaking.items()):
        router, _slash, name = connection.partition("/")
        seen = sight.routers.get(router)
        yield Finding(
            "prefix-leaks",
            Subject("connection", connection, name),
            "routing",
            "warning",
            counted(
                N_("{router} announces a network of the inside to the outside over {name}"),
                N_("{router} announces {n} networks of the inside to the outside over {name}"),
                len(networks), router=router, name=name),
            None,
            "likely",
            evidence=(
                Evidence(words(N_("the connection has no output filter")), source=router),
                Evidence(words(N_("among them {networks}"), networks=" ".join(networks[:5]))),
                Evidence(words(N_("the other side may filter what it takes")), "against"),
            ),
            remedies=(Remedy(words(N_("give {name} an output filter that lets out only what is "
                                      "meant to be seen"), name=name), view="bgp"),),
            sites=(seen.site,) if seen is not None else (),
        )  # fmt: skip


def _finding(
    sight: Sight,
    rule: str,
    prefix: Prefix,
    severity: Severity,
    says: Words,
    because: Words,
    remedy: Words,
    hits: Hits,
) -> Finding:
    read = [sight.as_of("routes", router) for router in prefix.heard]
    return Finding(
        rule,
        Subject("prefix", prefix.prefix, prefix.prefix, "prefixes"),
        "routing",
        severity,
        says,
        None,
        "likely",
        evidence=(Evidence(because, source=" ".join(prefix.heard)),),
        remedies=(Remedy(remedy, view="prefixes", key=prefix.prefix),),
        sites=tuple(sorted({o.site for o in prefix.origins if o.site} or {prefix.site} - {""})),
        hits=hits,
        as_of=min((at for at in read if at is not None), default=None),
    )


def _lopsided(sight: Sight) -> Iterator[Finding]:
    for there, back in sight.graph.lopsided:
        one, other = there[0], there[-1]
        yield Finding(
            "path-lopsided",
            Subject("path", f"{one}/{other}", f"{one} = {other}"),
            "routing",
            "notice",
            words(N_("{one} and {other} reach each other by different ways"), one=one,
                  other=other),
            None,
            "likely",
            evidence=(
                Evidence(words(N_("there: {way}"), way=" > ".join(there))),
                Evidence(words(N_("back: {way}"), way=" > ".join(back))),
            ),
            remedies=(
                Remedy(words(N_("harmless by itself; a stateful firewall on one of the ways drops "
                                "what it has seen only half of"))),
            ),
            sites=(one, other),
        )  # fmt: skip


def _sizes(sight: Sight) -> Iterator[Finding]:
    for link in sight.joined:
        if link.said.reason != "mtu":
            continue
        ends = ", ".join(f"{end.router} {end.mtu}" for end in link.ends)
        yield Finding(
            "link-mtu",
            Subject("link", link.key, link.name, "links"),
            "tunnel",
            "warning",
            words(N_("the two ends of {link} have different MTU: {ends}"), link=link.name,
                  ends=ends),
            None,
            evidence=(
                Evidence(words(N_("what is larger than the smaller one is lost or cut up on the "
                                  "way there; OSPF does not get past ExStart"))),
            ),
            remedies=(Remedy(words(N_("set the same MTU at both ends")), view="links",
                             key=link.key),),
            sites=link.sites,
        )  # fmt: skip


ANNOUNCED_RULES = (
    Rule("prefix-origins", "overlay", (Routes,), _origins),
    Rule("prefix-silent", "overlay", (Routes, Inventory), _silent),
    Rule("prefix-leaks", "overlay", (Routes, Bgp), _leaks),
    Rule("path-lopsided", "overlay", (Routes,), _lopsided),
    Rule("link-mtu", "overlay", (Interfaces, WireGuard), _sizes),
)
