"""Rules of high availability as an evacuation needs them: 9.x's rules, 8.4's groups. Pure.

Row forms of `GET /cluster/ha/rules`, `/cluster/ha/groups` and `/cluster/ha/resources`. Nodes are
`name[:priority]` joined by commas, resources `vm:100` or `ct:101`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from labtui.model.text import clean


class HaRules(msgspec.Struct, frozen=True):
    """What the rules say, by service id (`vm:104`).

    `only` are the nodes that a service is held to, `liked` those that it prefers. `together` and
    `apart` are groups of services. `unread` says why the rules could not be had.
    """

    only: dict[str, frozenset[str]] = {}
    liked: dict[str, frozenset[str]] = {}
    together: tuple[frozenset[str], ...] = ()
    apart: tuple[frozenset[str], ...] = ()
    unread: str = ""

    def with_it(self, sid: str) -> frozenset[str]:
        """The services that have to be where this one is."""
        found, grown = frozenset((sid,)), frozenset[str]()
        while found != grown:
            grown = found
            found = found.union(*(group for group in self.together if group & found))
        return found - {sid}

    def away_from(self, sid: str) -> frozenset[str]:
        """The services that must not be where this one is."""
        return frozenset().union(*(g for g in self.apart if sid in g)) - {sid}


def of_rules(rows: Any) -> HaRules:
    """The rules of 9.x; disabled ones and what can't be read are left out."""
    only: dict[str, frozenset[str]] = {}
    liked: dict[str, frozenset[str]] = {}
    together: list[frozenset[str]] = []
    apart: list[frozenset[str]] = []
    for row in listed(rows):
        if not isinstance(row, dict) or row.get("disable"):
            continue
        services = _names(row.get("resources"))
        if row.get("type") == "node-affinity":
            nodes = _nodes(row.get("nodes"))
            for sid in services:
                (only if row.get("strict") else liked)[sid] = nodes
        elif row.get("type") == "resource-affinity" and len(services) > 1:
            (apart if row.get("affinity") == "negative" else together).append(frozenset(services))
    return HaRules(only, liked, tuple(together), tuple(apart))


def of_groups(groups: Any, resources: Any) -> HaRules:
    """The groups of 8.4, with who belongs to them."""
    known = {
        clean(str(row.get("group"))): (_nodes(row.get("nodes")), bool(row.get("restricted")))
        for row in listed(groups)
        if isinstance(row, dict)
    }
    only: dict[str, frozenset[str]] = {}
    liked: dict[str, frozenset[str]] = {}
    for row in listed(resources):
        group = clean(str(row.get("group"))) if isinstance(row, dict) else None
        if isinstance(row, dict) and group in known:
            nodes, restricted = known[group]
            (only if restricted else liked)[clean(str(row.get("sid")))] = nodes
    return HaRules(only, liked)


def listed(value: Any) -> list[Any]:
    """The value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def _names(value: Any) -> tuple[str, ...]:
    text = ",".join(map(str, value)) if isinstance(value, list) else str(value or "")
    return tuple(_parts(text.replace(";", ",").replace(" ", ",").split(",")))


def _parts(words: Iterable[str]) -> Iterable[str]:
    return (clean(word) for word in words if word)


def _nodes(value: Any) -> frozenset[str]:
    """The nodes of the highest priority first in force; for room to move all of them count."""
    return frozenset(name.partition(":")[0] for name in _names(value))
