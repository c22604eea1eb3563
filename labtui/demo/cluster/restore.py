"""Bringing guests back from archives, as tasks with the lines of the real thing."""

from __future__ import annotations

import time

from labtui.demo.cluster.configuration import Config, drives
from labtui.demo.cluster.disks import check_space, new_volume, replace_volume
from labtui.demo.cluster.guests import Guest
from labtui.demo.cluster.lifecycle import Lifecycle
from labtui.demo.cluster.operations import boot
from labtui.demo.cluster.scheduler import Process
from labtui.demo.cluster.state import BackupVolume, ClusterState
from labtui.demo.cluster.tasks import Task, TaskError
from labtui.demo.lab import GIB

SPEED = 500 << 20
"""Bytes of a disk written per second."""


class Restores:
    """Makes the tasks."""

    def __init__(self, state: ClusterState, lifecycle: Lifecycle) -> None:
        self._state = state
        self._lifecycle = lifecycle

    def archived(self, volume: BackupVolume) -> Config:
        """The configuration inside an archive: that of the guest, or of the one it was."""
        guest = self._state.guests.get(volume.vmid)
        if guest is not None:
            config = dict(guest.config)
        elif volume.vmid in self._lifecycle.buried.configs:
            config = dict(self._lifecycle.buried.configs[volume.vmid][1])
        else:
            key = "name" if volume.kind == "qemu" else "hostname"
            config = {key: volume.notes or f"vm{volume.vmid}", "cores": 1, "memory": "1024"}
        for name in ("lock", "parent"):
            config.pop(name, None)
        return config

    def restore(
        self,
        node: str,
        vmid: int,
        volume: BackupVolume,
        owner: str,
        storage: str,
        pool: str,
        *,
        unique: bool,
        start: bool,
    ) -> Task:
        """Make a guest from an archive, in place of the one with that VMID."""
        config = self.archived(volume)
        guest = self._emptied(node, vmid, volume, pool)
        kind = "qmrestore" if volume.kind == "qemu" else "vzrestore"
        task = self._state.tasks.create(node, kind, str(vmid), owner)

        def work() -> Process:
            try:
                yield from self._unpack(task, guest, config, volume, storage)
            except BaseException:
                self._lifecycle.leave(guest)
                raise
            if unique:
                for key, value in config.items():
                    if key.startswith("net"):
                        config[key] = self._lifecycle.with_new_mac(str(value))
            guest.config.clear()
            guest.config.update(config)
            guest.touch()
            self._state.allocated = None
            if start:
                yield from boot(self._state, task, guest)

        return self._state.tasks.start(task, work())

    def _emptied(self, node: str, vmid: int, volume: BackupVolume, pool: str) -> Guest:
        guest = self._state.guests.get(vmid)
        if guest is None:
            return self._lifecycle.enter(vmid, volume.kind, node, {"lock": "create"}, pool)
        # The same guest goes on: high availability and its history know it.
        guest.config.clear()
        guest.set_lock("create")
        guest.snapshots.clear()
        guest.pending.clear()
        guest.parent = None
        guest.pool = pool or guest.pool
        return guest

    def _unpack(
        self, task: Task, guest: Guest, config: Config, volume: BackupVolume, storage: str
    ) -> Process:
        problem = self._state.storage_health.problem(volume.storage, guest.node)
        if problem is not None:
            raise TaskError(problem)
        file = volume.volid.partition("/")[2]
        folder = "/var/lib/vz" if volume.storage == "local" else f"/mnt/pve/{volume.storage}"
        path = f"{folder}/dump/{file}"
        if volume.kind == "lxc":
            task.log.append(f"recovering backed-up configuration from '{volume.volid}'")
        else:
            task.log.append(
                f"restore vma archive: zstd -q -d -c {path} | vma extract -v -r"
                f" /var/tmp/vzdumptmp{task.pid}.fifo - /var/tmp/vzdumptmp{task.pid}"
            )
            task.log.append("CFG: size: 512 name: qemu-server.conf")
        yield 1.0
        for number, drive in enumerate(drives(config), 1):
            if drive.cdrom:
                continue
            size = drive.size or 8 * GIB
            place = storage or drive.storage
            volid = new_volume(self._state, place, guest.vmid)
            check_space(self._state, place, guest.node, volid.partition(":")[2])
            config[drive.key] = replace_volume(str(config[drive.key]), volid)
            guest.config[drive.key] = config[drive.key]
            if volume.kind == "lxc":
                yield from _extract(task, path, volume, size)
            else:
                yield from _write(task, drive.key, number, volid, volume, size)
        task.log.append("rescan volumes...")
        yield 0.5


def _extract(task: Task, path: str, volume: BackupVolume, size: int) -> Process:
    task.log.append(f"extracting archive '{path}'")
    seconds = max(3.0, size / SPEED)
    yield seconds
    rate = int(volume.size / seconds) >> 20
    task.log.append(f"Total bytes read: {volume.size} ({volume.size >> 20}MiB, {rate}MiB/s)")


def _write(
    task: Task, key: str, number: int, volid: str, volume: BackupVolume, size: int
) -> Process:
    task.log += [
        f"DEV: dev_id={number} size: {size} devname: drive-{key}",
        time.strftime("CTIME: %a %b %e %H:%M:%S %Y", time.gmtime(volume.ctime)),
        f"new volume ID is '{volid}'",
        f"map 'drive-{key}' to '{volid}' (write zeros = 0)",
    ]
    for percent in range(1, 101):
        yield size / SPEED / 100
        if percent == 1 or percent % 5 == 0:
            read = size * percent // 100
            task.log.append(
                f"progress {percent}% (read {read} bytes, duration {read // SPEED} sec)"
            )
    task.log.append(f"total bytes read {size}, sparse bytes {size // 3} (33.3%)")
    task.log.append("space reduction due to 4K zero blocks 1.2%")
