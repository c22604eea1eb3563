"""Findings about calls (L2TP and its kin) and the keys that they stand on (IPsec).

A router whose interfaces are read tells of its calls itself, and which layer of one failed. Of
others the address of a caller's interface tells: it is there for as long as the call is.
"""

from __future__ import annotations

from collections.abc import Iterator

from labtui.findings.far_end import sites_of
from labtui.findings.finding import Evidence, Finding, Remedy, Subject, Words, words
from labtui.findings.rule import Rule
from labtui.findings.sight import Sight
from labtui.locale import N_
from labtui.model.interfaces import Interfaces
from labtui.model.links import Link
from labtui.model.overlay import RouterFacts

_WHY = {
    "no-keys": N_("the keys (IPsec phase 1) are not there"),
    "refused": N_("the called refuses user or password"),
    "calling": N_("nobody answers the call"),
    "no-caller": N_("the caller says connected, the called has nobody"),
}
_KEYS = {
    "phase1-none": N_("phase 1 has not begun"),
    "phase1-silent": N_("phase 1: nobody answers"),
    "phase1-refused": N_("phase 1: the other side answers and does not agree"),
    "phase2": N_("phase 1 stands, phase 2 does not"),
    "phase2-some": N_("phase 2 of some policies does not stand"),
    "half-keys": N_("one end has keys that the other does not know any more"),
}


def _down(sight: Sight) -> Iterator[Finding]:
    told = {router for router, _part in sight.snapshot.of(Interfaces)}
    for link in sight.joined:
        if link.kind == "l2tp" and link.said.reason in _WHY:
            yield _call_down(sight, link)
    for key, past in sorted(sight.history.calls.items()):
        router, _slash, interface = key.partition("/")
        seen = sight.routers.get(router)
        if router in told or past.gone_at is None or seen is None:
            continue
        if sight.as_of("facts", router) is not None:
            continue
        far = interface.rpartition("-")[2]
        yield Finding(
            "line-down",
            Subject("line", key, router),
            "tunnel",
            "warning",
            words(N_("the call of {router} over {interface} is down"), router=router,
                  interface=interface),
            past.gone_at,
            "likely",
            evidence=(
                Evidence(words(N_("its address {address} is gone"), address=past.address),
                         source=router, at=sight.fresh("facts", router).read_at),
                Evidence(words(N_("somebody may have taken it away on purpose")), "against"),
            ),
            remedies=_call_remedies(router),
            sites=(seen.site, *((far,) if far in sight.router_at else ())),
        )  # fmt: skip


def _call_remedies(router: str) -> tuple[Remedy, ...]:
    return (
        Remedy(words(N_("compare secret, user and password at both ends"))),
        Remedy(words(N_("the log of {router} says how far the call comes"), router=router)),
    )


def _call_down(sight: Sight, link: Link) -> Finding:
    near = link.near
    key = f"{near.router}/{near.interface}"
    past = sight.history.calls.get(key)
    return Finding(
        "line-down",
        Subject("line", key, link.name, "links", link.key),
        "tunnel",
        "warning",
        words(N_("the call of {router} over {interface} is down"), router=near.router,
              interface=near.interface),
        past.gone_at if past is not None else None,
        "likely",
        evidence=(Evidence(words(_WHY[link.said.reason]), source=near.router,
                           at=sight.fresh("interfaces", near.router).read_at),),
        remedies=_call_remedies(near.router),
        sites=sites_of(sight, link),
    )  # fmt: skip


def _keys(sight: Sight) -> Iterator[Finding]:
    for link in sight.joined:
        if link.kind == "ipsec" and link.said.reason in _KEYS:
            yield _key_finding(
                sight, link, "ipsec-down",
                words(N_("IPsec {link} is not up"), link=link.name), words(_KEYS[link.said.reason]),
                words(N_("compare secret, profile and proposal at both ends, and whether UDP 500 "
                         "and 4500 pass")),
            )  # fmt: skip


def _one_way(sight: Sight) -> Iterator[Finding]:
    for link in sight.joined:
        if link.kind == "ipsec" and link.state == "one-way":
            yield _key_finding(
                sight, link, "ipsec-one-way",
                words(N_("IPsec {link} carries packets one way only"), link=link.name),
                words(N_("the keys stand at both ends, and bytes are counted in one direction")),
                words(N_("a filter or NAT on the way lets ESP through one way; see the rules for "
                         "ipsec-esp and UDP 4500")),
            )  # fmt: skip


def _key_finding(
    sight: Sight, link: Link, rule: str, says: Words, because: Words, remedy: Words
) -> Finding:
    return Finding(
        rule,
        Subject("ipsec", link.key, link.name, "links"),
        "tunnel",
        "warning",
        says,
        None,
        "likely",
        evidence=(
            Evidence(because, source=link.near.router,
                     at=sight.fresh("interfaces", link.near.router).read_at),
        ),
        remedies=(Remedy(remedy, view="links", key=link.key),),
        sites=sites_of(sight, link),
    )  # fmt: skip


LINE_RULES = (
    Rule("line-down", "overlay", (RouterFacts, Interfaces), _down),
    Rule("ipsec-down", "overlay", (Interfaces,), _keys),
    Rule("ipsec-one-way", "overlay", (Interfaces,), _one_way),
)
