"""Canvases: nothing is painted beside them, also between a new size and the next drawing."""

from __future__ import annotations

import pytest
from textual.geometry import Region
from textual.strip import Strip

from labtui.ui.widgets.canvas import Canvas
from tests.ui.driver import LARGE, console
from tests.ui.links import FakeLink


async def test_a_dialog_that_takes_its_size_paints_nothing_over_its_neighbours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    painted: list[tuple[str, int, int]] = []
    render = Canvas.render_lines

    def watched(self: Canvas, crop: Region) -> list[Strip]:
        strips = render(self, crop)
        for strip in strips:
            cells = sum(segment.cell_length for segment in strip)
            painted.append((type(self).__name__, cells, crop.width))
        return strips

    monkeypatch.setattr(Canvas, "render_lines", watched)
    async with console(FakeLink(None), size=LARGE) as c:
        await c.press("2", "f", "m")
        await c.press("escape", "1", "E")
    assert {name for name, _cells, _width in painted} > {"PlanDialog", "Pane"}
    assert [each for each in painted if each[1] != each[2]] == []


async def test_what_is_drawn_again_of_the_same_is_the_very_lines() -> None:
    async with console(FakeLink(), size=LARGE) as c:
        for name in ("guests", "findings"):
            pane = c.pane(name)
            width, height = pane.size
            lines = pane.draw(width, height)
            assert pane.draw(width, height) is lines
            pane.selection.marks = {pane.view.row_key(pane.selection.rows[0])}
            marked = pane.draw(width, height)
            assert marked != lines
            pane.selection.marks = set()
            assert pane.draw(width, height) == lines
