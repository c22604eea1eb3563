"""The workers of a node's front end: three, and a request that finds none free waits.

Waiting for another node does not hold a worker; working on an answer does.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

WORKERS = 3


class Workers:
    """The workers of one node; `seize` keeps all of them busy until `release`."""

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(WORKERS)
        self._open = asyncio.Event()
        self._open.set()

    @property
    def seized(self) -> bool:
        """Whether something else keeps all workers busy."""
        return not self._open.is_set()

    def seize(self) -> None:
        """All workers are busy with calls that do not end."""
        self._open.clear()

    def release(self) -> None:
        """Those calls have ended."""
        self._open.set()

    async def accept(self) -> None:
        """Wait until a worker takes the connection."""
        await self._open.wait()

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """Hold a worker for the time of the block."""
        await self._open.wait()
        async with self._free:
            yield
