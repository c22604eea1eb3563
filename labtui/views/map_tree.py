"""The map as a tree of lines, where a drawing would not be read: sites, below each its links."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from labtui.views.link_words import kind_text, state_text
from labtui.views.map_places import ROLES, SIGNS, Atlas, load, milliseconds, site_key, site_sign
from labtui.views.view import Role


class Twig(NamedTuple):
    """A line: the key of its place, its text and what that means."""

    key: str
    text: str
    role: Role


def tree(atlas: Atlas, seconds: Mapping[str, float]) -> list[Twig]:
    """Every site and every link once: a link stands below the end that has more of them."""
    degree = {node.name: len(atlas.net.at(node.name)) for node in atlas.net.sites}
    order = sorted(degree, key=lambda name: (-degree[name], name))
    rank = {name: number for number, name in enumerate(order)}
    by_key = atlas.by_key
    lines: list[Twig] = []
    for name in order:
        sign, role = site_sign(by_key[site_key(name)])
        lines.append(Twig(site_key(name), f"{sign} {name}".strip(), role if sign else ""))
        below = [edge for edge in atlas.net.at(name) if rank[edge.other(name)] > rank[name]]
        for number, edge in enumerate(sorted(below, key=lambda each: rank[each.other(name)])):
            branch = "└" if number == len(below) - 1 else "├"
            words = (
                SIGNS[edge.state], edge.other(name), kind_text(edge.kind), state_text(edge.state),
                load(edge), milliseconds(seconds.get(edge.key)),
            )  # fmt: skip
            text = "  ".join(word for word in words if word)
            lines.append(Twig(edge.key, f"  {branch}─ {text}", ROLES[edge.state]))
    return lines
