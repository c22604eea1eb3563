"""What a row is called when one speaks of it: the cells that a person would say."""

from __future__ import annotations

from typing import Any

from labtui.views.view import View

# How many of the first columns make the name; one is enough for the other nouns.
_COLUMNS = {
    "guest": 2,
    "link": 2,
    "gpu": 2,
    "finding": 2,
    "job": 2,
    "feed": 2,
    "storage": 2,
    "task": 3,
    "event": 4,
}


def name_of(view: View[Any], row: object, now: float) -> str:
    """`104 gpu-amy`, `pve1`, `836 > 835`, `BGP 836 = 835`."""
    columns = view.columns[: _COLUMNS.get(view.noun, 1)]
    return " ".join(text for column in columns if (text := column.cell(row, now).text))
