"""The wire of actions over the real sources, and the one gate that every write passes."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from labtui.actions.action import Call, LogLine, TaskState
from labtui.live.holdback import Holdback
from labtui.live.store import Store
from labtui.locale import _
from labtui.model.cluster import Resources
from labtui.model.errors import LabError, NotFound, Rejected
from labtui.model.snapshot import Snapshot

if TYPE_CHECKING:
    from labtui.sources.proxmox.tasks import TaskStatus

_log = logging.getLogger(__name__)
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
    """Implements `actions.action.Wire`. No write gets past its gate, which is asked for each.

    `max_age`: how old what a plan rests on may be, in seconds. `begun`: for a job that started
    while the console was elevated.
    """

    def __init__(
        self,
        store: Store,
        clusters: Mapping[str, Cluster],
        *,
        gate: Holdback,
        max_age: float = 30.0,
        clock: Callable[[], float] = time.time,
        begun: bool = False,
    ) -> None:
        self._store = store
        self._clusters = clusters
        self._gate = gate
        self._max_age = max_age
        self._clock = clock
        self._begun = begun

    def lent(self) -> LiveWire:
        """The wire for a job that starts now: the end of an elevation does not cut it.

        Raises `Rejected` when nothing may start.
        """
        if (against := self._gate.why_not()) is not None:
            raise against
        return LiveWire(
            self._store,
            self._clusters,
            gate=self._gate,
            max_age=self._max_age,
            clock=self._clock,
            begun=True,
        )

    @property
    def max_age(self) -> float:
        return self._max_age

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
        # Somebody may have frozen everything since the plan was shown.
        await self._gate.look()
        if (against := self._gate.why_not(begun=self._begun)) is not None:
            why = f"{against.why} ({call})"
            raise Rejected(against.what, where=call.source, why=why, remedy=against.remedy)
        fresh = self._store.snapshot.fresh(Resources, call.source)
        if fresh is not None and fresh.remembered:
            raise Rejected(
                _("not sent: nothing was read since the start"),
                where=call.source,
                why=str(call),
                remedy=_("wait for the first reading, and plan again"),
            )
        return await self._logged(call)

    async def _logged(self, call: Call) -> Any:
        """Send it, and leave a line in the log: what was sent, without values, and the outcome."""
        began, outcome = time.monotonic(), "cancelled"
        try:
            answer = await self._cluster(call.source).call(
                call.method, call.path, dict(call.params)
            )
            outcome = "ok"
            return answer
        except LabError as error:
            outcome = error.kind
            raise
        finally:
            names = ",".join(name for name, _value in call.params)
            took = (time.monotonic() - began) * 1000
            _log.info(
                "write %s %s %s (%s) %.0fms %s",
                call.source,
                call.method,
                call.path,
                names,
                took,
                outcome,
            )

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
