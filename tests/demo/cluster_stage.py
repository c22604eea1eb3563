"""A cluster world whose clock moves only when a test says so."""

from __future__ import annotations

from collections.abc import Callable

from labtui.demo.cluster.guests import Guest
from labtui.demo.cluster.ha_resource import Resource
from labtui.demo.cluster.migration import MigrationRequest
from labtui.demo.cluster.tasks import Task
from labtui.demo.cluster.world import ClusterWorld
from labtui.demo.lab import Lab
from labtui.demo.standard_lab import default_lab
from tests.demo.still_clock import StillClock


class ClusterStage:
    """The world, its clock and short ways to what stands in it."""

    def __init__(self, version: str = "9.2", lab: Lab | None = None) -> None:
        self.clock = StillClock()
        self.world = ClusterWorld(lab or default_lab(), self.clock, version)
        self.state = self.world.state

    def wait(self, seconds: float, step: float = 1.0) -> None:
        """Let world time pass in steps."""
        end = self.clock.moment + seconds
        while self.clock.moment < end:
            self.clock.moment = min(end, self.clock.moment + step)
            self.world.advance()

    def until(self, done: Callable[[], bool], limit: float = 900.0, step: float = 0.5) -> float:
        """Let time pass until `done`; seconds it took. Fails after `limit` seconds."""
        begun = self.clock.moment
        while not done():
            assert self.clock.moment - begun < limit, "did not happen in time"
            self.wait(step, step)
        return self.clock.moment - begun

    def guest(self, name: str) -> Guest:
        """The guest of that name."""
        return next(guest for guest in self.state.guests.values() if guest.name == name)

    def resource(self, name: str) -> Resource:
        """The HA resource of the guest of that name."""
        return self.world.ha.by_guest[self.guest(name).vmid]

    def migrate(self, guest: Guest, request: MigrationRequest) -> Task:
        """Begin a migration as root."""
        return self.world.migrate(guest, request, "root@pam")

    def finish(self, task: Task) -> float:
        """Wait for a task; seconds it took."""
        return self.until(lambda: not task.running)
