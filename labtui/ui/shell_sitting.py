"""Sitting at a console: what it shows goes to the terminal, what is typed to it, until one ends."""

from __future__ import annotations

import asyncio
from typing import Literal, Protocol

import msgspec

from labtui.model.errors import LabError, Problem
from labtui.model.text import clean
from labtui.ui.shell_tty import RESET, Outlet, Terminal

How = Literal["left", "ended", "lost", "gone"]
_TAIL = 400
_SHOWN = 160


class Line(Protocol):
    """A console that was opened."""

    async def read(self) -> bytes: ...

    async def send(self, data: bytes) -> None: ...

    async def resize(self, columns: int, rows: int) -> None: ...

    async def close(self) -> None: ...


class Sitting(msgspec.Struct, frozen=True):
    """How it ended: `left` by its key, `ended` by the server, `lost` on the way, or the terminal is
    `gone`. `tail` is the last that was shown.
    """

    how: How
    tail: str = ""
    problem: Problem | None = None


class Escape:
    """Finds the key that leaves in what is typed."""

    def __init__(self, byte: int) -> None:
        self._byte = bytes((byte,))

    def take(self, data: bytes) -> tuple[bytes, bool]:
        """What to pass on, and whether it was pressed; what comes after it is for nobody."""
        before, found, _after = data.partition(self._byte)
        return before, bool(found)


async def sit(line: Line, terminal: Terminal, escape: int, head: str) -> Sitting:
    """Connect the terminal with a console, and close that in the end.

    `head` is shown first. The terminal is as before when it returns.
    """
    outlet = terminal.outlet()
    seat = _Seat(line, terminal)
    try:
        with terminal.raw() as typed, terminal.resized(seat.resized.set):
            await outlet.put(f"\r\n{head}\r\n\r\n".encode())
            tasks = [
                asyncio.create_task(seat.show(outlet)),
                asyncio.create_task(seat.pass_on(typed, Escape(escape))),
                asyncio.create_task(seat.follow_size()),
            ]
            try:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in tasks:
                    task.cancel()
                found = await asyncio.gather(*tasks, return_exceptions=True)
    finally:
        await outlet.close(RESET + b"\r\n")
        await line.close()
    return _ending(found, _last_line(seat.tail))


def _ending(found: list[How | BaseException | None], tail: str) -> Sitting:
    """What the first of the tasks to end says; a fault of our own goes on as it is."""
    for each in found:
        if isinstance(each, LabError):
            return Sitting("lost", tail, each.problem)
        if isinstance(each, OSError):
            return Sitting("gone", tail)
        if isinstance(each, Exception):
            raise each
    return Sitting(next((each for each in found if isinstance(each, str)), "ended"), tail)


class _Seat:
    """The three things that go on while one sits there."""

    def __init__(self, line: Line, terminal: Terminal) -> None:
        self._line = line
        self._terminal = terminal
        self.resized = asyncio.Event()
        self.resized.set()
        self.tail = b""

    async def show(self, outlet: Outlet) -> How:
        while data := await self._line.read():
            self.tail = (self.tail + data)[-_TAIL:]
            await outlet.put(data)
        return "ended"

    async def pass_on(self, typed: asyncio.Queue[bytes], escape: Escape) -> How:
        while data := await typed.get():
            wanted, leave = escape.take(data)
            if wanted:
                await self._line.send(wanted)
            if leave:
                return "left"
        return "gone"

    async def follow_size(self) -> None:
        while True:
            await self.resized.wait()
            self.resized.clear()
            await self._line.resize(*self._terminal.size())


def _last_line(tail: bytes) -> str:
    lines = [line.strip() for line in tail.decode("utf-8", "replace").splitlines()]
    return clean(next((line for line in reversed(lines) if line), ""), _SHOWN)
