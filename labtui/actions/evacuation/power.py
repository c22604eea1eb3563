"""The parts of an evacuation's step that are no migration: shut down, start, relocate by HA."""

from __future__ import annotations

import msgspec

from labtui.actions.action import Call, Outcome, Progress
from labtui.actions.evacuation.book import Entry
from labtui.actions.evacuation.draft import power_call
from labtui.actions.evacuation.look import ON_THE_WAY, Deferred, Looker
from labtui.actions.migration.action import MIGRATE
from labtui.actions.task_run import POLL, reason, watch
from labtui.locale import _
from labtui.model.errors import LabError, OutcomeUnknown
from labtui.model.text import clean

HA_PATIENCE = 120.0
_RELOCATE_PATIENCE = 600.0
_SHUTDOWN_PATIENCE = 240.0


class PowerParts(Looker):
    """Shuts a guest down and starts it, or has the HA manager do all of it."""

    async def power(self, part: str, sending: Entry | None) -> Outcome:
        """Shut down or start. Doing it twice is harmless, so it is only asked how things are."""
        wanted = "stopped" if part == "shutdown" else "running"
        row = await self.row()
        if row is None:
            return Outcome("failed", _("the guest is gone"))
        moved = row.node != self.step.source
        if (part == "shutdown" and moved) or (row.status == wanted and not await self.busy()):
            return Outcome(
                "done", _("it is on {node}, {status}").format(node=row.node, status=row.status)
            )
        guest = self.guest()
        if guest is None:
            return Outcome("failed", _("the guest is gone"))
        guest = msgspec.structs.replace(guest, node=row.node)
        if sending is None or not await self.busy():
            if part == "shutdown":
                # Nobody is shut down for a move that can't be.
                await self._fit()
                if why := self.carded(guest, self.target):
                    raise Deferred(why)
            await self.refused(guest, "VM.PowerMgmt", f"/vms/{self.vmid}")
            await self.sends(part)
            failed = await self._ended(power_call(part, guest, row.node))
            if failed is not None:
                return Outcome("failed", failed)
        if await self.until(lambda r: r.status == wanted, _SHUTDOWN_PATIENCE) is None:
            return Outcome(
                "failed",
                _("it is not {status} after {seconds:.0f} s").format(
                    status=wanted, seconds=_SHUTDOWN_PATIENCE
                ),
            )
        return Outcome("done", _("it is on {node}, {status}").format(node=row.node, status=wanted))

    async def _ended(self, call: Call) -> str | None:
        """Send it and wait for its task: why it failed, or None. A lost answer is no failure."""
        try:
            upid = clean(str(await self.wire.call(call)))
        except OutcomeUnknown:
            return None
        except LabError as error:
            return reason(error)
        if not upid.startswith("UPID:"):
            return None
        self.tell(Progress(upid=upid))
        ended = await watch(self.cluster, upid, self.wire, self.tell)
        return None if ended.well or ended.exit is None else ended.why

    async def relocate(self, sending: Entry | None) -> Outcome:
        """Have the HA manager stop, move and start it; followed by the guest's place."""
        taken = sending is not None and await self._taken(sending)
        if not taken and (outcome := await self._ask_to_relocate()) is not None:
            return outcome
        self.tell(Progress(note=_("the HA manager stops, moves and starts it")))
        found = await self.until(
            lambda r: r.node != self.step.source and r.status == "running", _RELOCATE_PATIENCE
        )
        if found is None:
            row = await self.row()
            text = _("the HA manager did not bring it there; it is on {node}, {status}")
            return Outcome(
                "failed",
                text.format(node=row.node if row else "?", status=row.ha if row else "?"),
            )
        return self.arrived(found) or Outcome("unknown", found.node)

    async def _fit(self) -> None:
        """See that its target still takes it, or one of the others that were planned.

        Raises `Deferred` when none does.
        """
        facts = await self.surveyed()
        choices = MIGRATE.draft(facts, self.target, "").choices
        fit = [c.id for c in choices if not c.blockers and c.id in self.header.targets]
        if self.target not in fit:
            if not fit:
                told = next((c.blockers for c in choices if c.id == self.target), ())
                raise Deferred(f"{self.target}: {'; '.join(told)}")
            self.target = fit[0]

    async def _taken(self, sending: Entry) -> bool:
        """Whether the manager does what may have been asked of it; its rounds are waited for."""
        while True:
            row = await self.row()
            if row is not None and (row.node != self.step.source or row.ha in ON_THE_WAY):
                return True
            if await self.tasks_since(sending.before):
                return True
            if self.wire.now() > sending.at + HA_PATIENCE:
                return False
            await self.wire.sleep(POLL)

    async def _ask_to_relocate(self) -> Outcome | None:
        """Send the wish; how it ended when nothing is to be waited for."""
        row, guest = await self.row(), self.guest()
        if row is None or guest is None:
            return Outcome("failed", _("the guest is gone"))
        if (outcome := self.arrived(row)) is not None:
            return outcome
        await self._fit()
        if why := self.carded(guest, self.target):
            raise Deferred(why)
        await self.refused(guest, "Sys.Console", "/")
        await self.sends("relocate", self.target)
        try:
            answer = await self.wire.call(power_call("relocate", guest, self.target))
        except OutcomeUnknown:
            answer = None
        except LabError as error:
            return Outcome("failed", reason(error))
        if isinstance(answer, dict) and answer.get("blocking-resources"):
            return Outcome("failed", _("an HA rule is against it"))
        return None

    async def put_back(self, outcome: Outcome) -> Outcome:
        """A guest that was shut down for its move and did not move runs again where it is."""
        back = await self.power("start", None)
        note = _("started again where it was") if back.state == "done" else back.note
        return Outcome(outcome.state, f"{outcome.note}; {note}")
