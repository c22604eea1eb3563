"""Text from outside is data: no markup, no escape sequence, no bidi trick reaches the terminal."""

from __future__ import annotations

from itertools import cycle
from typing import Any

import msgspec

from labtui.model.cluster import Resources
from labtui.model.errors import Problem
from labtui.model.feed import Feed
from labtui.model.jobs import Job
from labtui.model.overlay import WireGuard
from labtui.model.snapshot import Part
from tests.snapshots import NOW
from tests.ui.driver import SMALL, USUAL, console
from tests.ui.labs import guests, nodes, parts, storages
from tests.ui.links import FakeLink
from tests.ui.moving import CHOICES, Moving

HOSTILE = (
    "[/b]",
    "[@click=app.bell]x[/]",
    "[bold red]x",
    "\x1b]52;c;aGFoYQ==\x07",
    "\x1b[31mred",
    "\x9b31m",
    "a\u202eb",
    "方怡君方怡君方怡君方怡君方怡君",
    "e\u0301\u200d\ufe0f",
    "line\nbreak\ttab\r",
)
_FORBIDDEN = ("\x1b", "\x07", "\x9b", "\u202e", "\n", "\r", "\t", "\u200d")


def named(*texts: str) -> list[tuple[str, Part]]:
    """The usual lab, every name in it one of these texts."""
    given: list[tuple[str, Part]] = []
    text = "".join(texts)
    for source, part in parts():
        if isinstance(part, Resources):
            bad = tuple(
                msgspec.structs.replace(guest, name=one, tags=(text,), lock=one)
                for guest, one in zip(guests(), cycle(texts), strict=False)
            )
            there = tuple(msgspec.structs.replace(node, ha_state=text) for node in nodes())
            kept = tuple(msgspec.structs.replace(one, kind=text) for one in storages())
            given.append((source, Resources(there, bad, kept)))
        elif isinstance(part, WireGuard):
            peers = tuple(
                msgspec.structs.replace(peer, name=text, current_endpoint=text)
                for peer in part.peers
            )
            given.append((source, msgspec.structs.replace(part, peers=peers)))
        else:
            given.append((source, part))
    return given


def harmless(c: Any, width: int) -> None:
    strips = c.app.screen._compositor.render_strips()
    text = "".join(strip.text for strip in strips)
    assert not any(sign in text for sign in _FORBIDDEN)
    assert {strip.cell_length for strip in strips} == {width}
    for strip in strips:
        for segment in strip:
            assert not (segment.style and segment.style.meta.get("@click"))
            assert not (segment.style and segment.style.link)


async def test_every_pane_and_dialog() -> None:
    link = FakeLink(named(*HOSTILE))
    text = "".join(HOSTILE)
    moving = Moving(
        title=f"Migrate {text}",
        blockers=HOSTILE,
        warnings=HOSTILE,
        choices=(msgspec.structs.replace(CHOICES[0], id=text, reasons=(text,)), *CHOICES),
    )
    async with console(link, actions=[moving.action()]) as c:
        c.link.jobs_are(
            *(Job(one, "guest.migrate", one, one, "running", NOW, note=one) for one in HOSTILE)
        )
        for keys in (
            *(["0", digit] for digit in "12345"),
            ["2"],
            ["enter"],
            ["escape", "0", "2", "m"],
            ["escape", ":"],
            ["g"],
            ["escape", "ctrl+p"],
            ["escape", "9"],
            ["c"],
            ["escape", ":", "s", "o", "u", "r", "c", "enter"],
        ):
            await c.press(*keys)
            harmless(c, USUAL[0])
            assert c.app.is_running


async def test_failures_and_notices() -> None:
    link = FakeLink([])
    async with console(link, size=SMALL) as c:
        for text in HOSTILE:
            feed = Feed("proxmox", text, "resources")
            link.store.expect(feed, 5.0)
            problem = Problem("unreachable", text, text, text, text)
            link.fail(feed, problem)
            await c.settle()
            harmless(c, SMALL[0])
            c.main.notice.tell(problem)
            await c.settle()
            harmless(c, SMALL[0])


async def test_typed_and_found() -> None:
    async with console(FakeLink(named(*HOSTILE))) as c:
        await c.press("2", "/")
        for text in HOSTILE:
            c.main.filtering.sift(text)
            await c.settle()
            harmless(c, USUAL[0])
        await c.press("escape", ":")
        for key in ("[", "/", "b", "]"):
            await c.press(key)
            harmless(c, USUAL[0])
        await c.press("escape")


async def test_markup_is_shown_as_it_is_written() -> None:
    async with console(FakeLink(named("x[/b]"))) as c:
        c.expect("x[/b]")
        await c.press(":")
        await c.type("x[")
        assert "x[/b]" in c.dialog


async def test_wide_names_keep_the_columns_in_line() -> None:
    async with console(FakeLink(named("方怡君"))) as c:
        await c.press("2", "2")
        lines = [line for line in c.screen.splitlines() if "方怡君" in line]
        assert len(lines) > 20
        from rich.cells import cell_len

        assert len({cell_len(line[: line.index("pve")]) for line in lines}) == 1
