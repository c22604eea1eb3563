"""Findings about routers as such: silent, restarted, busy, too old for what we ask of them."""

from __future__ import annotations

from collections.abc import Iterator

from labtui.findings.finding import Evidence, Finding, Remedy, Subject, Suspect, words
from labtui.findings.rule import Rule
from labtui.findings.sight import SeenRouter, Sight
from labtui.locale import N_
from labtui.model.overlay import RouterFacts

_JUST_BOOTED = 1800.0
_BUSY = 95


def _silent(sight: Sight) -> Iterator[Finding]:
    for router in sight.routers.values():
        if router.silent:
            yield _router_silent(sight, router)


def _router_silent(sight: Sight, router: SeenRouter) -> Finding:
    tunnels = sight.tunnels_at.get(router.site, [])
    proven = [seen for seen in tunnels if seen.proven]
    evidence = [
        Evidence(words(N_("its API does not answer on any of its addresses")), source=router.name,
                 at=router.failing_since)
    ]  # fmt: skip
    evidence += [
        Evidence(words(N_("{link} still carries traffic, so the router runs"), link=seen.name),
                 "against", seen.tunnel.near.router)
        for seen in proven
    ]  # fmt: skip
    says = words(N_("{router} does not answer"), router=router.name)
    if proven:
        says = words(N_("the API of {router} does not answer, its tunnels work"),
                     router=router.name)  # fmt: skip
    return Finding(
        "router-silent",
        Subject("server" if proven else "router", router.name, router.name),
        "server" if proven else "router",
        "warning",
        says,
        router.heard_at,
        "certain" if proven else "likely",
        evidence=tuple(evidence),
        remedies=(
            Remedy(words(N_("look at {router} from its own site: power, line, API service"),
                         router=router.name), view="sources"),
        ),
        sites=(router.site,),
    )  # fmt: skip


def _rebooted(sight: Sight) -> Iterator[Finding]:
    for router in sight.routers.values():
        facts = router.facts
        read_at = sight.fresh("facts", router.name).read_at
        if facts is None or facts.uptime is None or read_at is None:
            continue
        booted = read_at - facts.uptime
        if facts.uptime < _JUST_BOOTED and sight.now - booted < _JUST_BOOTED:
            yield Finding(
                "router-rebooted",
                Subject("router", router.name, router.name),
                "router",
                "notice",
                words(N_("{router} has started anew"), router=router.name),
                booted,
                remedies=(
                    Remedy(words(N_("look at its log for the reason, and at its clock: without a "
                                    "battery it wakes up in the past"))),
                ),
                suspects=(
                    Suspect("router", "router", router.name, "possible",
                            words(N_("power, a crash, or somebody's hand"))),
                ),
                sites=(router.site,),
            )  # fmt: skip


def _busy(sight: Sight) -> Iterator[Finding]:
    for router in sight.routers.values():
        facts = router.facts
        if facts is None or (facts.cpu_load or 0) < _BUSY:
            continue
        yield Finding(
            "router-busy",
            Subject("router", router.name, router.name),
            "router",
            "warning",
            words(N_("the processor of {router} is at {percent} %"), router=router.name,
                  percent=facts.cpu_load or 0),
            remedies=(Remedy(words(N_("`/tool/profile` on {router} says by what"),
                                   router=router.name)),),
            sites=(router.site,),
            as_of=sight.as_of("facts", router.name),
        )  # fmt: skip


def _old(sight: Sight) -> Iterator[Finding]:
    for router in sight.routers.values():
        version = router.facts.version if router.facts else ""
        if version.startswith(("5.", "6.")):
            yield Finding(
                "router-old",
                Subject("router", router.name, router.name),
                "router",
                "notice",
                words(N_("{router} runs RouterOS {version}, which has no WireGuard"),
                      router=router.name, version=version),
                remedies=(Remedy(words(N_("bring it to RouterOS 7"))),),
                sites=(router.site,),
            )  # fmt: skip


ROUTER_RULES = (
    Rule("router-silent", "overlay", (), _silent),
    Rule("router-rebooted", "overlay", (RouterFacts,), _rebooted),
    Rule("router-busy", "overlay", (RouterFacts,), _busy),
    Rule("router-old", "overlay", (RouterFacts,), _old),
)
