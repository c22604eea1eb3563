"""What explains what among links of every kind, prefixes and clocks."""

from __future__ import annotations

from labtui.findings.explanation import Explanation
from labtui.findings.finding import Finding
from labtui.findings.sight import Sight

_PLACES = ("site-dark", "router-down", "site-cut")
_DEAD = (
    *("tunnel-disabled", "tunnel-keys", "tunnel-endpoint", "tunnel-dead", "session-disabled"),
    *("session-as", "session-stopped", "session-down"),
)
_LINKS = ("line-down", "ipsec-down", "ipsec-one-way", "ospf-missing", "ospf-stuck")


def _there(cause: Finding, effect: Finding, _sight: Sight) -> bool:
    """An end of the link, or the network, is at the site of the cause."""
    return bool(set(cause.hits.sites or cause.sites) & set(effect.sites))


def _beneath(cause: Finding, effect: Finding, sight: Sight) -> bool:
    """The effect's link travels in that of the cause."""
    link = next((one for one in sight.joined if one.key == effect.subject.at[1]), None)
    return link is not None and cause.subject.at[1] in link.under


def _same_link(cause: Finding, effect: Finding, _sight: Sight) -> bool:
    return len(cause.sites) == 2 and set(cause.sites) == set(effect.sites)


def _under_or_same(cause: Finding, effect: Finding, sight: Sight) -> bool:
    return _beneath(cause, effect, sight) or _same_link(cause, effect, sight)


def _same_prefix(cause: Finding, effect: Finding, _sight: Sight) -> bool:
    """The same network, or a site that has it."""
    shared = set(cause.hits.prefixes) & {effect.subject.key, *effect.hits.prefixes}
    return bool(shared) or bool(set(cause.sites) & set(effect.sites))


def _new_there(cause: Finding, effect: Finding, sight: Sight) -> bool:
    """The network that nobody has written down is none that people of the site live in."""
    shared = set(cause.sites) & set(effect.sites)
    lans = {net for site in shared for net in sight.places.lans.get(site, ())}
    return bool(shared) and effect.subject.key not in lans


def _always(_cause: Finding, _effect: Finding, _sight: Sight) -> bool:
    return True


OVERLAY_EXPLANATIONS: tuple[Explanation, ...] = (
    Explanation(("ipsec-down", "ipsec-one-way"), ("line-down",), _under_or_same),
    Explanation(("line-down", "ipsec-down"), ("ospf-missing", "ospf-stuck"), _under_or_same),
    Explanation(("link-mtu",), ("ospf-stuck", "link-narrow", "session-empty"), _same_link),
    Explanation(("tunnel-one-way",), ("session-down", "session-flaps", "session-empty"),
                _same_link),
    Explanation(("router-rebooted",), ("router-clock",), _there),
    Explanation(("router-clock",), ("tunnel-dead",), _there),
    Explanation(("prefix-origins", "prefix-lost"), ("prefix-twice", "prefix-new", "prefix-silent"),
                _same_prefix),
    Explanation(("prefix-new",), ("prefix-missing",), _new_there),
    Explanation(_DEAD, ("prefix-silent", "path-lopsided"), _there),
    Explanation(_PLACES, (*_LINKS, "tunnel-one-way", "prefix-silent", "path-lopsided"), _there),
    Explanation(("site-alone",), (*_LINKS, "prefix-silent"), _always),
)  # fmt: skip
