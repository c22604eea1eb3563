"""Carrying it out: one call, and then the cluster's own word on whether the node is away, or back.

The call answers nothing and starts no task that lasts: the node ends its guests and itself, and
what it says of that dies with it. So corosync's membership is asked, which other nodes answer.
"""

from __future__ import annotations

from typing import Any

import msgspec

from labtui.actions.action import Outcome, Plan, Progress, Report, Wire
from labtui.actions.task_run import reason
from labtui.locale import _
from labtui.model.errors import LabError, OutcomeUnknown
from labtui.model.presence import seen_guests

POLL = 3.0
TAKEN = 90.0
"""Seconds for a node whose answer was lost to show that it was asked."""
ENDING = 1800.0
"""The guests have three minutes each, and with the policy `migrate` they are moved first."""
BOOTING = 1800.0
WAKING = 900.0
_SILENCE = 600.0


class _Seen(msgspec.Struct, frozen=True):
    """The node now: online by the cluster's word (None: nobody answers), and since when it runs."""

    online: bool | None
    uptime: float | None = None


async def run(plan: Plan, wire: Wire, report: Report) -> Outcome:
    """Send it, and wait for what the cluster says."""
    cluster, _slash, node = plan.subject.partition("/")
    before = await _look(cluster, node, wire)
    wanted = dict(plan.stands_on)["online"]
    if wanted and before.online is not None and str(int(before.online)) != wanted:
        word = _("there") if before.online else _("away")
        return Outcome(
            "failed", _("{node} is {state} now: plan again").format(node=node, state=word)
        )
    report(Progress(note=_("asking {node}").format(node=node)))
    sent, lost = wire.now(), False
    try:
        await wire.call(plan.calls[0])
    except OutcomeUnknown:
        lost = True
        report(Progress(note=_("the answer was lost: looking whether it was taken")))
    except LabError as error:
        return Outcome("failed", reason(error))
    waiting = _Waiting(cluster, node, wire, report, sent, before.uptime)
    verb = plan.action.partition(".")[2]
    if verb == "wake":
        return await waiting.back(WAKING, woken=True)
    outcome = await waiting.gone(lost=lost, reboot=verb == "reboot")
    if outcome is not None:
        return outcome
    if verb == "shutdown":
        return Outcome("done", _("{node} is away").format(node=node))
    return await waiting.back(BOOTING, woken=False)


class _Waiting:
    """Waits for the cluster's word on one node."""

    def __init__(
        self, cluster: str, node: str, wire: Wire, report: Report, sent: float, uptime: float | None
    ) -> None:
        self._cluster, self._node = cluster, node
        self._wire, self._report = wire, report
        self._sent, self._uptime = sent, uptime

    async def gone(self, *, lost: bool, reboot: bool) -> Outcome | None:
        """Until it is away; None when it is, or was while nobody looked."""
        wire, ends = self._wire, self._wire.now() + ENDING
        heard = wire.now()
        while wire.now() < ends:
            seen = await _look(self._cluster, self._node, wire, uptime=reboot)
            if seen.online is False or self._anew(seen):
                self._report(Progress(note=_("{node} is away").format(node=self._node)))
                return None
            if seen.online is not None:
                heard = wire.now()
            elif wire.now() - heard > _SILENCE:
                return Outcome("unknown", _("nobody answers any more: look whether it ended"))
            if lost and wire.now() - self._sent > TAKEN and not self._ending():
                return Outcome("unknown", _("its answer was lost, and it shows no sign of ending"))
            running = self._running()
            text = _("it ends its guests, {n} still run") if running else _("it ends")
            self._report(Progress(note=text.format(n=running)))
            await wire.sleep(POLL)
        text = _("it is still there after {minutes:.0f} minutes; guests still run: {n}")
        return Outcome("unknown", text.format(minutes=ENDING / 60, n=self._running()))

    async def back(self, patience: float, *, woken: bool) -> Outcome:
        """Until the cluster has it again."""
        wire = self._wire
        began, ends = wire.now(), wire.now() + patience
        while wire.now() < ends:
            seen = await _look(self._cluster, self._node, wire)
            if seen.online:
                text = _("{node} is back after {seconds:.0f} s")
                took = wire.now() - self._sent
                return Outcome("done", text.format(node=self._node, seconds=took))
            text = _("waiting for {node}, {seconds:.0f} s")
            self._report(Progress(note=text.format(node=self._node, seconds=wire.now() - began)))
            await wire.sleep(POLL)
        if woken:
            text = _("it did not come in {minutes:.0f} minutes: its firmware may not listen")
            return Outcome("failed", text.format(minutes=patience / 60))
        text = _("it is away and did not come back in {minutes:.0f} minutes: look at its console")
        return Outcome("failed", text.format(minutes=patience / 60))

    def _anew(self, seen: _Seen) -> bool:
        """It has booted since the call, in less time than lies between two looks."""
        if seen.uptime is None:
            return False
        if self._uptime is not None:
            return seen.uptime < self._uptime
        return seen.uptime < self._wire.now() - self._sent

    def _running(self) -> int:
        return sum(
            guest.running
            for guest in seen_guests(self._wire.snapshot).values()
            if guest.guest.cluster == self._cluster and guest.guest.node == self._node
        )

    def _ending(self) -> bool:
        """Whether the snapshot has a task of it that ends all guests."""
        from labtui.model.cluster import Tasks

        part = self._wire.snapshot.one(Tasks, self._cluster) or Tasks()
        return any(
            task.node == self._node and task.kind == "stopall" and task.started >= self._sent - 5
            for task in part.tasks
        )


async def _look(cluster: str, node: str, wire: Wire, *, uptime: bool = True) -> _Seen:
    """What the cluster says of the node now."""
    try:
        rows: Any = await wire.read(cluster, "/cluster/status")
    except LabError:
        return _Seen(None)
    online: bool | None = None
    for row in rows if isinstance(rows, list) else []:
        if isinstance(row, dict) and row.get("type") == "node" and row.get("name") == node:
            online = str(row.get("online")) == "1"
    if not (uptime and online):
        return _Seen(online)
    try:
        told: Any = await wire.read(cluster, f"/nodes/{node}/status")
    except LabError:
        return _Seen(online)
    seconds = told.get("uptime") if isinstance(told, dict) else None
    return _Seen(online, float(seconds) if isinstance(seconds, int | float) else None)
