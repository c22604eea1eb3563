"""Hostile text in every field of every struct: all panes, details, dialogs, at three sizes.

What a source makes is cleaned already (`model.text`); here nothing is, so that the paint path is
safe by itself. One console per size lives through all examples.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from itertools import cycle

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labtui.model.errors import Problem
from labtui.model.feed import Feed
from labtui.model.jobs import Job
from tests.chaos.hostile import TEXTS, WRITTEN, Rewrite, breaches, poisoned
from tests.snapshots import NOW
from tests.ui.driver import LARGE, SMALL, USUAL, Console, console
from tests.ui.labs import parts
from tests.ui.links import FakeLink
from tests.ui.moving import CHOICES, Moving

SIZES = (SMALL, USUAL, LARGE)
ROUTES: tuple[tuple[str, ...], ...] = (
    *((digit,) for digit in "012345"),
    *((digit, "down", "enter") for digit in "12345"),
    ("2", "m"),
    ("2", "/", "x"),
    (":",),
    (":", "s", "o", "u", "r", "enter", "enter"),
    (":", "j", "o", "b", "enter", "enter"),
    (":", "t", "a", "s", "k", "enter", "enter"),
    (":", "s", "t", "o", "r", "enter", "enter"),
    ("ctrl+p",),
    ("?",),
    ("3", "s"),
)
JOB = Job("j", "guest.migrate", "lsalab/104", "Migrate 104", "running", NOW, note="n", log=("l",))
PROBLEM = Problem("unreachable", "reading", "pve1", "refused", "look at it")
FEEDS = ("resources", "membership", "tasks", "hardware")


class Stage:
    """The consoles, on a loop that runs only while an example uses it."""

    def __init__(self) -> None:
        self.runner = asyncio.Runner()
        self.moving = Moving()
        self.stack = contextlib.AsyncExitStack()
        self.consoles: dict[tuple[int, int], Console] = {}

    async def open(self) -> None:
        for size in SIZES:
            made = console(FakeLink(), size=size, actions=[self.moving.action()])
            self.consoles[size] = await self.stack.enter_async_context(made)

    async def poison(self, size: tuple[int, int], rewrite: Rewrite) -> None:
        """A whole lab of such text comes in."""
        link = self.consoles[size].link
        for source, part in parts():
            # Feeds keep their names: those are the person's own, from the configuration.
            link.read(source, poisoned(part, rewrite))
        link.fail(Feed("proxmox", "lsalab", "tasks"), poisoned(PROBLEM, rewrite))
        link.fail(Feed("netbox", "netbox", "inventory"), poisoned(PROBLEM, rewrite))
        link.jobs_are(poisoned(JOB, rewrite), msgspec.structs.replace(JOB, id="k", state="failed"))
        self.moving.changes = {
            "title": rewrite("Migrate"),
            "warnings": (rewrite("warning"),),
            "choices": poisoned(CHOICES, rewrite),
        }

    async def walk(self, size: tuple[int, int], route: tuple[str, ...]) -> list[str]:
        """There, and back."""
        used = self.consoles[size]
        await used.press(*route)
        found = breaches(used, size[0])
        await used.press("escape", "escape", "escape", "escape")
        assert used.app.is_running
        return found


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    made = Stage()
    with made.runner:
        made.runner.run(made.open())
        yield made
        made.runner.run(made.stack.aclose())


def _rewrite(texts: list[str], every: int) -> Rewrite:
    """Each `every`th text becomes the next of these; a few are kept so that things still join."""
    turns, nasty = cycle(range(every)), cycle(texts)
    return lambda text: next(nasty) if next(turns) == 0 else text


@settings(max_examples=10, deadline=None)
@given(
    size=st.sampled_from(SIZES),
    texts=st.lists(TEXTS, min_size=1, max_size=6),
    every=st.sampled_from((1, 1, 2, 3)),
    routes=st.lists(st.sampled_from(ROUTES), min_size=2, max_size=4, unique=True),
)
def test_any_text_anywhere(
    stage: Stage,
    size: tuple[int, int],
    texts: list[str],
    every: int,
    routes: list[tuple[str, ...]],
) -> None:
    stage.runner.run(stage.poison(size, _rewrite(texts, every)))
    for route in routes:
        assert stage.runner.run(stage.walk(size, route)) == [], route


@pytest.mark.parametrize("size", SIZES)
def test_the_worst_on_every_screen(stage: Stage, size: tuple[int, int]) -> None:
    stage.runner.run(stage.poison(size, _rewrite(list(WRITTEN), 1)))
    for route in ROUTES:
        assert stage.runner.run(stage.walk(size, route)) == [], route


def test_nothing_is_missed_by_the_eyes() -> None:
    problem = poisoned(PROBLEM, lambda text: text.upper())
    assert (problem.kind, problem.why) == ("unreachable", "REFUSED")
    given_part = dict(parts())["netbox"]
    changed = repr(poisoned(given_part, lambda _text: "HOSTILE"))
    assert "lsalab" not in changed and "'node'" not in changed.replace("node=", "")
