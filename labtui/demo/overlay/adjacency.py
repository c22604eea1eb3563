"""The physics of one BGP session: two ends, each with its own hold timer and its own row.

A cut is noticed by neither side until its hold timer ends; an administrative stop is told to the
other side while the tunnel passes. The notifications are whole BGP messages in hexadecimal
(RFC 4271, section 4.5; subcodes of RFC 4486), as the session menu prints them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from labtui.demo.overlay.devices import BgpConnection, BgpSession, Router
from labtui.demo.overlay.tunnel import Tunnel

_NOTIFICATION = "ffffffffffffffffffffffffffffffff001503"
HOLD_EXPIRED = _NOTIFICATION + "0400"
ADMIN_SHUTDOWN = _NOTIFICATION + "0602"
DECONFIGURED = _NOTIFICATION + "0603"
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
        mine, theirs = self.connection, other.connection
        return (
            self.powered
            and not mine.disabled
            and not (self.session is not None and self.session.stopped)
            and (mine.remote_address, mine.remote_as) == (theirs.local_address, theirs.local_as)
        )

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
    """A BGP session over a tunnel."""

    number: int
    tunnel: Tunnel
    left: Speaker
    right: Speaker
    establish_at: float | None = field(default=None)

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
        return min((moment for moment in moments if moment is not None), default=None)

    def settle(self, now: float) -> None:
        """Make every change that is due at `now`."""
        passing = self.tunnel.passing(now)
        for side, other in self.sides:
            self._administrative(side, other, now, passing)
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
        if side.session is None or side.ready(other):
            return
        if side.session.stopped and not side.connection.disabled:
            return
        side.connection.session = None
        if passing:
            other.close(now, received=DECONFIGURED)

    def _hold_timer(self, side: Speaker, other: Speaker, now: float, passing: bool) -> None:
        session = side.session
        if session is None or not session.established:
            return
        if passing:
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
