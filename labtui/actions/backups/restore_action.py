"""Restore: a guest from one of its backups, beside what it is now or in place of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from labtui.actions.action import Action, Outcome, Plan, Progress, Report, Scope, Wire
from labtui.actions.guest_action import cancel
from labtui.locale import N_, _
from labtui.model.cluster import Resources
from labtui.model.errors import LabError
from labtui.model.snapshot import Snapshot

if TYPE_CHECKING:
    from labtui.actions.backups.restore import RestoreFacts

_KINDS = ("qmrestore", "vzrestore")
# `progress 12% (read 1234 bytes, duration 3 sec)` (qemu-server, vma).
_PART = re.compile(r"^progress (\d{1,3})% \(")
_ARRIVAL = 20.0


def _applies(subject: str, snapshot: Snapshot) -> str:
    """A guest may be gone: its backups are not."""
    cluster, _slash, vmid = subject.partition("/")
    if snapshot.one(Resources, cluster) is None or not vmid.isdecimal():
        return _("{subject} is not there any more").format(subject=subject)
    return ""


def _scope(subject: str, snapshot: Snapshot) -> Scope:
    from labtui.actions.backups.restore import scope_of

    del snapshot
    return scope_of(subject)


async def _survey(subject: str, wire: Wire) -> RestoreFacts:
    from labtui.actions.backups.restore import survey

    return await survey(subject, wire)


def _draft(facts: RestoreFacts, choice: str, mode: str) -> Plan:
    from labtui.actions.backups.restore import draft

    return draft(facts, choice, mode)


def _answer(facts: RestoreFacts, name: str, value: str) -> RestoreFacts:
    from labtui.actions.backups.restore import answer

    return answer(facts, name, value)


async def _run(plan: Plan, wire: Wire, report: Report) -> Outcome:
    """Send it once, follow its task, and look whether the guest is there and whole."""
    from labtui.actions.task_run import not_known, send, watch

    call = plan.calls[0]
    if why := await _changed(plan, wire):
        return Outcome("failed", why)
    vmid = int(dict(call.params)["vmid"])
    report(Progress(note=_("asking {node}").format(node=call.path.split("/")[2])))
    sent = await send(call, vmid, _KINDS, wire, report)
    if sent.refused:
        return Outcome("failed", sent.refused)
    if not sent.upid:
        return Outcome("unknown", not_known())
    report(Progress(upid=sent.upid, note=_("started")))
    ended = await watch(call.source, sent.upid, wire, report, _read)
    whole = await _whole(f"{call.path}/{vmid}/config", call.source, wire, patient=ended.well)
    where = _("guest {vmid} is there").format(vmid=vmid)
    if ended.well:
        return Outcome("done", where) if whole else Outcome("unknown", _unsure(vmid))
    if ended.exit is None:
        text = _("the log is lost, but {now}").format(now=where)
        return Outcome("done", text) if whole else Outcome("unknown", _unsure(vmid))
    if ended.stopped:
        text = _("stopped; guest {vmid} is not whole: delete it or restore it anew")
        return Outcome("cancelled", text.format(vmid=vmid))
    return Outcome("failed", ended.why)


def _unsure(vmid: int) -> str:
    return _("guest {vmid} is not there, or not whole").format(vmid=vmid)


def _read(line: str) -> Progress | None:
    match = _PART.match(line)
    return Progress(fraction=min(1.0, int(match[1]) / 100), note=_("writing")) if match else None


async def _changed(plan: Plan, wire: Wire) -> str:
    """What has changed of the guest that is to be replaced, or an empty text."""
    from labtui.actions.guest_facts import look_at
    from labtui.actions.guest_task import still

    if not plan.confirm:
        return ""
    guest, changed = still(plan, wire)
    if guest is None:
        return changed
    found = (await look_at(plan.subject, wire, "VM.Backup", config=False))[0]
    against = [text for text in found.blockers if not _own(text)]
    if found.running:
        against.append(_("it runs: shut it down first"))
    return "; ".join(against)


def _own(text: str) -> bool:
    """Whether that is about the very job that asks."""
    return text == _("a job of this console works on it: wait until that ends, or cancel it")


async def _whole(path: str, cluster: str, wire: Wire, *, patient: bool) -> bool:
    """Whether the guest has a configuration without a lock; waited for a little if it should."""
    deadline = wire.now() + (_ARRIVAL if patient else 0.0)
    while True:
        try:
            config = await wire.read(cluster, path)
        except LabError:
            config = None
        if isinstance(config, dict) and not config.get("lock"):
            return True
        if wire.now() >= deadline:
            return False
        await wire.sleep(1.0)


RESTORE = Action(
    id="guest.restore",
    noun="guest",
    key="",
    title=N_("restore"),
    hint=N_("From a backup, beside it or in place of it."),
    applies=_applies,
    scope=_scope,
    survey=_survey,
    draft=_draft,
    run=_run,
    cancel=cancel,
    answer=_answer,
)
"""Without a key: it is reached from the list of backups and by its name."""
