"""Routing filter chains: the small part of the rule language that decides on prefixes.

Known are `accept`, `reject`, `if (CONDITION) { accept|reject }` with an optional `else`, and
conditions of `dst in NETWORK` and `dst == NETWORK` joined by `&&`, with a length as in
`dst-len > 24`. A chain that has no answer rejects, as the manual says; a rule that cannot be
understood is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from ipaddress import IPv4Network, ip_network

from labtui.demo.overlay.devices import Router

RULES = "/routing/filter/rule"

_IF = re.compile(
    r"if\s*\((?P<when>[^)]*)\)\s*\{\s*(?P<then>[^}]*?)\s*;?\s*\}"
    r"(?:\s*else\s*\{\s*(?P<other>[^}]*?)\s*;?\s*\})?\s*;?"
)
_DESTINATION = re.compile(r"(not\s+)?dst\s+(in|==)\s+([0-9./]+)")
_LENGTH = re.compile(r"dst-len\s*(<=|>=|<|>|==)\s*(\d+)")


def permits(router: Router | None, chain: str, prefix: str) -> bool:
    """Whether a chain of a router lets a prefix through; no chain lets everything through."""
    if router is None or not chain:
        return True
    rules = [
        rule.get("rule")
        for rule in router.tables.get(RULES, ())
        if rule.get("chain") == chain and not rule.disabled
    ]
    return decide(rules, prefix)


def decide(rules: Sequence[str], prefix: str) -> bool:
    """The answer of a chain's rules for one prefix."""
    network = ip_network(prefix)
    if not isinstance(network, IPv4Network):
        return False
    for rule in rules:
        verdict = _verdict(rule.strip(), network)
        if verdict is not None:
            return verdict
    return False


def understood(rule: str) -> bool:
    """Whether a rule is one of those above."""
    body = rule.strip().rstrip(";").strip()
    if body in ("accept", "reject"):
        return True
    found = _IF.fullmatch(rule.strip())
    return found is not None and all(
        _condition(part.strip(), IPv4Network("0.0.0.0/0")) is not None
        for part in found["when"].split("&&")
    )


def _verdict(rule: str, network: IPv4Network) -> bool | None:
    word = rule.rstrip(";").strip()
    if word in ("accept", "reject"):
        return word == "accept"
    found = _IF.fullmatch(rule)
    if found is None:
        return None
    parts = [_condition(part.strip(), network) for part in found["when"].split("&&")]
    if None in parts:
        return None
    body = found["then"] if all(parts) else found["other"] or ""
    for step in body.split(";"):
        if step.strip() in ("accept", "reject"):
            return step.strip() == "accept"
    return None


def _condition(text: str, network: IPv4Network) -> bool | None:
    length = _LENGTH.fullmatch(text)
    if length is not None:
        bound, size = int(length[2]), network.prefixlen
        return {
            "<": size < bound,
            ">": size > bound,
            "<=": size <= bound,
            ">=": size >= bound,
            "==": size == bound,
        }[length[1]]
    found = _DESTINATION.fullmatch(text)
    if found is None:
        return None
    try:
        wanted = IPv4Network(found[3], strict=False)
    except ValueError:
        return None
    inside = network.subnet_of(wanted) if found[2] == "in" else network == wanted
    return inside is not bool(found[1])
