"""One call about one guest, carried out: facts looked at again, task followed, result asked for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec

from labtui.actions.action import Outcome, Plan, Progress, Report, Wire
from labtui.actions.task_run import POLL, Ended, Reader, not_known, send, started_at, watch
from labtui.locale import _
from labtui.model.guests import Guest
from labtui.model.presence import seen_guests

ARRIVAL = 20.0


class Checked(msgspec.Struct, frozen=True):
    """What was found at the end, in words. `reached`: as it was wanted; None: nobody can say."""

    reached: bool | None
    said: str


Check = Callable[[Guest, float, Wire], Awaitable[Checked]]


def standing_facts(guest: Guest, *, status: bool = True) -> tuple[tuple[str, str], ...]:
    """What a plan about that guest stands on."""
    facts = [("node", guest.node), ("lock", guest.lock)]
    if status:
        facts.append(("status", guest.status))
    return tuple(facts)


def still(plan: Plan, wire: Wire) -> tuple[Guest | None, str]:
    """The guest, or None and which fact of the plan no longer holds, in words."""
    seen = seen_guests(wire.snapshot).get(plan.subject)
    if seen is None:
        return None, _("the guest is gone")
    guest, facts = seen.guest, dict(plan.stands_on)
    if guest.node != facts["node"]:
        return None, _("it is on {node} now: plan again").format(node=guest.node)
    if guest.lock != facts["lock"]:
        return None, _("it is locked now ({lock}): wait").format(lock=guest.lock or "-")
    if "status" in facts and guest.status != facts["status"]:
        return None, _("it is {status} now: plan again").format(status=guest.status)
    return guest, ""


async def carry(
    plan: Plan,
    wire: Wire,
    report: Report,
    kinds: tuple[str, ...],
    check: Check,
    read: Reader | None = None,
) -> Outcome:
    """Send the plan's call, follow its task, and ask by `check` for what became of it.

    `check` is given when the task began by its node's clock (0 when not known).
    """
    guest, changed = still(plan, wire)
    if guest is None:
        return Outcome("failed", changed)
    report(Progress(note=_("asking {node}").format(node=guest.node)))
    sent = await send(plan.calls[0], guest.vmid, kinds, wire, report)
    if sent.refused:
        return Outcome("failed", sent.refused)
    if not sent.upid:
        return Outcome("unknown", not_known())
    report(Progress(upid=sent.upid, note=_("started")))
    ended = await watch(guest.cluster, sent.upid, wire, report, read)
    since = started_at(sent.upid) or 0.0
    patience = ARRIVAL if ended.well else 0.0
    return conclude(ended, await settled(guest, since, wire, check, patience))


async def settled(guest: Guest, since: float, wire: Wire, check: Check, patience: float) -> Checked:
    """The result, waited for as long as `patience` seconds while it is not yet there."""
    deadline = wire.now() + patience
    found = await check(guest, since, wire)
    while not found.reached and wire.now() < deadline:
        await wire.sleep(POLL)
        found = await check(guest, since, wire)
    return found


def conclude(ended: Ended, found: Checked) -> Outcome:
    """How it ended, by what is there and not by what the task says alone."""
    said = found.said
    if ended.exit is None:
        if found.reached:
            return Outcome("done", _("the log is lost, but {now}").format(now=said))
        return Outcome("unknown", _("the log is lost; {now}").format(now=said))
    if ended.well:
        if found.reached:
            warned = ended.exit != "OK"
            return Outcome("done", f"{said} ({ended.why})" if warned else said)
        return Outcome("unknown", _("the task ended well, yet {now}").format(now=said))
    if ended.stopped:
        return Outcome("cancelled", _("stopped; {now}").format(now=said))
    return Outcome("failed", _("{why} ({now})").format(why=ended.why, now=said))
