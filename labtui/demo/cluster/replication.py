"""Replication jobs: volumes on ZFS sent to another node by a schedule, and tries that fail.

A failed try is repeated after 5, 10 and 15 minutes, then every half hour; a job whose guest has
moved to its target turns round. State is kept by the node that holds the guest.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from labtui.demo.cluster.calendar import last_run, next_run
from labtui.demo.cluster.configuration import drives
from labtui.demo.cluster.guests import Guest
from labtui.demo.cluster.noise import uniform
from labtui.demo.cluster.state import ClusterState
from labtui.demo.cluster.storages import REPLICATED

RETRY = 300.0
LONG_RETRY = 1_800.0
BROKEN = "command 'zfs send -Rpv -- tank/vm-{vmid}-disk-0@__replicate_{id}__' failed: got timeout"


@dataclass(eq=False)
class ReplicationJob:
    """One job; times are epoch seconds, `duration` seconds."""

    id: str
    vmid: int
    source: str
    target: str
    schedule: str = "*/15"
    rate: float | None = None
    comment: str = ""
    disabled: bool = False
    last_sync: float = 0.0
    last_try: float = 0.0
    next_sync: float = 0.0
    duration: float = 0.0
    fail_count: int = 0
    error: str = ""
    broken: bool = False
    log: list[str] = field(default_factory=list)
    turn: int = 0

    @property
    def number(self) -> int:
        """The second half of its id."""
        return int(self.id.partition("-")[2])


def replicable(guest: Guest) -> bool:
    """Whether all local volumes of a guest lie on ZFS."""
    found = [drive.storage for drive in drives(guest.config) if not drive.cdrom]
    return bool(found) and all(name in REPLICATED for name in found)


class Replication:
    """The replication jobs of the cluster."""

    def __init__(self, state: ClusterState) -> None:
        self._state = state
        self.jobs: dict[str, ReplicationJob] = {}

    def begin(self) -> None:
        """A job for every guest on ZFS, to the next node that has it too; each has run before."""
        state = self._state
        for guest in state.guests.values():
            if not replicable(guest):
                continue
            others = [
                name
                for name in state.nodes
                if name != guest.node and set(REPLICATED) & set(state.storages_on(name))
            ]
            if others:
                job = self.add(f"{guest.vmid}-0", others[0])
                job.last_sync = job.last_try = float(last_run(job.schedule, state.now))
                job.duration = self._duration(job)

    def add(self, job_id: str, target: str, schedule: str = "*/15") -> ReplicationJob:
        """A new job. Raises ValueError for a schedule that is none, KeyError for no such guest."""
        vmid = int(job_id.partition("-")[0])
        guest = self._state.guests[vmid]
        job = ReplicationJob(job_id, vmid, guest.node, target, schedule)
        job.next_sync = float(next_run(schedule, self._state.now))
        self.jobs[job_id] = job
        self._plan(job)
        return job

    def remove(self, job_id: str) -> None:
        """Forget a job."""
        job = self.jobs.pop(job_id)
        job.turn += 1

    def reschedule(self, job: ReplicationJob, schedule: str) -> None:
        """Another schedule. Raises ValueError for a text that is none."""
        job.next_sync = float(next_run(schedule, self._state.now))
        job.schedule = schedule
        self._plan(job)

    def now(self, job: ReplicationJob) -> None:
        """Run a job as soon as possible."""
        job.next_sync = self._state.now
        self._plan(job)

    def of_guest(self, vmid: int) -> ReplicationJob | None:
        """The first job of a guest."""
        return next((job for job in self.jobs.values() if job.vmid == vmid), None)

    def _plan(self, job: ReplicationJob) -> None:
        job.turn += 1
        turn = job.turn

        def run() -> None:
            if job.turn == turn and job.id in self.jobs:
                self._run(job)

        self._state.scheduler.at(job.next_sync, run)

    def _run(self, job: ReplicationJob) -> None:
        state = self._state
        guest = state.guests.get(job.vmid)
        if guest is None or job.disabled:
            job.next_sync = float(next_run(job.schedule, state.now))
            self._plan(job)
            return
        if guest.node == job.target:
            job.source, job.target = job.target, job.source
        if not state.nodes[guest.node].powered:
            job.next_sync = state.now + 60.0
            self._plan(job)
            return
        job.last_try = state.now
        job.error = self._problem(job, guest.node)
        if job.error:
            job.fail_count += 1
            wait = RETRY * job.fail_count if job.fail_count <= 3 else LONG_RETRY
            job.next_sync = state.now + wait
        else:
            job.fail_count, job.last_sync = 0, state.now
            job.duration = self._duration(job)
            job.next_sync = float(next_run(job.schedule, state.now))
        self._write_log(job)
        self._plan(job)

    def _problem(self, job: ReplicationJob, source: str) -> str:
        target = self._state.nodes[job.target]
        if job.broken:
            return BROKEN.format(vmid=job.vmid, id=f"{job.id}_{int(self._state.now)}")
        connected = self._state.membership.connected(source, target.name)
        if not target.powered or not target.api_up or not connected:
            return (
                f"command '/usr/bin/ssh -e none -o 'BatchMode=yes' -o 'HostKeyAlias={target.name}'"
                f" root@{target.lab.address} -- pvesr prepare-local-job {job.id}' failed:"
                " exit code 255"
            )
        return ""

    def _duration(self, job: ReplicationJob) -> float:
        return round(2.5 + 6.0 * uniform(self._state.seed, job.vmid, int(job.last_try)), 6)

    def _write_log(self, job: ReplicationJob) -> None:
        head = f"{job.id}: start replication job"
        if job.error:
            job.log = [head, f"{job.id}: end replication job with error: {job.error}"]
            return
        job.log = [
            head,
            f"{job.id}: guest => VM {job.vmid}, running => 1",
            f"{job.id}: volumes => {', '.join(self._volumes(job))}",
            f"{job.id}: incremental sync",
            f"{job.id}: end replication job",
        ]

    def _volumes(self, job: ReplicationJob) -> list[str]:
        config = self._state.guests[job.vmid].config
        return [drive.volid for drive in drives(config) if not drive.cdrom]
