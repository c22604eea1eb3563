"""Locks of guests in words: what one means, who holds it, what removes it.

The words are those of `PVE/AbstractConfig.pm` and `PVE/QemuServer.pm`; removing one by hand is for
the shell of the node, when it is certain that nobody works on the guest any more.
"""

from __future__ import annotations

from collections.abc import Sequence

from labtui.locale import N_, _
from labtui.model.cluster import Rights, Task
from labtui.model.guests import Guest

SUSPENDED = "suspended"
_MEANING = {
    "backup": N_("it is being backed up"),
    "clone": N_("it is being cloned"),
    "create": N_("it is being made"),
    "disk": N_("one of its disks is being worked on"),
    "fstrim": N_("its file systems are being trimmed"),
    "import": N_("it is being imported"),
    "migrate": N_("it is being moved"),
    "mounted": N_("its file systems are mounted on the node"),
    "rollback": N_("it is going back to a snapshot"),
    "snapshot": N_("a snapshot is being made"),
    "snapshot-delete": N_("a snapshot is being deleted"),
    "suspending": N_("its memory is being written to disk"),
    "suspended": N_("its memory lies on disk: a start goes on where it was"),
}
# What a backup of several guests is called in the task list: it has no guest's number.
_SEVERAL = ("vzdump",)


def lock_sentence(guest: Guest, tasks: Sequence[Task], rights: Rights | None) -> str:
    """Why the lock keeps others off, who holds it, and what to do about it."""
    text = _("{guest} is locked ({lock}: {meaning})").format(
        guest=guest.label, lock=guest.lock, meaning=meaning(guest.lock)
    )
    task = holder(guest, tasks)
    if task is not None:
        told = _("by {kind} of {user} on {node}: wait until that ends")
        return f"{text} {told.format(kind=task.kind, user=task.user, node=task.node)}"
    if rights is not None and not rights.allows("Sys.Audit", "/"):
        told = _("the tasks of others can't be seen, so nobody here knows who holds it")
        return f"{text}: {told}"
    tool = "qm" if guest.kind == "qemu" else "pct"
    told = _(
        "no task of it is running, so it may be left behind. When that is certain: ssh {node}, "
        "then `{tool} unlock {vmid}`"
    )
    return f"{text}: {told.format(node=guest.node, tool=tool, vmid=guest.vmid)}"


def meaning(lock: str) -> str:
    """What a lock of that name says, in words."""
    return _(_MEANING.get(lock, N_("somebody works on it")))


def holder(guest: Guest, tasks: Sequence[Task]) -> Task | None:
    """The running task that holds the lock of that guest, if one of these does."""
    return next((task for task in tasks if _holds(task, guest)), None)


def _holds(task: Task, guest: Guest) -> bool:
    if not task.running:
        return False
    several = task.kind in _SEVERAL and not task.subject and task.node == guest.node
    return task.subject == str(guest.vmid) or several
