"""What stands at which site, and which sites reach one another."""

from __future__ import annotations

import msgspec

from labtui.findings.sight import Sight
from labtui.model.cluster import Member


class Standing(msgspec.Struct, frozen=True):
    """What stands at a site: cluster nodes that are there, and those that are away."""

    there: tuple[tuple[str, Member], ...] = ()
    away: tuple[tuple[str, Member], ...] = ()


def standing(sight: Sight) -> dict[str, Standing]:
    """Site -> its nodes."""
    found: dict[str, Standing] = {}
    for cluster, membership in sight.memberships.items():
        for member in membership.members:
            site = sight.site_of_node(cluster, member.name)
            if site:
                here = found.get(site) or Standing()
                pair = (cluster, member)
                found[site] = (
                    Standing((*here.there, pair), here.away)
                    if member.online
                    else Standing(here.there, (*here.away, pair))
                )
    return found


def islands(sight: Sight) -> list[frozenset[str]]:
    """Sites that reach one another over tunnels that are not broken, the largest group first."""
    left = set(sight.tunnels_at)
    nodes = standing(sight)
    groups: list[frozenset[str]] = []
    while left:
        group, edge = set[str](), {min(left)}
        while edge:
            site = edge.pop()
            group.add(site)
            for seen in sight.tunnels_at[site]:
                if not seen.broken:
                    edge |= set(seen.sites) - group
        left -= group
        groups.append(frozenset(group))

    def weight(group: frozenset[str]) -> tuple[int, int, list[str]]:
        there = sum(len(nodes[site].there) for site in group if site in nodes)
        return -there, -len(group), sorted(group)

    return sorted(groups, key=weight)
