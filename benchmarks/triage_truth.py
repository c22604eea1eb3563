"""Whether a cause that labtui names is the one that a scenario is about."""

from __future__ import annotations

from collections.abc import Sequence

from labtui.demo.lab import Lab
from labtui.demo.scenarios.scenario import Cause as Truth
from labtui.findings import Cause, Finding

_OF_A_LINK = ("link", "peer", "session", "line", "tunnel")
_OF_A_GUEST = ("guest", "backup", "replication")
# A backup line is a call over keys with a neighbour in it: told as the lowest of them that is bad.
_OF_A_LINE = {"line": ("line", "ipsec"), "neighbour": ("neighbour",)}


def sites_of(lab: Lab, number: str) -> frozenset[str]:
    """The two ends of a link of that number."""
    return next(
        (frozenset((link.left, link.right)) for link in lab.links if str(link.number) == number),
        frozenset(),
    )


def names(finding: Finding, truth: Truth, lab: Lab) -> bool:
    """True when the finding itself has the layer, the noun and the name of the truth."""
    if finding.layer != truth.layer:
        return False
    subject = finding.subject
    if truth.noun in _OF_A_LINK and truth.name.isdigit():
        ends = sites_of(lab, truth.name)
        told = subject.name.replace(">", " ").replace("to-", " ").split()
        there = frozenset(finding.sites) | frozenset(told)
        return subject.noun == truth.noun and ends <= there
    if truth.noun in _OF_A_LINE:
        here = next((site.name for site in lab.sites if site.router == truth.name), "")
        return subject.noun in _OF_A_LINE[truth.noun] and here in finding.sites
    if truth.noun == "address":
        own = {guest.address for guest in lab.guests if str(guest.vmid) == truth.name}
        return subject.noun == "address" and subject.name in own
    if truth.noun in _OF_A_GUEST and any(
        key.endswith(f"/{truth.name}") for key in finding.hits.guests
    ):
        return truth.noun == "guest" or subject.noun == truth.noun
    if truth.noun == "guest":
        return False
    if truth.noun == "card":
        return any(card == truth.name for card in finding.hits.cards)
    # A storage of one node is told with its node: `local (pve1)`; of a node's parts the key has it.
    called = (subject.name, subject.name.partition(" (")[0], *subject.key.split("/"))
    return subject.noun == truth.noun and truth.name in called


def suspects(finding: Finding, truth: Truth, lab: Lab) -> bool:
    """True when the truth is among what the finding says may be behind it."""
    ends = sites_of(lab, truth.name) if truth.noun in _OF_A_LINK else frozenset()
    for suspect in finding.suspects:
        if suspect.layer != truth.layer or suspect.noun != truth.noun:
            continue
        if suspect.name == truth.name or (ends and ends == frozenset(suspect.name.split(" = "))):
            return True
    return False


def place(causes: Sequence[Cause], truths: Sequence[Truth], lab: Lab) -> tuple[int, str]:
    """(rank from 1, how) of the first cause that is one of the true ones; (0, "") for none.

    How: `named`, `suspected` (the cause names several possibilities, one of them true), or
    `below` (found, but told as an effect of something else).
    """
    for rank, cause in enumerate(causes, 1):
        if any(names(cause.finding, truth, lab) for truth in truths):
            return rank, "named"
        if any(suspects(cause.finding, truth, lab) for truth in truths):
            return rank, "suspected"
    for rank, cause in enumerate(causes, 1):
        if any(names(f, truth, lab) for f in cause.tree.all() for truth in truths):
            return rank, "below"
    return 0, ""
