"""Where the sites of a map stand: rings of boxes that never overlap. Pure, and no chance in it.

It depends on names, joins and room alone, never on states, so that a map stays as it is while
links come and go. Hubs stand within, the others on an ellipse in an order with few crossings.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import combinations, pairwise
from statistics import median
from typing import NamedTuple

Pair = tuple[str, str]
Cost = Callable[[Sequence[str], Sequence[Pair]], float]
_MOST_EXACT = 12
"""Up to so many on the ring crossings are counted; beyond that lengths stand for them."""
_MOST_HUBS = 6
# A cell of a terminal is about twice as high as it is wide.
_TALL = 2.0
_SAMPLES = 720
_NEAR = 16


class Box(NamedTuple):
    """A rectangle in cells: its upper left corner and its size."""

    x: int
    y: int
    width: int
    height: int

    @property
    def middle(self) -> tuple[float, float]:
        """The middle in cells; whole numbers are the middles of cells."""
        return self.x + (self.width - 1) / 2, self.y + (self.height - 1) / 2

    def meets(self, other: Box) -> bool:
        """Whether the two have a cell in common."""
        across = self.x < other.x + other.width and other.x < self.x + self.width
        return across and self.y < other.y + other.height and other.y < self.y + self.height


def lay_out(
    sizes: Mapping[str, tuple[int, int]], pairs: Iterable[Pair], width: int, height: int
) -> dict[str, Box] | None:
    """A box of its size for every name, none touching another; None where there is no room.

    `sizes` are widths and heights in cells, `pairs` which names are joined.
    """
    if not sizes:
        return {}
    joined = sorted({_ordered(pair) for pair in pairs if set(pair) <= set(sizes)})
    joined = [pair for pair in joined if pair[0] != pair[1]]
    inner, outer = _rings(sorted(sizes), joined)
    wishes = _wishes(inner, outer, joined, sizes, width, height)
    for air in (1, 0):
        placed = _placed(wishes, sizes, width, height, air)
        if placed is not None:
            return placed
    return None


def _ordered(pair: Pair) -> Pair:
    one, other = pair
    return (one, other) if one <= other else (other, one)


def _rings(names: Sequence[str], pairs: Sequence[Pair]) -> tuple[list[str], list[str]]:
    """The hubs, and all others in the order in which they stand on the ring."""
    degree = dict.fromkeys(names, 0)
    for pair in pairs:
        for name in pair:
            degree[name] += 1
    least = max(4.0, 3 * median(degree.values()))
    hubs = [name for name in names if degree[name] >= least]
    hubs = sorted(hubs, key=lambda name: (-degree[name], name))[:_MOST_HUBS]
    outer = [name for name in names if name not in hubs]
    return hubs, ring_order(outer, [pair for pair in pairs if not set(pair) & set(hubs)])


def ring_order(names: Sequence[str], pairs: Sequence[Pair]) -> list[str]:
    """The names in an order round a ring in which few of the pairs cross."""
    order = _walked(names, pairs)
    if len(order) < 4 or not pairs:
        return order
    cost = _crossings if len(order) <= _MOST_EXACT else _lengths
    best = cost(order, pairs)
    for _round in range(2):
        before = best
        for name in sorted(names):
            order, best = _sifted(order, name, pairs, cost, best)
        if best == before:
            break
    return order


def _walked(names: Sequence[str], pairs: Sequence[Pair]) -> list[str]:
    """Chains in one piece: depth first from the least joined."""
    near: dict[str, list[str]] = {name: [] for name in names}
    for one, other in pairs:
        near[one].append(other)
        near[other].append(one)
    order: list[str] = []
    seen: set[str] = set()
    for start in sorted(names, key=lambda name: (len(near[name]), name)):
        stack = [start]
        while stack:
            name = stack.pop()
            if name not in seen:
                seen.add(name)
                order.append(name)
                stack.extend(sorted(near[name], reverse=True))
    return order


def _sifted(
    order: list[str], name: str, pairs: Sequence[Pair], cost: Cost, best: float
) -> tuple[list[str], float]:
    """The order with that name where it costs least."""
    others = [each for each in order if each != name]
    kept = order
    for place in range(len(order)):
        tried = [*others[:place], name, *others[place:]]
        found = cost(tried, pairs)
        if found < best - 1e-9:
            kept, best = tried, found
    return kept, best


def _lengths(order: Sequence[str], pairs: Sequence[Pair]) -> float:
    place = {name: index for index, name in enumerate(order)}
    whole = len(order)
    spans = (abs(place[one] - place[other]) for one, other in pairs)
    return float(sum(min(span, whole - span) for span in spans))


def _crossings(order: Sequence[str], pairs: Sequence[Pair]) -> float:
    place = {name: index for index, name in enumerate(order)}
    chords = [tuple(sorted((place[one], place[other]))) for one, other in pairs]
    crossed = sum(
        (a < c < b) != (a < d < b) and len({a, b, c, d}) == 4
        for (a, b), (c, d) in combinations(chords, 2)
    )
    return crossed + _lengths(order, pairs) / 1000


def _wishes(
    inner: Sequence[str],
    outer: Sequence[str],
    pairs: Sequence[Pair],
    sizes: Mapping[str, tuple[int, int]],
    width: int,
    height: int,
) -> dict[str, tuple[float, float]]:
    """Where the middle of each box should be; the ring first, hubs where they have most to do."""
    wide = max(size[0] for size in sizes.values())
    tall = max(size[1] for size in sizes.values())
    middle = ((width - 1) / 2, (height - 1) / 2)
    reach = max(0.0, (width - wide) / 2), max(0.0, (height - tall) / 2)
    if len(sizes) == 1:
        return dict.fromkeys(sizes, middle)
    wishes: dict[str, tuple[float, float]] = {}
    for name, (x, y) in zip(outer, _on_ellipse(len(outer), *reach), strict=True):
        wishes[name] = (middle[0] + x, middle[1] + y)
    if len(inner) == 1:
        return {inner[0]: middle, **wishes}
    angles = {name: _towards(name, pairs, wishes, middle) for name in inner}
    turned = sorted(inner, key=lambda name: (angles[name], name))
    small = reach[0] * 0.4, reach[1] * 0.4
    inside = {
        name: (middle[0] + x, middle[1] + y)
        for name, (x, y) in zip(turned, _on_ellipse(len(turned), *small), strict=True)
    }
    return {**inside, **wishes}


def _towards(
    name: str,
    pairs: Sequence[Pair],
    wishes: Mapping[str, tuple[float, float]],
    middle: tuple[float, float],
) -> float:
    """In which direction from the middle its neighbours are, clockwise from the top."""
    near = [other for pair in pairs if name in pair for other in pair if other in wishes]
    x = sum(wishes[other][0] - middle[0] for other in near)
    y = sum(wishes[other][1] - middle[1] for other in near) * _TALL
    return math.atan2(x, -y) % math.tau


def _on_ellipse(count: int, across: float, down: float) -> list[tuple[float, float]]:
    """That many points at equal distances along an ellipse, clockwise."""
    if count < 1:
        return []
    turns = [math.tau * step / _SAMPLES for step in range(_SAMPLES + 1)]
    points = [(across * math.sin(turn), -down * math.cos(turn)) for turn in turns]
    lengths = [0.0]
    for (x, y), (u, v) in pairwise(points):
        lengths.append(lengths[-1] + math.hypot(u - x, _TALL * (v - y)))
    found, index = [], 0
    for number in range(count):
        wanted = lengths[-1] * (number + 0.5) / count
        while lengths[index] < wanted:
            index += 1
        found.append(points[index])
    return found


def _placed(
    wishes: Mapping[str, tuple[float, float]],
    sizes: Mapping[str, tuple[int, int]],
    width: int,
    height: int,
    air: int,
) -> dict[str, Box] | None:
    """Each box as near to where it should be as there is room, with so much air at its sides."""
    rows = [bytearray(width) for _row in range(height)]
    boxes: dict[str, Box] = {}
    for name, (x, y) in wishes.items():
        wide, tall = sizes[name]
        left, top = round(x - (wide - 1) / 2), round(y - (tall - 1) / 2)
        left, top = max(0, min(left, width - wide)), max(0, min(top, height - tall))
        here = Box(left, top, wide, tall)
        box = _moved(rows, here, _near(), width, height, air)
        if box is None:
            box = _moved(rows, here, _steps(width, height), width, height, air)
        if box is None:
            return None
        boxes[name] = box
        for row in rows[box.y : box.y + tall]:
            row[box.x : box.x + wide] = b"\1" * wide
    return {name: boxes[name] for name in sorted(boxes)}


def _moved(
    rows: Sequence[bytearray],
    box: Box,
    steps: Iterable[tuple[int, int]],
    width: int,
    height: int,
    air: int,
) -> Box | None:
    """The box the first of these steps away where it has room."""
    for dx, dy in steps:
        moved = Box(box.x + dx, box.y + dy, box.width, box.height)
        if _free(rows, moved, width, height, air):
            return moved
    return None


def _free(rows: Sequence[bytearray], box: Box, width: int, height: int, air: int) -> bool:
    if box.x < 0 or box.y < 0 or box.x + box.width > width or box.y + box.height > height:
        return False
    above = air if box.height > 1 else 0
    left, right = max(0, box.x - 2 * air), box.x + box.width + 2 * air
    around = rows[max(0, box.y - above) : box.y + box.height + above]
    return not any(any(row[left:right]) for row in around)


@lru_cache(maxsize=4)
def _steps(width: int, height: int) -> tuple[tuple[int, int], ...]:
    """Every step away, the nearest first."""
    steps = ((dx, dy) for dx in range(-width + 1, width) for dy in range(-height + 1, height))
    return tuple(sorted(steps, key=_distance))


@lru_cache(maxsize=1)
def _near() -> tuple[tuple[int, int], ...]:
    """Those of `_steps` up to a distance: nearly always enough, and all of them take 30 ms."""
    around = _steps(_NEAR + 1, _NEAR + 1)
    return tuple(step for step in around if _distance(step)[0] <= _NEAR**2)


def _distance(step: tuple[int, int]) -> tuple[float, int, int]:
    dx, dy = step
    return dx**2 + (2.2 * dy) ** 2, dy, dx
