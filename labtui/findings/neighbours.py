"""Findings about OSPF: a neighbour that is not there, and one that does not get through to Full."""

from __future__ import annotations

from collections.abc import Iterator

from labtui.findings.far_end import sites_of
from labtui.findings.finding import Evidence, Finding, Remedy, Subject, Words, words
from labtui.findings.rule import Rule
from labtui.findings.sight import Sight
from labtui.locale import N_
from labtui.model.links import Link
from labtui.model.ospf import Ospf

# Seconds that two routers are given to find each other once their link is up.
_SETTLES = 60.0
_LACKS = {
    "no-neighbour": N_("OSPF runs on the interface, and nobody is there"),
    "no-interface": N_("the interface that OSPF should run on is not there"),
    "areas": N_("the two ends are in different areas"),
    "fell": N_("the neighbour is down"),
}
_HELPS = {
    "no-neighbour": N_("see whether multicast (224.0.0.5) passes over the link, and whether hello "
                       "and dead intervals agree"),
    "no-interface": N_("bring the link under it up first"),
    "areas": N_("give both interfaces the same area id"),
    "fell": N_("see whether the link under it passes packets"),
}  # fmt: skip
_STUCK = {
    "exchange": N_("a different MTU at the two ends stops the exchange of databases"),
    "init": N_("their hellos arrive and ours do not: a filter, or one-way traffic"),
    "two-way": N_("the ends do not agree on the type of the network"),
    "loading": N_("routes are asked for and do not come"),
}


def _missing(sight: Sight) -> Iterator[Finding]:
    for link in sight.joined:
        reason = link.said.reason
        if link.kind == "ospf" and reason in _LACKS and not _young(sight, link):
            yield _finding(
                sight, link, "ospf-missing",
                words(N_("OSPF {link}: the neighbour is missing"), link=link.name),
                words(_LACKS[reason]), words(_HELPS[reason]),
            )  # fmt: skip


def _stuck(sight: Sight) -> Iterator[Finding]:
    for link in sight.joined:
        reason = link.said.reason
        if link.kind == "ospf" and reason in _STUCK and not _young(sight, link):
            yield _finding(
                sight, link, "ospf-stuck",
                words(N_("OSPF {link} stays in {state}"), link=link.name, state=link.said.detail),
                words(_STUCK[reason]),
                words(N_("compare MTU, network type and intervals at both ends")),
            )  # fmt: skip


def _young(sight: Sight, link: Link) -> bool:
    """The link under it has just come up."""
    below = [one for one in sight.joined if one.key in link.under]
    risen = [one.since for one in below if one.since is not None]
    return any(sight.now - since < _SETTLES for since in risen)


def _finding(
    sight: Sight, link: Link, rule: str, says: Words, because: Words, remedy: Words
) -> Finding:
    router = link.near.router
    return Finding(
        rule,
        Subject("neighbour", link.key, link.name, "links"),
        "routing",
        "warning",
        says,
        None,
        "likely",
        evidence=(Evidence(because, source=router, at=sight.fresh("ospf", router).read_at),),
        remedies=(Remedy(remedy, view="links", key=link.key),),
        sites=sites_of(sight, link),
    )


NEIGHBOUR_RULES = (
    Rule("ospf-missing", "overlay", (Ospf,), _missing),
    Rule("ospf-stuck", "overlay", (Ospf,), _stuck),
)
