"""Backup jobs: which guests they take, when they run, and the archives that they leave.

A job runs on every node for the guests that lie there, as one `vzdump` task per node. What failed
for a single guest ends the task with `job errors`.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from labtui.demo.cluster.backup_run import BackupRun, archive_name
from labtui.demo.cluster.calendar import last_run, next_run
from labtui.demo.cluster.guests import Guest
from labtui.demo.cluster.noise import uniform
from labtui.demo.cluster.state import BackupVolume, ClusterState
from labtui.demo.cluster.tasks import Task

DAY = 86_400
INFRASTRUCTURE = "infra"


@dataclass(frozen=True)
class BackupJob:
    """One job; it takes all guests, those of a pool, or those of a list, without the excluded."""

    id: str
    schedule: str
    storage: str
    enabled: bool = True
    everything: bool = False
    pool: str = ""
    vmids: tuple[int, ...] = ()
    excluded: tuple[int, ...] = ()
    mode: str = "snapshot"
    compress: str = "zstd"
    keep_last: int = 7
    comment: str = ""

    def takes(self, guest: Guest) -> bool:
        """Whether the job saves that guest."""
        if guest.vmid in self.excluded:
            return False
        return (
            self.everything
            or guest.vmid in self.vmids
            or bool(self.pool and guest.pool == self.pool)
        )


class Backups:
    """The backup jobs of the cluster and what they have left."""

    def __init__(self, state: ClusterState) -> None:
        self._state = state
        self.jobs: dict[str, BackupJob] = {}
        self.failing: dict[int, str] = {}
        """Guests whose backup fails, with the words of the failure."""
        self._turns: dict[str, int] = {}

    def begin(self) -> None:
        """The nightly job of the infrastructure, with the archives of the nights before."""
        if INFRASTRUCTURE in self._state.pools:
            job = BackupJob("backup-nightly", "02:30", "cephfs", pool=INFRASTRUCTURE)
            self.put(job)
            self._past(job)

    def put(self, job: BackupJob) -> None:
        """Add a job or take another version of it. Raises ValueError for a wrong schedule."""
        next_run(job.schedule, self._state.now)
        self.jobs[job.id] = job
        self._plan(job.id)

    def remove(self, job_id: str) -> None:
        """Forget a job; its archives stay. KeyError when there is none."""
        del self.jobs[job_id]
        self._turns[job_id] = self._turns.get(job_id, 0) + 1

    def exclude(self, vmid: int) -> list[str]:
        """Take a guest out of all jobs; the ids of those that had it."""
        guest = self._state.guests[vmid]
        found = [job.id for job in self.jobs.values() if job.takes(guest)]
        for job_id in found:
            job = self.jobs[job_id]
            self.jobs[job_id] = replace(job, excluded=(*job.excluded, vmid))
        return found

    def include(self, vmid: int, job_ids: list[str]) -> None:
        """Undo `exclude`."""
        for job_id in job_ids:
            job = self.jobs.get(job_id)
            if job is not None:
                left = tuple(number for number in job.excluded if number != vmid)
                self.jobs[job_id] = replace(job, excluded=left)

    def covered(self, guest: Guest) -> bool:
        """Whether any job saves that guest."""
        return any(job.takes(guest) for job in self.jobs.values())

    def run_now(self, job: BackupJob, guests: list[Guest], owner: str = "root@pam") -> list[Task]:
        """One task per node for these guests of a job."""
        state = self._state
        tasks = []
        for node in state.nodes.values():
            here = [guest for guest in guests if guest.node == node.name]
            if not here or not node.powered or not node.api_up:
                continue
            target = str(here[0].vmid) if len(here) == 1 else ""
            task = state.tasks.create(node.name, "vzdump", target, owner)
            run = BackupRun(state, task, job.storage, job.mode, self.failing, job.keep_last)
            tasks.append(state.tasks.start(task, run.process(here)))
        return tasks

    def _plan(self, job_id: str) -> None:
        turn = self._turns[job_id] = self._turns.get(job_id, 0) + 1

        def run() -> None:
            job = self.jobs.get(job_id)
            if job is None or self._turns[job_id] != turn:
                return
            if job.enabled:
                guests = [guest for guest in self._state.guests.values() if job.takes(guest)]
                self.run_now(job, guests)
            self._plan(job_id)

        when = next_run(self.jobs[job_id].schedule, self._state.now)
        self._state.scheduler.at(float(when), run)

    def _past(self, job: BackupJob) -> None:
        """What the nights before have left: an archive per guest and night, and their tasks."""
        state = self._state
        latest = last_run(job.schedule, state.now)
        guests = [guest for guest in state.guests.values() if job.takes(guest)]
        for night in range(job.keep_last):
            for number, guest in enumerate(guests):
                made = latest - night * DAY + 40 * number
                state.backups.append(self._old_archive(job, guest, made))
        for node in state.nodes.values():
            if any(guest.node == node.name for guest in guests):
                state.tasks.remember(node.name, "vzdump", "", "root@pam", float(latest), "OK")

    def _old_archive(self, job: BackupJob, guest: Guest, made: int) -> BackupVolume:
        part = 0.22 + 0.1 * uniform(self._state.seed, guest.vmid, made // DAY)
        name = archive_name(guest, time.gmtime(made))
        return BackupVolume(
            f"{job.storage}:backup/{name}",
            job.storage,
            "",
            guest.vmid,
            guest.kind,
            int(guest.maxdisk * part),
            made,
            guest.name,
        )
