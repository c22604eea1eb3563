"""Findings about places: several silences that share one of them are told as one.

A site whose router and nodes fall silent and whose tunnels carry nothing is dark; whether it has
lost its power or its line cannot be told from here, so both are said, with what speaks for each.
"""

from __future__ import annotations

from collections.abc import Iterator

from labtui.findings.finding import (
    Evidence,
    Finding,
    Hits,
    Remedy,
    Subject,
    Suspect,
    counted,
    words,
)
from labtui.findings.rule import Rule
from labtui.findings.sight import SeenRouter, SeenTunnel, Sight
from labtui.findings.site_map import Standing, islands, standing
from labtui.locale import N_
from labtui.model.overlay import WireGuard
from labtui.model.tunnels import TunnelEnd

_SAME_MOMENT = 90.0
_MANY = 2


def nothing_answers(sight: Sight) -> bool:
    """Every source of at least two fails to be reached: more likely our own line than all else."""
    reached = [
        any(fresh.read_at is not None and not fresh.stale(sight.now) for _feed, fresh in feeds)
        for feeds in sight.feeds.values()
    ]
    failing = [
        any(
            fresh.problem is not None and fresh.problem.kind in ("unreachable", "timed-out")
            for _feed, fresh in feeds
        )
        for feeds in sight.feeds.values()
    ]
    return len(reached) > 1 and not any(reached) and all(failing)


def _all_silent(sight: Sight) -> Iterator[Finding]:
    if not nothing_answers(sight):
        return
    heard = [fresh.read_at for fresh in sight.snapshot.freshness.values() if fresh.read_at]
    yield Finding(
        "all-silent",
        Subject("console", "console", "labtui"),
        "console",
        "critical",
        words(N_("nothing answers: this machine's own network is the first suspicion")),
        max(heard, default=None),
        "likely",
        evidence=(
            Evidence(words(N_("all {n} sources fail to answer"), n=len(sight.feeds))),
        ),
        remedies=(
            Remedy(words(N_("look at this machine's address, route and name server"))),
            Remedy(words(N_("from another network: does anything of the lab answer?"))),
        ),
    )  # fmt: skip


def _dark(sight: Sight) -> Iterator[Finding]:
    for router, here in _silent_places(sight):
        if not here.there:
            yield _site_dark(sight, router, here)


def _down(sight: Sight) -> Iterator[Finding]:
    for router, here in _silent_places(sight):
        if here.there:
            yield _router_down(sight, router, here)


def _silent_places(sight: Sight) -> Iterator[tuple[SeenRouter, Standing]]:
    """Routers that do not answer and over whose tunnels nothing comes in, with what is beside.

    That nothing comes in has to be seen from elsewhere, or nodes of the place are gone as well:
    where no router is read, a tunnel is unknown and not dead.
    """
    if nothing_answers(sight):
        return
    nodes = standing(sight)
    for router in sight.routers.values():
        tunnels = sight.tunnels_at.get(router.site, [])
        here = nodes.get(router.site) or Standing()
        seen = here.away or any(_watched_end(each) for each in tunnels)
        if router.silent and tunnels and seen and not any(each.proven for each in tunnels):
            yield router, here


def _watched_end(seen: SeenTunnel) -> TunnelEnd | None:
    """An end that was read just now."""
    return next((end for end in seen.ends if not end.stale), None)


def _site_dark(sight: Sight, router: SeenRouter, here: Standing) -> Finding:
    site, name = router.site, router.name
    away = [member.name for _cluster, member in here.away]
    same = [m.name for _c, m in here.away if _together(m.since, router.heard_at)]
    evidence = list(_silences(sight, router))
    for _cluster, member in here.away:
        says = words(N_("{node}, which stands there, is gone as well"), node=member.name)
        if member.name in same:
            says = words(N_("{node}, which stands there, is gone since the same moment"),
                         node=member.name)  # fmt: skip
        evidence.append(Evidence(says, source=member.name, at=member.since))
    evidence.append(Evidence(words(N_("a dead line would look the same from here")), "against"))
    power = words(N_("no power in the building"))
    line = words(N_("the line of {site} to the internet is down"), site=site)
    suspects = [Suspect("router", "router", name, "likely" if away else "possible", power)]
    suspects += [Suspect("node", "node", node, "likely", power) for node in away]
    suspects.append(Suspect("underlay", "uplink", site, "possible", line))
    says = words(N_("{site} is dark: {router} and all its tunnels are silent"), site=site,
                 router=name)  # fmt: skip
    if away:
        says = words(N_("{site} is dark: {router} and {nodes} are silent"), site=site, router=name,
                     nodes=" ".join(away))  # fmt: skip
    return Finding(
        "site-dark",
        Subject("site", site, site),
        "router",
        "critical",
        says,
        router.heard_at,
        "likely",
        evidence=tuple(evidence),
        remedies=(
            Remedy(words(N_("call somebody at {site}: is there power?"), site=site)),
            Remedy(words(N_("with power: ask the provider for the line of {site}"), site=site)),
            Remedy(words(N_("start nothing of {nodes} elsewhere by hand until it is known"),
                         nodes=" ".join(away) or site)),
        ),
        suspects=tuple(suspects),
        sites=(site,),
        hits=_hits(sight, site, here),
    )  # fmt: skip


def _together(one: float | None, other: float | None) -> bool:
    return one is not None and other is not None and abs(one - other) <= _SAME_MOMENT


def _silences(sight: Sight, router: SeenRouter) -> Iterator[Evidence]:
    yield Evidence(words(N_("{router} does not answer on any of its addresses"),
                         router=router.name), source=router.name, at=router.heard_at)  # fmt: skip
    for seen in sight.tunnels_at.get(router.site, []):
        if (end := _watched_end(seen)) is not None:
            yield Evidence(words(N_("nothing comes in over {link}"), link=seen.name),
                           source=end.router, at=end.read_at)  # fmt: skip


def _hits(sight: Sight, site: str, here: Standing) -> Hits:
    return Hits(
        nodes=tuple(f"{cluster}/{member.name}" for cluster, member in here.away),
        sites=(site,),
        prefixes=sight.places.lans.get(site, ()),
    )


def _router_down(sight: Sight, router: SeenRouter, here: Standing) -> Finding:
    names = " ".join(member.name for _cluster, member in here.there)
    return Finding(
        "router-down",
        Subject("router", router.name, router.name),
        "router",
        "critical",
        words(N_("{router} is down: it and all its tunnels are silent"), router=router.name),
        router.heard_at,
        "likely",
        evidence=(
            *_silences(sight, router),
            Evidence(words(N_("{nodes} of the same site are there, so it has power"),
                           nodes=names)),
        ),
        remedies=(Remedy(words(N_("look at {router} and its line"), router=router.name)),),
        suspects=(
            Suspect("router", "router", router.name, "likely", words(N_("the router is off"))),
            Suspect("underlay", "uplink", router.site, "possible", words(N_("its line is down"))),
        ),
        sites=(router.site,),
        hits=_hits(sight, router.site, here),
    )  # fmt: skip


def _cut(sight: Sight) -> Iterator[Finding]:
    """Islands whose routers answer: round the overlay, as none of their tunnels passes."""
    nodes = standing(sight)
    for island in islands(sight)[1:]:
        routers = [sight.router_at[site] for site in sorted(island) if site in sight.router_at]
        out = [
            seen
            for site in sorted(island)
            for seen in sight.tunnels_at[site]
            if not set(seen.sites) <= island
        ]
        if routers and all(router.answers for router in routers):
            yield _site_cut(sight, sorted(island), routers, out, nodes)


def _site_cut(
    sight: Sight,
    island: list[str],
    routers: list[SeenRouter],
    out: list[SeenTunnel],
    nodes: dict[str, Standing],
) -> Finding:
    names = " ".join(island)
    fell = [seen.past.changed_at for seen in out if seen.past.changed_at is not None]
    away = [pair for site in island for pair in (nodes.get(site) or Standing()).away]
    cut = words(N_("no packet passes on the way"))
    evidence = [
        Evidence(words(N_("{router} answers round the overlay: it has power and a line"),
                       router=router.name), source=router.name, at=router.heard_at)
        for router in routers
    ]  # fmt: skip
    evidence += [
        Evidence(words(N_("nothing passes over {link}"), link=seen.name),
                 source=seen.tunnel.near.router, at=seen.tunnel.near.read_at)
        for seen in out
    ]  # fmt: skip
    return Finding(
        "site-cut",
        Subject("site", "+".join(island), names),
        "underlay",
        "critical",
        counted(N_("{site} is cut off: its only tunnel is dead"),
                N_("{site} is cut off: all its {n} tunnels are dead"), len(out), site=names),
        max(fell, default=None),
        evidence=tuple(evidence),
        remedies=(
            Remedy(words(N_("any one of these brings it back: {links}"),
                         links=", ".join(seen.name for seen in out)), view="wireguard",
                   key=out[0].key if out else ""),
        ),
        suspects=tuple(Suspect("underlay", "link", seen.name, "likely", cut) for seen in out),
        sites=tuple(island),
        hits=Hits(
            nodes=tuple(f"{cluster}/{member.name}" for cluster, member in away),
            sites=tuple(island),
            prefixes=tuple(net for site in island for net in sight.places.lans.get(site, ())),
        ),
    )  # fmt: skip


def _alone(sight: Sight) -> Iterator[Finding]:
    """One router answers, and nobody beyond it: its own line is the way to all the others."""
    answering = [router for router in sight.routers.values() if router.answers]
    silent = [router for router in sight.routers.values() if router.silent]
    if len(answering) != 1 or len(silent) < _MANY or len(silent) + 1 < len(sight.routers):
        return
    router = answering[0]
    out = sight.tunnels_at.get(router.site, [])
    if len(out) < _MANY or not all(seen.broken for seen in out):
        return
    site = router.site
    fell = [seen.past.changed_at for seen in out if seen.past.changed_at is not None]
    yield Finding(
        "site-alone",
        Subject("uplink", site, site),
        "underlay",
        "critical",
        words(N_("{site} is alone: the line of {site} to the internet is the first suspicion"),
              site=site),
        min(fell, default=None),
        "likely",
        evidence=(
            Evidence(words(N_("{router} answers"), router=router.name), source=router.name,
                     at=router.heard_at),
            Evidence(words(N_("none of its {n} tunnels carries anything"), n=len(out))),
            Evidence(words(N_("no other router answers: {routers}"),
                           routers=" ".join(each.name for each in silent))),
        ),
        remedies=(Remedy(words(N_("look at the line and the first hop of {site}"), site=site)),),
        sites=(site,),
        hits=Hits(sites=tuple(sorted(each.site for each in silent))),
    )  # fmt: skip


SITE_RULES = (
    Rule("all-silent", "console", (), _all_silent),
    Rule("site-alone", "overlay", (WireGuard,), _alone),
    Rule("site-dark", "overlay", (WireGuard,), _dark),
    Rule("router-down", "overlay", (WireGuard,), _down),
    Rule("site-cut", "overlay", (WireGuard,), _cut),
)
