"""Questions of one reading: menus printed with the fields that are wanted, within a time limit."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Generic, TypeVar

from labtui.model.errors import Forbidden, NotFound
from labtui.sources.routeros import values
from labtui.sources.routeros.read import Complaints
from labtui.sources.routeros.sentences import Row
from labtui.sources.routeros.wire import Wire

_T = TypeVar("_T")


class Ask:
    """Prints menus of one connection; all its questions together have `limit` seconds."""

    def __init__(self, wire: Wire, limit: float) -> None:
        self._wire = wire
        self._loop = asyncio.get_running_loop()
        self._until = self._loop.time() + limit

    async def __call__(
        self, menu: str, fields: Sequence[str], queries: Sequence[str] = ()
    ) -> list[Row]:
        """The rows with those fields; `queries` are words in their order (`?name=a`, `?#|`)."""
        words = {".proplist": ",".join(fields)}
        return (await self._wire.ask(f"{menu}/print", words, self._left, queries=queries)).rows

    async def count(self, menu: str, queries: Sequence[str]) -> int | None:
        """How many rows there are; None when the router does not say."""
        reply = await self._wire.ask(
            f"{menu}/print", {"count-only": ""}, self._left, queries=queries
        )
        return values.optional_number(reply.ret)

    async def command(self, command: str, words: Mapping[str, str]) -> list[Row]:
        """The rows of a command that only looks (`monitor`)."""
        return (await self._wire.ask(command, words, self._left)).rows

    @property
    def _left(self) -> float:
        return self._until - self._loop.time()


async def or_none(question: Awaitable[list[Row]]) -> list[Row]:
    """The rows, or none when the router has no such menu."""
    try:
        return await question
    except NotFound:
        return []


async def if_allowed(question: Awaitable[list[Row]], complaints: Complaints) -> list[Row]:
    """The rows, or none when there is no such menu or the account may not look at it.

    What is not permitted is complained of: the rest of the reading is worth having without it.
    """
    try:
        return await question
    except NotFound:
        return []
    except Forbidden as error:
        complaints.say(error.what)
        return []


class Kept(Generic[_T]):
    """An answer that hardly ever changes, kept for that many seconds: fewer requests."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._known: tuple[float, object, _T] | None = None

    async def get(self, question: Callable[[], Awaitable[_T]], mark: object = None) -> _T:
        """The answer, asked for anew after that time, or when `mark` is another than before."""
        known = self._known
        if known is not None and self._clock() - known[0] < self._seconds and known[1] == mark:
            return known[2]
        answer = await question()
        self._known = (self._clock(), mark, answer)
        return answer
