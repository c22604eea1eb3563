"""After an outage: somebody starts the guests again that ran before and do not start by themselves.

A node that boots without quorum gives up starting its guests, and guests without `onboot` are never
started; whoever ends an outage sees to them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labtui.demo.cluster.world import ClusterWorld

LOOK_EVERY = 10.0
LOOKS = 180
SETTLED = 60.0
"""World seconds that a node is given to start its own guests first."""


def running_guests(world: ClusterWorld) -> frozenset[int]:
    """The guests that run now."""
    return frozenset(guest.vmid for guest in world.state.guests.values() if guest.running)


class Aftermath:
    """Starts each of some guests once, as soon as its node can do it."""

    def __init__(self, world: ClusterWorld, vmids: frozenset[int]) -> None:
        self._world = world
        self._left = set(vmids)
        self._looks = LOOKS
        world.state.scheduler.after(LOOK_EVERY, self._look)

    def _look(self) -> None:
        for vmid in sorted(self._left):
            if self._done(vmid):
                self._left.discard(vmid)
        self._looks -= 1
        if self._left and self._looks:
            self._world.state.scheduler.after(LOOK_EVERY, self._look)

    def _done(self, vmid: int) -> bool:
        world, state = self._world, self._world.state
        guest = state.guests.get(vmid)
        if guest is None or guest.running or world.ha.managed(guest) is not None:
            return guest is None or guest.running
        node = state.nodes[guest.node]
        ready = node.powered and node.api_up and state.membership.quorate_at(node.name)
        fresh = state.now - node.booted_at < SETTLED
        if not ready or fresh or guest.busy or guest.lock is not None:
            return False
        world.operations.start(guest, "root@pam")
        return True
