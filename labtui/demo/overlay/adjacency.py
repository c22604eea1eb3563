"""The physics of one BGP session: two ends, each with its own hold timer and its own row.

A session runs over a tunnel or another carrier. A cut is noticed by neither side until its hold
timer ends; an administrative stop is told to the other side while the tunnel passes. The
notifications are whole BGP messages in hexadecimal (RFC 4271, section 4.5; subcodes of RFC 4486),
as the session menu prints them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from labtui.demo.overlay.carrier import LARGEST_SEGMENT, Carrier
from labtui.demo.overlay.devices import BgpConnection, BgpSession, Router
from labtui.demo.overlay.firewall import Packet, lets_in

_NOTIFICATION = "ffffffffffffffffffffffffffffffff001503"
HOLD_EXPIRED = _NOTIFICATION + "0400"
ADMIN_SHUTDOWN = _NOTIFICATION + "0602"
DECONFIGURED = _NOTIFICATION + "0603"
BAD_PEER_AS = _NOTIFICATION + "0202"
BGP_PORT = 179
# From this loss on TCP hardly gets a segment through before the hold timer ends.
_STARVED = 0.75
# Seconds between two waves of updates that a full table brings; and the bytes of an update around
# its prefixes, and of each prefix (RFC 4271, section 4.3, with IP and TCP headers).
_CHURN = 300.0
_UPDATE_FRAME = 120
_PREFIX_BYTES = 5
# A session whose keepalives are muted lives this long before it falls silent.
MUTED_AFTER = 60.0
# Choice of the demo: the manual only says that the row of a lost session stays for a while.
VANISH_AFTER = 300.0


@dataclass(eq=False)
class Speaker:
    """One side: its connection, and its router (None where we hold none)."""

    router: Router | None
    site: str
    connection: BgpConnection
    router_id: str
    keepalive_phase: float
    offered: int = 0
    """Prefixes it announces to the other side."""

    @property
    def powered(self) -> bool:
        """Whether the router runs; one that is not ours always does."""
        return self.router is None or self.router.up

    @property
    def session(self) -> BgpSession | None:
        """The row of the session cache."""
        return self.connection.session

    @property
    def established(self) -> bool:
        """Whether this side believes the session to be up."""
        return self.session is not None and self.session.established

    def ready(self, other: Speaker) -> bool:
        """Powered, enabled, not stopped, and configured for this neighbour."""
        return self.willing(other) and not self.takes_for_another(other)

    def willing(self, other: Speaker) -> bool:
        """Powered, enabled, not stopped, and configured for this neighbour's address."""
        mine, theirs = self.connection, other.connection
        return (
            self.powered
            and not mine.disabled
            and not (self.session is not None and self.session.stopped)
            and mine.remote_address == theirs.local_address
            and (self.router is None or self._configured(self.router))
        )

    def _configured(self, router: Router) -> bool:
        """Its address is there, and its instance is on."""
        name = self.connection.extra.get("instance", "bgp-lab")
        instances = router.tables.get("/routing/bgp/instance", ())
        off = any(row.get("name") == name and row.disabled for row in instances)
        return router.owns(self.connection.local_address) and not off

    def takes_for_another(self, other: Speaker) -> bool:
        """Whether it expects another AS than the neighbour's."""
        return self.connection.remote_as not in (0, other.connection.local_as)

    def answers(self, other: Speaker) -> bool:
        """Whether TCP from the other side comes in at its port 179."""
        connection = self.connection
        packet = Packet("tcp", BGP_PORT, other.connection.local_address, connection.interface)
        return self.router is None or lets_in(self.router, packet)

    @property
    def update_size(self) -> int:
        """Bytes of the largest packet of its updates."""
        return min(LARGEST_SEGMENT, _UPDATE_FRAME + _PREFIX_BYTES * self.offered)

    def row(self) -> BgpSession:
        """The row of the cache, made when there is none."""
        if self.connection.session is None:
            number = 1 if self.router is None else self.router.next_session()
            self.connection.session = BgpSession(number, self.connection)
        return self.connection.session

    def close(self, now: float, *, received: str = "", sent: str = "") -> None:
        """The session of this side ends; the row stays for a while."""
        session = self.session
        if session is None or not session.established:
            return
        session.established = False
        session.stopped_at = now
        session.input_notification = received
        session.output_notification = sent
        session.prefix_count = 0
        session.drop_at = None
        session.heard_until = session.heard_until or now
        session.vanish_at = now + VANISH_AFTER


@dataclass(eq=False)
class Adjacency:
    """A BGP session over a tunnel; while `muted` the right side soon falls silent."""

    number: int
    tunnel: Carrier
    left: Speaker
    right: Speaker
    establish_at: float | None = field(default=None)
    muted: bool = False
    refused: bool = False

    @property
    def sides(self) -> tuple[tuple[Speaker, Speaker], tuple[Speaker, Speaker]]:
        """Each side with its neighbour."""
        return (self.left, self.right), (self.right, self.left)

    @property
    def established(self) -> bool:
        """Up on both sides: routes go both ways."""
        return self.left.established and self.right.established

    @property
    def hold_time(self) -> int:
        """The smaller of the two configured hold times, seconds."""
        return min(self.left.connection.hold_time, self.right.connection.hold_time)

    @property
    def keepalive_time(self) -> int:
        """The smaller of the configured keepalive times and a third of the hold time, seconds."""
        wanted = min(self.left.connection.keepalive_time, self.right.connection.keepalive_time)
        return max(1, min(wanted, self.hold_time // 3))

    def next_event(self) -> float | None:
        """The earliest moment at which this session changes by itself."""
        moments = [self.establish_at]
        for side in (self.left, self.right):
            if side.session is not None:
                moments.append(side.session.drop_at)
                moments.append(None if side.session.stopped else side.session.vanish_at)
        moments += [self._silence(side, other, after=True) for side, other in self.sides]
        return min((moment for moment in moments if moment is not None), default=None)

    def settle(self, now: float) -> None:
        """Make every change that is due at `now`."""
        passing = self.tunnel.passing(now) and self.tunnel.loss < _STARVED
        for side, other in self.sides:
            self._administrative(side, other, now, passing)
        self._compare_systems(now, passing)
        for side, other in self.sides:
            self._hold_timer(side, other, now, passing)
        self._establish(now, passing)
        for side in (self.left, self.right):
            session = side.session
            if session is None or session.established or session.stopped:
                continue
            if session.vanish_at is not None and session.vanish_at <= now:
                side.connection.session = None

    def stop(self, side: Speaker, now: float) -> None:
        """`/routing/bgp/session/stop` on one side: the flag stays until it is cleared."""
        other = self.right if side is self.left else self.left
        side.close(now, sent=ADMIN_SHUTDOWN)
        side.row().stopped = True
        if self.tunnel.passing(now):
            other.close(now, received=ADMIN_SHUTDOWN)

    def _administrative(self, side: Speaker, other: Speaker, now: float, passing: bool) -> None:
        if not side.powered:
            # Silence: the neighbour learns of it from its hold timer.
            side.connection.session = None
            return
        if side.session is None or side.willing(other):
            return
        if side.session.stopped and not side.connection.disabled:
            return
        side.connection.session = None
        if passing:
            other.close(now, received=DECONFIGURED)

    def _compare_systems(self, now: float, passing: bool) -> None:
        """A neighbour of another AS than the configured one gets its OPEN back with an error."""
        wrong = [side for side, other in self.sides if side.takes_for_another(other)]
        together = passing and all(side.willing(other) for side, other in self.sides)
        if not (wrong and together):
            self.refused = self.refused and bool(wrong)
            return
        if self.refused and not (self.left.established or self.right.established):
            return
        self.refused = True
        for side, _ in self.sides:
            guilty = side in wrong
            session = side.row()
            session.established = True
            side.close(
                now,
                sent=BAD_PEER_AS if guilty else "",
                received="" if guilty else BAD_PEER_AS,
            )

    def _silence(self, side: Speaker, other: Speaker, *, after: bool = False) -> float | None:
        """Since when nothing of the other side's comes through though the tunnel passes.

        A TCP connection stands still behind a segment that is too large for the way. With `after`
        only a moment that is still to come, that is one without a running hold timer.
        """
        session = side.session
        if session is None or not session.established or session.started is None:
            return None
        if after and session.drop_at is not None:
            return None
        moments = []
        if self.muted and side is self.left:
            moments.append(session.started + MUTED_AFTER)
        if other.update_size > self.tunnel.limit:
            shrunk = self.tunnel.shrunk_since
            wave = math.floor(shrunk / _CHURN + 1.0) * _CHURN if shrunk > -math.inf else shrunk
            moments.append(max(session.started + 1.0, wave))
        return min(moments, default=None)

    def has_heard(self, side: Speaker, other: Speaker, now: float) -> bool:
        """Whether the other side's routes have come: not when its first update got stuck."""
        silent = self._silence(side, other)
        session = side.session
        started = session.started if session is not None else None
        if silent is None or started is None or silent > now:
            return True
        return silent > started + 1.0

    def _hold_timer(self, side: Speaker, other: Speaker, now: float, passing: bool) -> None:
        session = side.session
        if session is None or not session.established:
            return
        silent = self._silence(side, other)
        if passing and not (silent is not None and silent <= now and other.established):
            session.drop_at = session.heard_until = None
            if not other.established:
                # The far side gave up first and is back: its TCP answers ours with a reset.
                side.close(now)
            return
        if session.drop_at is None:
            since = (now - (session.started or now) + side.keepalive_phase) % self.keepalive_time
            session.heard_until = max(session.started or now, now - since)
            session.drop_at = session.heard_until + self.hold_time
        if session.drop_at <= now:
            side.close(session.drop_at, sent=HOLD_EXPIRED)

    def _establish(self, now: float, passing: bool) -> None:
        possible = (
            passing
            and not self.established
            and all(side.ready(other) for side, other in self.sides)
            and self.left.connection.tcp_key == self.right.connection.tcp_key
            and any(side.answers(other) for side, other in self.sides)
        )
        if not possible:
            self.establish_at = None
        elif self.establish_at is None:
            self.establish_at = now + 2.0 + (self.number * 2.3) % 7.0
        elif self.establish_at <= now:
            self.establish_at = None
            for side in (self.left, self.right):
                session = side.row()
                session.established = True
                session.started = now
                session.vanish_at = session.drop_at = session.heard_until = None
                session.extra_sent = 0
