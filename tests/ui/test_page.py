"""A page over the panes: what is more than fits is scrolled, and its edge says so."""

from __future__ import annotations

from labtui.ui.screens.page import Page, PageDialog, hinted
from labtui.ui.widgets.cells import Line, Span
from tests.ui.driver import SMALL, Console, console


def numbered(lines: int) -> list[Line]:
    return [(Span(f"line {number}."),) for number in range(lines)]


async def opened(c: Console, lines: int) -> None:
    c.main.open(PageDialog("figures", lambda _width: numbered(lines)))
    await c.settle()


async def test_what_fits_has_nothing_to_scroll() -> None:
    async with console(size=SMALL) as c:
        await opened(c, 3)
        c.expect("figures", "line 0.", "line 2.", "esc back")
        assert "more" not in c.dialog


async def test_keys_and_the_wheel_scroll_to_the_end_and_not_beyond() -> None:
    async with console(size=SMALL) as c:
        await opened(c, 100)
        c.expect("line 0.", "↑ ↓ more")
        await c.press("down", "j")
        c.expect("line 2.")
        c.expect_not("line 1.")
        await c.press("end")
        c.expect("line 99.")
        await c.press("down", "k")
        c.expect("line 98.")
        c.expect_not("line 99.")
        await c.press("home")
        await c.wheel_down(40, 12)
        c.expect("line 3.")
        c.expect_not("line 2.")


async def test_any_other_key_leaves() -> None:
    async with console() as c:
        await opened(c, 3)
        await c.press("x")
        assert c.main.overlay is None


async def test_a_page_with_keys_of_its_own_says_them_and_stays() -> None:
    class Counting(Page[None]):
        presses = 0

        @property
        def heading(self) -> str:
            return "counting"

        def body(self, width: int) -> list[Line]:
            return [(Span(f"{self.presses} in {width}"),)]

        def hints(self) -> list[Span]:
            return [*super().hints(), *hinted(("c", "count"))]

        def other_key(self, key: str) -> None:
            self.presses += key == "c"
            self.show()

    async with console() as c:
        c.main.open(Counting())
        await c.press("c", "c", "x")
        c.expect("2 in 112", "esc back", "c count")
