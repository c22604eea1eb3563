"""The map as SVG and as Graphviz: texts escaped, states by colour and by word."""

from __future__ import annotations

from collections.abc import Mapping

from labtui.model.map_layout import Box, lay_out
from labtui.model.network import Edge
from labtui.views.link_words import state_text
from labtui.views.map_picture import cells
from labtui.views.map_places import ROLES, Atlas, Place, edge_labels, site_key
from labtui.views.view import Role

# A character of the fixed font, in user units.
_ACROSS, _DOWN = 8.4, 18.0
_COLOURS: dict[Role, str] = {
    "good": "#2f8f4e",
    "warn": "#b7791f",
    "bad": "#c53030",
    "dim": "#8a94a0",
    "stale": "#8a7a50",
}
_DASHED = {"down": "6 5", "one-way": "6 5", "never": "6 5", "idle": "1 5", "off": "1 5",
           "unknown": "1 5"}  # fmt: skip
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"}
_STYLE = "font-family:ui-monospace,Menlo,Consolas,monospace;font-size:14px"


def escaped(text: str) -> str:
    """A text as content of XML 1.0: what markup is made of replaced, control characters dropped."""
    allowed = (sign for sign in text if sign in "\t\n" or (sign >= " " and _is_xml(sign)))
    return "".join(_ESCAPES.get(sign, sign) for sign in allowed)


def _is_xml(sign: str) -> bool:
    code = ord(sign)
    return not (0x7F <= code <= 0x9F or 0xD800 <= code <= 0xDFFF or code in (0xFFFE, 0xFFFF))


def svg(atlas: Atlas, seconds: Mapping[str, float]) -> str:
    """A whole SVG document, as large as its sites need."""
    sizes = {node.name: (cells(node.name) + 4, 3) for node in atlas.net.sites}
    width, height = 100, 34
    boxes = lay_out(sizes, atlas.pairs, width, height)
    while boxes is None:
        # Each round has more than twice the room: it ends.
        width, height = width * 3 // 2, height * 3 // 2
        boxes = lay_out(sizes, atlas.pairs, width, height)
    by_key = atlas.by_key
    drawn = [_line(edge, boxes) for edge in atlas.net.edges]
    drawn += [_site(by_key[site_key(name)], box) for name, box in boxes.items()]
    drawn += _labels(atlas, boxes, seconds)
    across, down = width * _ACROSS, height * _DOWN
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {across:g} {down:g}" '
        f'width="{across:g}" height="{down:g}" style="{_STYLE}">'
    )
    return "\n".join([head, '<rect width="100%" height="100%" fill="#ffffff"/>', *drawn, "</svg>"])


def _middle(box: Box) -> tuple[float, float]:
    x, y = box.middle
    return (x + 0.5) * _ACROSS, (y + 0.5) * _DOWN


def _line(edge: Edge, boxes: Mapping[str, Box]) -> str:
    (x, y), (u, v) = (_middle(boxes[site]) for site in sorted(edge.sites))
    dash = f' stroke-dasharray="{_DASHED[edge.state]}"' if edge.state in _DASHED else ""
    return (
        f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{u:.1f}" y2="{v:.1f}" '
        f'stroke="{_colour(edge)}" stroke-width="2"{dash}/>'
    )


def _colour(edge: Edge) -> str:
    return _COLOURS[ROLES[edge.state]]


def _site(place: Place, box: Box) -> str:
    colour = "#c53030" if place.lost else "#2d3748"
    dash = "" if place.node is not None and place.node.ours else ' stroke-dasharray="3 3"'
    x, y = _middle(box)
    return (
        f'<rect x="{box.x * _ACROSS:.1f}" y="{box.y * _DOWN:.1f}" '
        f'width="{box.width * _ACROSS:.1f}" height="{box.height * _DOWN:.1f}" rx="6" '
        f'fill="#ffffff" stroke="{colour}" stroke-width="2"{dash}/>'
        f'<text x="{x:.1f}" y="{y + 5:.1f}" text-anchor="middle" fill="{colour}">'
        f"{escaped(place.name)}</text>"
    )


def _labels(atlas: Atlas, boxes: Mapping[str, Box], seconds: Mapping[str, float]) -> list[str]:
    """Above each other where several links join the same two sites."""
    found: list[str] = []
    before: dict[tuple[str, ...], int] = {}
    for edge in atlas.net.edges:
        pair = tuple(sorted(edge.sites))
        place = before[pair] = before.get(pair, -1) + 1
        (x, y), (u, v) = (_middle(boxes[site]) for site in pair)
        text = escaped(edge_labels(edge, seconds.get(edge.key))[0])
        found.append(
            f'<text x="{(x + u) / 2:.1f}" y="{(y + v) / 2 - 5 + _DOWN * place:.1f}" '
            f'text-anchor="middle" fill="{_colour(edge)}" stroke="#ffffff" stroke-width="4" '
            f'paint-order="stroke">{text}</text>'
        )
    return found


def dot(atlas: Atlas, seconds: Mapping[str, float]) -> str:
    """The same for Graphviz (`neato -Tsvg`)."""
    lines = ["graph overlay {", "  overlap=false; splines=true;", "  node [shape=box];"]
    for node in atlas.net.sites:
        style = "" if node.ours else " [style=dashed]"
        lines.append(f"  {quoted(node.name)}{style};")
    for edge in atlas.net.edges:
        label = quoted(edge_labels(edge, seconds.get(edge.key))[0])
        style = ' style="dashed"' if edge.state in _DASHED else ""
        one, other = (quoted(site) for site in edge.sites)
        tip = quoted(state_text(edge.state))
        lines.append(
            f'  {one} -- {other} [label={label} color="{_colour(edge)}" tooltip={tip}{style}];'
        )
    return "\n".join([*lines, "}"])


def quoted(text: str) -> str:
    """A quoted string of DOT: only the quotation mark and the backslash have a meaning in it."""
    safe = "".join(sign for sign in text if sign.isprintable())
    return '"' + safe.replace("\\", "\\\\").replace('"', '\\"') + '"'
