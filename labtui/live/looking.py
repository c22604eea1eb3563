"""A wire to look through once more at the start of a job: it reads, and it never writes."""

from __future__ import annotations

from typing import Any

import msgspec

from labtui.actions import interlock
from labtui.actions.action import Action, Call, LogLine, Plan, TaskState, Wire
from labtui.actions.migration.speed import KnowsMoves, Move
from labtui.actions.overlay.desk import against_writing, rules_of
from labtui.actions.shell import Shell, shell_of
from labtui.locale import _
from labtui.model.errors import Rejected
from labtui.model.link_rules import LinkRules
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

    def shell(self, cluster: str, node: str) -> Shell:
        return shell_of(self._wire, cluster, node)

    @property
    def link_rules(self) -> LinkRules:
        return rules_of(self._wire)

    def against_writing(self, router: str) -> str:
        return against_writing(self._wire, router)

    async def moves(self, cluster: str) -> tuple[Move, ...]:
        return await self._wire.moves(cluster) if isinstance(self._wire, KnowsMoves) else ()

    async def moved(self, move: Move) -> None:
        """Not remembered: nothing was moved by looking."""

    async def call(self, call: Call) -> Any:
        """Refused: a survey only reads."""
        raise Rejected(_("not sent"), where=call.source, why=str(call))

    async def task_state(self, source: str, upid: str) -> TaskState:
        return await self._wire.task_state(source, upid)

    async def task_log(self, source: str, upid: str, after: int) -> tuple[LogLine, ...]:
        return await self._wire.task_log(source, upid, after)


async def against(action: Action, plan: Plan, wire: Wire) -> tuple[str, ...]:
    """What speaks against it now: the interlock, and what a plan that was read for long stood on.

    Raises what reading raises.
    """
    standing = await interlock.look(action.scope(plan.subject, wire.snapshot), wire)
    if standing.blockers or wire.now() - plan.made_at <= wire.max_age:
        return standing.blockers
    again = action.draft(await action.survey(plan.subject, wire), plan.chosen, plan.mode)
    if not again.blockers and again.chosen != plan.chosen:
        return (_("{target} can't be taken any more: plan again").format(target=plan.chosen),)
    return again.blockers
