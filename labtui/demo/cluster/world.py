"""The living cluster: all parts put together, advanced by the clock of the demo world."""

from __future__ import annotations

from labtui.demo.clock import Clock
from labtui.demo.cluster.backup_jobs import Backups
from labtui.demo.cluster.configuration import drives
from labtui.demo.cluster.guests import Guest
from labtui.demo.cluster.ha import HighAvailability
from labtui.demo.cluster.mdev import take_parts
from labtui.demo.cluster.migration import MigrationRequest, migrate
from labtui.demo.cluster.migration_live import live_migration
from labtui.demo.cluster.migration_offline import container_migration, offline_migration
from labtui.demo.cluster.operations import DEFAULT_SHUTDOWN
from labtui.demo.cluster.passthrough import claim_devices
from labtui.demo.cluster.power import Power
from labtui.demo.cluster.replication import Replication
from labtui.demo.cluster.scheduler import Scheduler
from labtui.demo.cluster.state import ClusterState
from labtui.demo.cluster.statistics import Statistics
from labtui.demo.cluster.storage_checks import CheckedOperations, checked
from labtui.demo.cluster.storages import BY_NAME
from labtui.demo.cluster.tasks import Task, TaskError
from labtui.demo.cluster.works import Works
from labtui.demo.lab import Lab

REMEMBERED_STARTS = 12
"""Starts of guests that each node still has in its list of tasks."""


class ClusterWorld:
    """The cluster of the lab; nothing happens but in `advance`.

    `version` is the Proxmox VE release it behaves like, `9.2` or `8.4`.
    """

    def __init__(self, lab: Lab, clock: Clock, version: str = "9.2") -> None:
        self.clock = clock
        self.scheduler = Scheduler(clock.now())
        self.state = ClusterState(lab, self.scheduler, version)
        self.statistics = Statistics(self.state)
        self._starved: set[int] = set()
        self.power = Power(self.state, self.statistics)
        self.operations = CheckedOperations(self.state)
        self.works = Works(self.state, self.operations)
        self.ha = HighAvailability(
            self.state, self.migrate, self.operations.start, self._stop_for_ha, self.power.reset
        )
        self.power.leaving.append(self.ha.departures.begin)
        self.power.held = self.ha.departures.holds
        self.ha.departures.policy = self._shutdown_policy
        self.replication = Replication(self.state)
        self.backups = Backups(self.state)
        self._take_devices()
        self._past()
        self.statistics.begin()
        self.ha.begin()
        self.replication.begin()
        self.backups.begin()

    def advance(self) -> None:
        """Let happen all that is due by now."""
        self.scheduler.advance(self.clock.now())

    def set_power(self, node: str, *, on: bool) -> None:
        """Switch a node on or off. Raises KeyError for a name that is no node."""
        self.advance()
        target = self.state.nodes[node]
        if on:
            self.power.on(target)
        else:
            self.power.off(target)

    def migrate(self, guest: Guest, request: MigrationRequest, owner: str) -> Task:
        """Begin the migration task of a guest on its node."""
        kind = "qmigrate" if guest.kind == "qemu" else "vzmigrate"
        task = self.state.tasks.create(guest.node, kind, str(guest.vmid), owner)
        if guest.kind == "lxc":
            body = container_migration
        elif guest.running:
            body = live_migration
        else:
            body = offline_migration
        work = migrate(self.state, task, guest, request, body)
        for node in (request.target, guest.node):
            work = checked(self.state, guest, node, work)
        return self.state.tasks.start(task, work)

    def starve(self, storage: str, node: str = "") -> None:
        """A thin pool is full: machines that write there stop with an error of their disk."""
        if BY_NAME[storage].kind not in ("lvmthin", "zfspool"):
            return
        for guest in self.state.guests.values():
            here = guest.running and guest.kind == "qemu" and node in ("", guest.node)
            if not here or guest.state != "running":
                continue
            if any(d.storage == storage for d in drives(guest.config) if not d.cdrom):
                guest.state = "io-error"
                self._starved.add(guest.vmid)

    def feed(self, storage: str) -> None:
        """There is space again: those machines are resumed."""
        for vmid in sorted(self._starved):
            guest = self.state.guests.get(vmid)
            if guest is None or any(d.storage == storage for d in drives(guest.config)):
                self._starved.discard(vmid)
                if guest is not None and guest.state == "io-error":
                    guest.state = "running"

    def _shutdown_policy(self) -> str:
        told = self.works.datacenter.options.get("ha", {})
        return str(told.get("shutdown_policy", "conditional"))

    def _stop_for_ha(self, guest: Guest, owner: str) -> Task:
        return self.operations.shutdown(guest, owner, DEFAULT_SHUTDOWN, force=True)

    def _take_devices(self) -> None:
        """The guests that run hold their devices; one that could not have got them stops."""
        for guest in self.state.guests.values():
            if not guest.running or not any(key.startswith("hostpci") for key in guest.config):
                continue
            try:
                guest.devices = claim_devices(self.state, guest, [])
                guest.parts = take_parts(self.state, guest, [])
            except TaskError:
                guest.set_running(running=False, now=self.state.now)

    def _past(self) -> None:
        """The tasks that ended before anybody looked: starts, and why some guests do not run."""
        state = self.state
        for node in state.nodes.values():
            running = [guest for guest in state.guests_on(node.name) if guest.running]
            running.sort(key=lambda guest: guest.started_at)
            for guest in running[-REMEMBERED_STARTS:]:
                kind = "qmstart" if guest.kind == "qemu" else "vzstart"
                owner = f"{guest.pool}@pve" if guest.pool else "root@pam"
                began = guest.started_at - 3
                state.tasks.remember(node.name, kind, str(guest.vmid), owner, began, "OK")
        for guest in state.guests.values():
            if guest.running or not any(key.startswith("hostpci") for key in guest.config):
                continue
            try:
                claim_devices(state, guest, [])
            except TaskError as error:
                owner, began = f"{guest.pool}@pve", state.now - 5_400 - guest.vmid
                vmid = str(guest.vmid)
                state.tasks.remember(guest.node, "qmstart", vmid, owner, began, str(error))
