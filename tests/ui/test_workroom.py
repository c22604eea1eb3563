"""Large tables are made beside the loop, and nothing that a person does meanwhile is lost."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest
from msgspec.structs import replace

from labtui.model.cluster import Resources
from labtui.ui.workroom import Workroom
from labtui.views.filter import parse
from tests.ui.driver import console
from tests.ui.labs import guests, nodes, parts, storages
from tests.ui.links import FakeLink


class Bell:
    """Rung after each piece of work."""

    def __init__(self) -> None:
        self.rings = 0
        self._rung = asyncio.Event()

    def ring(self) -> None:
        self.rings += 1
        self._rung.set()

    async def heard(self) -> None:
        async with asyncio.timeout(5):
            await self._rung.wait()


async def test_it_works_in_another_thread_and_puts_the_result_on_the_loop() -> None:
    where: list[int] = []
    bell = Bell()
    room = Workroom(bell.ring)

    def work() -> Callable[[], None]:
        where.append(threading.get_ident())
        return lambda: where.append(threading.get_ident())

    assert room.take(work)
    await bell.heard()
    room.close()
    assert where[0] != where[1] == threading.get_ident()
    assert bell.rings == 1
    assert not room.busy


async def test_it_does_one_thing_at_a_time() -> None:
    gate = threading.Event()
    bell = Bell()
    room = Workroom(bell.ring)

    def work() -> Callable[[], None]:
        gate.wait(5)
        return lambda: None

    assert room.take(work)
    assert not room.take(work)
    gate.set()
    await bell.heard()
    assert room.take(work)
    room.close()


async def test_after_a_failure_the_work_is_left_to_the_loop() -> None:
    bell = Bell()
    room = Workroom(bell.ring)

    def work() -> Callable[[], None]:
        raise ZeroDivisionError

    assert room.take(work)
    await bell.heard()
    assert not room.busy
    assert not room.take(work)
    room.close()


async def test_what_comes_after_the_end_is_not_put_anywhere() -> None:
    gate = threading.Event()
    put: list[int] = []
    ended = threading.Event()
    room = Workroom(lambda: put.append(1))

    def work() -> Callable[[], None]:
        gate.wait(5)
        ended.set()
        return lambda: put.append(2)

    room.take(work)
    room.close()
    gate.set()
    assert await asyncio.to_thread(ended.wait, 5)
    await asyncio.sleep(0.05)
    assert put == []


async def test_new_rows_of_a_large_lab_come_in_the_order_that_was_asked_for_meanwhile() -> None:
    link = FakeLink(parts(1_000))
    async with console(link) as c:
        table = c.pane("guests").table
        now, snapshot = link.now(), link.store.snapshot
        drafted = table.draft(snapshot, now)
        table.sort("name", True, now)
        table.sift(parse("id:9"))
        table.take(drafted)
        names = [row.guest.name for row in table.rows]
        assert names == sorted(names, reverse=True)
        assert 0 < len(names) < 1_000
        assert all("9" in str(row.guest.vmid) for row in table.rows)


async def test_keys_find_the_old_rows_while_new_ones_are_made() -> None:
    link = FakeLink(parts(1_000))
    async with console(link) as c:
        gate = threading.Event()
        table = c.pane("guests").table
        view_rows = table.view.rows

        def slow(*asked: object) -> object:
            gate.wait(5)
            return view_rows(*asked)  # type: ignore[arg-type]

        table.view = replace(table.view, rows=slow)
        try:
            link.read("lsalab", Resources(nodes(), tuple(guests(990)), storages()))
            c.main.paint()
            assert c.main.drafting.room.busy
            assert len(table.everything) == 1_000
            c.pane("guests").move(5)
            assert c.pane("guests").selection.index == 5
            gate.set()
            await c.settle()
            assert len(table.everything) == 990
        finally:
            gate.set()


async def test_rows_that_took_long_once_are_made_beside_the_loop_in_a_small_lab_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    link = FakeLink(parts(20))
    async with console(link) as c:
        table = c.pane("guests").table
        where: list[int] = []
        view_rows = table.view.rows

        def seen(*asked: object) -> object:
            where.append(threading.get_ident())
            return view_rows(*asked)  # type: ignore[arg-type]

        table.view = replace(table.view, rows=seen)
        for number, slow_from in ((19, 1_000.0), (18, -1.0), (17, -1.0)):
            monkeypatch.setattr("labtui.ui.panes.table._SLOW", slow_from)
            where.clear()
            link.read("lsalab", Resources(nodes(), tuple(guests(number)), storages()))
            await c.settle()
            assert len(table.everything) == number
            assert (threading.get_ident() in where) == (slow_from > 0)


@pytest.mark.parametrize("number", [1_000, 20])
async def test_the_first_rows_of_a_heavy_view_are_made_beside_the_loop(
    monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    gate, where = threading.Event(), list[int]()

    def seen(*_asked: object) -> tuple[()]:
        where.append(threading.get_ident())
        gate.wait(5)
        return ()

    async with console(FakeLink(parts(number))) as c:
        desk = c.main.desk
        heavy = replace(desk.views["prefixes"], rows=seen)
        monkeypatch.setitem(desk.views, "prefixes", heavy)
        try:
            c.main.dispatch.travel.visit("prefixes", "")
            await c._quiet()
            c.main.paint()
            await c._quiet()
            assert "One moment." in c.screen
            gate.set()
            await c.settle()
            assert "One moment." not in c.screen
            assert where
            assert threading.get_ident() not in where
        finally:
            gate.set()
