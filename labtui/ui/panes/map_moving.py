"""Which place of the map is nearest in a direction, and what the rows in sight make. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from labtui.model.network import OverlayGraph
from labtui.ui.widgets.cells import Line, Span
from labtui.views.map_picture import Picture
from labtui.views.map_places import Atlas, Place, site_key


def nearest(
    here: tuple[int, int], places: dict[str, tuple[int, int]], across: int, down: int, key: str
) -> str:
    """The nearest place in that direction, straight ahead before aside; empty for none."""
    found: list[tuple[float, str]] = []
    for name, (x, y) in places.items():
        dx, dy = x - here[0], 2 * (y - here[1])
        ahead = dx * across + dy * down
        aside = abs(dy if across else dx)
        if name != key and ahead > 0 and aside <= 3 * ahead:
            found.append((ahead + 2 * aside, name))
    return min(found, default=(0.0, ""))[1]


def apart(one: tuple[int, int], other: tuple[int, int]) -> int:
    """How far two cells are apart; a line counts as two columns."""
    return abs(one[0] - other[0]) + 2 * abs(one[1] - other[1])


def name_of(key: str) -> str:
    """The site of the key of a site's row."""
    return key.removeprefix(site_key(""))


def atlas_of(rows: Sequence[Place]) -> Atlas:
    """The graph of the rows that are shown; links whose ends a filter hides are left out."""
    nodes = tuple(sorted((row.node for row in rows if row.node), key=lambda node: node.name))
    names = {node.name for node in nodes}
    edges = tuple(
        sorted(
            (row.edge for row in rows if row.edge and set(row.edge.sites) <= names),
            key=lambda edge: edge.key,
        )
    )
    return Atlas(OverlayGraph(nodes, edges), tuple(rows), {}, ())


def lines_of(picture: Picture) -> list[Line]:
    """The drawing as lines of a canvas."""
    return [tuple(Span(*piece) for piece in row) for row in picture.rows]
