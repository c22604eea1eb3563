"""A backup line between two sites: L2TP, usually inside IPsec in transport mode.

First the keys (phase 1), then the call. What must agree is read from the configuration of both
routers: the server's menu, the secrets of its people, the client's interface.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from labtui.demo.overlay.devices import Port, Record, Router
from labtui.demo.overlay.flow import Flow
from labtui.demo.overlay.underlay import FULL_MTU, Underlay

SERVER = "/interface/l2tp-server/server"
CLIENT = "/interface/l2tp-client"
SECRETS = "/ppp/secret"
# Seconds: two lost echoes of PPP, five probes of dead peer detection, the wait between two calls.
KEEPALIVE_ENDS = 30.0
DEAD_PEER_AFTER = 120.0
_KEYING = 1.2
_CALLING = 2.0
_REDIAL = 3.0
_MTU = 1450
# IPv4, ESP with its trailer, UDP, L2TP and PPP around each packet.
_WRAPPING = 98
_TOO_LOSSY = 0.8


@dataclass(eq=False)
class BackupLine:
    """One call from a client to a server. `carried` is what OSPF and pings make of traffic."""

    number: int
    server: Router
    client: Router
    record: Record
    face: Port
    inner: tuple[str, str]
    latency: float
    underlay: Underlay
    outgoing: tuple[Flow, Flow]
    keyed_at: float | None = None
    called_at: float | None = None
    keyed_since: float | None = None
    up_since: float | None = None
    lost_at: float | None = None
    tries: int = 0
    shrunk_since: float = field(default=-math.inf)
    guest_face: Port | None = None
    server_face_number: int = 0

    @property
    def loss(self) -> float:
        """The share of packets lost one way."""
        return self.underlay.loss(self.number, self.server.site, self.client.site)

    @property
    def limit(self) -> int:
        """The largest packet that gets through the call; a whole way takes it in two pieces."""
        size = self.underlay.mtu(self.number, self.server.site, self.client.site)
        return _MTU if size >= FULL_MTU else size - _WRAPPING

    @property
    def delay(self) -> float:
        """Seconds one way."""
        added = self.underlay.delay(self.number, self.server.site, self.client.site)
        return self.latency + added

    @property
    def uses_ipsec(self) -> bool:
        """Whether the client wants keys first."""
        return self.record.get("use-ipsec") == "true"

    def reaches(self, moment: float) -> bool:
        """Whether the two buildings hear each other."""
        return (
            self.underlay.whole(self.number, self.server.site, self.client.site, moment)
            and all(router.up and router.online for router in (self.server, self.client))
            and not self.underlay.path(self.number).udp_filtered
            and self.loss < _TOO_LOSSY
            and self.record.get("connect-to") == self.server.public_address
        )

    def passing(self, moment: float) -> bool:
        """Whether packets get through the call."""
        return self.up_since is not None and self.lost_at is None and self.reaches(moment)

    @property
    def keys_agree(self) -> bool:
        """Whether both have the same secret for phase 1, or neither wants one."""
        server = self.server.single[SERVER]
        if not self.uses_ipsec:
            return server.get("use-ipsec") != "required"
        same = server.get("ipsec-secret") == self.record.get("ipsec-secret")
        return server.get("use-ipsec") in ("true", "required") and same

    @property
    def welcome(self) -> bool:
        """Whether the server is on and knows the caller."""
        if self.server.single[SERVER].get("enabled") != "true":
            return False
        return any(
            not person.disabled
            and person.get("name") == self.record.get("user")
            and person.get("password") == self.record.get("password")
            and person.get("service", "any") in ("any", "l2tp")
            for person in self.server.table(SECRETS)
        )

    @property
    def status(self) -> str:
        """What the client's monitor says; the words are those of the manual's PPPoE page."""
        if self.up_since is not None:
            return "connected"
        if self.record.disabled:
            return "disconnected"
        if self.keys_agree and not self.welcome and self.keyed_since is not None:
            return "verifying password..."
        return "dialing"

    def next_event(self) -> float | None:
        """When something changes here by itself."""
        moments = [self.keyed_at, self.called_at]
        if self.lost_at is not None and self.up_since is not None:
            moments.append(self.lost_at + KEEPALIVE_ENDS)
        elif self.lost_at is not None and self.keyed_since is not None:
            moments.append(self.lost_at + DEAD_PEER_AFTER)
        return min((moment for moment in moments if moment is not None), default=None)

    def settle(self, now: float) -> None:
        """Make every change that is due."""
        if not self.client.up or self.record.disabled or not self.server.up:
            self._hang_up(now)
            return
        if not self.reaches(now):
            self._lost(now)
            return
        self.lost_at = None
        if not self.keys_agree:
            self._hang_up(now)
            return
        self._key(now)
        self._call(now)

    def _lost(self, now: float) -> None:
        self.keyed_at = self.called_at = None
        if self.lost_at is None:
            self.lost_at = now
        if self.up_since is not None and now >= self.lost_at + KEEPALIVE_ENDS:
            self._end_call(now, "keepalive timeout")
        if now >= self.lost_at + DEAD_PEER_AFTER:
            self.keyed_since = None

    def _key(self, now: float) -> None:
        if self.keyed_since is not None:
            return
        if self.keyed_at is None:
            # The client calls again every few seconds; the same moment in every run.
            self.keyed_at = now + _KEYING + (self.number * 1.3) % _REDIAL
        elif self.keyed_at <= now:
            self.keyed_at, self.keyed_since = None, now

    def _call(self, now: float) -> None:
        if not self.welcome:
            self.called_at = None
            if self.up_since is not None:
                self._end_call(now, "peer request")
            return
        if self.keyed_since is None or self.up_since is not None:
            return
        if self.called_at is None:
            self.called_at = now + _CALLING
        elif self.called_at <= now:
            self.called_at, self.up_since = None, now
            self.face.running = True
            user = self.record.get("user")
            self.client.say(now, "l2tp,ppp,info", f"{self.face.name}: authenticated")
            self.client.say(now, "l2tp,ppp,info", f"{self.face.name}: connected")
            self.server.say(
                now,
                "l2tp,ppp,info,account",
                f"{user} logged in, {self.inner[1]} from {self.client.public_address}",
            )

    def _hang_up(self, now: float) -> None:
        self.keyed_at = self.called_at = self.keyed_since = self.lost_at = None
        if self.up_since is not None:
            self._end_call(now, "hung up")

    def _end_call(self, now: float, why: str) -> None:
        self.up_since = None
        self.face.running = False
        self.client.say(now, "l2tp,ppp,info", f"{self.face.name}: terminating... - {why}")
        self.client.say(now, "l2tp,ppp,info", f"{self.face.name}: disconnected")
        user = self.record.get("user")
        self.server.say(now, "l2tp,ppp,info,account", f"{user} logged out")

    @property
    def mtu(self) -> int:
        """The MTU of the call."""
        return _MTU

    def octets(self, moment: float, *, to_client: bool) -> int:
        """Bytes of the call so far."""
        if self.up_since is None:
            return 0
        return int(self.outgoing[0 if to_client else 1].amount(self.up_since, moment))
