"""Questions node by node, side by side: what hangs holds up nobody but itself.

A lane is what one node is asked, one question after the other. Who collects gets what is there once
nothing more comes for a moment; a lane that still waits goes on, and what it finds is collected the
next time.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Generic, TypeVar

from labtui.model.errors import LabError

_T = TypeVar("_T")
PATIENCE = 1.0


class Lanes(Generic[_T]):
    """At most one lane per node."""

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._found: list[tuple[str, _T | LabError]] = []
        self._fault: Exception | None = None
        self._news = asyncio.Event()

    @property
    def busy(self) -> frozenset[str]:
        """The nodes whose lanes still wait for an answer."""
        return frozenset(self._tasks)

    def start(self, node: str, steps: AsyncIterator[_T]) -> None:
        """Begin that node's lane. It ends with its steps, or with the first `LabError` of them."""
        if node in self._tasks:
            raise ValueError(node)
        self._tasks[node] = asyncio.create_task(self._run(node, steps), name=f"lane {node}")

    async def collect(
        self, *, wait: bool = True, first: float | None = None
    ) -> list[tuple[str, _T | LabError]]:
        """What came in since the last time, by node, errors at the end of their lanes.

        Waits for the first of it, `first` seconds at most, then until nothing has come for
        `PATIENCE` seconds or no lane is left. A fault of our own in a lane is raised.
        """
        while wait and self._tasks and self._fault is None:
            self._news.clear()
            try:
                async with asyncio.timeout(PATIENCE if self._found else first):
                    await self._news.wait()
            except TimeoutError:
                break
        if self._fault is not None:
            fault, self._fault = self._fault, None
            raise fault
        found, self._found = self._found, []
        return found

    async def close(self) -> None:
        """Stop all lanes."""
        tasks = tuple(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, node: str, steps: AsyncIterator[_T]) -> None:
        try:
            async for step in steps:
                self._found.append((node, step))
                self._news.set()
        except LabError as error:
            self._found.append((node, error.bare()))
        except Exception as error:  # noqa: BLE001 - for who collects, as if it had asked itself
            self._fault = error
        finally:
            self._tasks.pop(node, None)
            self._news.set()
