"""The physics of one WireGuard tunnel.

The times are those of the protocol (WireGuard paper, section 6): a handshake every 120 s while
there is something to send, keys refused after 180 s, one initiation every 5 s while nobody answers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from labtui.demo.overlay.devices import Peer, Router
from labtui.demo.overlay.flow import Flow

REJECT_AFTER = 180.0
RETRY_EVERY = 5.0
# An initiation is 148 bytes, sent again after five seconds and a little.
KNOCK_RATE = 148 / 5.3
# Keepalives, handshakes and BGP chatter of a healthy tunnel.
OVERHEAD = Flow(6.0)


@dataclass(eq=False)
class TunnelEnd:
    """One side: its router (None where we hold none), its peer entry and what it sends."""

    router: Router | None
    peer: Peer
    public_address: str
    outgoing: Flow
    present: bool = True
    talkative: bool = False
    loaded: bool = False

    @property
    def alive(self) -> bool:
        """Powered, with the interface and the peer enabled."""
        powered = self.present if self.router is None else self.router.up
        return powered and not self.peer.disabled and not self.peer.interface.disabled

    @property
    def online(self) -> bool:
        """Whether packets leave this side's building at all."""
        return self.router is None or self.router.online

    @property
    def speaks(self) -> bool:
        """Whether this side has something to send on its own."""
        return self.alive and (self.peer.keepalive > 0 or self.talkative)


@dataclass(eq=False)
class Tunnel:
    """A pair of peers; `open` is the path between them, which a scenario cuts."""

    number: int
    left: TunnelEnd
    right: TunnelEnd
    latency: float
    is_open: Callable[[], bool]
    next_handshake: float | None = field(default=None)

    @property
    def ends(self) -> tuple[TunnelEnd, TunnelEnd]:
        """Both sides."""
        return self.left, self.right

    @property
    def period(self) -> float:
        """Seconds between two handshakes: 120 and what it takes until the next packet."""
        return 120.0 + (self.number * 1.7) % 4.0

    @property
    def able(self) -> bool:
        """Whether a handshake would succeed: path, power, keys, and a side that can begin."""
        if not (self.is_open() and all(end.alive and end.online for end in self.ends)):
            return False
        keys = (
            self.left.peer.public_key == self.right.peer.interface.public_key
            and self.right.peer.public_key == self.left.peer.interface.public_key
        )
        return keys and (_knows(self.left, self.right) or _knows(self.right, self.left))

    def passing(self, moment: float) -> bool:
        """Whether packets get through at `moment`: the path is there and both hold fresh keys."""
        return self.able and all(
            end.peer.last_handshake is not None and moment - end.peer.last_handshake < REJECT_AFTER
            for end in self.ends
        )

    def settle(self, now: float) -> None:
        """Bring the schedule of handshakes in line with what is enabled, powered and open."""
        for end in self.ends:
            if not end.alive:
                end.peer.forget()
        if not (self.able and any(end.speaks for end in self.ends)):
            self.next_handshake = None
        elif self.next_handshake is None:
            # Somewhere inside the knocking side's five seconds, the same in every run.
            self.next_handshake = now + 0.3 + (self.number * 1.1) % (RETRY_EVERY - 0.5)

    def poke(self, now: float) -> None:
        """A packet wants through: an idle tunnel that can be brought up shakes hands at once."""
        if self.next_handshake is None and self.able and not self.passing(now):
            self._shake(now)

    def next_event(self, now: float) -> float | None:
        """When the tunnel begins to pass, if it does not and will."""
        return None if self.passing(now) else self.next_handshake

    def accrue(self, start: float, end: float) -> None:
        """Let the time from `start` to `end` pass; nothing but handshakes changes in between."""
        passes_from = start if self.passing(start) else None
        if self.next_handshake is not None and self.next_handshake <= end:
            if passes_from is None:
                passes_from = max(start, self.next_handshake)
            rounds = int((end - self.next_handshake) // self.period)
            self._shake(self.next_handshake + rounds * self.period)
            self.next_handshake += (rounds + 1) * self.period
        if passes_from is not None and self.next_handshake is not None:
            _deliver(self.left, self.right, passes_from, end)
            _deliver(self.right, self.left, passes_from, end)
        elif not self.able:
            for side in self.ends:
                _knock(side, start, end)

    def _shake(self, moment: float) -> None:
        for end, other in ((self.left, self.right), (self.right, self.left)):
            end.peer.last_handshake = moment
            end.peer.current_endpoint = (other.public_address, other.peer.interface.listen_port)


def _knows(end: TunnelEnd, other: TunnelEnd) -> bool:
    where = (end.peer.endpoint_address, end.peer.endpoint_port)
    return not end.peer.responder and where == (
        other.public_address,
        other.peer.interface.listen_port,
    )


def _deliver(sender: TunnelEnd, receiver: TunnelEnd, start: float, end: float) -> None:
    amount = OVERHEAD.amount(start, end)
    if sender.loaded:
        amount += sender.outgoing.amount(start, end)
    sender.peer.tx += amount
    receiver.peer.rx += amount


def _knock(end: TunnelEnd, start: float, stop: float) -> None:
    """Nobody answers: data until the keys are refused (lost on the way), then initiations only."""
    if not end.alive:
        return
    if end.speaks and end.peer.endpoint_port and not end.peer.responder:
        end.peer.tx += KNOCK_RATE * (stop - start)
    if end.loaded and end.peer.last_handshake is not None:
        expiry = end.peer.last_handshake + REJECT_AFTER
        end.peer.tx += end.outgoing.amount(start, min(stop, expiry))
