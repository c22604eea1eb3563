"""What the panes show: filled at every size, the cursor on its object, why there are no rows."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from labtui.model.cluster import Resources
from labtui.ui.panes.pane import Pane
from labtui.ui.widgets.canvas import Canvas
from labtui.views.guests import GUESTS
from tests.ui.driver import LARGE, SMALL, USUAL, console
from tests.ui.labs import guests, nodes, parts, storages
from tests.ui.links import FakeLink


@pytest.mark.parametrize("size", [SMALL, USUAL, LARGE])
async def test_every_size_shows_all_six_panes(size: tuple[int, int]) -> None:
    async with console(size=size) as c:
        c.expect("labtui", "lsalab", "quorate 3/4", "3 critical")
        c.expect("1 nodes 3/4 up", "2 guests 35 running of 58", "3 gpus 2/9 given")
        c.expect("4 wireguard 3/5 up", "5 bgp 6/10 established", "6 findings 3 critical")
        widths = {len(strip.text) for strip in c.app.screen._compositor.render_strips()}
        assert widths == {size[0]}


async def test_a_large_terminal_shows_more() -> None:
    async with console(size=LARGE) as c:
        c.expect("storage", "tasks", "kind", "10.121.250.13", "endpoint")


async def test_nothing_is_read_before_the_first_frame() -> None:
    link = FakeLink()
    before = link.started
    async with console(link) as c:
        assert (before, link.started) == (False, True)
        c.expect("pve1")
    assert link.closed


async def test_the_cursor_stays_on_its_object_when_rows_move() -> None:
    async with console() as c:
        await c.press("2", "end")
        chosen = c.selected
        moved = tuple(
            msgspec.structs.replace(guest, lock="migrate") if guest.vmid == 160 else guest
            for guest in reversed(guests())
        )
        c.link.read("lsalab", Resources(nodes(), moved, ()))
        await c.settle()
        assert c.selected == chosen
        fewer = tuple(guest for guest in guests() if not chosen.endswith(str(guest.vmid)))
        c.link.read("lsalab", Resources(nodes(), fewer, ()))
        await c.settle()
        assert c.selected
        assert c.selected != chosen


async def test_a_cursor_that_nobody_looked_at_is_on_the_worst_row() -> None:
    async with console() as c:
        troubled = tuple(
            msgspec.structs.replace(guest, lock="backup", node="pve1", status="internal-error")
            if guest.vmid == 150
            else guest
            for guest in guests()
        )
        c.link.read("lsalab", Resources(nodes(), troubled, ()))
        await c.settle()
        await c.press("2")
        assert c.selected == "lsalab/150"
        c.link.read("lsalab", Resources(nodes(), guests(), ()))
        await c.settle()
        assert c.selected == "lsalab/150"
        assert c.pane("guests").selection.index > 0


async def test_moving_about() -> None:
    async with console() as c:
        await c.press("2", "home")
        first = c.selected
        await c.press("down", "j", "up")
        second = c.selected
        await c.press("k")
        assert c.selected == first != second
        await c.press("pagedown", "pagedown")
        assert c.selected not in (first, second)
        await c.press("end", "down")
        assert c.main.pane.selection.index == 57
        await c.press("pageup")
        assert c.main.pane.selection.index < 57


async def test_an_equal_snapshot_paints_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async with console() as c:
        painted: list[Any] = []
        refresh = Canvas.refresh

        def watched(self: Canvas, *regions: Any, **more: Any) -> Canvas:
            painted.append((self, regions, more))
            return refresh(self, *regions, **more)

        monkeypatch.setattr(Canvas, "refresh", watched)
        for source, part in parts():
            c.link.read(source, part)
        await c.settle()
        assert painted == []


async def test_one_changed_value_repaints_its_cells_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    async with console() as c:
        busier = tuple(
            msgspec.structs.replace(node, cpu=0.62) if node.name == "pve1" else node
            for node in nodes()
        )
        painted: list[Any] = []
        refresh = Canvas.refresh

        def watched(self: Canvas, *regions: Any, **more: Any) -> Canvas:
            painted.extend((self, region) for region in regions)
            return refresh(self, *regions, **more)

        monkeypatch.setattr(Canvas, "refresh", watched)
        c.link.read("lsalab", Resources(busier, guests(), storages()))
        await c.settle()
        assert len(painted) == 1
        pane, region = painted[0]
        assert pane is c.pane("nodes")
        assert (region.height, region.width <= 8) == (1, True)


async def test_ages_tick_and_nothing_else_is_repainted(monkeypatch: pytest.MonkeyPatch) -> None:
    async with console() as c:
        painted: set[str | None] = set()
        refresh = Canvas.refresh

        def watched(self: Canvas, *regions: Any, **more: Any) -> Canvas:
            painted.add(self.id)
            return refresh(self, *regions, **more)

        monkeypatch.setattr(Canvas, "refresh", watched)
        await c.later(2)
        assert "pane-gpus" not in painted
        assert {"top", "pane-wireguard"} <= painted
        c.expect("lsalab 3s", "20s")


async def test_only_rows_in_sight_are_formatted() -> None:
    link = FakeLink(parts(10_000))
    async with console(link) as c:
        await c.press("2", "2")
        pane = c.pane("guests")
        made: list[int] = []
        column = pane.view.column("name")
        counting = counting_view(pane, column, made)
        pane.view = counting
        await c.press("end", "up", "pageup")
        assert pane.selection.index > 9_900
        assert 0 < len(made) < 1_000


def counting_view(pane: Pane, column: Any, made: list[int]) -> Any:
    """The pane's view with a column that counts how often it is formatted."""
    from msgspec.structs import replace

    def cell(row: Any, now: float) -> Any:
        made.append(1)
        return column.cell(row, now)

    columns = tuple(
        replace(column, cell=cell) if one.id == column.id else one for one in pane.view.columns
    )
    return replace(pane.view, columns=columns)


async def test_marks() -> None:
    async with console() as c:
        await c.press("2", "home", "space", "space")
        assert len(c.pane("guests").selection.marks) == 2
        c.expect("2 marked", "•")
        await c.press("m")
        assert "one guest at a time, and 2 are marked: esc unmarks them" in c.notice
        await c.press("escape")
        assert c.pane("guests").selection.marks == set()
        await c.press("*")
        assert len(c.pane("guests").selection.marks) == 58
        await c.press("*")
        c.expect_not("marked")


async def test_sorting() -> None:
    async with console() as c:
        await c.press("2", "2", ">", ">")
        c.expect("name▲")
        names = [row.guest.name for row in c.pane("guests").table.rows]
        assert names == sorted(names)
        await c.press("ctrl+r")
        c.expect("name▼")
        await c.press("<")
        c.expect("▲id")
        await c.press("S")
        await c.type("trouble")
        await c.press("enter")
        c.expect_not("▲")
        assert c.main.pane.table.by == ""


async def test_a_sort_holds_when_rows_come_in() -> None:
    async with console() as c:
        await c.press("2")
        c.pane("guests").sort("memory", None, c.link.now())
        c.link.read("lsalab", Resources(nodes(), tuple(reversed(guests())), ()))
        await c.settle()
        column = GUESTS.column("memory")
        memory = [float(column.value(row) or 0) for row in c.pane("guests").table.rows]
        assert memory == sorted(memory, reverse=True)


async def test_the_mouse_selects_sorts_and_opens() -> None:
    async with console() as c:
        pane = c.pane("guests")
        x, y = pane.region.x + 6, pane.region.y
        await c.click(x, y + 4)
        assert c.main.current == "guests"
        assert pane.selection.index == 2
        await c.click(x, y + 1)
        c.expect("name▲")
        await c.click(x, y + 3, times=2)
        c.expect("guests ›")


async def test_resizing_keeps_everything() -> None:
    async with console() as c:
        await c.press("2", "end")
        chosen = c.selected
        for size in (SMALL, LARGE, (40, 10), (20, 5), USUAL):
            await c.resize(size)
            assert c.selected == chosen


async def test_a_console_of_few_lines_does_not_fall_over(console_size: tuple[int, int]) -> None:
    async with console(size=console_size) as c:
        await c.press("2", "enter", "escape", "?", "escape", ":", "escape", "m")
        await c.press("escape", "f", "0")


@pytest.fixture(params=[(10, 3), (20, 6), (1, 1), (300, 4)])
def console_size(request: pytest.FixtureRequest) -> tuple[int, int]:
    size: tuple[int, int] = request.param
    return size
