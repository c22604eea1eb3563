"""What the overlay stands on: which sites or links would cut others off if they fell. Pure."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from labtui.model.network import OverlayGraph


class WeakPoint(msgspec.Struct, frozen=True):
    """A site or a link (its key) without which those sites are cut off from the rest."""

    key: str
    cut_off: tuple[str, ...]
    is_site: bool = False


def cut_off(
    graph: OverlayGraph, *, edges: Iterable[str] = (), sites: Iterable[str] = ()
) -> tuple[str, ...]:
    """Our sites that would lose the rest of their group if those links and sites fell.

    Of what a group falls into, the largest piece keeps the name; the fallen sites are not counted.
    """
    fallen = frozenset(sites)
    after = graph.islands(without_edges=edges, without_sites=fallen)
    lost: set[str] = set()
    for group in graph.islands():
        pieces = [piece for piece in after if piece <= group]
        lost.update(site for piece in pieces[1:] for site in piece)
    return tuple(sorted(lost))


def weak_points(graph: OverlayGraph) -> tuple[WeakPoint, ...]:
    """Every site and every link that passes now and whose fall alone would cut others off."""
    joints, bridges = _joints(graph)
    found = [
        WeakPoint(site, cut_off(graph, sites=(site,)), is_site=True) for site in sorted(joints)
    ]
    found += [WeakPoint(key, cut_off(graph, edges=(key,))) for key in sorted(bridges)]
    return tuple(found)


def _joints(graph: OverlayGraph) -> tuple[set[str], set[str]]:
    """Sites and links without which a group falls apart: one depth-first walk (Tarjan)."""
    ours = sorted(site.name for site in graph.sites if site.ours)
    near: dict[str, list[tuple[str, str]]] = {name: [] for name in ours}
    for edge in graph.edges:
        one, other = edge.sites
        if edge.passes and one in near and other in near and one != other:
            near[one].append((other, edge.key))
            near[other].append((one, edge.key))
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    joints: set[str] = set()
    bridges: set[str] = set()
    for root in ours:
        if root not in order:
            _walk(root, near, order, low, joints, bridges)
    return joints, bridges


def _walk(
    root: str,
    near: dict[str, list[tuple[str, str]]],
    order: dict[str, int],
    low: dict[str, int],
    joints: set[str],
    bridges: set[str],
) -> None:
    order[root] = low[root] = len(order)
    branches = 0
    stack = [(root, "", "", iter(near[root]))]
    while stack:
        site, parent, came_by, left = stack[-1]
        step = next(left, None)
        if step is not None:
            far, key = step
            if far not in order:
                order[far] = low[far] = len(order)
                stack.append((far, site, key, iter(near[far])))
            elif key != came_by:
                low[site] = min(low[site], order[far])
            continue
        stack.pop()
        if not stack:
            break
        low[parent] = min(low[parent], low[site])
        if low[site] > order[parent]:
            bridges.add(came_by)
        if parent == root:
            branches += 1
        elif low[site] >= order[parent]:
            joints.add(parent)
    if branches > 1:
        joints.add(root)
