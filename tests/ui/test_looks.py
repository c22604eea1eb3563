"""Themes, few colours, none, ASCII alone; the top line and the footer at every width."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.color import ColorType
from rich.style import Style
from textual.color import Color
from textual.strip import Strip

from labtui.config.theme import load_themes
from labtui.live.freeze import Freeze
from labtui.live.holdback import Held
from labtui.ui.ink import ROLES, Ink, contrast
from labtui.ui.widgets.cells import Span, line_width
from labtui.ui.widgets.footer import Hint, footer_line
from labtui.ui.widgets.topline import Counts, Facts, badges, top_line
from labtui.views.sources import Chip
from tests.snapshots import NOW
from tests.ui.driver import THEMES, Console, console
from tests.ui.links import FakeLink

NAMES = [theme.name for theme in load_themes((THEMES,))[0]]


@pytest.mark.parametrize("name", [*NAMES, "nord", "textual-light", "gruvbox"])
async def test_every_theme_draws_every_screen(name: str) -> None:
    async with console(theme=name) as c:
        assert c.app.theme == name
        await c.press("2", "enter", "escape", "m", "escape", "?", "escape", ":")
        c.expect("go to")


async def test_an_unknown_theme_is_told_and_the_default_taken() -> None:
    async with console(theme="pink") as c:
        assert c.app.theme == "labtui-dark"
        assert "there is no theme pink" in c.notice
        assert "high-contrast" in c.notice


async def test_without_theme_files_there_is_still_a_theme() -> None:
    async with console(themes=(), theme="") as c:
        assert c.app.theme == "labtui-dark"
        c.expect("pve1")


async def test_changing_the_theme_repaints_everything() -> None:
    async with console() as c:
        before = {str(s.style.bgcolor) for strip in strips(c) for s in strip if s.style}
        c.app.theme = "labtui-light"
        await c.settle()
        after = {str(s.style.bgcolor) for strip in strips(c) for s in strip if s.style}
        assert before.isdisjoint(after)


def strips(c: Console) -> list[Strip]:
    return c.app.screen._compositor.render_strips()


async def test_no_colour_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with console() as c:
        await c.press("2")
        reversed_texts = ""
        for strip in c.app.screen._compositor.render_strips():
            for segment in strip:
                style = segment.style
                assert style is not None
                for colour in (style.color, style.bgcolor):
                    assert colour is None or colour.type == ColorType.DEFAULT
                if style.reverse:
                    reversed_texts += segment.text
        assert "107 build-ben" in reversed_texts


async def test_sixteen_colours_are_the_terminals_own() -> None:
    async with console(theme="ansi-16") as c:
        await c.press("2", "m")
        for strip in c.app.screen._compositor.render_strips():
            for segment in strip:
                style = segment.style
                assert style is not None
                for colour in (style.color, style.bgcolor):
                    assert colour is None or colour.type != ColorType.TRUECOLOR


async def test_nothing_but_ascii() -> None:
    async with console(plain_glyphs=True) as c:
        for keys in (["2"], ["enter"], ["escape", "m"], ["escape", "?"]):
            await c.press(*keys)
            assert c.screen.isascii(), [sign for sign in c.screen if ord(sign) > 126][:5]


def test_every_role_has_a_style_of_its_own_or_a_word() -> None:
    ink = Ink({})
    styles = {role: ink.style(role, "") for role in (*ROLES, "frame", "off", "key", "title")}
    assert len(set(styles.values())) == len(styles)
    for ground in ("cursor", "rest", "bar", "surface", "badge"):
        assert ink.style("bad", ground).bgcolor != ink.style("bad", "").bgcolor
    assert ink.style("", "", True) != ink.style("", "", False)
    assert Ink({"good": "nonsense"}).style("good", "") == ink.style("good", "")


CHIPS = (
    Chip("pve", "0s", "dim"),
    Chip("836", "1s", "dim"),
    Chip("835", "9s", "warn"),
    Chip("702", "DOWN 14m", "bad"),
    Chip("mou", "2s", "dim"),
    Chip("netbox", "31s", "dim"),
)
QUORUM = (Span("quorate 3/4", "warn"),)


def top(width: int, **more: Any) -> str:
    facts = Facts("lsalab", False, (), QUORUM, Counts(2, 1), CHIPS)
    return "".join(span.text for span in top_line(facts._replace(**more), width))


def test_the_top_line_leaves_out_good_news_first() -> None:
    assert "pve 0s  836 1s  835 9s  702 DOWN 14m  mou 2s  netbox 31s" in top(120)
    small = top(80)
    assert "702 DOWN 14m  835 9s  +4 fresh" in small
    assert "quorate 3/4" in small
    assert "2 critical" in small
    tiny = top(48, demo=True, badges=(("READ-ONLY",),))
    assert "DEMO" in tiny
    assert "READ-ONLY" in tiny
    assert "quorate 3/4" in tiny


def test_a_freeze_says_who_and_why_where_there_is_room() -> None:
    frozen = badges(Held(freeze=Freeze("amy", "", NOW, "disk swap in the second node")), NOW)
    assert " FROZEN by amy: disk swap in the second node " in top(160, badges=frozen)
    assert " FROZEN by amy: disk swap in" in top(120, badges=frozen)
    assert " FROZEN by amy " in top(80, badges=frozen)
    assert " FROZEN " in top(50, badges=frozen)
    damaged = badges(Held(freeze=Freeze(problem="it is damaged")), NOW)
    assert " FROZEN? it is damaged " in top(120, badges=damaged)


def test_the_time_to_write_is_counted_down_unless_frozen() -> None:
    assert badges(Held(until=NOW + 581), NOW) == (("WRITES 9:41",),)
    assert badges(Held(until=NOW + 581, freeze=Freeze()), NOW)[0][0] == "FROZEN"
    assert len(badges(Held(until=NOW + 581, freeze=Freeze()), NOW)) == 1
    assert badges(Held(read_only=True), NOW) == (("READ-ONLY",),)


@given(st.integers(1, 200), st.booleans(), st.booleans())
def test_the_top_line_is_never_too_wide_for_its_bad_news(
    width: int, demo: bool, read_only: bool
) -> None:
    text = top(width, demo=demo, badges=(("READ-ONLY",),) if read_only else ())
    if width >= 80:
        assert len(text) == width
        assert "702 DOWN 14m" in text


DOWN = tuple(
    Chip(name, "DOWN 14m", "bad") for name in ("lab", "836", "835", "702", "mou", "netbox")
)


@given(st.integers(20, 200), st.integers(0, 12), st.booleans())
def test_with_everything_down_no_word_is_cut(width: int, broken: int, demo: bool) -> None:
    counts = Counts(broken, 3)
    text = top(width, chips=DOWN, counts=counts, demo=demo)
    whole = set(top(400, chips=DOWN, counts=counts, demo=demo).split())
    assert "…" not in text
    for word in text.split():
        assert word in whole or word in ("not", "well", "sources", "6", f"{broken}!") or "+" in word
    if width >= 80:
        shown = text.count("DOWN")
        assert shown >= 1
        assert shown == 6 or f"+{6 - shown} not well" in text


def test_sources_that_were_not_read_are_not_called_fresh() -> None:
    chips = (Chip("pve", "...", "dim"), Chip("836", "1s", "dim"))
    assert top(60, chips=chips).endswith("1 fresh 1 not read yet ")


@pytest.mark.parametrize("name", NAMES)
async def test_all_text_can_be_read(name: str) -> None:
    """Contrast by WCAG 2.2, also of what is old; sixteen colours are the terminal's own affair."""
    async with console(theme=name) as c:
        ink = c.app.ink
        for role in ("", *ROLES, "off", "key", "title", "strong", "head", "accent"):
            for ground in ("", "cursor", "rest", "bar", "surface"):
                for faded in (False, True):
                    style = ink.style(role, ground, faded)
                    if name != "ansi-16":
                        assert _ratio(style) >= 3.5, (role, ground, faded, str(style))


def _ratio(style: Style) -> float:
    assert style.color is not None
    assert style.bgcolor is not None
    return contrast(*(Color.from_rich_color(colour) for colour in (style.color, style.bgcolor)))


HINTS = tuple(Hint(str(n), f"word{n}", weight=n % 4) for n in range(8))


@given(st.integers(1, 120))
def test_the_footer_keeps_what_matters_most(width: int) -> None:
    line = footer_line(HINTS, width)
    text = "".join(span.text for span in line)
    assert line_width(line) <= max(width, 1)
    if width >= 40:
        assert "word0" in text
        assert "word4" in text


def test_the_footer_keeps_what_can_be_done() -> None:
    hints = (Hint("d", "shut down", able=False), Hint("s", "wake", weight=2))
    for width in (9, 12, 20):
        text = "".join(span.text for span in footer_line(hints, width))
        assert ("wake" in text, "shut down" in text) == (True, False)
    assert "shut down" in "".join(span.text for span in footer_line(hints, 40))


async def test_several_clusters_are_named() -> None:
    from labtui.model.cluster import HaStatus, Member, Membership

    link = FakeLink(
        [
            ("one", Membership("one", True, (Member("a", True),))),
            ("two", Membership("two", True, (Member("b", True), Member("c", False)))),
            ("two", HaStatus(False)),
        ]
    )
    async with console(link) as c:
        c.expect("one quorate 1/1 two NO QUORUM 1/2")


@pytest.mark.parametrize(
    ("late", "witnesses", "says"),
    [
        (0.0, (), "NO QUORUM 2/2"),
        (120.0, (), "quorate 2/2"),
        (0.0, (("a", True), ("b", False)), "quorate 2/2"),
    ],
)
async def test_the_ha_managers_row_counts_while_it_is_of_now_and_of_everybody(
    late: float, witnesses: tuple[tuple[str, bool], ...], says: str
) -> None:
    from labtui.model.cluster import HaStatus, Member, Membership
    from labtui.model.witnesses import Witness

    both = ("a", "b")
    told = tuple(
        Witness(f"{name}:8006", name, quorate, both, both if quorate else (name,))
        for name, quorate in witnesses
    )
    members = tuple(Member(name, True) for name in both)
    link = FakeLink([("one", Membership("one", True, members, witnesses=told))])
    async with console(link) as c:
        link.read("one", HaStatus(False), ago=late)
        await c.settle()
        c.expect(says)
