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

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
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
        slow = Slow(monkeypatch)
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
        slow = Slow(monkeypatch)
        await c.press(":", "down", "down")
        chosen = finder(c)._matches.chosen
        slow.gate.set()
        await until_found(c)
        assert finder(c)._matches.chosen == chosen


async def test_enter_typed_ahead_waits_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async with console(FakeLink(parts(1_000))) as c:
        slow = Slow(monkeypatch)
        name = c.pane("guests").table.rows[700].guest.name
        await c.press(":")
        await c.type(name)
        await c.press("enter")
        assert chosen_guest(c) == name
        assert slow.threads[-1] == threading.main_thread().ident
        slow.gate.set()
