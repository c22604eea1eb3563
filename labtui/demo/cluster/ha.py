"""High availability: the manager's rounds, its master, the agents of the nodes, and requests.

The manager (CRM) and the local agents (LRM) work in rounds of ten seconds, so what was requested
begins five to thirty seconds later. Fencing as seen in a log of a real failure: a node missed at
08:20:52 was fenced at 08:21:55 and its guest recovered at 08:22:55.
"""

from __future__ import annotations

from collections.abc import Callable

from labtui.demo.cluster.departures import Departures
from labtui.demo.cluster.guests import Guest
from labtui.demo.cluster.ha_crm import Manager, Resetter
from labtui.demo.cluster.ha_resource import Resource
from labtui.demo.cluster.ha_rules import HaRules
from labtui.demo.cluster.migration import MigrationRequest
from labtui.demo.cluster.nodes import ClusterNode
from labtui.demo.cluster.preconditions import local_drives
from labtui.demo.cluster.scheduler import Process
from labtui.demo.cluster.state import ClusterState
from labtui.demo.cluster.tasks import Task

__all__ = ["HighAvailability", "Resource"]

ROUND = 10.0
FENCE_AFTER = 60.0
RECOVER_AFTER = 120.0

Mover = Callable[[Guest, MigrationRequest, str], Task]
Starter = Callable[[Guest, str], Task]


class HighAvailability:
    """The manager of the cluster and the agents of its nodes."""

    def __init__(
        self,
        state: ClusterState,
        move: Mover,
        start: Starter,
        stop: Starter,
        reset: Resetter | None = None,
    ) -> None:
        self._state = state
        self._move, self._start, self._stop = move, start, stop
        self.manager = Manager(state, self.busy, reset)
        self.rules: HaRules = state.ha_rules
        self.departures = Departures(state, self.serves)
        spec = {guest.vmid: guest for guest in state.lab.guests}
        self.resources = {
            guest.sid: Resource(
                guest,
                "started" if guest.running else "stopped",
                "started" if guest.running else "stopped",
            )
            for guest in state.guests.values()
            if guest.vmid in spec and spec[guest.vmid].ha
        }
        self.by_guest = {resource.guest.vmid: resource for resource in self.resources.values()}

    def begin(self) -> None:
        """Start the rounds."""
        self._state.scheduler.after(4.0, self._round)
        self._state.membership.changed.append(self.departures.returned)

    @property
    def master(self) -> str | None:
        """The node whose manager leads; None without quorum or while nobody holds the lock."""
        return self.manager.master

    def add(self, guest: Guest, wanted: str = "started") -> Resource:
        """Put a guest under high availability."""
        resource = Resource(guest, wanted, "queued")
        self.resources[guest.sid] = self.by_guest[guest.vmid] = resource
        return resource

    def remove(self, resource: Resource) -> None:
        """Take a guest out; it stays as it is."""
        self.resources.pop(resource.guest.sid, None)
        self.by_guest.pop(resource.guest.vmid, None)
        self.rules.members.pop(resource.guest.sid, None)

    def managed(self, guest: Guest) -> Resource | None:
        """The resource of a guest."""
        return self.by_guest.get(guest.vmid)

    def hastate(self, guest: Guest) -> str | None:
        """What /cluster/resources shows for a guest."""
        resource = self.by_guest.get(guest.vmid)
        return None if resource is None else resource.state

    def where(self) -> dict[str, str]:
        """The node of every resource."""
        return {sid: resource.guest.node for sid, resource in self.resources.items()}

    def busy(self, node: str) -> bool:
        """Whether the agent of a node holds its lock and feeds the watchdog."""
        return any(r.guest.node == node and r.active for r in self.resources.values())

    def fail(self, guest: Guest) -> None:
        """The guest failed too often: it is down, and the manager no longer looks after it."""
        resource = self.by_guest[guest.vmid]
        if resource.state == "error":
            return
        resource.state, resource.move_to = "error", None
        if guest.running:
            guest.set_running(running=False, now=self._state.now)
            guest.busy = False

    def clear(self, guest: Guest) -> None:
        """Somebody has disabled the resource and asked for it again."""
        resource = self.by_guest.get(guest.vmid)
        if resource is not None and resource.state == "error":
            resource.restarts = resource.relocations = 0
            resource.state = "started" if resource.wanted == "started" else "stopped"

    def request(self, resource: Resource, kind: str, text: str, owner: str) -> Task:
        """The task of a request: it prints one line and ends OK at once."""
        guest = resource.guest
        task = self._state.tasks.create(guest.node, kind, str(guest.vmid), owner)

        def work() -> Process:
            task.log.append(text)
            yield 1.2

        return self._state.tasks.start(task, work())

    def set_maintenance(self, node: str, *, on: bool) -> None:
        """`ha-manager crm-command node-maintenance`: guests leave, and return at its end."""
        self._state.nodes[node].maintenance = on

    def serves(self, node: str) -> bool:
        """Whether a managed guest runs on a node."""
        return any(r.guest.node == node and r.guest.running for r in self.resources.values())

    def targets(self, resource: Resource) -> list[str]:
        """The nodes where the rules let a resource run now, the best first."""
        state, guest = self._state, resource.guest
        alive = [
            node.name
            for node in state.nodes.values()
            if node.online and node.figures is not None and not node.maintenance
            if node.name != guest.node and not node.stopping
        ]
        where = self.where()
        found = self.rules.candidates(guest.sid, alive, where)
        load = {name: sum(place == name for place in where.values()) for name in found}
        return sorted(found, key=lambda name: (load[name], -self._free(name)))

    def _free(self, name: str) -> int:
        node = self._state.nodes[name]
        return node.lab.memory - (node.figures.mem if node.figures is not None else 0)

    def _round(self) -> None:
        self._state.scheduler.after(ROUND, self._round)
        if not self.manager.elect():
            return
        resting = {"freeze": "freeze", "ignore": "ignored"}.get(self.manager.disarmed or "")
        for resource in list(self.resources.values()):
            if resting is not None and resource.state != "error":
                resource.state = resting
            else:
                self._manage(resource)

    def _manage(self, resource: Resource) -> None:
        state, guest = self._state, resource.guest
        node = state.nodes[guest.node]
        if resource.state == "ignored" or resource.wanted == "ignored":
            resource.state = "ignored" if resource.wanted == "ignored" else resource.wanted
            return
        if not node.online:
            self._recover(resource, node)
            return
        if resource.task is not None:
            if resource.task.running or resource.stop_first:
                return
            self._judge(resource, resource.task)
        if node.figures is None or not node.api_up or node.stopping:
            return
        if resource.state == "error":
            if resource.wanted in ("disabled", "stopped"):
                resource.state, resource.restarts, resource.relocations = resource.wanted, 0, 0
            return
        self._send_away(resource, node)
        self._act(resource)

    def _act(self, resource: Resource) -> None:
        """What the agent of the guest's node does in this round."""
        guest = resource.guest
        if resource.move_to == guest.node or not self._reachable(resource.move_to):
            resource.move_to = None
        if resource.move_to is not None:
            live = guest.kind == "qemu" and guest.running and not resource.stop_first
            resource.state = "migrate" if live else "relocate"
            target, resource.move_to = resource.move_to, None
            self._state.scheduler.after(ROUND / 2, lambda: self._begin_move(resource, target))
        elif resource.state in ("migrate", "relocate") and resource.task is None:
            return
        elif resource.wanted == "started" and not guest.running and not guest.busy:
            resource.state = "started"
            resource.task = self._start(guest, "root@pam")
        elif resource.wanted != "started" and guest.running and not guest.busy:
            resource.state = "request_stop"
            resource.task = self._stop(guest, "root@pam")
        elif resource.state != resource.wanted:
            resource.state = resource.wanted

    def _reachable(self, name: str | None) -> bool:
        """Whether the manager takes a request for a node; it drops those for a dead one."""
        return name is None or self._state.nodes[name].online

    def _send_away(self, resource: Resource, node: ClusterNode) -> None:
        """Begin a move that maintenance or its end asks for."""
        if resource.move_to is not None or resource.state != "started":
            return
        if node.maintenance:
            targets = self.targets(resource)
            if targets:
                resource.home = resource.home or node.name
                resource.move_to = targets[0]
        elif resource.home is not None:
            home = self._state.nodes[resource.home]
            if home.online and not home.maintenance and home.figures is not None:
                resource.move_to, resource.home = resource.home, None

    def _judge(self, resource: Resource, task: Task) -> None:
        """A task of the agent has ended: count failures by the policy of the resource."""
        resource.task = None
        moved = task.kind in ("qmigrate", "vzmigrate")
        resource.state = resource.wanted
        if resource.guest.running:
            resource.restarts = resource.relocations = 0
        if moved or resource.guest.running or resource.wanted != "started":
            return
        if resource.restarts < resource.max_restart:
            resource.restarts += 1
            return
        targets = self.targets(resource)
        if resource.relocations < resource.max_relocate and targets:
            resource.restarts, resource.relocations = 0, resource.relocations + 1
            resource.move_to = targets[0]
            return
        resource.state = "error"

    def _begin_move(self, resource: Resource, target: str) -> None:
        guest = resource.guest
        if resource.state not in ("migrate", "relocate"):
            return
        if resource.stop_first and guest.running and guest.kind == "qemu":
            # The agent stops the machine first and asks again when it is down.
            task = resource.task
            if task is None or not task.running:
                resource.task = self._stop(guest, "root@pam")
            self._state.scheduler.after(2.0, lambda: self._begin_move(resource, target))
            return
        resource.stop_first = False
        request = MigrationRequest(
            target,
            online=guest.running,
            with_local_disks=True,
            restart=guest.running,
            by_ha=True,
        )
        resource.task = self._move(guest, request, "root@pam")

    def _recover(self, resource: Resource, node: ClusterNode) -> None:
        """Fence the dead node, then take the guest to a living one."""
        state, guest = self._state, resource.guest
        resource.task, resource.move_to = None, None
        if resource.state in ("stopped", "disabled", "error"):
            return
        comes_back = self.departures.leaving.get(node.name)
        if comes_back:
            resource.state = "freeze"
            return
        if comes_back is None:
            missed = max(node.changed_at, self.manager.since)
            if state.now - missed < FENCE_AFTER:
                return
            if resource.state not in ("fence", "recovery"):
                resource.state = "fence"
            if state.now - node.changed_at < RECOVER_AFTER:
                return
        resource.state = "recovery"
        targets = self.targets(resource)
        if not targets:
            return
        if local_drives(guest):
            state.stranded.setdefault(guest.vmid, guest.node)
        guest.node = targets[0]
        guest.set_lock(None)
        state.allocated = None
        resource.state = resource.wanted
