"""Delete a guest, clone it, make it a template."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from labtui.actions.action import Action, Outcome, Plan, Report, Scope, Wire
from labtui.actions.guest_action import applies, cancel, scope
from labtui.locale import N_, _
from labtui.model.errors import LabError, OutcomeUnknown
from labtui.model.guests import Guest
from labtui.model.snapshot import Snapshot

if TYPE_CHECKING:
    from labtui.actions.guest_task import Checked
    from labtui.actions.life.plan import LifeFacts, What

_KINDS = {
    "delete": ("qmdestroy", "vzdestroy"),
    "clone": ("qmclone", "vzclone"),
    "template": ("qmtemplate", "vztemplate"),
}


def _applies(subject: str, snapshot: Snapshot) -> str:
    return applies(subject, snapshot)


def _scope(privilege: str) -> Callable[[str, Snapshot], Scope]:
    return partial(scope, privilege)


def _survey(what: What) -> Callable[[str, Wire], Awaitable[LifeFacts]]:
    async def survey(subject: str, wire: Wire) -> LifeFacts:
        from labtui.actions.life import plan as life_plan

        return await life_plan.survey(what, subject, wire)

    return survey


def _draft(facts: LifeFacts, choice: str, mode: str) -> Plan:
    from labtui.actions.life.plan import draft

    return draft(facts, choice, mode)


def _answer(facts: LifeFacts, name: str, value: str) -> LifeFacts:
    from labtui.actions.life.plan import answer

    return answer(facts, name, value)


async def _run(plan: Plan, wire: Wire, report: Report) -> Outcome:
    from labtui.actions.guest_task import carry

    what = plan.action.partition(".")[2]
    newid = int(dict(plan.calls[0].params).get("newid", 0))
    check = partial(_check, what, newid)
    if what == "template" and "/lxc/" in plan.calls[0].path:
        return await _at_once(plan, wire)
    return await carry(plan, wire, report, _KINDS[what], check)


async def _at_once(plan: Plan, wire: Wire) -> Outcome:
    """Containers become templates without a task."""
    from labtui.actions.guest_task import ARRIVAL, settled, still
    from labtui.actions.task_run import reason

    guest, changed = still(plan, wire)
    if guest is None:
        return Outcome("failed", changed)
    try:
        await wire.call(plan.calls[0])
    except OutcomeUnknown:
        pass
    except LabError as error:
        return Outcome("failed", reason(error))
    found = await settled(guest, 0.0, wire, partial(_check, "template", 0), ARRIVAL)
    return Outcome("done" if found.reached else "unknown", found.said)


async def _check(what: str, newid: int, guest: Guest, since: float, wire: Wire) -> Checked:
    """What the cluster's list of guests says now."""
    from labtui.actions.guest_task import Checked

    try:
        answer = await wire.read(guest.cluster, "/cluster/resources", type="vm")
    except LabError as error:
        text = _("the guests can't be listed: {why}")
        return Checked(None, text.format(why=error.why or error.what))
    rows: dict[str, dict[str, Any]] = {
        str(row.get("vmid")): row
        for row in (answer if isinstance(answer, list) else [])
        if isinstance(row, dict)
    }
    number = str(newid or guest.vmid)
    row = rows.get(number)
    if what == "delete":
        gone = bool(rows) and row is None
        return Checked(gone, _("it is gone") if gone else _("it is still there"))
    if what == "clone":
        made = row is not None and not row.get("lock")
        text = _("guest {vmid} is there") if made else _("guest {vmid} is not there, or not whole")
        return Checked(made, text.format(vmid=number))
    turned = await _template(guest, wire) or (row is not None and row.get("template") in (1, "1"))
    return Checked(turned, _("it is a template") if turned else _("it is no template"))


async def _template(guest: Guest, wire: Wire) -> bool:
    """What its configuration says; the cluster's list is some seconds old."""
    path = f"/nodes/{guest.node}/{guest.kind}/{guest.vmid}/config"
    try:
        config = await wire.read(guest.cluster, path)
    except LabError:
        return False
    return isinstance(config, dict) and config.get("template") in (1, "1")


DELETE = Action(
    id="guest.delete",
    noun="guest",
    key="",
    title=N_("delete"),
    hint=N_("With its disks; its name is typed first."),
    applies=_applies,
    scope=_scope("VM.Allocate"),
    survey=_survey("delete"),
    draft=_draft,
    run=_run,
    cancel=cancel,
    danger=True,
)
CLONE = Action(
    id="guest.clone",
    noun="guest",
    key="",
    title=N_("clone"),
    hint=N_("A copy with a number of its own."),
    applies=_applies,
    scope=_scope("VM.Clone"),
    survey=_survey("clone"),
    draft=_draft,
    run=_run,
    cancel=cancel,
    answer=_answer,
)
TEMPLATE = Action(
    id="guest.template",
    noun="guest",
    key="",
    title=N_("make a template"),
    hint=N_("To clone from; it is never started again."),
    applies=_applies,
    scope=_scope("VM.Allocate"),
    survey=_survey("template"),
    draft=_draft,
    run=_run,
    cancel=cancel,
    danger=True,
)
