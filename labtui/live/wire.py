"""The wire of actions over the real sources, and the one gate that every write passes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from labtui.actions.action import Call, LogLine, TaskState
from labtui.live.store import Store
from labtui.locale import _
from labtui.model.errors import NotFound, Rejected
from labtui.model.snapshot import Snapshot

if TYPE_CHECKING:
    from labtui.sources.proxmox.tasks import TaskStatus

_READ_LIMIT = 10.0


class Cluster(Protocol):
    """What actions need of a Proxmox VE source."""

    async def get(self, path: str, deadline: float = 10.0, **params: str | int) -> Any: ...

    async def call(
        self, method: str, path: str, params: Mapping[str, str | int], deadline: float = 30.0
    ) -> Any: ...

    async def task_status(self, upid: str) -> TaskStatus: ...

    async def task_log(self, upid: str, start: int) -> list[tuple[int, str]]:
        """(number, text) of the lines after that one."""
        ...


class LiveWire:
    """Implements `actions.action.Wire`. With `read_only` no write gets past it."""

    def __init__(
        self,
        store: Store,
        clusters: Mapping[str, Cluster],
        *,
        read_only: bool,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._clusters = clusters
        self._read_only = read_only
        self._clock = clock

    @property
    def snapshot(self) -> Snapshot:
        return self._store.snapshot

    def now(self) -> float:
        return self._clock()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def read(self, source: str, path: str, **params: str | int) -> Any:
        # Forwarded to a hung node, a call takes 30 s on the server; a plan can't wait for that.
        return await self._cluster(source).get(path, _READ_LIMIT, **params)

    async def call(self, call: Call) -> Any:
        if self._read_only:
            raise Rejected(
                _("not sent: this console is read-only"),
                where=call.source,
                why=str(call),
                remedy=_("start it without --read-only"),
            )
        return await self._cluster(call.source).call(call.method, call.path, dict(call.params))

    async def task_state(self, source: str, upid: str) -> TaskState:
        status = await self._cluster(source).task_status(upid)
        return TaskState(status.running, status.exit)

    async def task_log(self, source: str, upid: str, after: int) -> tuple[LogLine, ...]:
        lines = await self._cluster(source).task_log(upid, after)
        return tuple(LogLine(number, text) for number, text in lines)

    def _cluster(self, name: str) -> Cluster:
        try:
            return self._clusters[name]
        except KeyError:
            raise NotFound(_("no such cluster in the configuration"), where=name) from None
