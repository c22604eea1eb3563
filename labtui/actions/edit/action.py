"""Edit a guest: its text, tags, cores and memory, start at boot, protection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labtui.actions.action import Action, Outcome, Plan, Progress, Report, Scope, Wire
from labtui.actions.guest_action import applies, cancel, scope
from labtui.locale import N_, _
from labtui.model.errors import LabError, OutcomeUnknown
from labtui.model.guests import Guest
from labtui.model.snapshot import Snapshot

if TYPE_CHECKING:
    from labtui.actions.edit.plan import EditFacts


def _applies(subject: str, snapshot: Snapshot) -> str:
    return applies(subject, snapshot)


def _scope(subject: str, snapshot: Snapshot) -> Scope:
    return scope("VM.Config.Options", subject, snapshot)


async def _survey(subject: str, wire: Wire) -> EditFacts:
    from labtui.actions.edit.plan import survey

    return await survey(subject, wire)


def _draft(facts: EditFacts, choice: str, mode: str) -> Plan:
    from labtui.actions.edit.plan import draft

    return draft(facts, choice, mode)


def _answer(facts: EditFacts, name: str, value: str) -> EditFacts:
    from labtui.actions.edit.plan import answer

    return answer(facts, name, value)


async def _run(plan: Plan, wire: Wire, report: Report) -> Outcome:
    """One call that is done when it is answered; then the configuration is read again."""
    from labtui.actions.guest_task import still
    from labtui.actions.task_run import reason

    guest, changed = still(plan, wire)
    if guest is None:
        return Outcome("failed", changed)
    lost = False
    try:
        await wire.call(plan.calls[0])
    except OutcomeUnknown:
        lost = True
        report(Progress(note=_("the answer was lost: looking whether it was taken")))
    except LabError as error:
        return Outcome("failed", reason(error))
    return await _result(plan, guest, wire, lost=lost)


async def _result(plan: Plan, guest: Guest, wire: Wire, *, lost: bool) -> Outcome:
    """What the configuration says now, and which of the changes wait for a restart."""
    from labtui.actions.edit.plan import values_of
    from labtui.actions.guest_facts import pending_of, pending_text
    from labtui.actions.task_run import reason

    path = f"/nodes/{guest.node}/{guest.kind}/{guest.vmid}"
    try:
        config = await wire.read(guest.cluster, f"{path}/config")
        waiting = pending_of(await wire.read(guest.cluster, f"{path}/pending"))
    except LabError as error:
        state, text = ("unknown", _("it can't be read again")) if lost else ("done", _("changed"))
        note = f"{text} ({reason(error)})"
        return Outcome("unknown", note) if state == "unknown" else Outcome("done", note)
    wanted = {item.id: " ".join(item.value.split()) for item in plan.inputs}
    found = values_of(config if isinstance(config, dict) else {})
    wrong = [name for name, value in wanted.items() if " ".join(found[name].split()) != value]
    if wrong:
        text = _("not as it was wanted: {keys}")
        if lost:
            text = _("it was not taken, or somebody changed it since: {keys}")
        return Outcome("unknown", text.format(keys=", ".join(wrong)))
    note = _("changed")
    names = {name for name, _value in plan.calls[0].params}
    if later := [item for item in waiting if item[0] in names]:
        note = _("changed; after a restart: {keys}").format(keys=pending_text(later))
    return Outcome("done", note)


EDIT = Action(
    id="guest.edit",
    noun="guest",
    key="e",
    title=N_("edit"),
    hint=N_("Text, tags, cores, memory, on boot, protection."),
    applies=_applies,
    scope=_scope,
    survey=_survey,
    draft=_draft,
    run=_run,
    cancel=cancel,
    answer=_answer,
    weight=6,
)
