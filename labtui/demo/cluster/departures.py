"""Nodes that end in order, and what becomes of their managed guests: the shutdown policy.

`conditional` freezes them for a reboot and lets them fail over for a shutdown, `freeze` and
`failover` do always the one or the other, and with `migrate` the node first waits until they have
left; they come back with it.
"""

from __future__ import annotations

from collections.abc import Callable

from labtui.demo.cluster.nodes import ClusterNode
from labtui.demo.cluster.state import ClusterState


class Departures:
    """Who is leaving. `runs` says whether a managed guest runs on a node."""

    def __init__(self, state: ClusterState, runs: Callable[[str], bool]) -> None:
        self._state, self._runs = state, runs
        self.leaving: dict[str, bool] = {}
        """Nodes that ended in order, and whether their guests wait for them (frozen)."""
        self.policy: Callable[[], str] = _conditional
        self._emptied: set[str] = set()

    def begin(self, node: ClusterNode, comes_back: bool) -> None:
        """A node begins to end."""
        policy = self.policy()
        self.leaving[node.name] = comes_back if policy == "conditional" else policy != "failover"
        if policy == "migrate" and not node.maintenance:
            node.maintenance = True
            self._emptied.add(node.name)

    def holds(self, node: ClusterNode) -> bool:
        """Whether it waits for guests that are still to leave."""
        return node.name in self._emptied and self._runs(node.name)

    def returned(self) -> None:
        """The membership has changed: who is back need not be waited for."""
        for name in list(self.leaving):
            node = self._state.nodes[name]
            # Who is being emptied has not even gone yet.
            if node.online and not node.stopping and not self.holds(node):
                del self.leaving[name]
                if name in self._emptied:
                    self._emptied.discard(name)
                    node.maintenance = False


def _conditional() -> str:
    return "conditional"
