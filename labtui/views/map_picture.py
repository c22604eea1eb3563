"""The map drawn in cells: boxes for sites, dotted lines of braille for links, labels on them.

No label covers another or a site; one that finds no room is shortened, at last to its glyph.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from labtui.model.map_layout import Box, lay_out
from labtui.model.network import Edge
from labtui.views.map_places import ROLES, Atlas, Place, edge_labels, site_key, site_sign

_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
_WORST = ("bad", "mark", "warn", "good", "stale", "dim", "")
_GRAVE = {role: place for place, role in enumerate(_WORST)}
_NAME_MOST = 16
_AIRY = 0.12
"""Up to this share of the room boxes have frames; with more they are names alone."""
_FULL = 0.30
"""From this share on a drawing could not be read."""
# Of each eight dots of a line which are drawn.
_DASHES = {"up": 0xFF, "degraded": 0xFF, "idle": 0x11, "off": 0x01, "unknown": 0x11}
_BROKEN_DASH = 0x07
_ALONG = (0.5, 0.4, 0.6, 0.3, 0.7, 0.25, 0.75, 0.2, 0.8)


class Piece(NamedTuple):
    """A text of one role on one ground."""

    text: str
    role: str = ""
    ground: str = ""


Row = tuple[Piece, ...]


class Picture(NamedTuple):
    """The drawing, and where each place is in it (its middle), by key."""

    rows: tuple[Row, ...]
    places: dict[str, tuple[int, int]]

    @property
    def text(self) -> str:
        """Without colours."""
        return "\n".join("".join(piece.text for piece in row).rstrip() for row in self.rows)


class Ink(NamedTuple):
    """What is to be seen in it: the cursor's place, marked sites, links of a path, latencies."""

    cursor: str = ""
    marked: frozenset[str] = frozenset()
    path: frozenset[str] = frozenset()
    seconds: Mapping[str, float] = {}


def cells(text: str) -> int:
    """Terminal cells that a text takes; what a terminal draws double counts twice."""
    return sum(_cells_of(character) for character in text)


def _cells_of(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def shortened(text: str, width: int) -> str:
    """The text in at most so many cells."""
    if cells(text) <= width:
        return text
    kept = ""
    for character in text:
        if cells(kept + character) > width - 1:
            break
        kept += character
    return kept + "…"


def boxes_for(atlas: Atlas, width: int, height: int) -> dict[str, Box] | None:
    """Where the sites stand in that room; None where a drawing could not be read."""
    names = [node.name for node in atlas.net.sites]
    wide = {name: cells(shortened(name, _NAME_MOST)) + 4 for name in names}
    area = max(1, width * height)
    if sum(wide.values()) > _FULL * area or any(size > width for size in wide.values()):
        return None
    framed = sum((size + 2) * 3 for size in wide.values()) <= _AIRY * area
    sizes = {
        name: (size + (0 if not framed else 2), 3 if framed else 1) for name, size in wide.items()
    }
    return lay_out(sizes, atlas.pairs, width, height)


class _Paper:
    """Cells that are written on, and dots below them."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._dots = [[0] * width for _row in range(height)]
        self._grave = [[len(_WORST) - 1] * width for _row in range(height)]
        self._text: list[list[tuple[str, str, str] | None]] = [
            [None] * width for _ in range(height)
        ]

    def dot(self, x: int, y: int, role: str) -> None:
        """A dot at an eighth of a cell; the gravest role of a cell colours all of it."""
        column, row = x // 2, y // 4
        if 0 <= column < self.width and 0 <= row < self.height:
            self._dots[row][column] |= _DOTS[y % 4][x % 2]
            grave = _GRAVE[role]
            if grave < self._grave[row][column]:
                self._grave[row][column] = grave

    def free(self, x: int, y: int, width: int) -> bool:
        """Whether nothing is written there, with a cell of air at both sides."""
        if not (0 <= y < self.height and x >= 0 and x + width <= self.width):
            return False
        return all(cell is None for cell in self._text[y][max(0, x - 1) : x + width + 1])

    def write(self, x: int, y: int, text: str, role: str, ground: str = "") -> None:
        """Write a text there, over the dots."""
        for character in text:
            wide = _cells_of(character)
            if wide == 0 or not 0 <= x <= self.width - wide:
                continue
            self._text[y][x] = (character, role, ground)
            if wide == 2:
                self._text[y][x + 1] = ("", role, ground)
            x += wide

    def rows(self) -> tuple[Row, ...]:
        """Everything, line by line."""
        return tuple(self._row(y) for y in range(self.height))

    def _row(self, y: int) -> Row:
        pieces: list[Piece] = []
        text: list[str] = []
        ink = ("", "")
        for written, dots, grave in zip(self._text[y], self._dots[y], self._grave[y], strict=True):
            if written is None:
                character, look = chr(0x2800 + dots) if dots else " ", (_WORST[grave], "")
            else:
                character, look = written[0], written[1:]
            if look != ink and text:
                pieces.append(Piece("".join(text), *ink))
                text = []
            ink = look
            text.append(character)
        if text:
            pieces.append(Piece("".join(text), *ink))
        return tuple(pieces)


def draw(atlas: Atlas, boxes: Mapping[str, Box], width: int, height: int, ink: Ink) -> Picture:
    """The map in that room; `boxes` are those of `boxes_for` for the same room."""
    paper = _Paper(width, height)
    for edge in atlas.net.edges:
        _line(paper, edge, boxes, on_path=edge.key in ink.path)
    where: dict[str, tuple[int, int]] = {}
    by_key = atlas.by_key
    for name, box in boxes.items():
        key = site_key(name)
        where[key] = (round(box.middle[0]), round(box.middle[1]))
        _box(paper, box, by_key[key], ink)
    for pair, edges in _bundles(atlas.net.edges).items():
        for number, edge in enumerate(edges):
            share = (number + 1) / (len(edges) + 1)
            where[edge.key] = _label(paper, edge, boxes, pair, share, ink)
    return Picture(paper.rows(), where)


def _bundles(edges: Iterable[Edge]) -> dict[tuple[str, str], list[Edge]]:
    found: dict[tuple[str, str], list[Edge]] = {}
    for edge in edges:
        one, other = sorted(edge.sites)
        found.setdefault((one, other), []).append(edge)
    return found


def _line(paper: _Paper, edge: Edge, boxes: Mapping[str, Box], *, on_path: bool) -> None:
    (x, y), (u, v) = (boxes[site].middle for site in sorted(edge.sites))
    x, u, y, v = (round(n) for n in (2 * x + 1, 2 * u + 1, 4 * y + 2, 4 * v + 2))
    steps = max(abs(u - x), abs(v - y), 1)
    dash = 0xFF if on_path else _DASHES.get(edge.state, _BROKEN_DASH)
    role = "mark" if on_path else ROLES[edge.state]
    for step in range(steps + 1):
        if dash >> (step % 8) & 1:
            paper.dot(x + round((u - x) * step / steps), y + round((v - y) * step / steps), role)


def _box(paper: _Paper, box: Box, place: Place, ink: Ink) -> None:
    sign, meant = site_sign(place)
    ours = place.node is not None and place.node.ours
    role: str = meant if sign or not ours else "strong"
    here, marked = place.key == ink.cursor, place.key in ink.marked
    ground = "cursor" if here else ""
    name = shortened(place.name, _NAME_MOST)
    left, right = ("[", "]") if ours else ("(", ")")
    lead = "•" if marked else sign or " "
    lead_role = "mark" if marked else role
    y = box.y
    if box.height == 3:
        frame = "frame-on" if here or marked else "frame"
        inner = box.width - 2
        paper.write(box.x, y, "╭" + "─" * inner + "╮", frame)
        paper.write(box.x, y + 2, "╰" + "─" * inner + "╯", frame)
        paper.write(box.x, y + 1, "│", frame)
        paper.write(box.x + box.width - 1, y + 1, "│", frame)
        paper.write(box.x + 1, y + 1, " " * inner, role, ground)
        paper.write(box.x + 2, y + 1, lead, lead_role, ground)
        paper.write(box.x + 4, y + 1, name, role, ground)
        return
    paper.write(box.x, y, left, role, ground)
    paper.write(box.x + 1, y, lead, lead_role, ground)
    paper.write(box.x + 2, y, f"{name} {right}", role, ground)


def _label(
    paper: _Paper,
    edge: Edge,
    boxes: Mapping[str, Box],
    pair: tuple[str, str],
    share: float,
    ink: Ink,
) -> tuple[int, int]:
    """Writes what fits where it fits; where the link is for the cursor."""
    (x, y), (u, v) = (boxes[site].middle for site in pair)
    here = edge.key == ink.cursor
    ground = "cursor" if here else ""
    role = "mark" if edge.key in ink.path else ROLES[edge.state]
    shares = sorted({share, *_ALONG}, key=lambda along: abs(along - share))
    for text in edge_labels(edge, ink.seconds.get(edge.key)):
        width = cells(text)
        for along in shares:
            column, row = x + (u - x) * along, y + (v - y) * along
            left, top = round(column - (width - 1) / 2), round(row)
            if paper.free(left, top, width):
                paper.write(left, top, text, role, ground)
                return round(column), top
    return round(x + (u - x) * share), round(y + (v - y) * share)
