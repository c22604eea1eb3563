"""Asking many at once, and telling each answer as it comes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import TypeVar

_Q = TypeVar("_Q")
_A = TypeVar("_A")


async def as_answered(
    ask: Callable[[_Q], Awaitable[_A]], wanted: Iterable[_Q], most: int
) -> AsyncIterator[_A]:
    """The answers as they come, `most` asked at a time; raises what `ask` raises.

    Whoever stops listening ends what is still asked.
    """
    gate = asyncio.Semaphore(most)

    async def one(question: _Q) -> _A:
        async with gate:
            return await ask(question)

    tasks = [asyncio.create_task(one(question)) for question in wanted]
    try:
        for done in asyncio.as_completed(tasks):
            yield await done
    finally:
        for task in tasks:
            task.cancel()
