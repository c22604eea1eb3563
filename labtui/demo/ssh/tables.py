"""Tables as the commands of Proxmox VE draw them on a terminal."""

from __future__ import annotations

import json
from typing import Any


def as_text(data: Any, *, border: bool = True, header: bool = True) -> str:
    """A list of records as a table, a record as names with values, everything else as it is."""
    if data is None:
        return ""
    if isinstance(data, dict):
        rows = [[name, cell(data[name])] for name in sorted(data)]
        return _table(["key", "value"], rows, border=border, header=header)
    if isinstance(data, list) and all(isinstance(row, dict) for row in data):
        names = sorted({name for row in data for name in row})
        if not names:
            return ""
        rows = [[cell(row.get(name)) for name in names] for row in data]
        return _table(names, sorted(rows), border=border, header=header)
    if isinstance(data, list):
        return "".join(f"{cell(each)}\n" for each in data)
    return f"{cell(data)}\n"


def cell(value: Any) -> str:
    """A value in a cell; what is nested is JSON."""
    if value is None:
        return ""
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return str(value)


def _table(names: list[str], rows: list[list[str]], *, border: bool, header: bool) -> str:
    widths = [
        max(len(name), *(_width(row[at]) for row in rows), 0) if rows else len(name)
        for at, name in enumerate(names)
    ]
    if not border:
        body = [*([names] if header else []), *rows]
        return "".join(
            " ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
            + "\n"
            for row in body
        )
    lines = [_rule(("┌", "┬", "┐"), "─", widths)]
    if header:
        lines += [_line(names, widths), _rule(("╞", "╪", "╡"), "═", widths)]
    for number, row in enumerate(rows):
        if number:
            lines.append(_rule(("├", "┼", "┤"), "─", widths))
        lines += _cells(row, widths)
    lines.append(_rule(("└", "┴", "┘"), "─", widths))
    return "\n".join(lines) + "\n"


def _width(text: str) -> int:
    return max((len(line) for line in text.splitlines()), default=0)


def _cells(row: list[str], widths: list[int]) -> list[str]:
    """The lines of a row; a text of several lines has a line for each."""
    parts = [text.splitlines() or [""] for text in row]
    height = max(len(each) for each in parts)
    return [
        _line([each[at] if at < len(each) else "" for each in parts], widths)
        for at in range(height)
    ]


def _line(texts: list[str], widths: list[int]) -> str:
    inside = " │ ".join(text.ljust(width) for text, width in zip(texts, widths, strict=True))
    return f"│ {inside} │"


def _rule(corners: tuple[str, str, str], stroke: str, widths: list[int]) -> str:
    left, middle, right = corners
    return left + middle.join(stroke * (width + 2) for width in widths) + right
