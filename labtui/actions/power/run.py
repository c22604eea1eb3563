"""Carrying a start or a stop out: one call for each guest, its task followed, the state asked for.

With HA the call only leaves a wish and its task ends at once; the manager's own task appears some
rounds later (`PVE/HA/CRM.pm`) and is followed then. At the end the guest's state is asked for,
since that, not the task, is what was wanted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import msgspec

from labtui.actions.action import Call, CanStop, Outcome, Plan, Progress, Report, Wire, subjects
from labtui.actions.guest_facts import state_of
from labtui.actions.task_run import (
    POLL,
    Ended,
    Sent,
    kind_of,
    not_known,
    send,
    started_at,
    tasks_of,
    watch,
)
from labtui.locale import _
from labtui.model.errors import LabError
from labtui.model.guests import Guest
from labtui.model.jobs import JobState
from labtui.model.presence import seen_guests
from labtui.model.text import clean

HA_PATIENCE = 120.0
_ARRIVAL = 20.0
_AT_ONCE = 4
_HA_KINDS = ("hastart", "hastop")
# The real task of each verb; the HA manager shuts down where it is asked to stop.
_ENDING = ("qmshutdown", "qmstop", "vzshutdown", "vzstop")
_KINDS: dict[str, tuple[str, ...]] = {
    "start": ("qmstart", "vzstart"),
    "shutdown": _ENDING,
    "stop": _ENDING,
    "reboot": ("qmreboot", "vzreboot"),
    "reset": ("qmreset",),
    "suspend": ("qmpause", "qmsuspend", "vzsuspend"),
    "resume": ("qmresume", "vzresume", "qmstart"),
}


class Errand(msgspec.Struct, frozen=True):
    """One guest of a plan and what is to be done to it. `limit` in seconds."""

    guest: Guest
    verb: str
    mode: str
    call: Call
    limit: float


async def run(plan: Plan, wire: Wire, report: Report) -> Outcome:
    """Each guest of the plan, a few at a time; the notes of those that failed at the end."""
    verb = plan.action.partition(".")[2]
    errands = []
    for key, call in zip(subjects(plan.subject), plan.calls, strict=True):
        guest, changed = _still(plan, key, wire)
        if guest is None:
            return Outcome("failed", changed)
        limit = float(dict(call.params).get("timeout", 0))
        errands.append(Errand(guest, verb, plan.mode, call, limit))
    if len(errands) == 1:
        return await _one(errands[0], wire, report)
    return await _several(errands, wire, report)


async def _several(errands: list[Errand], wire: Wire, report: Report) -> Outcome:
    gate = asyncio.Semaphore(_AT_ONCE)
    ended: list[tuple[Errand, Outcome]] = []

    def about(errand: Errand) -> Report:
        def tell(news: Progress) -> None:
            line = f"{errand.guest.vmid}: {news.line}" if news.line is not None else None
            # Progress and the task's name are the whole job's, which has many.
            report(Progress(line=line))

        return tell

    async def one(errand: Errand) -> None:
        async with gate:
            if isinstance(wire, CanStop) and wire.stopped:
                outcome = Outcome("cancelled", _("not begun"))
            else:
                outcome = await _one(errand, wire, about(errand))
        ended.append((errand, outcome))
        note = _("{n} of {all}: {guest}: {note}").format(
            n=len(ended), all=len(errands), guest=errand.guest.label, note=outcome.note
        )
        report(Progress(note=note, fraction=len(ended) / len(errands), line=note))

    await asyncio.gather(*(one(errand) for errand in errands))
    wrong = [(errand, outcome) for errand, outcome in ended if outcome.state != "done"]
    if not wrong:
        return Outcome("done", _("all {n} done").format(n=len(errands)))
    told = "; ".join(f"{errand.guest.label}: {outcome.note}" for errand, outcome in wrong)
    states = {outcome.state for _errand, outcome in wrong}
    state: JobState = "unknown" if "unknown" in states else "failed"
    if states == {"cancelled"}:
        state = "cancelled"
    text = _("{n} of {all} done; {rest}")
    note = text.format(n=len(errands) - len(wrong), all=len(errands), rest=told)
    return Outcome(state, note)


def _still(plan: Plan, key: str, wire: Wire) -> tuple[Guest | None, str]:
    """The guest, or None and which fact of the plan no longer holds."""
    seen = seen_guests(wire.snapshot).get(key)
    if seen is None:
        return None, _("{guest} is gone").format(guest=key)
    guest, facts = seen.guest, dict(plan.stands_on)
    if guest.node != facts[f"{key} node"]:
        return None, _("{guest} is on {node} now: plan again").format(
            guest=guest.label, node=guest.node
        )
    if guest.status != facts[f"{key} status"]:
        return None, _("{guest} is {status} now: plan again").format(
            guest=guest.label, status=guest.status
        )
    return guest, ""


async def _one(errand: Errand, wire: Wire, report: Report) -> Outcome:
    guest, call = errand.guest, errand.call
    before = await _current(guest, wire)
    report(Progress(note=_("asking {node}").format(node=guest.node)))
    kinds = (*_KINDS[errand.verb], *_HA_KINDS)
    earlier = frozenset(upid for upid, _at in await _tasks(errand, wire))
    sent: Sent = await send(call, guest.vmid, kinds, wire, report)
    if sent.refused:
        return Outcome("failed", sent.refused)
    if not sent.upid:
        return Outcome("unknown", not_known())
    report(Progress(upid=sent.upid, note=_("started")))
    if kind_of(sent.upid) in _HA_KINDS:
        return await _by_ha(errand, sent.upid, earlier, wire, report)
    ended = await watch(guest.cluster, sent.upid, wire, report)
    return await _conclude(errand, ended, before, wire)


async def _by_ha(
    errand: Errand, upid: str, earlier: frozenset[str], wire: Wire, report: Report
) -> Outcome:
    """The request's task first, then the manager's, until the guest is as it was asked to be."""
    guest = errand.guest
    asked = await watch(guest.cluster, upid, wire, report)
    if asked.exit is not None and not asked.well:
        return Outcome("failed", _("HA refused: {why}").format(why=asked.why))
    report(Progress(note=_("asked the HA manager, waiting for its round")))
    since = started_at(upid) or 0.0
    deadline = wire.now() + HA_PATIENCE + errand.limit
    while wire.now() < deadline:
        found = next(
            (
                name
                for name, at in await _tasks(errand, wire)
                if name not in earlier and at >= since - 2
            ),
            "",
        )
        if found:
            report(Progress(upid=found, note=_("the HA manager has begun")))
            ended = await watch(guest.cluster, found, wire, report)
            return await _conclude(errand, ended, {}, wire)
        now = await _current(guest, wire)
        if _reached(errand, now, {}):
            return Outcome("done", _is_now(now))
        await wire.sleep(POLL)
    return Outcome("unknown", await _ha_word(guest, wire))


async def _tasks(errand: Errand, wire: Wire) -> list[tuple[str, float]]:
    kinds = _KINDS[errand.verb]
    return await tasks_of(errand.guest.cluster, errand.guest.vmid, kinds, wire)


async def _ha_word(guest: Guest, wire: Wire) -> str:
    """What the HA manager says of a guest for which it did nothing."""
    told = _("the HA manager did not do it in {seconds:.0f} s").format(seconds=HA_PATIENCE)
    try:
        rows = await wire.read(guest.cluster, "/cluster/ha/status/current")
    except LabError as error:
        return f"{told}: {error}"
    for row in rows if isinstance(rows, list) else []:
        if isinstance(row, dict) and row.get("sid") == guest.sid:
            return f"{told}: {clean(str(row.get('status', '')))}"
    return told


async def _current(guest: Guest, wire: Wire) -> Mapping[str, Any]:
    """What its node says of it now; where it is gone from there, the cluster's row."""
    path = f"/nodes/{guest.node}/{guest.kind}/{guest.vmid}/status/current"
    try:
        told = await wire.read(guest.cluster, path)
        return told if isinstance(told, dict) else {}
    except LabError:
        pass
    try:
        rows = await wire.read(guest.cluster, "/cluster/resources", type="vm")
    except LabError:
        return {}
    mine = (r for r in rows if isinstance(r, dict) and str(r.get("vmid")) == str(guest.vmid))
    return next(mine, {}) if isinstance(rows, list) else {}


def _reached(errand: Errand, now: Mapping[str, Any], before: Mapping[str, Any]) -> bool:
    """Whether the guest is as it was asked to be. `before`: what it was; empty when not known."""
    state = state_of(now)
    if errand.verb in ("shutdown", "stop") or errand.mode == "disk":
        return state == "stopped"
    if errand.verb == "suspend":
        return state in ("paused", "suspended") or errand.guest.kind == "lxc"
    if errand.verb == "reboot":
        was, since = before.get("uptime"), now.get("uptime")
        if isinstance(was, int | float) and isinstance(since, int | float) and since >= was:
            return False
    return state == "running"


async def _conclude(errand: Errand, ended: Ended, before: Mapping[str, Any], wire: Wire) -> Outcome:
    """What the guest is now, waited for a little where the task ended well."""
    deadline = wire.now() + (_ARRIVAL if ended.well else 0.0)
    now = await _current(errand.guest, wire)
    while not (reached := _reached(errand, now, before)) and wire.now() < deadline:
        await wire.sleep(POLL)
        now = await _current(errand.guest, wire)
    state = state_of(now) or "?"
    if ended.exit is None:
        if reached:
            return Outcome("done", _("the log is lost, but {now}").format(now=_is_now(now)))
        return Outcome("unknown", _("the log is lost; it is {state}").format(state=state))
    if ended.well:
        if reached:
            return Outcome("done", _is_now(now))
        text = _("the task ended well, yet it is {state}")
        return Outcome("unknown", text.format(state=state))
    if ended.stopped:
        return Outcome("cancelled", _("stopped; it is {state}").format(state=state))
    if reached and errand.verb not in ("reset", "reboot"):
        return Outcome("done", f"{_is_now(now)} ({ended.why})")
    if errand.verb == "shutdown" and "timeout" in ended.why:
        text = _("it did not end in {seconds:.0f} s and goes on running; it can be stopped hard")
        return Outcome("failed", text.format(seconds=errand.limit))
    return Outcome("failed", _("{why} (it is {state})").format(why=ended.why, state=state))


def _is_now(now: Mapping[str, Any]) -> str:
    words = {
        "running": _("it runs"),
        "stopped": _("it is off"),
        "paused": _("it is paused"),
        "suspended": _("it is paused"),
    }
    state = state_of(now)
    return words.get(state, _("it is {state}").format(state=state or "?"))
