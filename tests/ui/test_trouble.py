"""What is in trouble is one key away; keys without a meaning say so."""

from __future__ import annotations

from labtui.model.errors import Problem
from labtui.model.feed import Feed
from tests.ui.driver import SMALL, console
from tests.ui.links import FakeLink


async def test_all_that_is_red_is_listed_behind_the_worst_and_gone_to() -> None:
    async with console() as c:
        await c.press("!", "!")
        first = next(line for line in c.dialog.splitlines() if "▸" in line)
        assert "pve4" in first
        assert "DOWN" in first
        await c.type("702")
        assert "702 = 836" in c.dialog
        await c.press("enter")
        assert c.main.current == "wireguard"
        assert "702" in c.selected


async def test_the_top_line_counts_what_the_findings_tell() -> None:
    async with console() as c:
        counts = c.main.top.facts.counts
        present = c.link.triage.present
        assert present is not None
        assert counts[:2] == (present.count("critical"), present.count("warning"))
        assert counts.critical > 0 < counts.warning
        assert counts.note == "first minute"
        await c.later(61)
        assert c.main.top.facts.counts.note == ""


async def test_a_source_that_fails_is_trouble_too() -> None:
    link = FakeLink([])
    feed = Feed("netbox", "netbox", "inventory")
    link.store.expect(feed, 60.0)
    async with console(link, size=SMALL) as c:
        await c.press("!")
        assert c.notice == "nothing is in trouble"
        link.fail(feed, Problem("unreachable", "no answer", "netbox:443", "timed out", "look"))
        await c.settle()
        await c.press("!")
        c.expect("findings ›", "netbox does not answer")
        await c.press("!")
        assert "netbox inventory" in c.dialog
        await c.press("enter")
        assert (c.main.current, c.selected) == ("sources", str(feed))


async def test_the_footer_offers_it_while_there_is_some() -> None:
    async with console(size=(200, 50)) as c:
        assert "! worst" in c.footer
    async with console(FakeLink([]), size=(200, 50)) as c:
        assert "! worst" not in c.footer


async def test_a_key_that_does_nothing_says_so_once() -> None:
    async with console() as c:
        await c.press("Z")
        assert c.notice == "Z does nothing here, ? for help"
        lines = c.screen.count("does nothing here")
        await c.press("Z", "Z", "X")
        assert c.notice == "X does nothing here, ? for help"
        assert lines == c.screen.count("does nothing here") == 1
        await c.press("down")
        assert c.notice == ""


async def test_the_palette_has_both_ways_to_migrate_and_a_line_for_each_place() -> None:
    async with console() as c:
        await c.press("2", "home", "ctrl+p")
        await c.type("migrate 107")
        keys = [line.split()[-2] for line in c.dialog.splitlines() if "migrate 107 build" in line]
        assert keys == ["m", "M"]
        await c.press("escape", "ctrl+p")
        await c.type("tunnels")
        assert "wireguard" in c.dialog
        assert "Again" not in c.dialog
