"""Who learns which prefixes from whom: path propagation between autonomous systems."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

# (holder, origin) -> the systems on the way, next hop first, origin last; () at home.
Paths = Mapping[tuple[str, str], tuple[str, ...]]
Neighbours = Mapping[str, Iterable[str]]
Passes = Callable[[str, str], bool]


def spread(
    origins: Iterable[str], neighbours: Neighbours, passes: Passes
) -> dict[str, tuple[str, ...]]:
    """The best path of every holder that hears of a prefix: the shortest, then by name.

    `neighbours` are those that a system tells; `passes(sender, receiver)` is what filters say.
    """
    ring = sorted(origins)
    paths: dict[str, tuple[str, ...]] = dict.fromkeys(ring, ())
    while ring:
        found: list[str] = []
        for via in sorted(ring):
            for holder in sorted(neighbours.get(via, ())):
                if holder not in paths and passes(via, holder):
                    paths[holder] = (via, *paths[via])
                    found.append(holder)
        ring = found
    return paths


def best_paths(origins: Iterable[str], edges: Iterable[tuple[str, str]]) -> Paths:
    """The best path of every holder to every origin it can reach, without any filter."""
    neighbours: dict[str, list[str]] = {}
    for left, right in edges:
        neighbours.setdefault(left, []).append(right)
        neighbours.setdefault(right, []).append(left)
    return {
        (holder, origin): path
        for origin in origins
        for holder, path in spread([origin], neighbours, lambda _via, _holder: True).items()
    }


def advertised(sender: str, receiver: str, paths: Paths, counts: Mapping[str, int]) -> int:
    """How many prefixes `sender` announces: its best ones that do not lead through `receiver`."""
    return sum(
        count
        for origin, count in counts.items()
        if origin != receiver and receiver not in paths.get((sender, origin), (receiver,))
    )
