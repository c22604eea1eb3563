"""A view as a table, JSON or CSV. Colour only on a terminal.

JSON and CSV have the columns' ids as names and values that do not depend on language or terminal:
points in time as ISO 8601 in UTC, ages and spans in seconds, sizes in bytes, rates in bytes per
second, shares as fractions (1 is the whole; one core in use, for a guest's `cpu`). What is not
known is null, or nothing in CSV.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from labtui.locale import _
from labtui.model.snapshot import Snapshot
from labtui.views.aging import row_cells
from labtui.views.view import Column, Role, Value, View

STYLES: dict[Role, str] = {
    "": "",
    "good": "green",
    "warn": "yellow",
    "bad": "bold red",
    "dim": "dim",
    "stale": "dim italic",
    "info": "cyan",
}


def padded(text: str, width: int) -> str:
    """The text filled up to that many terminal cells; a Chinese character takes two."""
    from rich.cells import cell_len

    return text + " " * max(0, width - cell_len(text))


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """The rows as lines, their cells below each other."""
    from rich.cells import cell_len

    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(map(padded, row, widths)).rstrip() for row in rows)
    return "".join(f"{line}\n" for line in lines)


def iso(at: float) -> str:
    """A point in time (seconds since the epoch) as scripts get it."""
    return datetime.fromtimestamp(round(at), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def as_json(view: View[Any], rows: Sequence[Any], now: float) -> str:
    """A list of objects: key, the columns' values by their ids, trouble (0 none, 3 broken)."""
    return json.dumps([_record(view, row, now) for row in rows], ensure_ascii=False, indent=2)


def _record(view: View[Any], row: Any, now: float) -> dict[str, Any]:
    record: dict[str, Any] = {"key": view.row_key(row)}
    for column in view.columns:
        record[column.id] = exported(column, row, now)
    record["trouble"] = max(0, view.trouble(row, now))
    return record


def exported(column: Column[Any], row: Any, now: float) -> Value:
    """The value as scripts get it."""
    value = column.value(row)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    if column.unit == "time":
        return iso(value)
    if column.unit == "age":
        return round(max(0.0, now - value), 1)
    return round(value, 4) if isinstance(value, float) else value


def as_csv(view: View[Any], rows: Sequence[Any], now: float) -> str:
    """Values with a header line. A text that a spreadsheet would take for a formula is quoted."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([column.id for column in view.columns])
    for row in rows:
        writer.writerow([harmless(exported(column, row, now)) for column in view.columns])
    return buffer.getvalue()


def harmless(value: Any) -> Any:
    """A value of CSV; a text is none that a spreadsheet takes for a formula."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@"):
        return "'" + value
    return value


def print_table(
    view: View[Any], rows: Sequence[Any], snapshot: Snapshot, now: float, empty: str = ""
) -> None:
    """The cells as on the screen, all columns that fit; `empty` is said when there are no rows."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False, markup=False, emoji=False)
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    columns = [c for c in view.columns if not console.is_terminal or c.priority <= 3]
    for column in columns:
        justify: Any = "right" if column.right else "left"
        table.add_column(Text(_(column.title).upper()), justify=justify, no_wrap=True)
    for row in rows:
        made = row_cells(view, row, snapshot, now)
        cells = [made[column.id] for column in columns]
        table.add_row(*(Text(cell.text, style=STYLES[cell.role]) for cell in cells))
    if not console.is_terminal:
        # In a pipe nothing is cut to the width of a terminal that is not there.
        console.width = 500
    if rows:
        console.print(table)
    else:
        console.print(Text(empty or _(view.empty)))
