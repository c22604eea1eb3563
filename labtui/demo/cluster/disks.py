"""Disks of guests: resizing, moving to another storage, detaching, as tasks or at once."""

from __future__ import annotations

import re

from labtui.demo.cluster.configuration import Drive, drives, size_bytes
from labtui.demo.cluster.guests import Guest
from labtui.demo.cluster.operations import Operations, holding
from labtui.demo.cluster.scheduler import Process
from labtui.demo.cluster.state import ClusterState
from labtui.demo.cluster.storages import BY_NAME
from labtui.demo.cluster.tasks import Task, TaskError
from labtui.demo.lab import GIB

COPY_SPEED = 380 << 20
"""Bytes of a disk copied per second."""


def drive_of(guest: Guest, key: str) -> Drive | None:
    """The disk under that key."""
    return next((drive for drive in drives(guest.config) if drive.key == key), None)


def new_volume(state: ClusterState, storage: str, vmid: int, *, base: bool = False) -> str:
    """The first free volume name of a guest on a storage."""
    taken = {d.volid for guest in state.guests.values() for d in drives(guest.config)}
    number = 0
    prefix = "base" if base else "vm"
    while f"{storage}:{prefix}-{vmid}-disk-{number}" in taken:
        number += 1
    return f"{storage}:{prefix}-{vmid}-disk-{number}"


def size_text(size: int) -> str:
    """A size as a configuration writes it."""
    return f"{size // GIB}G" if size % GIB == 0 else f"{size >> 20}M"


def human(size: float) -> str:
    """A size as the progress lines write it."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if size < 1024:
            return f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} TiB"


def copy_lines(task: Task, size: int, prefix: str = "") -> Process:
    """Copy a disk: a line each few per cent, one world second per `COPY_SPEED` bytes."""
    steps = max(1, min(100, size // (2 * GIB)))
    for step in range(steps):
        done = size * step / steps
        task.log.append(f"{prefix}transferred {human(done)} of {human(size)} ({done / size:.2%})")
        yield size / COPY_SPEED / steps
    task.log.append(f"{prefix}transferred {human(size)} of {human(size)} (100.00%)")


def replace_volume(text: str, volid: str) -> str:
    """The same configuration value with another volume."""
    _, comma, rest = text.partition(",")
    return f"{volid}{comma}{rest}"


def check_space(state: ClusterState, storage: str, node: str, volume: str) -> None:
    """Raise `TaskError` when a volume cannot be made there."""
    problem = state.storage_health.problem(storage, node)
    problem = problem or state.storage_health.no_space(storage, node, volume)
    if problem is not None:
        raise TaskError(problem)


class Disks:
    """Makes the tasks."""

    def __init__(self, state: ClusterState, operations: Operations) -> None:
        self._state = state
        self._operations = operations

    def new_size(self, guest: Guest, key: str, text: str) -> int:
        """Bytes after a resize. Raises ValueError with the text of the refusal."""
        drive = drive_of(guest, key)
        if drive is None:
            raise ValueError(f"disk '{key}' does not exist")
        wanted = size_bytes(text.removeprefix("+")) or 0
        old = drive.size or 0
        size = old + wanted if text.startswith("+") else wanted
        if size < old:
            raise ValueError("shrinking disks is not supported")
        return size

    def resize(self, guest: Guest, owner: str, key: str, size: int) -> Task:
        """Make a disk larger."""

        def work(task: Task) -> Process:
            drive = drive_of(guest, key)
            if drive is None:
                raise TaskError(f"disk '{key}' does not exist")
            check_space(self._state, drive.storage, guest.node, drive.volid.partition(":")[2])
            if BY_NAME[drive.storage].kind == "rbd":
                task.log.append("Resizing image: 100% complete...done.")
            yield 0.6
            text = re.sub(r",size=\w+", "", str(guest.config[key]))
            guest.config[key] = f"{text},size={size_text(size)}"
            guest.touch()
            self._state.allocated = None

        task = self._state.tasks.create(guest.node, "resize", str(guest.vmid), owner)
        return self._state.tasks.start(task, holding(self._state, task, guest, lambda: work(task)))

    def move(self, guest: Guest, owner: str, key: str, storage: str, *, delete: bool) -> Task:
        """Copy a disk to another storage; the old one is deleted or stays as `unusedN`."""

        def work(task: Task) -> Process:
            drive = drive_of(guest, key)
            if drive is None:
                raise TaskError(f"disk '{key}' does not exist")
            volid = new_volume(self._state, storage, guest.vmid)
            check_space(self._state, storage, guest.node, volid.partition(":")[2])
            task.log.append(f"create full clone of drive {key} ({drive.volid})")
            yield 1.0
            live = guest.running and guest.kind == "qemu"
            prefix = f"drive-{key}: " if live else ""
            if live:
                task.log.append(f"drive mirror is starting for drive-{key}")
            yield from copy_lines(task, max(1, drive.size or 0), prefix)
            if live:
                task.log += [
                    "all 'mirror' jobs are ready",
                    f"drive-{key}: Completing block job...",
                    f"drive-{key}: Completed successfully.",
                    f"drive-{key}: mirror-job finished",
                ]
            guest.config[key] = replace_volume(str(guest.config[key]), volid)
            if not delete:
                guest.config[free_unused(guest)] = drive.volid
            guest.touch()
            self._state.allocated = None
            yield 0.5

        kind = "move" if guest.kind == "qemu" else "move_volume"
        return self._operations.run(guest, kind, owner, work)

    def unlink(self, guest: Guest, keys: list[str], *, force: bool) -> None:
        """Detach disks; with `force` their volumes go too."""
        for key in keys:
            drive = drive_of(guest, key)
            guest.config.pop(key, None)
            guest.pending.pop(key, None)
            if drive is not None and not force and not key.startswith("unused"):
                guest.config[free_unused(guest)] = drive.volid
        guest.touch()
        self._state.allocated = None


def free_unused(guest: Guest) -> str:
    """The first free `unusedN`."""
    number = 0
    while f"unused{number}" in guest.config:
        number += 1
    return f"unused{number}"
