"""Power of nodes, the membership that follows it, and what starts again after a boot.

Seconds from recordings and notes: a node that starts refuses connections first, joins, and has no
figures for another ten to fourteen seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from labtui.demo.cluster.guests import Guest
from labtui.demo.cluster.nodes import ClusterNode
from labtui.demo.cluster.operations import start_after_boot
from labtui.demo.cluster.scheduler import Process
from labtui.demo.cluster.state import ClusterState
from labtui.demo.cluster.statistics import Statistics
from labtui.demo.cluster.tasks import Task, TaskError

API_UP_AFTER = 18.0
MEMBERSHIP_BACK_AFTER = 20.0
FIGURES_BACK_AFTER = 32.0
FIRMWARE_SECONDS = 45.0
"""From a reset to the start of the system."""

QUORUM_PATIENCE = 60.0
"""How long a booted node waits for quorum before it gives up starting guests."""

SOMEBODY_LOOKS = 60.0
"""World seconds between two looks of whoever cares for guests that were not started."""

GUEST_END_SECONDS = 2.0


class Power:
    """Switches nodes off and on, resets them, and ends them in order."""

    def __init__(self, state: ClusterState, statistics: Statistics) -> None:
        self._state = state
        self._statistics = statistics
        self.leaving: list[Callable[[ClusterNode, bool], None]] = []
        """Told of a node that ends in order, and whether it comes back."""
        self.held: Callable[[ClusterNode], bool] = _never
        """Whether a node still waits for guests that leave it, before it ends."""
        state.membership.changed.append(self._believe)

    def off(self, node: ClusterNode) -> None:
        """Pull the plug: guests and tasks of the node are gone at once."""
        if node.powered:
            self._end(node, orderly=False)

    def on(self, node: ClusterNode) -> None:
        """Press the button: it boots, joins, publishes and starts its guests."""
        if node.powered:
            return
        node.powered = node.starting_up = True
        node.power_generation += 1
        self._later(node, API_UP_AFTER, self._serve)
        self._later(node, MEMBERSHIP_BACK_AFTER, self._join)
        self._later(node, FIGURES_BACK_AFTER, self._statistics.restart)

    def reset(self, node: ClusterNode) -> None:
        """What a watchdog does: the plug is pulled and the node starts from its firmware."""
        if not node.powered:
            return
        guests = self._state.guests_on(node.name)
        node.ran |= {guest.vmid for guest in guests if guest.running}
        self.off(node)
        self._later(node, FIRMWARE_SECONDS, self.on)

    def shutdown(self, node: ClusterNode, owner: str = "root@pam") -> Task:
        """End a node in order: its guests first. The task is the ending of the guests."""
        return self._orderly(node, owner, comes_back=False)

    def reboot(self, node: ClusterNode, owner: str = "root@pam") -> Task:
        """End a node in order and start it again."""
        return self._orderly(node, owner, comes_back=True)

    def wake(self, node: ClusterNode) -> None:
        """A magic packet: like the button, and nothing for a node that runs."""
        self.on(node)

    def _orderly(self, node: ClusterNode, owner: str, *, comes_back: bool) -> Task:
        task = self._state.tasks.create(node.name, "stopall", "", owner)
        if node.stopping or not node.powered:
            return self._state.tasks.start(task, iter_nothing())
        for tell in self.leaving:
            tell(node, comes_back)
        # While it is being emptied, its agent of high availability works on.
        node.stopping = not self.held(node)
        return self._state.tasks.start(task, self._stop_all(node, task, comes_back))

    def _stop_all(self, node: ClusterNode, task: Task, comes_back: bool) -> Process:
        generation = node.power_generation
        while self.held(node):
            yield 2.0
        node.stopping = True
        for guest in self._state.guests_on(node.name):
            if guest.running:
                task.log.append(f"Stopping {guest.noun} {guest.vmid} (timeout = 180 seconds)")
                yield 0.2
                self._state.scheduler.after(GUEST_END_SECONDS, partial(self._ended, guest))
        yield GUEST_END_SECONDS + 3.0
        self._state.scheduler.after(4.0, lambda: self._gone(node, generation, comes_back))

    def _ended(self, guest: Guest) -> None:
        if guest.running:
            guest.set_running(running=False, now=self._state.now)

    def _gone(self, node: ClusterNode, generation: int, comes_back: bool) -> None:
        if node.power_generation != generation or not node.powered:
            return
        self._end(node, orderly=True)
        if comes_back:
            self._later(node, FIRMWARE_SECONDS, self.on)

    def _end(self, node: ClusterNode, *, orderly: bool) -> None:
        state = self._state
        node.powered = node.api_up = node.starting_up = node.stopping = False
        node.power_generation += 1
        node.died_at = state.now
        node.transitions.append((state.now, False))
        for task in list(state.tasks.by_node[node.name]):
            if task.running:
                state.tasks.kill(task)
        for guest in state.guests_on(node.name):
            if guest.running:
                guest.set_running(running=False, now=state.now)
            guest.busy = False
        state.membership.leave(node.name, orderly=orderly)

    def _later(
        self, node: ClusterNode, delay: float, action: Callable[[ClusterNode], None]
    ) -> None:
        generation = node.power_generation

        def run() -> None:
            if node.power_generation == generation:
                action(node)

        self._state.scheduler.after(delay, run)

    def _believe(self) -> None:
        """The membership has changed: write down what it says of each node."""
        state = self._state
        main = state.membership.main
        for node in state.nodes.values():
            if node.online != (node.name in main):
                node.online = node.name in main
                node.changed_at = state.now
            if state.membership.quorate_at(node.name):
                node.lost_quorum_at = None
            elif node.lost_quorum_at is None:
                node.lost_quorum_at = state.now

    def _serve(self, node: ClusterNode) -> None:
        node.api_up, node.starting_up = True, False
        node.booted_at = self._state.now - API_UP_AFTER
        self._state.tasks.booted[node.name] = node.booted_at
        node.transitions.append((self._state.now, True))

    def _join(self, node: ClusterNode) -> None:
        # The figures of before belong to the life before: nothing is known until the next ones.
        node.figures = None
        self._state.membership.join(node.name)
        task = self._state.tasks.create(node.name, "startall", "", "root@pam")
        self._state.tasks.start(task, self._start_all(node))

    def _start_all(self, node: ClusterNode) -> Process:
        yield 4.0
        end = self._state.now + QUORUM_PATIENCE
        while not self._state.membership.quorate_at(node.name):
            if self._state.now >= end:
                self._later(node, SOMEBODY_LOOKS, self._see_to)
                raise TaskError("cluster not ready - no quorum?")
            yield 1.0
        for guest in self._state.guests_on(node.name):
            if guest.config.get("onboot") and not guest.running and not guest.template:
                start_after_boot(self._state, guest)
                yield 0.5
        self._later(node, SOMEBODY_LOOKS, self._start_rest)

    def _start_rest(self, node: ClusterNode) -> None:
        """In time somebody starts what a watchdog tore down and no boot starts again."""
        ran, node.ran = node.ran, frozenset()
        for guest in self._state.guests_on(node.name):
            if guest.vmid in ran and not guest.running and guest.lock is None:
                start_after_boot(self._state, guest)

    def _see_to(self, node: ClusterNode) -> None:
        """Quorum came too late for a node that booted: in time somebody starts its guests."""
        if not self._state.membership.quorate_at(node.name):
            self._later(node, SOMEBODY_LOOKS, self._see_to)
            return
        task = self._state.tasks.create(node.name, "startall", "", "root@pam")
        self._state.tasks.start(task, self._start_all(node))


def _never(_node: ClusterNode) -> bool:
    return False


def iter_nothing() -> Process:
    """The process of a task that finds nothing to do."""
    yield 0.1
