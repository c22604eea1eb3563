"""A backup of a guest now."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from labtui.actions.action import Action, Outcome, Plan, Progress, Report, Scope, Wire
from labtui.actions.guest_action import applies, cancel, scope
from labtui.locale import N_, _
from labtui.model.guests import Guest
from labtui.model.snapshot import Snapshot

if TYPE_CHECKING:
    from labtui.actions.backups.plan import BackupFacts
    from labtui.actions.guest_task import Checked

# `INFO:  12% (1.2 GiB of 10.0 GiB) in 3s, read: 400.0 MiB/s, write: 390.0 MiB/s` (VZDump).
_PART = re.compile(r"^INFO: +(\d{1,3})% \(")


def _applies(subject: str, snapshot: Snapshot) -> str:
    return applies(subject, snapshot)


def _scope(subject: str, snapshot: Snapshot) -> Scope:
    return scope("VM.Backup", subject, snapshot)


async def _survey(subject: str, wire: Wire) -> BackupFacts:
    from labtui.actions.backups.plan import survey

    return await survey(subject, wire)


def _draft(facts: BackupFacts, choice: str, mode: str) -> Plan:
    from labtui.actions.backups.plan import draft

    return draft(facts, choice, mode)


def _answer(facts: BackupFacts, name: str, value: str) -> BackupFacts:
    from labtui.actions.backups.plan import answer

    return answer(facts, name, value)


async def _run(plan: Plan, wire: Wire, report: Report) -> Outcome:
    from labtui.actions.guest_task import carry

    check = partial(_check, plan.chosen)
    return await carry(plan, wire, report, ("vzdump",), check, _read)


def _read(line: str) -> Progress | None:
    match = _PART.match(line)
    return Progress(fraction=min(1.0, int(match[1]) / 100), note=_("saving")) if match else None


async def _check(storage: str, guest: Guest, since: float, wire: Wire) -> Checked:
    """Whether there is an archive of it that is younger than the task."""
    from labtui.actions.amounts import size
    from labtui.actions.backups.plan import read_archives
    from labtui.actions.guest_task import Checked
    from labtui.model.cluster import Storage

    place = Storage(guest.cluster, guest.node, storage, "", "available", shared=False)
    found = await read_archives(place, guest.vmid, wire)
    if found is None:
        return Checked(None, _("the archives on {storage} can't be listed").format(storage=storage))
    # The name carries the second in which it was begun, by the node's clock.
    new = next((archive for archive in found if archive.made >= since - 2), None)
    if new is None:
        text = _("no new archive is on {storage}")
        return Checked(reached=False, said=text.format(storage=storage))
    return Checked(reached=True, said=f"{new.volume} ({size(new.size)})")


BACKUP = Action(
    id="guest.backup",
    noun="guest",
    key="B",
    title=N_("back up"),
    hint=N_("Now, to a storage that takes backups."),
    applies=_applies,
    scope=_scope,
    survey=_survey,
    draft=_draft,
    run=_run,
    cancel=cancel,
    answer=_answer,
    weight=6,
)
