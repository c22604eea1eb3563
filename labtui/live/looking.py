"""A wire to look through once more at the start of a job: it reads, and it never writes."""

from __future__ import annotations

from typing import Any

import msgspec

from labtui.actions.action import Call, LogLine, TaskState, Wire
from labtui.locale import _
from labtui.model.errors import Rejected
from labtui.model.snapshot import Snapshot


class Looking:
    """That wire for reading alone, as if the job of this id were not on the list yet."""

    def __init__(self, wire: Wire, job_id: str) -> None:
        self._wire = wire
        self._job_id = job_id

    @property
    def snapshot(self) -> Snapshot:
        """The present one without that job, which would be in its own way."""
        snapshot = self._wire.snapshot
        jobs = tuple(job for job in snapshot.jobs if job.id != self._job_id)
        return msgspec.structs.replace(snapshot, jobs=jobs)

    @property
    def max_age(self) -> float:
        return self._wire.max_age

    def now(self) -> float:
        return self._wire.now()

    async def sleep(self, seconds: float) -> None:
        await self._wire.sleep(seconds)

    async def read(self, source: str, path: str, **params: str | int) -> Any:
        return await self._wire.read(source, path, **params)

    async def call(self, call: Call) -> Any:
        """Refused: a survey only reads."""
        raise Rejected(_("not sent"), where=call.source, why=str(call))

    async def task_state(self, source: str, upid: str) -> TaskState:
        return await self._wire.task_state(source, upid)

    async def task_log(self, source: str, upid: str, after: int) -> tuple[LogLine, ...]:
        return await self._wire.task_log(source, upid, after)
