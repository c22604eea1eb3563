"""High availability: resources, the manager's rounds, migrations on request and recovery.

The manager (CRM) and the local agents (LRM) work in rounds of ten seconds, so what was requested
begins five to thirty seconds later. A node without quorum does not reset itself here: its watchdog
is left out, so that a lost quorum can be looked at.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from labtui.demo.cluster.guests import Guest
from labtui.demo.cluster.migration import MigrationRequest
from labtui.demo.cluster.scheduler import Process
from labtui.demo.cluster.state import ClusterState
from labtui.demo.cluster.tasks import Task

ROUND = 10.0
FENCE_AFTER = 60.0
RECOVER_AFTER = 120.0

Mover = Callable[[Guest, MigrationRequest, str], Task]
Starter = Callable[[Guest, str], Task]


@dataclass(eq=False)
class Resource:
    """A guest under high availability; `state` is the manager's, `wanted` what was requested."""

    guest: Guest
    wanted: str
    state: str
    move_to: str | None = None
    task: Task | None = None


class HighAvailability:
    """The manager of the cluster and the agents of its nodes."""

    def __init__(self, state: ClusterState, move: Mover, start: Starter, stop: Starter) -> None:
        self._state = state
        self._move, self._start, self._stop = move, start, stop
        spec = {guest.vmid: guest for guest in state.lab.guests}
        self.resources = {
            guest.sid: Resource(
                guest,
                "started" if guest.running else "stopped",
                "started" if guest.running else "stopped",
            )
            for guest in state.guests.values()
            if spec[guest.vmid].ha
        }
        self.by_guest = {resource.guest.vmid: resource for resource in self.resources.values()}

    def begin(self) -> None:
        """Start the rounds."""
        self._state.scheduler.after(4.0, self._round)

    @property
    def master(self) -> str | None:
        """The node whose manager leads; None without quorum."""
        alive = [node.name for node in self._state.nodes.values() if node.online]
        return alive[0] if alive and self._state.quorate else None

    def managed(self, guest: Guest) -> Resource | None:
        """The resource of a guest."""
        return self.by_guest.get(guest.vmid)

    def hastate(self, guest: Guest) -> str | None:
        """What /cluster/resources shows for a guest."""
        resource = self.by_guest.get(guest.vmid)
        return None if resource is None else resource.state

    def request(self, resource: Resource, kind: str, text: str, owner: str) -> Task:
        """The task of a request: it prints one line and ends OK at once."""
        guest = resource.guest
        task = self._state.tasks.create(guest.node, kind, str(guest.vmid), owner)

        def work() -> Process:
            task.log.append(text)
            yield 1.2

        return self._state.tasks.start(task, work())

    def _round(self) -> None:
        self._state.scheduler.after(ROUND, self._round)
        if self.master is None:
            return
        for resource in self.resources.values():
            self._manage(resource)

    def _manage(self, resource: Resource) -> None:
        state, guest = self._state, resource.guest
        node = state.nodes[guest.node]
        if not node.online:
            self._recover(resource, state.now - node.changed_at)
            return
        if resource.task is not None:
            if resource.task.running:
                return
            resource.task = None
            resource.state = resource.wanted
        if node.figures is None or not node.api_up:
            return
        if resource.move_to == guest.node:
            resource.move_to = None
        if resource.move_to is not None:
            resource.state = "migrate" if guest.kind == "qemu" else "relocate"
            target, resource.move_to = resource.move_to, None
            state.scheduler.after(ROUND / 2, lambda: self._begin_move(resource, target))
        elif resource.state in ("migrate", "relocate"):
            return
        elif resource.wanted == "started" and not guest.running and not guest.busy:
            resource.state = "started"
            resource.task = self._start(guest, "root@pam")
        elif resource.wanted == "stopped" and guest.running and not guest.busy:
            resource.state = "request_stop"
            resource.task = self._stop(guest, "root@pam")
        elif resource.state in ("fence", "recovery", "request_stop"):
            resource.state = resource.wanted

    def _begin_move(self, resource: Resource, target: str) -> None:
        request = MigrationRequest(
            target,
            online=resource.guest.running,
            with_local_disks=True,
            restart=resource.guest.running,
            by_ha=True,
        )
        resource.task = self._move(resource.guest, request, "root@pam")

    def _recover(self, resource: Resource, gone: float) -> None:
        """Fence the dead node, then take the guest to the living node with most free memory."""
        state, guest = self._state, resource.guest
        resource.task, resource.move_to = None, None
        if gone < FENCE_AFTER:
            return
        resource.state = "fence" if gone < RECOVER_AFTER else "recovery"
        alive = [node for node in state.nodes.values() if node.online and node.figures]
        if resource.state == "fence" or not alive:
            return
        best = max(alive, key=lambda node: node.lab.memory - (node.figures or _NONE).mem)
        guest.node = best.name
        guest.set_lock(None)
        state.allocated = None
        resource.state = resource.wanted


@dataclass(frozen=True)
class _NoFigures:
    mem: int = 0


_NONE = _NoFigures()
