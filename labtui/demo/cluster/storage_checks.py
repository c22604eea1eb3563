"""Starts and moves of guests whose storage is away: the tasks fail in the words of the storage."""

from __future__ import annotations

from labtui.demo.cluster.configuration import drives
from labtui.demo.cluster.guests import Guest
from labtui.demo.cluster.operations import Operations
from labtui.demo.cluster.preconditions import local_drives
from labtui.demo.cluster.scheduler import Process
from labtui.demo.cluster.state import ClusterState
from labtui.demo.cluster.storages import BY_NAME
from labtui.demo.cluster.tasks import Task, TaskError

PATIENCE = 2.0
"""World seconds until a storage is given up."""


def storage_problem(state: ClusterState, guest: Guest, node: str) -> str | None:
    """Why a node cannot use the volumes of a guest; None when it can."""
    for drive in drives(guest.config):
        problem = state.storage_health.problem(drive.storage, node)
        if problem is not None:
            return problem
    if state.stranded.get(guest.vmid) == node:
        del state.stranded[guest.vmid]
    return _left_behind(guest) if guest.vmid in state.stranded else None


def _left_behind(guest: Guest) -> str | None:
    """What a node says that got a guest without its local volumes; None when it needs none."""
    drive = next(iter(local_drives(guest)), None)
    if drive is None:
        return None
    volume = drive.volid.partition(":")[2]
    if BY_NAME[drive.storage].kind == "zfspool":
        return f"cannot open 'tank/vm/{volume}': dataset does not exist"
    if BY_NAME[drive.storage].kind == "lvmthin":
        return f"no such logical volume pve/{volume}"
    return f"volume '{drive.volid}' does not exist"


def checked(state: ClusterState, guest: Guest, node: str, work: Process) -> Process:
    """A process that first looks for the storages of a guest; `TaskError` when one is away."""
    problem = storage_problem(state, guest, node)
    if problem is not None:
        work.close()
        yield PATIENCE
        raise TaskError(problem)
    yield from work


class CheckedOperations(Operations):
    """The power buttons of guests; a start needs the storages of the guest."""

    def start(self, guest: Guest, owner: str, *, skiplock: bool = False) -> Task:
        """Start it; one suspended to disk goes on where it was."""
        state = self._state
        problem = storage_problem(state, guest, guest.node)
        if problem is None or guest.running or guest.template:
            return super().start(guest, owner, skiplock=skiplock)
        kind = "qmstart" if guest.kind == "qemu" else "vzstart"
        task = state.tasks.create(guest.node, kind, str(guest.vmid), owner)

        def fail() -> Process:
            yield PATIENCE
            raise TaskError(problem)

        return state.tasks.start(task, fail())
