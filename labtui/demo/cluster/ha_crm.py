"""Who leads high availability: the master's lock, and agents that lost their quorum.

The master holds a lock that another node can take 120 s after it was renewed last; the new one
begins to count anew. A node with active services that loses quorum is reset by its watchdog after a
minute.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from labtui.demo.cluster.nodes import ClusterNode
from labtui.demo.cluster.state import ClusterState

LOCK_LIFETIME = 120.0
WATCHDOG_AFTER = 60.0

Resetter = Callable[[ClusterNode], None]


class Manager:
    """The lock of the manager and the watchdogs of the agents."""

    def __init__(
        self, state: ClusterState, busy: Callable[[str], bool], reset: Resetter | None
    ) -> None:
        self._state, self._busy, self._reset = state, busy, reset
        self.holder: str | None = next(iter(state.nodes), None)
        """The node that wrote the manager's status last."""
        self.since = self._renewed = state.now
        self.disarmed: str | None = None
        """`freeze` or `ignore` while nothing is fenced nor looked after (9.x)."""
        state.membership.changed.append(self._watch)

    @property
    def master(self) -> str | None:
        """The node whose manager leads; None without quorum or while nobody holds the lock."""
        alive = self.holder is not None and self._state.nodes[self.holder].online
        return self.holder if alive and self._state.quorate else None

    @property
    def renewed(self) -> float:
        """When the master wrote its status last, epoch seconds."""
        return self._state.now if self.master is not None else self._renewed

    def elect(self) -> bool:
        """Renew or take the lock; whether somebody leads in this round."""
        state = self._state
        if self.master is not None:
            self._renewed = state.now
            return True
        if not state.quorate or state.now - self._renewed < LOCK_LIFETIME:
            return False
        self.holder = next((n.name for n in state.nodes.values() if n.online), None)
        self.since = self._renewed = state.now
        return self.holder is not None

    def _watch(self) -> None:
        """The membership has changed: agents that cannot renew their lock meet the watchdog."""
        state = self._state
        for node in state.nodes.values():
            if node.powered and node.lost_quorum_at == state.now and self._busy(node.name):
                expire = partial(self._expire, node.name, node.lost_quorum_at)
                state.scheduler.after(WATCHDOG_AFTER, expire)

    def _expire(self, name: str, since: float) -> None:
        node = self._state.nodes[name]
        if self.disarmed is not None or self._reset is None:
            return
        if node.powered and node.lost_quorum_at == since:
            self._reset(node)
