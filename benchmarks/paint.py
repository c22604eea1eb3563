"""Bytes to the terminal per second: untouched, with equal rows read again, with cells changing.

The yardstick for changes is the bytes of the changed cells' texts themselves.
"""

from __future__ import annotations

import re
import sys

from benchmarks.scripted_console import resources
from benchmarks.table import Figure
from labtui.views.guests import GUESTS as VIEW
from tests.snapshots import NOW, snapshot
from tests.terminal import Terminal

COLUMNS, ROWS = 120, 50
WATCHED = 20.0
_GUEST = re.compile(r"^\W*1\d\d ", re.MULTILINE)


def _watch(mode: str) -> tuple[float, int]:
    """(bytes per second, guests on the screen)."""
    command = [sys.executable, "-m", "benchmarks.scripted_console", mode]
    with Terminal(command, COLUMNS, ROWS) as terminal:
        terminal.until_shows("vm-100")
        terminal.send("2")
        terminal.drain(0.5)
        terminal.send("2")
        terminal.drain(3.0)
        visible = len(_GUEST.findall(terminal.text()))
        return terminal.drain(WATCHED) / WATCHED, visible


def _payload(visible: int) -> tuple[int, int]:
    """(cells, bytes) that change on the screen from one step to the next."""
    before, after = (
        VIEW.rows(snapshot(("bench", resources(step))), NOW)[:visible] for step in (0, 1)
    )
    cells = count = 0
    for old, new in zip(before, after, strict=True):
        for column in VIEW.columns:
            text = column.cell(new, NOW).text
            if text != column.cell(old, NOW).text:
                cells += 1
                count += len(text.encode())
    return cells, count


def measure() -> list[Figure]:
    """Bytes per second in each mode."""
    idle, _visible = _watch("idle")
    equal, _visible = _watch("equal")
    changing, visible = _watch("changing")
    cells, payload = _payload(visible)
    return [
        Figure("nothing read", f"{idle:.0f} B/s", "none but the ages"),
        Figure("equal rows read again each second", f"{equal:.0f} B/s", "none but the ages"),
        Figure(f"{cells} cells changing each second", f"{changing:.0f} B/s"),
        Figure("the changed cells' own bytes", f"{payload} B/s"),
        Figure("bytes sent / bytes of the changed cells", f"{changing / payload:.1f}x", "4x"),
    ]
