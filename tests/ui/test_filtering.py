"""The filter line says what it can't do."""

from __future__ import annotations

from tests.ui.driver import console


async def test_an_unknown_field_is_told_with_those_that_there_are() -> None:
    async with console() as c:
        await c.press("2", "/")
        await c.type("cpux:5")
        assert c.notice.startswith("there is no field 'cpux' here; the fields are id name node")
        await c.press("enter")
        c.expect("Nothing matches cpux:5. esc shows all 58.", "there is no field 'cpux' here")


async def test_a_colon_in_what_is_looked_for_is_no_field() -> None:
    async with console() as c:
        await c.press("3", "/")
        await c.type("0000:02")
        assert c.notice == ""
        assert len(c.main.pane.table.rows) == 3


async def test_numbers_are_compared_in_the_units_of_the_cells() -> None:
    async with console() as c:
        await c.press("2", "/")
        await c.type("memory:>14")
        await c.press("G")
        assert c.notice == ""
        rows = c.main.pane.table.rows
        assert 0 < len(rows) < 58
        assert all((row.guest.memory or 0) > 14 * 2**30 for row in rows)


async def test_a_comparison_that_makes_no_sense_says_why() -> None:
    async with console() as c:
        await c.press("2", "/")
        await c.type("cpu:>lots")
        assert c.notice == "'lots' is no number to compare with: 5, 1.5G, 80% or 2h"
        await c.press("ctrl+u")
        await c.type("name:>5")
        assert c.notice == "'name' has words, no numbers to compare"
        await c.press("escape", "4", "/")
        await c.type("handshake:>5m")
        assert "'handshake' is a time" in c.notice
