"""One endpoint of a cluster: its threads, its breaker, and which node it is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from labtui.config.schema import Address
from labtui.model.errors import LabError, TimedOut, TlsFailed, Unreachable
from labtui.sources.breaker import LONGEST_REST, Breaker
from labtui.sources.proxmox.client import Client
from labtui.sources.proxmox.errors import Garbled, NodeUnreachable
from labtui.sources.threads import Threads

_T = TypeVar("_T")
# Failures of the way to it; after any other answer it is there.
NO_WAY = (Unreachable, TimedOut, TlsFailed, Garbled)
# A learnt address may never have been meant for us: it is not knocked at all the time.
_LEARNT_REST = 600.0
_SWEEPERS = 3


class Endpoint:
    """One endpoint. Times on the monotonic clock.

    Two threads serve cluster-wide reads and actions, three the sweeps over nodes and guests, whose
    calls may be forwarded and hang with their node: of those about one node one goes at a time, so
    that a dead node takes one thread and leaves the others to the rest. So at most five requests
    are in flight.

    `node` is the name of the node that answers there, empty until it said so. `learnt`: its address
    came from the cluster and not from the configuration; it is used only while it proves who it is
    as the configured ones do, and `barred` for good once it did not.
    """

    def __init__(
        self,
        address: Address,
        connect: Callable[[], Client],
        clock: Callable[[], float],
        node: str = "",
        learnt: bool = False,
    ) -> None:
        self.address = address
        self.where = str(address)
        self.node = node
        self.learnt = learnt
        self.barred = False
        self.proved = False
        """True once it has answered."""
        self.breaker = Breaker(clock, longest=_LEARNT_REST if learnt else LONGEST_REST)
        self.problem: LabError | None = None
        """Why it could not be reached the last time."""
        self._main: Threads[Client] = Threads(self.where, connect, size=2)
        self._sweep: Threads[Client] = Threads(self.where, connect, size=_SWEEPERS)
        self._turns = asyncio.Semaphore(_SWEEPERS)
        self._about: dict[str, asyncio.Lock] = {}

    @property
    def ready(self) -> bool:
        """True when it may be asked."""
        return not self.barred and self.breaker.ready

    async def run(
        self, work: Callable[[Client], _T], deadline: float, what: str, sweep: str | None = None
    ) -> _T:
        """Do `work` in a thread of this endpoint; see `Threads.run`.

        `sweep` is the node that a call of a sweep is about. Its time begins with its turn, or one
        that hangs would count against the others.
        """
        if sweep is None:
            return await self._main.run(work, deadline, what)
        async with self._about.setdefault(sweep, asyncio.Lock()), self._turns:
            return await self._sweep.run(work, deadline, what)

    def failed(self, error: LabError) -> None:
        """It could not be reached."""
        self.problem = error
        if self.learnt and isinstance(error, TlsFailed):
            self.barred = True
        self.breaker.failed()

    def answered(self) -> None:
        """It is there, whatever it said."""
        self.proved = True
        self.problem = None
        self.breaker.answered()

    def settle(self, error: LabError) -> None:
        """Note what an error says of the endpoint itself."""
        if isinstance(error, NO_WAY) and not isinstance(error, NodeUnreachable):
            self.failed(error)
        else:
            self.answered()

    def close(self) -> None:
        """Let idle threads end."""
        self._main.close()
        self._sweep.close()
