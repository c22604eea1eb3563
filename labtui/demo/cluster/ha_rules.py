"""Rules of high availability: where resources may run and which belong together or apart.

9.x keeps them as rules (node-affinity, resource-affinity); 8.x has groups, which are node
affinities with other names. Source: the API description and recorded rows of both releases.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Rule:
    """One rule; `nodes` are names with priorities, `positive` is for resource affinities."""

    name: str
    kind: str
    resources: tuple[str, ...]
    nodes: tuple[tuple[str, int], ...] = ()
    strict: bool = False
    positive: bool = True
    disabled: bool = False
    comment: str = ""


@dataclass(frozen=True)
class Group:
    """A group of 8.x; a restricted one lets its resources run nowhere else."""

    name: str
    nodes: tuple[tuple[str, int], ...]
    restricted: bool = False
    nofailback: bool = False
    comment: str = ""


def parse_nodes(text: str) -> tuple[tuple[str, int], ...]:
    """`pve1:2,pve2` as names with priorities (0 where none is given). ValueError for junk."""
    found = []
    for part in text.split(","):
        name, colon, priority = part.strip().partition(":")
        found.append((name, int(priority) if colon else 0))
    return tuple(found)


def nodes_text(nodes: tuple[tuple[str, int], ...]) -> str:
    """The text of names with priorities."""
    return ",".join(f"{name}:{weight}" if weight else name for name, weight in nodes)


@dataclass
class HaRules:
    """All rules and groups of a cluster."""

    rules: dict[str, Rule] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    members: dict[str, str] = field(default_factory=dict)
    """Resources of 8.x by their group."""

    @property
    def digest(self) -> str:
        """SHA-1 of the rules as a whole."""
        text = repr(sorted(self.rules.items())) + repr(sorted(self.groups.items()))
        return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()

    def affinity(self, sid: str) -> tuple[dict[str, int], bool] | None:
        """Priorities by node and whether nothing else is allowed; None without a rule."""
        for rule in self.rules.values():
            if rule.kind == "node-affinity" and sid in rule.resources and not rule.disabled:
                return dict(rule.nodes), rule.strict
        group = self.groups.get(self.members.get(sid, ""))
        return None if group is None else (dict(group.nodes), group.restricted)

    def companions(self, sid: str, *, positive: bool) -> set[str]:
        """The resources that must run together with (or apart from) this one."""
        found: set[str] = set()
        for rule in self.rules.values():
            counts = rule.kind == "resource-affinity" and not rule.disabled
            if counts and sid in rule.resources and rule.positive == positive:
                found.update(rule.resources)
        return found - {sid}

    def candidates(self, sid: str, nodes: list[str], where: dict[str, str]) -> list[str]:
        """Those of `nodes` on which a resource may run, the preferred ones only.

        `where` names the node of every resource.
        """
        apart = {where[other] for other in self.companions(sid, positive=False) if other in where}
        left = [name for name in nodes if name not in apart]
        found = self.affinity(sid)
        if found is None:
            return left
        weights, strict = found
        inside = [name for name in left if name in weights]
        if not inside:
            return [] if strict else left
        best = max(weights[name] for name in inside)
        return [name for name in inside if weights[name] == best]

    def blocking(self, sid: str, node: str, where: dict[str, str]) -> list[tuple[str, str]]:
        """Why a resource may not go to a node: pairs of resource and cause."""
        found = self.affinity(sid)
        pinned = found is not None and found[1] and node not in found[0]
        apart = sorted(self.companions(sid, positive=False))
        causes = [(sid, "node-affinity")] if pinned else []
        return causes + [(s, "resource-affinity") for s in apart if where.get(s) == node]
