"""Taking a lock off a guest: what it means, who holds it, what is at stake, and carrying it out.

The API takes a lock off for root@pam alone, so it is done where a person would do it: on the node,
by `qm unlock` or `pct unlock` (`PVE/CLI/qm.pm`, `PVE/CLI/pct.pm`), which look at nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from labtui.actions import interlock
from labtui.actions.action import Fact, Outcome, Plan, Progress, Report, Wire
from labtui.actions.guest_facts import Subject, look_at
from labtui.actions.guest_task import standing_facts, still
from labtui.actions.locks import holder, meaning
from labtui.actions.shell import Shell, command, shell_of, way_text
from labtui.actions.task_run import reason
from labtui.locale import N_, _
from labtui.model.cluster import Rights, Task
from labtui.model.errors import LabError, OutcomeUnknown
from labtui.model.guests import Guest
from labtui.model.text import clean

PRIVILEGE = "VM.Config.Options"
"""Who may not change the guest by the API does not do it by a shell either."""
_AT_STAKE = {
    "migrate": N_("it may be on both nodes by half: look at its disks before it is started"),
    "backup": N_("a backup that still runs on storage or backup server would go on"),
    "snapshot": N_("the snapshot stays half made: delete it afterwards"),
    "snapshot-delete": N_("the snapshot stays half deleted: delete it again afterwards"),
    "rollback": N_("its disks may be of different moments: go back to the snapshot once more"),
    "clone": N_("the clone stays half made: delete that one"),
    "create": N_("it is half made: delete it rather than start it"),
    "disk": N_("a disk may be at its old and at its new place by half"),
    "suspending": N_("what it had in memory is lost when it is started"),
    "suspended": N_("what it had in memory is thrown away: a start alone would bring it back"),
}


class UnlockFacts(msgspec.Struct, frozen=True):
    """All a draft needs. `lock` is what its node says now; `held` the task that holds it."""

    subject: Subject
    read_at: float
    lock: str
    held: Task | None
    sees_tasks: bool
    shell: Shell


async def survey(key: str, wire: Wire) -> UnlockFacts:
    """Read what a plan needs. Raises `NotFound`."""
    (subject,) = await look_at(key, wire, PRIVILEGE)
    guest = subject.guest
    tasks: Sequence[Task] = ()
    try:
        tasks = interlock.running(guest.cluster, await wire.read(guest.cluster, "/cluster/tasks"))
    except LabError:
        # The interlock has said so already, as a blocker.
        tasks = ()
    rights = wire.snapshot.one(Rights, guest.cluster)
    lock = clean(str(subject.config.get("lock") or "")) if subject.config else guest.lock
    return UnlockFacts(
        subject,
        wire.now(),
        lock,
        holder(guest, tasks),
        rights is None or rights.allows("Sys.Audit", "/"),
        shell_of(wire, guest.cluster, guest.node),
    )


def draft(facts: UnlockFacts, choice: str, mode: str) -> Plan:
    """The plan; there is nothing to choose."""
    del choice, mode
    guest = facts.subject.guest
    tool = "qm" if guest.kind == "qemu" else "pct"
    call = command(guest.cluster, facts.shell, (tool, "unlock", str(guest.vmid)))
    return Plan(
        action="guest.unlock",
        subject=guest.key,
        title=_("Unlock {guest}").format(guest=guest.label),
        made_at=facts.read_at,
        facts=tuple(_facts(facts)),
        calls=() if facts.shell.against else (call,),
        blockers=tuple(_blockers(facts)),
        warnings=tuple(_warnings(facts)),
        confirm=guest.name or str(guest.vmid),
        stands_on=standing_facts(guest, status=False),
    )


def _blockers(facts: UnlockFacts) -> Iterable[str]:
    yield from facts.subject.blockers
    if not facts.lock and not facts.subject.blockers:
        yield _("it is not locked")
    if facts.held is not None:
        text = _("{kind} of {user} on {node} holds it: wait until that ends, or stop that task")
        task = facts.held
        yield text.format(kind=task.kind, user=task.user, node=task.node)
    if facts.shell.against:
        yield facts.shell.against


def _facts(facts: UnlockFacts) -> Iterable[Fact]:
    guest = facts.subject.guest
    if facts.lock:
        yield Fact(_("lock"), f"{facts.lock}: {meaning(facts.lock)}")
    yield Fact(_("held by"), _holder_text(facts))
    yield Fact(_("step"), _("{way}, on {node}").format(way=way_text(facts.shell), node=guest.node))
    for note in facts.subject.notes:
        yield Fact(_("note"), note)


def _holder_text(facts: UnlockFacts) -> str:
    if facts.held is not None:
        return f"{facts.held.kind} ({facts.held.user}, {facts.held.node})"
    if not facts.sees_tasks:
        return _("nobody that can be seen from here")
    return _("no task that runs: it was left behind, as far as the task list goes")


def _warnings(facts: UnlockFacts) -> Iterable[str]:
    yield from facts.subject.warnings
    yield _("the command looks at nothing: that nobody works on the guest is for you to know")
    if facts.lock in _AT_STAKE:
        yield _(_AT_STAKE[facts.lock])
    if not facts.sees_tasks:
        yield _("the tasks of others can't be seen: one of them may hold it")


async def run(plan: Plan, wire: Wire, report: Report) -> Outcome:
    """The command, and then whether the configuration still has a lock."""
    guest, changed = still(plan, wire)
    if guest is None:
        return Outcome("failed", changed)
    report(Progress(note=_("running it on {node}").format(node=guest.node)))
    try:
        await wire.call(plan.calls[0])
    except OutcomeUnknown:
        report(Progress(note=_("the answer was lost: looking whether it was taken")))
    except LabError as error:
        return Outcome("failed", reason(error))
    lock = await _lock(guest, wire)
    if lock is None:
        return Outcome("unknown", _("its configuration can't be read: look before trying again"))
    if lock:
        return Outcome("failed", _("it is still locked ({lock})").format(lock=lock))
    return Outcome("done", _("it is not locked any more"))


async def _lock(guest: Guest, wire: Wire) -> str | None:
    """The lock that its configuration has now; None when it can't be read."""
    path = f"/nodes/{guest.node}/{guest.kind}/{guest.vmid}/config"
    try:
        told: Any = await wire.read(guest.cluster, path)
    except LabError:
        return None
    return clean(str(told.get("lock") or "")) if isinstance(told, dict) else None
