"""Where the panes of the overview go, for any size of the terminal. Pure.

Narrow: all in one column, one of them open, the others a line each. Wide: two columns; a pane gets
the lines that it needs as long as there are enough, and what is left goes to those that want more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

TWO_COLUMNS = 100
_LARGE = (180, 40)
_LEAST = 5


class Place(NamedTuple):
    """A rectangle in cells."""

    x: int
    y: int
    width: int
    height: int


LEFT = ("nodes", "guests", "gpus")
RIGHT = ("wireguard", "bgp", "findings")
RIGHT_LARGE = ("tasks", "storage")


def overview_columns(width: int, height: int) -> tuple[tuple[str, ...], ...]:
    """Ids of the views on the overview, column by column."""
    if width < TWO_COLUMNS:
        return ((*LEFT, *RIGHT),)
    if width >= _LARGE[0] and height >= _LARGE[1]:
        return (LEFT, (*RIGHT, *RIGHT_LARGE))
    return (LEFT, RIGHT)


def overview(
    width: int, height: int, wants: Mapping[str, int], opened: str, there: Sequence[str]
) -> dict[str, Place]:
    """A place for each view that is there; `wants` are the lines that would show all of it."""
    columns = [
        [name for name in column if name in there] for column in overview_columns(width, height)
    ]
    columns = [column for column in columns if column]
    places: dict[str, Place] = {}
    x = 0
    for number, names in enumerate(columns):
        wide = (width - x) // (len(columns) - number)
        if width < TWO_COLUMNS:
            heights = _folded(names, height, opened)
        else:
            heights = _shared(names, height, wants)
        y = 0
        for name in names:
            places[name] = Place(x, y, wide, heights[name])
            y += heights[name]
        x += wide
    return places


def _folded(names: Sequence[str], height: int, opened: str) -> dict[str, int]:
    chosen = opened if opened in names else names[0]
    heights = dict.fromkeys(names, 1)
    heights[chosen] = max(1, height - len(names) + 1)
    return heights


def _shared(names: Sequence[str], height: int, wants: Mapping[str, int]) -> dict[str, int]:
    """Max-min fair shares; when there is no room for all, the last ones become lines."""
    folded: dict[str, int] = {}
    open_names = list(names)
    while len(open_names) > 1 and len(open_names) * _LEAST > height - len(folded):
        folded[open_names.pop()] = 1
    left = height - len(folded)
    heights: dict[str, int] = {}
    by_want = sorted(open_names, key=lambda name: wants.get(name, _LEAST))
    for number, name in enumerate(by_want):
        share = left // (len(by_want) - number)
        heights[name] = min(max(_LEAST, wants.get(name, _LEAST)), share)
        left -= heights[name]
    # Room that nobody asked for goes to whoever has most to show.
    heights[by_want[-1]] += left
    return {**heights, **folded}


def whole(width: int, height: int) -> Place:
    """A pane or the details alone on the desk."""
    return Place(0, 0, width, height)
