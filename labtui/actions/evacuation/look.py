"""One guest of an evacuation as the cluster sees it now: its place, its tasks, who is at it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from labtui.actions import interlock
from labtui.actions.action import Outcome, Progress, Report, Right, Scope, Step, Wire
from labtui.actions.evacuation.book import Header, Standing
from labtui.actions.evacuation.wishes import taken_up
from labtui.actions.migration.action import MIGRATE
from labtui.actions.migration.answers import MigrationFacts
from labtui.actions.migration.cards import free_entries, mapped_devices
from labtui.actions.migration.facts import survey
from labtui.actions.task_run import POLL
from labtui.locale import _
from labtui.model.guests import Guest
from labtui.model.presence import seen_guests
from labtui.model.text import clean

Write = Callable[..., Awaitable[None]]
MIGRATIONS = ("qmigrate", "vzmigrate", "hamigrate")
ON_THE_WAY = ("migrate", "relocate")
_SETTLE_PATIENCE = 3600.0


class Deferred(Exception):
    """Nothing was sent; it may go later. The text says what is in the way."""


class Row(msgspec.Struct, frozen=True):
    """What the cluster says of a guest now."""

    node: str
    status: str
    lock: str = ""
    ha: str = ""


class Looker:
    """What can be asked about the guest of a step. `write` puts a line of it into the journal."""

    def __init__(
        self, step: Step, standing: Standing, header: Header, wire: Wire, write: Write, tell: Report
    ) -> None:
        self.step = step
        self.standing = standing
        self.header = header
        self.wire = wire
        self.write = write
        self.tell = tell
        self.cluster, _slash, self.vmid = step.subject.partition("/")
        self.target = standing.target or step.target

    async def row(self) -> Row | None:
        """What the cluster says of the guest; None when it is not there. Raises `LabError`."""
        rows = await self.wire.read(self.cluster, "/cluster/resources", type="vm")
        for row in rows if isinstance(rows, list) else []:
            if isinstance(row, dict) and str(row.get("vmid")) == self.vmid:
                texts = (row.get(key) for key in ("node", "status", "lock", "hastate"))
                return Row(*(clean(str(text or "")) for text in texts))
        return None

    async def settled(self) -> Row | None:
        """The same once nobody moves it any more."""
        deadline = self.wire.now() + _SETTLE_PATIENCE
        while True:
            row = await self.row()
            moving = row is not None and (row.lock == "migrate" or row.ha in ON_THE_WAY)
            if not moving or self.wire.now() > deadline:
                return row
            self.tell(Progress(note=_("it is on its way already: waiting")))
            await self.wire.sleep(POLL)

    def arrived(self, row: Row) -> Outcome | None:
        """How it ended when it is no longer where it started."""
        if row.node == self.target:
            return Outcome("done", _("it is on {node}").format(node=row.node))
        if row.node != self.step.source:
            if self.header.back:
                return Outcome("failed", _("it is on {node} now").format(node=row.node))
            return Outcome("done", _("somebody moved it to {node}").format(node=row.node))
        return None

    async def sends(self, part: str, target: str = "") -> None:
        """The line before a call: it has the tasks known before, so that a new one is told."""
        before = tuple(upid for upid, _row in await self.tasks_since(()))
        await self.write("sending", part=part, target=target, before=before)

    async def tasks_since(self, before: tuple[str, ...]) -> list[tuple[str, dict[str, Any]]]:
        """The migrations of the guest that were not known before. Raises `LabError`."""
        rows = await self.wire.read(self.cluster, "/cluster/tasks")
        return [
            (clean(row["upid"]), row)
            for row in (rows if isinstance(rows, list) else [])
            if isinstance(row, dict) and isinstance(row.get("upid"), str)
            if row.get("type") in MIGRATIONS and str(row.get("id")) == self.vmid
            if clean(row["upid"]) not in before
        ]

    async def surveyed(self) -> MigrationFacts:
        """What a move of the guest rests on now. Raises as `migration.facts.survey`."""
        scope = MIGRATE.scope(self.step.subject, self.wire.snapshot)
        facts = await survey(self.step.subject, self.wire, scope, within=self.header.subject)
        return taken_up(facts, self.header.wishes)

    def guest(self) -> Guest | None:
        seen = seen_guests(self.wire.snapshot).get(self.step.subject)
        return seen.guest if seen else None

    async def until(self, good: Callable[[Row], bool], patience: float) -> Row | None:
        """Wait until the guest's row is so; None when it never is."""
        deadline = self.wire.now() + patience
        while True:
            row = await self.row()
            if row is not None and good(row):
                return row
            if self.wire.now() > deadline:
                return None
            await self.wire.sleep(POLL)

    async def busy(self) -> bool:
        """Whether a task runs on the guest."""
        rows = await self.wire.read(self.cluster, "/cluster/tasks")
        return any(
            task.subject == self.vmid and task.kind not in interlock.LOOKING
            for task in interlock.running(self.cluster, rows)
        )

    async def refused(self, guest: Guest, privilege: str, path: str) -> None:
        """Past the interlock; raises `Deferred` with what it says."""
        scope = Scope(
            self.cluster,
            guest.label,
            (guest.node,),
            (self.vmid,),
            (Right(privilege, path),),
        )
        standing = await interlock.look(scope, self.wire)
        if standing.blockers:
            raise Deferred("; ".join(standing.blockers))

    def carded(self, guest: Guest, target: str) -> str:
        """Why its cards are not free there any more, or an empty text."""
        for name, count in mapped_devices(self.wire.snapshot, guest).items():
            free = free_entries(self.wire.snapshot, self.cluster, name, target, guest.node)
            if free is None or free < count:
                return _("no card of {mapping} is free on {node} now").format(
                    mapping=name, node=target
                )
        return ""
