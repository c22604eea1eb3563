"""Snapshots of guests: taking, deleting and going back, as tasks with the lines of the real thing.

While a task works the guest has the lock `snapshot`, `snapshot-delete` or `rollback`. ZFS can only
go back to the youngest snapshot; a virtual machine with a passed-through card cannot keep its
memory.
"""

from __future__ import annotations

from labtui.demo.cluster.configuration import Config, Drive, drives
from labtui.demo.cluster.guests import Guest, Snapshot
from labtui.demo.cluster.operations import Operations, boot, halt
from labtui.demo.cluster.passthrough import hostpci
from labtui.demo.cluster.scheduler import Process
from labtui.demo.cluster.state import ClusterState
from labtui.demo.cluster.statistics import guest_memory
from labtui.demo.cluster.storages import BY_NAME
from labtui.demo.cluster.tasks import Task, TaskError

_ABLE = frozenset({"rbd", "zfspool", "lvmthin"})
_NOT_KEPT = frozenset({"lock", "parent", "digest", "vmstate", "snaptime"})
SAVE_SPEED = 900 << 20
"""Bytes of memory written per second."""


def volumes(guest: Guest) -> list[Drive]:
    """The disks of a guest that a snapshot takes."""
    return [
        drive
        for drive in drives(guest.config)
        if not drive.cdrom and not drive.key.startswith("unused")
    ]


def can_snapshot(guest: Guest) -> bool:
    """Whether every disk lies where snapshots are possible."""
    kinds = {BY_NAME[d.storage].kind for d in volumes(guest) if d.storage in BY_NAME}
    return kinds <= _ABLE


def _kind(volid: str) -> str:
    storage = BY_NAME.get(volid.partition(":")[0])
    return storage.kind if storage is not None else "dir"


def _short(volid: str) -> str:
    return volid.partition(":")[2]


class Snapshots:
    """Makes the tasks; `state` is the cluster."""

    def __init__(self, state: ClusterState, operations: Operations) -> None:
        self._state = state
        self._operations = operations

    def take(self, guest: Guest, owner: str, name: str, description: str, *, vmstate: bool) -> Task:
        """Keep the state of now under a name, with its memory when `vmstate` and it runs."""

        def work(task: Task) -> Process:
            self._may_take(guest, name)
            guest.set_lock("snapshot")
            try:
                yield from self._save(task, guest, vmstate=vmstate)
            except TaskError:
                task.log.append("snapshot create failed: starting cleanup")
                raise
            finally:
                guest.set_lock(None)
            kept: Config = {k: v for k, v in guest.config.items() if k not in _NOT_KEPT}
            guest.snapshots[name] = Snapshot(
                name,
                description,
                int(self._state.now),
                guest.parent,
                kept,
                vmstate=vmstate and guest.running,
            )
            guest.parent = name
            guest.touch()

        return self._operations.run(guest, "snapshot", owner, work)

    def delete(self, guest: Guest, owner: str, name: str, *, force: bool) -> Task:
        """Remove a snapshot; its children get its parent."""

        def work(task: Task) -> Process:
            found = self._find(guest, name)
            guest.set_lock("snapshot-delete")
            try:
                yield from self._remove(task, guest, name, force=force)
            finally:
                guest.set_lock(None)
            del guest.snapshots[name]
            for child in guest.snapshots.values():
                if child.parent == name:
                    child.parent = found.parent
            if guest.parent == name:
                guest.parent = found.parent
            guest.touch()

        return self._operations.run(guest, "delsnapshot", owner, work)

    def rollback(self, guest: Guest, owner: str, name: str, *, start: bool) -> Task:
        """Go back; a machine that runs is stopped, and runs again when its memory was kept."""

        def work(task: Task) -> Process:
            found = self._find(guest, name)
            if guest.template:
                raise TaskError("you can't rollback if vm is a template")
            self._check_youngest(guest, found)
            guest.set_lock("rollback")
            try:
                yield from halt(self._state, guest)
                yield from self._go_back(task, guest)
            finally:
                guest.set_lock(None)
            guest.config.clear()
            guest.config.update(found.config)
            guest.pending.clear()
            guest.parent = name
            guest.touch()
            self._state.allocated = None
            if found.vmstate or start:
                yield from boot(self._state, task, guest)

        return self._operations.run(guest, "rollback", owner, work)

    def _find(self, guest: Guest, name: str) -> Snapshot:
        found = guest.snapshots.get(name)
        if found is None:
            raise TaskError(f"snapshot '{name}' does not exist")
        return found

    def _may_take(self, guest: Guest, name: str) -> None:
        if guest.template:
            raise TaskError("you can't take a snapshot if it's a template")
        if name in guest.snapshots:
            raise TaskError(f"snapshot name '{name}' already used")
        if not can_snapshot(guest):
            raise TaskError("snapshot feature is not available")
        if not self._state.membership.quorate_at(guest.node):
            raise TaskError(
                f"unable to open file '/etc/pve/{guest.config_path}.tmp.1200' - Permission denied"
            )

    def _save(self, task: Task, guest: Guest, *, vmstate: bool) -> Process:
        state = self._state
        if guest.running and vmstate and guest.kind == "qemu":
            devices = list(guest.devices)
            if hostpci(guest) and devices:
                raise TaskError(
                    f"VM {guest.vmid} qmp command 'savevm-start' failed - {devices[0]}: VFIO"
                    " migration is not supported in kernel"
                )
            yield from self._save_memory(task, guest)
        for drive in volumes(guest):
            problem = state.storage_health.problem(drive.storage, guest.node)
            problem = problem or state.storage_health.no_space(
                drive.storage, guest.node, _short(drive.volid)
            )
            if problem is not None:
                raise TaskError(problem)
            if guest.kind == "qemu":
                task.log.append(f"snapshotting 'drive-{drive.key}' ({drive.volid})")
            kind = _kind(drive.volid)
            if kind == "rbd":
                task.log.append("Creating snap: 100% complete...done.")
            elif kind == "lvmthin":
                name = f"snap_{_short(drive.volid)}"
                task.log.append(f'  Logical volume "{name}" created.')
            yield 0.7

    def _save_memory(self, task: Task, guest: Guest) -> Process:
        place = volumes(guest)[0].storage if volumes(guest) else "local"
        task.log.append(f"saving VM state and RAM using storage '{place}'")
        size = guest_memory(self._state, guest, self._state.now)
        seconds = max(1, int(size / SAVE_SPEED))
        for second in range(seconds):
            done = size * second / seconds / (1 << 20)
            if second % 3 == 0:
                task.log.append(f"{done:.2f} MiB in {second}s")
            yield 1.0
        total = size / (1 << 20)
        text = f"{total / 1024:.2f} GiB" if total >= 1024 else f"{total:.2f} MiB"
        task.log.append(f"completed saving the VM state in {seconds}s, saved {text}")

    def _remove(self, task: Task, guest: Guest, name: str, *, force: bool) -> Process:
        for drive in volumes(guest):
            problem = self._state.storage_health.problem(drive.storage, guest.node)
            if problem is not None:
                if not force:
                    raise TaskError(problem)
                task.log.append(problem)
                continue
            kind = _kind(drive.volid)
            if kind == "rbd":
                task.log.append("Removing snap: 100% complete...done.")
            elif kind == "lvmthin":
                volume = f"snap_{_short(drive.volid)}_{name}"
                task.log.append(f'  Logical volume "{volume}" successfully removed.')
            yield 0.8

    def _go_back(self, task: Task, guest: Guest) -> Process:
        for drive in volumes(guest):
            problem = self._state.storage_health.problem(drive.storage, guest.node)
            if problem is not None:
                raise TaskError(problem)
            kind = _kind(drive.volid)
            if kind == "rbd":
                task.log.append("Rolling back to snapshot: 100% complete...done.")
            elif kind == "lvmthin":
                volume = _short(drive.volid)
                task.log.append(f'  Logical volume "{volume}" successfully removed.')
                task.log.append(f'  Logical volume "{volume}" created.')
            yield 1.1

    def _check_youngest(self, guest: Guest, found: Snapshot) -> None:
        later = [s for s in guest.snapshots.values() if s.taken > found.taken]
        for drive in volumes(guest):
            if later and _kind(drive.volid) == "zfspool":
                raise TaskError(
                    f"can't rollback, '{found.name}' is not most recent snapshot on"
                    f" '{_short(drive.volid)}'"
                )
