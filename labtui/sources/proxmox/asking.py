"""What asking a cluster is made of: an answer, a way round the endpoints, and asking several."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, Protocol, TypeVar

import msgspec

from labtui.model.errors import LabError
from labtui.sources.proxmox.client import Params
from labtui.sources.proxmox.endpoint import NO_WAY, Endpoint
from labtui.sources.proxmox.errors import NodeUnreachable, Question

_T = TypeVar("_T")
Decode = Callable[[bytes, Question], _T]
# An endpoint that has said nothing for that long is not waited for alone: one that answered before
# gets the longer one, for the first rows the shorter one counts.
_HEDGE = 1.0
_FIRST_HEDGE = 0.4
_SHARE = 0.5


class Answer(msgspec.Struct, Generic[_T], frozen=True):
    """What came back, and the endpoint that said it."""

    value: _T
    via: str


class Shell(Protocol):
    """Reads by another way, when no endpoint answers."""

    async def get(self, path: str, params: Params, what: str, limit: float) -> tuple[bytes, str]:
        """The body as an endpoint would send it, and who said it. Raises `LabError`."""

    async def close(self) -> None:
        """Let go of connections."""


def node_of(path: str) -> str:
    """The node that a path is about, empty for one that any node answers."""
    parts = path.strip("/").split("/")
    return parts[1] if len(parts) > 2 and parts[0] == "nodes" else ""


async def first_answer(
    order: Sequence[Endpoint],
    ask: Callable[[Endpoint, float], Awaitable[Answer[_T]]],
    limit: float,
    about: str = "",
) -> Answer[_T] | LabError | None:
    """The first answer of several endpoints, or why the first of them gave none; None for nobody.

    One that fails is followed by the next at once, one that is silent by the next beside it: so a
    hung node costs a second and not the whole limit. The others are cut off when one has answered.
    `about` names the node that it is about: forwarding to it may take long, so whoever has answered
    before is waited for, and why the node itself does not answer is the last to be told. Raises
    what is an answer of its own: `LabError` but for those of the way.
    """
    loop = asyncio.get_running_loop()
    ends = loop.time() + limit
    waiting = deque(order)
    begun: dict[asyncio.Task[Answer[_T]], Endpoint] = {}
    running: set[asyncio.Task[Answer[_T]]] = set()
    failures: list[tuple[bool, LabError]] = []
    hedge: float | None = None
    try:
        while running or (waiting and (not failures or loop.time() < ends)):
            left = max(ends - loop.time(), 0.0)
            if waiting:
                endpoint = waiting.popleft()
                hedge = _hedge(endpoint, about)
                task = asyncio.ensure_future(ask(endpoint, left))
                begun[task] = endpoint
                running.add(task)
            pause = min(hedge, left * _SHARE) if waiting and hedge is not None else None
            done, running = await asyncio.wait(
                running, timeout=pause, return_when=asyncio.FIRST_COMPLETED
            )
            for task in done:
                try:
                    return task.result()
                except NodeUnreachable:
                    raise
                except NO_WAY as error:
                    failures.append((bool(about) and begun[task].node == about, error.bare()))
    finally:
        for task in begun:
            task.cancel()
        # Those that had ended too are looked at, or asyncio would complain of them.
        await asyncio.gather(*begun, return_exceptions=True)
    return min(failures, key=lambda each: each[0])[1] if failures else None


def _hedge(endpoint: Endpoint, about: str) -> float | None:
    if not endpoint.proved:
        return _FIRST_HEDGE
    return None if about else _HEDGE
