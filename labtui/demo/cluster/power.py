"""Power of nodes, the membership that follows it, and what starts again after a boot.

Seconds from recordings and notes: the membership sees a dead node after about 7 s; a node that
starts refuses connections first, joins, and has no figures for another ten to fourteen seconds.
"""

from __future__ import annotations

from collections.abc import Callable

from labtui.demo.cluster.nodes import ClusterNode
from labtui.demo.cluster.operations import start_after_boot
from labtui.demo.cluster.scheduler import Process
from labtui.demo.cluster.state import ClusterState
from labtui.demo.cluster.statistics import Statistics

MEMBERSHIP_LOST_AFTER = 7.0
API_UP_AFTER = 18.0
MEMBERSHIP_BACK_AFTER = 20.0
FIGURES_BACK_AFTER = 32.0


class Power:
    """Switches nodes off and on."""

    def __init__(self, state: ClusterState, statistics: Statistics) -> None:
        self._state = state
        self._statistics = statistics

    def off(self, node: ClusterNode) -> None:
        """Pull the plug: guests and tasks of the node are gone at once."""
        if not node.powered:
            return
        state = self._state
        node.powered = node.api_up = node.starting_up = False
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
        self._later(node, MEMBERSHIP_LOST_AFTER, self._leave)

    def on(self, node: ClusterNode) -> None:
        """Press the button: it boots, joins, publishes and starts its guests."""
        if node.powered:
            return
        node.powered = node.starting_up = True
        node.power_generation += 1
        self._later(node, API_UP_AFTER, self._serve)
        self._later(node, MEMBERSHIP_BACK_AFTER, self._join)
        self._later(node, FIGURES_BACK_AFTER, self._statistics.restart)

    def _later(
        self, node: ClusterNode, delay: float, action: Callable[[ClusterNode], None]
    ) -> None:
        generation = node.power_generation

        def run() -> None:
            if node.power_generation == generation:
                action(node)

        self._state.scheduler.after(delay, run)

    def _leave(self, node: ClusterNode) -> None:
        node.online = False
        node.changed_at = self._state.now

    def _serve(self, node: ClusterNode) -> None:
        node.api_up, node.starting_up = True, False
        node.booted_at = self._state.now - API_UP_AFTER
        self._state.tasks.booted[node.name] = node.booted_at
        node.transitions.append((self._state.now, True))

    def _join(self, node: ClusterNode) -> None:
        node.online = True
        node.changed_at = self._state.now
        # The figures of before belong to the life before: nothing is known until the next ones.
        node.figures = None
        task = self._state.tasks.create(node.name, "startall", "", "root@pam")
        self._state.tasks.start(task, self._start_all(node))

    def _start_all(self, node: ClusterNode) -> Process:
        yield 4.0
        for guest in self._state.guests_on(node.name):
            if guest.config.get("onboot") and not guest.running and not guest.template:
                start_after_boot(self._state, guest)
                yield 0.5
