"""Findings about routers as such: silent, restarted, busy, too old for what we ask of them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from labtui.findings.finding import Evidence, Finding, Remedy, Subject, Suspect, words
from labtui.findings.rule import Rule
from labtui.findings.sight import SeenRouter, Sight
from labtui.locale import N_
from labtui.model.overlay import RouterFacts

_JUST_BOOTED = 1800.0
_BUSY = 95
# Seconds: when a way to it breaks, what was on that way is late and the next is answered.
_ANSWERS_ON = 15.0
_CLOCK_OFF = 60.0
_UNFINISHED = re.compile(r"[0-9](alpha|beta|rc)[0-9]")


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


def _slow_topics(sight: Sight, router: SeenRouter) -> list[str]:
    """What is not answered in time by a router that has answered something else since then."""
    feeds = sight.feeds.get(("routeros", router.name), ())
    heard = router.heard_at or 0.0
    return [
        feed.topic
        for feed, fresh in feeds
        if fresh.problem is not None
        and fresh.problem.kind == "timed-out"
        and heard - (fresh.failing_since or 0.0) > _ANSWERS_ON
    ]


def _busy(sight: Sight) -> Iterator[Finding]:
    for router in sight.routers.values():
        facts = router.facts
        loaded = facts is not None and (facts.cpu_load or 0) >= _BUSY
        if loaded and sight.as_of("facts", router.name) is None:
            yield _at_its_limit(sight, router)
        elif router.answers and (late := _slow_topics(sight, router)):
            yield _answers_late(sight, router, late)


def _answers_late(sight: Sight, router: SeenRouter, topics: list[str]) -> Finding:
    """The load itself is among what it does not come to tell."""
    load = router.facts.cpu_load if router.facts is not None else None
    told = words(N_("its processor was at {percent} % when it was last heard"), percent=load or 0)
    read_at = sight.fresh("facts", router.name).read_at
    return Finding(
        "router-busy",
        Subject("router", router.name, router.name),
        "router",
        "warning",
        words(N_("{router} answers, and too slowly: {topics} do not come in time"),
              router=router.name, topics=" ".join(topics)),
        None,
        "likely",
        evidence=(
            Evidence(words(N_("short questions are answered, long ones are not")),
                     source=router.name),
            *((Evidence(told, source=router.name, at=read_at),) if load is not None else ()),
            Evidence(words(N_("a line that loses packets looks the same")), "against"),
        ),
        remedies=(
            Remedy(words(N_("`/tool/profile` on {router} says what its processor does"),
                         router=router.name)),
        ),
        sites=(router.site,),
    )  # fmt: skip


def _at_its_limit(sight: Sight, router: SeenRouter) -> Finding:
    load = (router.facts.cpu_load if router.facts is not None else None) or 0
    return Finding(
        "router-busy",
        Subject("router", router.name, router.name),
        "router",
        "warning",
        words(N_("the processor of {router} is at {percent} %"), router=router.name,
              percent=load),
        remedies=(Remedy(words(N_("`/tool/profile` on {router} says what its processor does"),
                               router=router.name)),),
        sites=(router.site,),
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


def _clock(sight: Sight) -> Iterator[Finding]:
    for router in sight.routers.values():
        ahead = router.facts.clock_ahead if router.facts else None
        # A reading may take some seconds; what counts is far beyond that.
        if ahead is None or abs(ahead) < _CLOCK_OFF or not router.answers:
            continue
        late = words(N_("the clock of {router} is {minutes} minutes behind"), router=router.name,
                     minutes=round(-ahead / 60))  # fmt: skip
        early = words(N_("the clock of {router} is {minutes} minutes ahead"), router=router.name,
                      minutes=round(ahead / 60))  # fmt: skip
        yield Finding(
            "router-clock",
            Subject("router", router.name, router.name),
            "router",
            "warning",
            late if ahead < 0 else early,
            None,
            evidence=(
                Evidence(words(N_("a peer refuses handshakes that are older than the last one, so "
                                  "tunnels may stay down")), source=router.name,
                         at=sight.fresh("facts", router.name).read_at),
                Evidence(words(N_("this machine's own clock may be the one that is off")),
                         "against"),
            ),
            remedies=(
                Remedy(words(N_("see `/system/ntp/client` on {router}: does it reach its "
                                "servers?"), router=router.name)),
            ),
            sites=(router.site,),
            as_of=sight.as_of("facts", router.name),
        )  # fmt: skip


def _testing(sight: Sight) -> Iterator[Finding]:
    for router in sight.routers.values():
        version = router.facts.version if router.facts else ""
        if _UNFINISHED.search(version):
            yield Finding(
                "router-testing",
                Subject("router", router.name, router.name),
                "router",
                "notice",
                words(N_("{router} runs RouterOS {version}, which is no finished release"),
                      router=router.name, version=version),
                remedies=(Remedy(words(N_("take the stable or the long-term channel"))),),
                sites=(router.site,),
            )  # fmt: skip


ROUTER_RULES = (
    Rule("router-silent", "overlay", (), _silent),
    Rule("router-rebooted", "overlay", (RouterFacts,), _rebooted),
    Rule("router-busy", "overlay", (RouterFacts,), _busy),
    Rule("router-old", "overlay", (RouterFacts,), _old),
    Rule("router-clock", "overlay", (RouterFacts,), _clock),
    Rule("router-testing", "overlay", (RouterFacts,), _testing),
)
