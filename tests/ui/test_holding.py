"""Freezing, thawing, elevating from the screen; and what is old among what is fresh."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from labtui.live import freeze as freezing
from labtui.live.freeze import Freeze
from labtui.live.holdback import Holdback
from labtui.live.journal import Journal
from labtui.model.errors import Problem
from labtui.model.feed import Feed
from tests.snapshots import NOW
from tests.ui.driver import SMALL, Console, console
from tests.ui.links import FakeLink, stale

AMY = Freeze("amy", "", NOW, "disk swap")
DOWN = Problem("unreachable", "could not read", "702:8729", "no route to host")


def link_with(tmp_path: Path, **options: Any) -> FakeLink:
    """A link whose gate has a freeze file and a journal."""
    link = FakeLink()
    journal = Journal(tmp_path / "journal.jsonl")
    link.gate = Holdback(path=tmp_path / "freeze.json", journal=journal, clock=link.now, **options)
    return link


def top(c: Console) -> str:
    return c.screen.splitlines()[0]


async def say(c: Console, words: str) -> None:
    """Type that into the go-to prompt."""
    await c.press(":")
    await c.type(words)
    await c.press("enter")
    await c.app.workers.wait_for_complete()
    await c.settle()


async def test_a_freeze_by_word_with_its_reason_and_a_thaw(tmp_path: Path) -> None:
    async with console(link_with(tmp_path)) as c:
        await say(c, "freeze disk swap in pve2")
        assert "FROZEN by " in top(c)
        assert "disk swap in pve2" in top(c)
        assert "every console that sees" in c.notice
        told = freezing.read(tmp_path / "freeze.json")
        assert told is not None
        assert told.why == "disk swap in pve2"
        await c.press("2", "home", "M")
        assert c.link.jobs == []
        assert "has frozen all writes since" in c.dialog
        assert "(disk swap in pve2): nothing is sent" in c.dialog.replace("\n", " ")
        await c.press("enter", "escape")
        assert c.link.jobs == []
        await say(c, "thaw")
        assert "FROZEN" not in top(c)
        assert c.notice == "thawed: writes go on"
        await c.press("M")
        assert len(c.link.jobs) == 1


async def test_a_freeze_from_elsewhere_reaches_an_open_plan(tmp_path: Path) -> None:
    async with console(link_with(tmp_path)) as c:
        await c.press("2", "home", "m")
        assert "enter go" in c.dialog
        freezing.write(tmp_path / "freeze.json", AMY)
        await c.link.gate.look()
        overlay: Any = c.main.overlay
        overlay._wait()
        await c.settle()
        assert "amy has frozen all writes" in c.dialog
        assert "enter go" not in c.dialog
        await c.press("enter")
        assert c.link.jobs == []


async def test_a_damaged_file_is_frozen_and_says_so_in_the_top_line(tmp_path: Path) -> None:
    (tmp_path / "freeze.json").write_text("?")
    async with console(link_with(tmp_path)) as c:
        await c.link.gate.look()
        await c.settle()
        assert "FROZEN? it is damaged" in top(c)


async def test_a_small_terminal_says_frozen_too(tmp_path: Path) -> None:
    freezing.write(tmp_path / "freeze.json", AMY)
    async with console(link_with(tmp_path), size=SMALL) as c:
        await c.link.gate.look()
        await c.settle()
        assert "FROZEN" in top(c)


async def test_timed_elevation_counts_down_and_ends(tmp_path: Path) -> None:
    link = link_with(tmp_path, elevation=600)
    async with console(link) as c:
        assert "READ-ONLY" in top(c)
        await c.press("2", "home", "M")
        assert "read-only until it is elevated" in c.dialog
        await c.press("escape")
        await say(c, "write 5m swap a disk")
        assert "WRITES 5:00" in top(c)
        assert "READ-ONLY" not in top(c)
        assert c.notice == "may write for 5:00: swap a disk"
        await c.later(19)
        assert "WRITES 4:41" in top(c)
        await c.press("M")
        assert len(c.link.jobs) == 1
        await say(c, "readonly")
        assert "READ-ONLY" in top(c)
        await say(c, "write 1m again")
        await c.later(61)
        assert "READ-ONLY" in top(c)


async def test_wishes_that_cannot_be_are_answered_in_words(tmp_path: Path) -> None:
    async with console(link_with(tmp_path)) as c:
        for words, answer in (
            ("write", "write for how long, and why? :write 10m WHY"),
            ("write soon please", "write for how long"),
            ("write 10m a reason", "this console may write all the time"),
            ("readonly", "not one that is elevated"),
            ("thaw", "nothing was frozen"),
        ):
            await say(c, words)
            assert answer in c.notice, words


async def test_the_words_are_completed_and_told_with_what_they_take(tmp_path: Path) -> None:
    async with console(link_with(tmp_path)) as c:
        await c.press(":")
        await c.type("fre")
        assert "WHY  Stop all writes." in c.dialog
        await c.press("tab")
        await c.type("fan is loud")
        assert "freeze fan is loud" in c.dialog
        await c.press("escape")
        assert freezing.read(tmp_path / "freeze.json") is None


async def test_palette_and_help_have_them(tmp_path: Path) -> None:
    async with console(link_with(tmp_path), size=(200, 60)) as c:
        await c.press("?")
        for words in (":freeze WHY", ":thaw", ":write 10m WHY", ":readonly"):
            assert words in c.dialog
        await c.press("escape", "ctrl+p")
        await c.type("freeze")
        await c.press("enter")
        assert "go to" in c.dialog
        await c.type("quick")
        await c.press("enter")
        await c.app.workers.wait_for_complete()
        await c.settle()
        assert "FROZEN" in top(c)
        await c.press("ctrl+p")
        await c.type("thaw")
        await c.press("enter")
        await c.app.workers.wait_for_complete()
        await c.settle()
        assert "FROZEN" not in top(c)


async def test_what_was_typed_for_a_freeze_cannot_steer_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "freeze.json").write_text('{"by": "a\\u001b[31m", "why": "x\\u202ey[bold]"}')
    async with console(link_with(tmp_path)) as c:
        await c.link.gate.look()
        await c.settle()
        assert "\x1b" not in c.screen
        assert "\u202e" not in c.screen
        assert "[bold]" in top(c)


def styles_of(c: Console, word: str) -> set[str]:
    """The colours of the cells of the lines that hold a word."""
    found: set[str] = set()
    for strip in c.app.screen._compositor.render_strips():
        if word in strip.text:
            found |= {str(s.style.color.name) for s in strip if s.style and s.style.color}
    return found


async def test_rows_of_one_silent_router_look_old_among_fresh_ones() -> None:
    async with console() as c:
        feed = Feed("routeros", "702", "bgp")
        await c.later(600)
        for source, part in c.link.given:
            if source != "702":
                c.link.read(source, part)
        c.link.fail(feed, DOWN)
        await c.press("5", "5")
        await c.settle()
        rows = c.screen.splitlines()
        old = [line for line in rows if "702 > " in line]
        fresh = [line for line in rows if "835 > " in line]
        assert old
        assert all("unknown, 10m old" in line for line in old)
        assert fresh
        assert not any(" old" in line for line in fresh)
        green = str(c.app.ink.style("good", "").color.name)  # type: ignore[union-attr]
        assert green in styles_of(c, "835 > ")
        assert green not in styles_of(c, "702 > ")


async def test_details_say_which_section_is_old() -> None:
    async with console() as c:
        stale(c.link, "inventory", 900)
        await c.press("2", "home", "enter")
        await c.settle()
        c.expect("NetBox 15m old")
        c.expect_not("Guest 15m old")


async def test_the_top_line_is_not_green_for_an_old_quorum() -> None:
    async with console() as c:
        stale(c.link, "membership", 900)
        await c.settle()
        assert "quorate 3/4?" in top(c)
        assert all(span.role != "good" for span in c.main.top.facts.quorum)
        assert all(chip.role != "good" for chip in c.main.top.facts.chips)
