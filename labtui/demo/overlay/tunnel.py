"""The physics of one WireGuard tunnel.

The times are those of the protocol (WireGuard paper, section 6): a handshake every 120 s while
there is something to send, keys refused after 180 s, one initiation every 5 s while nobody answers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from labtui.demo.overlay.devices import Peer, Router
from labtui.demo.overlay.firewall import Packet, lets_in
from labtui.demo.overlay.flow import Flow
from labtui.demo.overlay.underlay import Underlay

REJECT_AFTER = 180.0
RETRY_EVERY = 5.0
# Outer IPv4, UDP and WireGuard headers around each packet.
WRAPPING = 60
# An initiation is 148 bytes, sent again after five seconds and a little; 28 bytes of headers.
KNOCK_RATE = 148 / 5.3
_INITIATION = 176
# Keepalives, handshakes and BGP chatter of a healthy tunnel.
OVERHEAD = Flow(6.0)
# A handshake that has failed so often in a row is as good as none.
_MOST_TRIES = 2000


@dataclass(eq=False)
class TunnelEnd:
    """One side: its router (None where we hold none), its peer entry and what it sends."""

    router: Router | None
    site: str
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

    def clock(self, moment: float) -> float:
        """What this side takes the moment for."""
        return moment if self.router is None else self.router.clock(moment)


@dataclass(eq=False)
class Tunnel:
    """A pair of peers over the underlay's path of that number."""

    number: int
    path: int
    left: TunnelEnd
    right: TunnelEnd
    latency: float
    underlay: Underlay
    next_handshake: float | None = field(default=None)
    rounds: int = 0
    shrunk_since: float = -math.inf
    """Since when the largest packet that passes is what it is."""
    _limit: int | None = None

    @property
    def ends(self) -> tuple[TunnelEnd, TunnelEnd]:
        """Both sides."""
        return self.left, self.right

    @property
    def sides(self) -> tuple[tuple[TunnelEnd, TunnelEnd], tuple[TunnelEnd, TunnelEnd]]:
        """Each side with the other."""
        return (self.left, self.right), (self.right, self.left)

    @property
    def period(self) -> float:
        """Seconds between two handshakes: 120 and what it takes until the next packet."""
        return 120.0 + (self.number * 1.7) % 4.0

    @property
    def loss(self) -> float:
        """The share of packets lost one way."""
        return self.underlay.loss(self.path, self.left.site, self.right.site)

    @property
    def limit(self) -> int:
        """The largest packet that gets through the tunnel, of whatever interface MTU."""
        return self.underlay.mtu(self.path, self.left.site, self.right.site) - WRAPPING

    @property
    def delay(self) -> float:
        """Seconds one way."""
        added = self.underlay.delay(self.path, self.left.site, self.right.site)
        return self.latency + added

    def is_open(self, moment: float) -> bool:
        """Whether UDP of a handshake's size gets from one building to the other."""
        return (
            self.underlay.whole(self.path, self.left.site, self.right.site, moment)
            and not self.underlay.path(self.path).udp_filtered
            and self.limit + WRAPPING >= _INITIATION
            and self.loss < 1.0
        )

    def able(self, moment: float) -> bool:
        """Whether a handshake would succeed: path, power, keys, and a side that can begin."""
        return self._joined(moment) and any(
            self._can_begin(end, other, moment) for end, other in self.sides
        )

    def _joined(self, moment: float) -> bool:
        if not (self.is_open(moment) and all(end.alive and end.online for end in self.ends)):
            return False
        left, right = self.left.peer, self.right.peer
        return (
            left.public_key == right.interface.public_key
            and right.public_key == left.interface.public_key
            and left.preshared_key == right.preshared_key
        )

    def _can_begin(self, end: TunnelEnd, other: TunnelEnd, moment: float) -> bool:
        """Knows where the other is, may come in there, and its clock has not run backwards."""
        return (
            not end.peer.responder
            and self._reaches(end, other)
            and end.clock(moment) >= other.peer.newest_stamp
        )

    def _reaches(self, end: TunnelEnd, other: TunnelEnd) -> bool:
        port = other.peer.interface.listen_port
        where = (end.peer.endpoint_address, end.peer.endpoint_port)
        if where != (other.public_address, port) or self.underlay.uplink(other.site).nat:
            return False
        packet = Packet("udp", port, end.public_address, "ether1")
        return other.router is None or lets_in(other.router, packet)

    def passing(self, moment: float) -> bool:
        """Whether packets get through at `moment`: the path is there and both hold fresh keys.

        Who may begin a handshake does not matter while the keys are fresh.
        """
        return self._joined(moment) and all(
            end.peer.last_handshake is not None
            and 0 <= moment - end.peer.last_handshake < REJECT_AFTER
            for end in self.ends
        )

    def settle(self, now: float) -> None:
        """Bring the schedule of handshakes in line with what is enabled, powered and open."""
        for end in self.ends:
            if not end.alive:
                end.peer.forget()
        if self.limit != self._limit:
            self.shrunk_since = -math.inf if self._limit is None else now
            self._limit = self.limit
        if not (self.able(now) and any(end.speaks for end in self.ends)):
            self.next_handshake = None
        elif self.next_handshake is None:
            # Somewhere inside the knocking side's five seconds, the same in every run.
            first = now + 0.3 + (self.number * 1.1) % (RETRY_EVERY - 0.5)
            self.next_handshake = first + self._late()

    def poke(self, now: float) -> None:
        """A packet wants through: an idle tunnel that can be brought up shakes hands at once."""
        if self.next_handshake is None and self.able(now) and not self.passing(now):
            self._shake(now)

    def next_event(self, now: float) -> float | None:
        """When the tunnel begins to pass or stops to, if it will."""
        if self.passing(now):
            expiry = min(end.peer.last_handshake or 0.0 for end in self.ends) + REJECT_AFTER
            known = self.next_handshake
            return expiry if known is None or known > expiry else None
        if self.next_handshake is not None:
            return self.next_handshake
        return self._clock_caught_up(now)

    def _clock_caught_up(self, now: float) -> float | None:
        """When a clock that had run backwards reaches the stamp its neighbour has seen."""
        if not self._joined(now):
            return None
        moments = [
            now + other.peer.newest_stamp - end.clock(now)
            for end, other in self.sides
            if not end.peer.responder and self._reaches(end, other)
        ]
        return min((moment for moment in moments if moment > now), default=None)

    def accrue(self, start: float, end: float) -> None:
        """Let the time from `start` to `end` pass; nothing but handshakes changes in between."""
        passes_from = start if self.passing(start) else None
        if self.next_handshake is not None and self.next_handshake <= end:
            if passes_from is None:
                passes_from = max(start, self.next_handshake)
            self._shake_until(end)
        if passes_from is not None and self.next_handshake is not None:
            kept = 1.0 - self.loss
            _deliver(self.left, self.right, passes_from, end, kept)
            _deliver(self.right, self.left, passes_from, end, kept)
        elif not self.able(start):
            for side in self.ends:
                _knock(side, start, end)

    def _shake_until(self, end: float) -> None:
        """All handshakes up to `end`; without loss in one step."""
        if self.next_handshake is None:
            return
        if self.loss <= 0:
            rounds = int((end - self.next_handshake) // self.period)
            self._shake(self.next_handshake + rounds * self.period)
            self.next_handshake += (rounds + 1) * self.period
            return
        while self.next_handshake <= end:
            self._shake(self.next_handshake)
            self.next_handshake += self.period + self._late()

    def _late(self) -> float:
        """What lost initiations and answers cost before the next handshake succeeds."""
        if self.loss <= 0:
            return 0.0
        self.rounds += 1
        failing = 1.0 - (1.0 - self.loss) ** 2
        throw = max(self.underlay.chance("handshake", self.number, self.rounds), 1e-12)
        tries = min(_MOST_TRIES, int(math.log(throw) / math.log(failing)))
        return RETRY_EVERY * tries

    def _shake(self, moment: float) -> None:
        for end, other in self.sides:
            end.peer.last_handshake = moment
            end.peer.current_endpoint = (other.public_address, self.seen_port(other))
        for end, other in self.sides:
            if self._can_begin(end, other, moment):
                other.peer.newest_stamp = end.clock(moment)
                break

    def seen_port(self, end: TunnelEnd) -> int:
        """The port its packets come from; behind a NAT one of the NAT's choice."""
        port = end.peer.interface.listen_port
        return 20000 + port % 40000 if self.underlay.uplink(end.site).nat else port


def _deliver(sender: TunnelEnd, receiver: TunnelEnd, start: float, end: float, kept: float) -> None:
    amount = OVERHEAD.amount(start, end)
    if sender.loaded:
        amount += sender.outgoing.amount(start, end)
    sender.peer.tx += amount
    receiver.peer.rx += amount * kept


def _knock(end: TunnelEnd, start: float, stop: float) -> None:
    """Nobody answers: data until the keys are refused (lost on the way), then initiations only."""
    if not end.alive:
        return
    if end.speaks and end.peer.endpoint_port and not end.peer.responder:
        end.peer.tx += KNOCK_RATE * (stop - start)
    if end.loaded and end.peer.last_handshake is not None:
        expiry = end.peer.last_handshake + REJECT_AFTER
        end.peer.tx += end.outgoing.amount(start, min(stop, expiry))
