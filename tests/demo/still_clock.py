"""A clock that moves only when a test says so."""

from __future__ import annotations

from labtui.demo.clock import Clock
from labtui.demo.lab import Lab
from labtui.demo.overlay.devices import BgpSession, Peer
from labtui.demo.overlay.world import OverlayWorld, peers_of
from labtui.demo.standard_lab import default_lab

START = 1_800_000_000.0


class StillClock(Clock):
    """World time that stands still; `speed` shortens the waits of a ping."""

    def __init__(self, speed: float = 1.0) -> None:
        super().__init__(speed)
        self.moment = START

    def now(self) -> float:
        return self.moment


class Stage:
    """A world with its clock and the short ways to what stands in it."""

    def __init__(self, speed: float = 1.0, lab: Lab | None = None) -> None:
        self.clock = StillClock(speed)
        self.world = OverlayWorld(lab or default_lab(), self.clock)

    def wait(self, seconds: float, step: float | None = None) -> None:
        """Let time pass, in one leap or in steps."""
        end = self.clock.moment + seconds
        while self.clock.moment < end:
            self.clock.moment = min(end, self.clock.moment + (step or seconds))
            self.world.advance()

    def peer(self, router: str, interface: str, index: int = 0) -> Peer:
        """A peer by its router and interface."""
        peers = peers_of(self.world.routers[router])
        return [peer for peer in peers if peer.interface.name == interface][index]

    def age(self, router: str, interface: str, index: int = 0) -> float | None:
        """Seconds since the last handshake."""
        last = self.peer(router, interface, index).last_handshake
        return None if last is None else self.world.now - last

    def session(self, router: str, far: str) -> BgpSession | None:
        """The row of the session cache of a connection."""
        connections = self.world.routers[router].connections
        return next(item.session for item in connections if item.name == f"to-{far}")

    def up(self, router: str, far: str) -> bool:
        """Whether the session is established."""
        session = self.session(router, far)
        return session is not None and session.established

    def prefixes(self, router: str, far: str) -> int:
        """The prefix count of a session."""
        session = self.session(router, far)
        assert session is not None
        return session.prefix_count
