"""Go-to: open at once, its objects made beside the loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from labtui.ui import candidates
from labtui.ui.candidates import Candidate
from labtui.ui.screens.finder import Finder
from tests.ui.driver import Console, console
from tests.ui.labs import parts
from tests.ui.links import FakeLink


class Slow:
    """Objects that are made when the test lets them, and where they were."""

    def __init__(self, c: Console, monkeypatch: pytest.MonkeyPatch) -> None:
        c.hasty = True
        self.gate, self.threads = threading.Event(), list[int]()
        self._objects = candidates.objects
        monkeypatch.setattr(candidates, "objects", self.objects)

    def objects(self, *asked: Any) -> Iterator[Candidate]:
        self.threads.append(threading.get_ident())
        if threading.current_thread() is not threading.main_thread():
            self.gate.wait(5)
        return self._objects(*asked)


def finder(c: Console) -> Finder:
    found = c.app.screen.query(Finder).first()
    assert isinstance(found, Finder)
    return found


def chosen_guest(c: Console) -> str:
    row = c.pane("guests").selection.row
    return str(row.guest.name) if row is not None else ""


async def until_found(c: Console) -> None:
    async with asyncio.timeout(5):
        while finder(c)._more is not None:  # noqa: ASYNC110 - another thread does it
            await asyncio.sleep(0.005)
    await c.settle()


async def test_it_is_open_before_its_objects_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    async with console(FakeLink(parts(1_000))) as c:
        slow = Slow(c, monkeypatch)
        name = c.pane("guests").table.rows[700].guest.name
        await c.press(":")
        assert "overview" in c.screen
        await c.type(name)
        assert "Looking through the lab." in c.screen
        slow.gate.set()
        await until_found(c)
        assert name in c.screen.split("go to", 1)[1]
        assert slow.threads != [threading.main_thread().ident]
        await c.press("enter")
        assert chosen_guest(c) == name


async def test_the_choice_stays_when_they_come(monkeypatch: pytest.MonkeyPatch) -> None:
    async with console(FakeLink(parts(1_000))) as c:
        slow = Slow(c, monkeypatch)
        await c.press(":", "down", "down")
        chosen = finder(c)._matches.chosen
        slow.gate.set()
        await until_found(c)
        assert finder(c)._matches.chosen == chosen


async def test_enter_typed_ahead_is_done_when_they_come(monkeypatch: pytest.MonkeyPatch) -> None:
    async with console(FakeLink(parts(1_000))) as c:
        slow = Slow(c, monkeypatch)
        name, next_name = (c.pane("guests").table.rows[n].guest.name for n in (700, 701))
        await c.press(":")
        await c.type(name)
        await c.press("enter", "down")
        assert chosen_guest(c) != name
        slow.gate.set()
        async with asyncio.timeout(5):
            while c.main.overlay is not None:  # noqa: ASYNC110 - another thread does it
                await asyncio.sleep(0.005)
        await c.settle()
        # The key after it was meant for where it leads.
        assert chosen_guest(c) == next_name
        assert threading.main_thread().ident not in slow.threads


async def test_enter_typed_ahead_for_nothing_leaves_the_finder_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with console(FakeLink(parts(20))) as c:
        slow = Slow(c, monkeypatch)
        await c.press(":")
        await c.type("nobody")
        await c.press("enter", "s")
        slow.gate.set()
        await until_found(c)
        assert "Nothing is called so." in c.screen
        assert "nobodys" in c.screen
        await c.press("escape")
        assert c.main.overlay is None


async def test_escape_leaves_before_they_come(monkeypatch: pytest.MonkeyPatch) -> None:
    async with console(FakeLink(parts(20))) as c:
        slow = Slow(c, monkeypatch)
        await c.press(":", "a", "enter", "escape")
        assert c.main.overlay is None
        slow.gate.set()


async def test_objects_that_fail_beside_the_loop_are_made_on_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = candidates.objects

    def objects(*asked: Any) -> Iterator[Candidate]:
        if threading.current_thread() is not threading.main_thread():
            raise RuntimeError("not here")
        return made(*asked)

    monkeypatch.setattr(candidates, "objects", objects)
    async with console(FakeLink(parts(20))) as c:
        name = c.pane("guests").table.rows[7].guest.name
        await c.press(":")
        await until_found(c)
        await c.type(name)
        assert name in c.screen.split("go to", 1)[1]
