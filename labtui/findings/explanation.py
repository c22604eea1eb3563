"""What an explanation is, and how two findings about hosts and guests may be related."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from labtui.findings.finding import Finding
from labtui.findings.sight import Sight

Relates = Callable[[Finding, Finding, Sight], bool]


class Explanation(msgspec.Struct, frozen=True):
    """`causes` explain `effects` (ids of rules) where `relates(cause, effect, sight)` holds."""

    causes: tuple[str, ...]
    effects: tuple[str, ...]
    relates: Relates


def hits_node(cause: Finding, effect: Finding, sight: Sight) -> bool:
    """They hit a common node."""
    return bool(set(cause.hits.nodes) & set(effect.hits.nodes))


def guest_of(cause: Finding, effect: Finding, sight: Sight) -> bool:
    """The guests of the effect are among those of the cause, or on nodes that it hits."""
    if set(effect.hits.guests) & set(cause.hits.guests):
        return True
    nodes = set(cause.hits.nodes)
    for key in effect.hits.guests:
        seen = sight.guests.get(key)
        if seen is not None and f"{seen.guest.cluster}/{seen.guest.node}" in nodes:
            return True
    return False
