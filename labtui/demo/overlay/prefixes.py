"""Who learns which prefixes from whom: path propagation between autonomous systems."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

# (holder, origin) -> the systems on the way, next hop first, origin last; () at home.
Paths = Mapping[tuple[str, str], tuple[str, ...]]


def best_paths(origins: Iterable[str], edges: Iterable[tuple[str, str]]) -> Paths:
    """The best path of every holder to every origin it can reach: the shortest, then by name."""
    neighbours: dict[str, list[str]] = {}
    for left, right in edges:
        neighbours.setdefault(left, []).append(right)
        neighbours.setdefault(right, []).append(left)
    paths: dict[tuple[str, str], tuple[str, ...]] = {}
    for origin in origins:
        paths[origin, origin] = ()
        ring = [origin]
        while ring:
            found: list[str] = []
            for via in sorted(ring):
                for holder in sorted(neighbours.get(via, ())):
                    if (holder, origin) not in paths:
                        paths[holder, origin] = (via, *paths[via, origin])
                        found.append(holder)
            ring = found
    return paths


def advertised(sender: str, receiver: str, paths: Paths, counts: Mapping[str, int]) -> int:
    """How many prefixes `sender` announces: its best ones that do not lead through `receiver`."""
    return sum(
        count
        for origin, count in counts.items()
        if origin != receiver and receiver not in paths.get((sender, origin), (receiver,))
    )
