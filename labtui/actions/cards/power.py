"""Shutting a guest of a hand-over down and starting it, until its node says that it is so."""

from __future__ import annotations

import msgspec

from labtui.actions.action import Call, Outcome, Progress, Report, Step, Wire
from labtui.actions.cards.write import Sends
from labtui.actions.guest_facts import state_of
from labtui.actions.task_run import POLL, send, watch
from labtui.locale import _
from labtui.model.errors import LabError

# With HA the call only leaves a wish: the manager needs some rounds for it.
_HA_PATIENCE = 150.0
_ARRIVAL = 30.0
_KINDS = {
    "shutdown": ("qmshutdown", "qmstop", "hastop"),
    "stop": ("qmstop", "hastop"),
    "start": ("qmstart", "hastart"),
}


async def power(step: Step, wire: Wire, report: Report, sends: Sends) -> Outcome:
    """Have it as the step wants it; raises `LabError` when its state can't be read."""
    return await _have(step, step.way, step.calls[0], wire, report, sends)


async def back_on(step: Step, wire: Wire, report: Report, sends: Sends) -> Outcome:
    """Start again what that step has shut down."""
    call = step.calls[0]
    path = f"{call.path.rpartition('/')[0]}/start"
    start = msgspec.structs.replace(call, path=path, params=())
    outcome = await _have(step, "start", start, wire, report, sends)
    if outcome.state == "done":
        return Outcome("done", _("it runs again"))
    return outcome


async def _have(
    step: Step, way: str, call: Call, wire: Wire, report: Report, sends: Sends
) -> Outcome:
    wanted = "running" if way == "start" else "stopped"
    if await _state(call, wire) == wanted:
        return Outcome("done", _is(wanted))
    await sends()
    vmid = int(step.subject.rpartition("/")[2])
    sent = await send(call, vmid, _KINDS[way], wire, report)
    why, patience = sent.refused, _ARRIVAL
    if sent.upid:
        report(Progress(upid=sent.upid))
        ended = await watch(call.source, sent.upid, wire, report)
        why = "" if ended.well or ended.exit is None else ended.why
        patience = _HA_PATIENCE if ":ha" in sent.upid else _ARRIVAL
    deadline = wire.now() + (0.0 if why else patience)
    while (state := await _state(call, wire)) != wanted:
        if wire.now() >= deadline:
            return Outcome("failed", why or _("it is {state}").format(state=state or "?"))
        await wire.sleep(POLL)
    return Outcome("done", _is(wanted))


def _is(state: str) -> str:
    return _("it runs") if state == "running" else _("it is off")


async def _state(call: Call, wire: Wire) -> str:
    """Its state by its node, asked for a while."""
    path = f"{call.path.rpartition('/')[0]}/current"
    deadline = wire.now() + _ARRIVAL
    while True:
        try:
            told = await wire.read(call.source, path)
            return state_of(told if isinstance(told, dict) else {})
        except LabError:
            if wire.now() > deadline:
                raise
        await wire.sleep(POLL)
