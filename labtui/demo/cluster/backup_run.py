"""One `vzdump` task: guest after guest, with the lines of the real thing."""

from __future__ import annotations

import time
from collections.abc import Generator, Mapping

from labtui.demo.cluster.configuration import drives
from labtui.demo.cluster.guests import Guest
from labtui.demo.cluster.noise import uniform
from labtui.demo.cluster.scheduler import Process
from labtui.demo.cluster.state import BackupVolume, ClusterState
from labtui.demo.cluster.storages import BY_NAME
from labtui.demo.cluster.tasks import Task, TaskError
from labtui.demo.lab import GIB

READ_SPEED = 420 << 20
"""Bytes of a disk saved per second."""

FOLDERS = {"cephfs": "/mnt/pve/cephfs", "local": "/var/lib/vz"}


def archive_name(guest: Guest, moment: time.struct_time) -> str:
    """The file name of an archive."""
    stamp = time.strftime("%Y_%m_%d-%H_%M_%S", moment)
    ending = "vma.zst" if guest.kind == "qemu" else "tar.zst"
    return f"vzdump-{guest.kind}-{guest.vmid}-{stamp}.{ending}"


class BackupRun:
    """Saves some guests of one node to a storage."""

    def __init__(
        self,
        state: ClusterState,
        task: Task,
        storage: str,
        mode: str,
        failing: Mapping[int, str],
        keep_last: int = 0,
    ) -> None:
        self._state = state
        self._task = task
        self._storage = storage
        self._mode = mode
        self._failing = failing
        self._keep_last = keep_last

    def process(self, guests: list[Guest]) -> Process:
        """The steps of the task."""
        numbers = " ".join(str(guest.vmid) for guest in guests)
        self._say(
            f"starting new backup job: vzdump {numbers} --storage {self._storage}"
            f" --mode {self._mode} --compress zstd --quiet 1"
        )
        yield 1.0
        problem = self._state.storage_health.problem(self._storage, self._task.node)
        if problem is not None:
            raise TaskError(f"could not activate storage '{self._storage}': {problem}")
        failed = False
        for guest in guests:
            failed |= yield from self._one(guest)
        if failed:
            self._say("Backup job finished with errors")
            raise TaskError("job errors")
        self._say("Backup job finished successfully")

    def _one(self, guest: Guest) -> Generator[float, None, bool]:
        noun, state = guest.noun, self._state
        begun = state.now
        self._say(f"Starting Backup of {noun} {guest.vmid} ({guest.kind})")
        self._say(f"Backup started at {self._clock()}")
        reason = self._refusal(guest)
        if reason is None:
            guest.set_lock("backup")
            try:
                reason = yield from self._save(guest)
            finally:
                if guest.lock == "backup":
                    guest.set_lock(None)
        if reason is not None:
            self._task.log.append(f"ERROR: Backup of {noun} {guest.vmid} failed - {reason}")
            self._say(f"Failed at {self._clock()}")
            return True
        took = time.strftime("%H:%M:%S", time.gmtime(state.now - begun))
        self._say(f"Finished Backup of {noun} {guest.vmid} ({took})")
        self._say(f"Backup finished at {self._clock()}")
        self._prune(guest)
        return False

    def _refusal(self, guest: Guest) -> str | None:
        if guest.node != self._task.node or guest.vmid not in self._state.guests:
            return f"unable to find VM '{guest.vmid}'"
        if guest.lock is not None:
            return f"{guest.noun} is locked ({guest.lock})"
        if not self._state.membership.quorate_at(guest.node):
            return "cluster not ready - no quorum?"
        return None

    def _save(self, guest: Guest) -> Generator[float, None, str | None]:
        state = self._state
        self._say(f"status = {'running' if guest.running else 'stopped'}")
        self._say(f"{guest.noun} Name: {guest.name}")
        size = 0
        for drive in drives(guest.config):
            if not drive.cdrom:
                size += drive.size or 0
                self._say(f"include disk '{drive.key}' '{drive.volid}' {(drive.size or 0) // GIB}G")
        self._say(f"backup mode: {self._mode if guest.running else 'stop'}")
        name = archive_name(guest, time.gmtime(state.now))
        folder = FOLDERS.get(self._storage, f"/mnt/pve/{self._storage}")
        self._say(f"creating vzdump archive '{folder}/dump/{name}'")
        yield max(3.0, size * 0.35 / READ_SPEED)
        if guest.vmid in self._failing:
            return self._failing[guest.vmid]
        if state.storage_health.is_full(self._storage, guest.node):
            return "vma_queue_write: write error - Broken pipe (No space left on device)"
        problem = state.storage_health.problem(self._storage, guest.node)
        if problem is not None:
            return problem
        part = 0.22 + 0.1 * uniform(state.seed, guest.vmid, int(state.now) // 86_400)
        archive = int(size * part)
        self._say(f"archive file size: {archive / GIB:.2f}GB")
        place = "" if BY_NAME[self._storage].shared else guest.node
        state.backups.append(
            BackupVolume(
                f"{self._storage}:backup/{name}",
                self._storage,
                place,
                guest.vmid,
                guest.kind,
                archive,
                int(state.now),
                guest.name,
            )
        )
        return None

    def _prune(self, guest: Guest) -> None:
        """Only the last archives of a guest are kept on the storage."""
        if not self._keep_last:
            return
        mine = [
            volume
            for volume in self._state.backups
            if volume.vmid == guest.vmid and volume.storage == self._storage
            if not volume.protected
        ]
        mine.sort(key=lambda volume: -volume.ctime)
        for volume in mine[self._keep_last :]:
            self._say(f"removing backup '{volume.volid}'")
            self._state.backups.remove(volume)

    def _clock(self) -> str:
        return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(self._state.now))

    def _say(self, text: str) -> None:
        self._task.log.append(f"INFO: {text}")
