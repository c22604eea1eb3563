"""One guest of an evacuation, from what is known of it to where it should be.

Before anything is sent the guest's place is asked for: who is there already is not moved again.
A call whose end the journal does not have is looked up first, and what it started is followed.
"""

from __future__ import annotations

from typing import Any

import msgspec

from labtui.actions.action import Outcome, Progress, Report
from labtui.actions.evacuation.book import Entry
from labtui.actions.evacuation.look import Deferred
from labtui.actions.evacuation.power import HA_PATIENCE, PowerParts
from labtui.actions.migration import run as migration_run
from labtui.actions.migration.action import MIGRATE
from labtui.actions.task_run import POLL
from labtui.locale import _
from labtui.model.text import clean

LOOKUP_PATIENCE = 20.0
_ARRIVAL = 30.0


class Carrier(PowerParts):
    """Carries one step out."""

    async def go(self) -> Outcome:
        """All parts that are not done. Raises `Deferred` when nothing could be sent yet."""
        standing, outcome = self.standing, Outcome("done", "")
        for part in self.step.parts:
            if part in standing.done and not (part == "shutdown" and "migrate" in self._open()):
                continue
            sending = standing.sending if standing.sending else None
            if sending is not None and sending.part != part:
                sending = None
            outcome = await self._part(part, sending, standing.upid if sending else "")
            if outcome.state != "done":
                if part == "migrate" and "shutdown" in self.step.parts:
                    outcome = await self.put_back(outcome)
                return outcome
            await self.write("part", part=part)
        return outcome

    def _open(self) -> tuple[str, ...]:
        """The parts that are not done; a guest that runs again is shut down anew for its move."""
        return tuple(part for part in self.step.parts if part not in self.standing.done)

    async def _part(self, part: str, sending: Entry | None, upid: str) -> Outcome:
        if part == "migrate":
            return await self._migrate(sending, upid)
        if part == "relocate":
            return await self.relocate(sending)
        return await self.power(part, sending)

    async def _migrate(self, sending: Entry | None, upid: str) -> Outcome:
        if sending is not None and (outcome := await self._looked_up(sending, upid)) is not None:
            return outcome
        row = await self.settled()
        if row is None:
            return Outcome("failed", _("the guest is gone"))
        if (outcome := self.arrived(row)) is not None:
            return outcome
        off = "shutdown" in self.step.parts
        if off:
            await self._seen_stopped()
        facts = await self.surveyed()
        plan = MIGRATE.draft(facts, self.target, "")
        if not plan.ready and not plan.stuck:
            # The planned node takes it no more; another of those that were allowed may.
            for choice in plan.choices:
                if choice.id in self.header.targets and not choice.blockers:
                    plan = MIGRATE.draft(facts, choice.id, "")
                    break
        if not plan.ready:
            raise Deferred("; ".join(plan.blockers))
        if why := self.carded(facts.guest, plan.chosen):
            raise Deferred(why)
        self.target = plan.chosen
        await self.sends("migrate", plan.chosen)
        seen: list[str] = []
        outcome = await migration_run.run(plan, self.wire, self._heard(seen))
        if seen:
            await self.write("sent", part="migrate", upid=seen[-1])
        if outcome.state == "failed" and not seen:
            raise Deferred(outcome.note)
        return outcome

    async def _seen_stopped(self) -> None:
        """Wait until the snapshot knows that it is off: the migration's plan rests on that."""
        deadline = self.wire.now() + _ARRIVAL
        while self.wire.now() < deadline:
            guest = self.guest()
            if guest is None or guest.status != "running":
                return
            await self.wire.sleep(POLL)

    def _heard(self, seen: list[str]) -> Report:
        def report(news: Progress) -> None:
            if news.upid:
                seen.append(news.upid)
            self.tell(news)

        return report

    async def _looked_up(self, sending: Entry, upid: str) -> Outcome | None:
        """What became of a migration that was sent; None when it never was."""
        self.tell(Progress(note=_("looking what became of it")))
        patience = LOOKUP_PATIENCE
        while True:
            tasks = await self.tasks_since(sending.before)
            running = next((name for name, row in tasks if _runs(row)), "")
            guest = self.guest()
            if running and guest is not None:
                return await migration_run.follow(
                    msgspec.structs.replace(guest, node=self.step.source),
                    running,
                    self.target,
                    self.wire,
                    self._heard([]),
                    sending.at,
                )
            row = await self.settled()
            if row is not None and (outcome := self.arrived(row)) is not None:
                return outcome
            failed = _failure(tasks, upid)
            if failed:
                return Outcome(
                    "failed",
                    _("{why} (it is on {node})").format(why=failed, node=row.node if row else "?"),
                )
            if any(":hamigrate:" in name for name, _row in tasks):
                patience = HA_PATIENCE
            if self.wire.now() > sending.at + patience:
                if tasks:
                    return Outcome("unknown", _("its task ended well, yet it has not moved"))
                return None
            await self.wire.sleep(POLL)


def _runs(row: dict[str, Any]) -> bool:
    return row.get("endtime") is None and row.get("status") is None


def _failure(tasks: list[tuple[str, dict[str, Any]]], upid: str) -> str:
    """Why the newest of them (or the one of that name) failed; empty when none has."""
    ended = [(name, row) for name, row in tasks if not _runs(row)]
    ended.sort(key=lambda pair: float(pair[1].get("starttime") or 0), reverse=True)
    ended = [pair for pair in ended if pair[0] == upid] or ended
    if not ended:
        return ""
    status = clean(str(ended[0][1].get("status", "")))
    return "" if status == "OK" or status.startswith("WARNINGS") else status
