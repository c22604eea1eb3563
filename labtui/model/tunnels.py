"""WireGuard tunnels: both ends joined by their keys, and a verdict with its reason.

The constants are those of the WireGuard paper, section 6: a side that has something to send
renews its handshake after 120 s, keys are refused after 180 s. So a tunnel that carries a
keepalive or a routing protocol is never silent for longer, and an old handshake there is a dead
tunnel; without either it may just be idle.
"""

from __future__ import annotations

from ipaddress import IPv4Interface, IPv6Interface, ip_address, ip_interface
from typing import Literal

import msgspec

from labtui.model.derived import Derived
from labtui.model.feed import Freshness
from labtui.model.ospf import Ospf
from labtui.model.overlay import Bgp, RouterFacts, WireGuard, WireGuardInterface, WireGuardPeer
from labtui.model.snapshot import Snapshot

REJECT_AFTER = 180.0
ONE_POLL = 15.0

Verdict = Literal["up", "dead", "one-way", "never", "idle", "off", "unknown"]
# An end that is up proves that packets pass both ways, whatever a silent router would say.
_WEIGHTIEST_FIRST: tuple[Verdict, ...] = ("dead", "one-way", "never", "up", "idle", "unknown")


class TunnelEnd(msgspec.Struct, frozen=True):
    """One router's side as read at `read_at`. `stale`: it has not been read lately."""

    router: str
    site: str
    interface: WireGuardInterface
    peer: WireGuardPeer
    carries_routing: bool = False
    stale: bool = False
    read_at: float | None = None

    @property
    def off(self) -> bool:
        return self.peer.disabled or self.interface.disabled

    @property
    def begins(self) -> bool:
        """Whether it ever starts a handshake: it knows where to, and is no mere responder."""
        return bool(self.peer.endpoint) and not self.peer.responder


class Judgement(msgspec.Struct, frozen=True):
    """A verdict; `reason` is a key of `views` texts: what it rests on."""

    verdict: Verdict
    reason: str
    age: float | None = None


class Tunnel(msgspec.Struct, frozen=True):
    """A tunnel: the near end, and the far one where we hold its router too."""

    near: TunnelEnd
    far: TunnelEnd | None = None

    @property
    def key(self) -> str:
        return self.near.peer.key

    @property
    def ends(self) -> tuple[TunnelEnd, ...]:
        return (self.near, self.far) if self.far else (self.near,)

    @property
    def far_name(self) -> str:
        """The far side's site, else what the peer is called, else its key's beginning."""
        if self.far:
            return self.far.site or self.far.router
        peer = self.near.peer
        return peer.name or peer.comment or peer.public_key[:8] or "?"

    def judge(self, now: float) -> Judgement:
        """The weightiest of what both ends said when they were read; the age counts on to now."""
        keepalive = any(end.peer.keepalive for end in self.ends)
        routing = any(end.carries_routing for end in self.ends)
        if any(end.off for end in self.ends):
            return Judgement("off", "disabled")
        said = [_judge_end(end, now, keepalive, routing) for end in self.ends]
        if self.far is not None and not any(end.begins for end in self.ends):
            said = [
                Judgement("never", "nobody", each.age)
                if each.verdict in ("never", "idle")
                else each
                for each in said
            ]
        return min(said, key=lambda judgement: _WEIGHTIEST_FIRST.index(judgement.verdict))


def _judge_end(end: TunnelEnd, now: float, keepalive: bool, routing: bool) -> Judgement:
    peer = end.peer
    age = None if peer.handshake_at is None else max(0.0, now - peer.handshake_at)
    if end.stale:
        return Judgement("unknown", "stale", age)
    if age is None:
        # Only the other side can begin, and nothing tells that it should have.
        waits = not (peer.endpoint or keepalive or routing)
        return Judgement("idle", "waits") if waits else Judgement("never", "never")
    sending, receiving = bool(peer.tx_rate), bool(peer.rx_rate)
    # Judged by what was read: a router that is only late must not make a tunnel look dead.
    when_read = age if end.read_at is None else max(0.0, age - max(0.0, now - end.read_at))
    if when_read <= REJECT_AFTER + ONE_POLL:
        return _judge_young(peer, age)
    if routing:
        return Judgement("dead", "routing", age)
    if keepalive:
        return Judgement("dead", "keepalive", age)
    if sending and not receiving:
        return Judgement("dead", "knocking", age)
    return Judgement("idle", "idle", age)


def _judge_young(peer: WireGuardPeer, age: float) -> Judgement:
    """With a young handshake only a clear imbalance is wrong: nothing at all may just be quiet."""
    if peer.rx_rate is None or peer.tx_rate is None:
        return Judgement("up", "handshake", age)
    # A keepalive is 32 bytes: less than that in a poll is no traffic, more than ten of them is.
    if peer.tx_rate > 200 and peer.rx_rate == 0:
        return Judgement("one-way", "no-receive", age)
    if peer.rx_rate > 200 and peer.tx_rate == 0:
        return Judgement("one-way", "no-send", age)
    return Judgement("up", "handshake", age)


def tunnels(snapshot: Snapshot, now: float) -> tuple[Tunnel, ...]:
    """Every tunnel once, in the order of the routers' names."""
    routed = _routed(snapshot)
    ends = [
        end
        for router, part in snapshot.of(WireGuard)
        for end in _ends(snapshot, router, part, now, routed.get(router, frozenset()))
    ]
    by_keys = {(end.interface.public_key, end.peer.public_key): end for end in ends}
    joined: list[Tunnel] = []
    taken: set[tuple[str, str]] = set()
    for end in ends:
        own = (end.interface.public_key, end.peer.public_key)
        if own in taken and own[0]:
            continue
        far = by_keys.get((own[1], own[0])) if own[0] and own[1] else None
        if far is end:
            far = None
        if far:
            taken.add((own[1], own[0]))
        joined.append(Tunnel(end, far))
    return tuple(joined)


def _ends(
    snapshot: Snapshot, router: str, part: WireGuard, now: float, carrying: frozenset[str]
) -> list[TunnelEnd]:
    facts = snapshot.one(RouterFacts, router)
    fresh = snapshot.fresh(WireGuard, router) or Freshness(pace=5.0)
    stale = fresh.stale(now)
    interfaces = {interface.name: interface for interface in part.interfaces}
    ends = []
    for peer in part.peers:
        interface = interfaces.get(peer.interface) or WireGuardInterface(router, peer.interface, "")
        site = facts.site if facts and facts.site else router
        ends.append(
            TunnelEnd(
                router, site, interface, peer, peer.interface in carrying, stale, fresh.read_at
            )
        )
    return ends


def _routed_interfaces(facts: RouterFacts | None, bgp: Bgp | None) -> frozenset[str]:
    """Interfaces with a network in which an enabled BGP connection has its far end."""
    if facts is None or bgp is None:
        return frozenset()
    networks = [(a.interface, _network(a.address)) for a in facts.addresses if not a.disabled]
    found: set[str] = set()
    for connection in bgp.connections:
        if connection.disabled or not connection.remote_address:
            continue
        try:
            remote = ip_address(connection.remote_address)
        except ValueError:
            continue
        found.update(name for name, network in networks if network and remote in network.network)
    return frozenset(found)


def _routed_everywhere(snapshot: Snapshot) -> dict[str, frozenset[str]]:
    facts = dict(snapshot.of(RouterFacts))
    found = {router: _routed_interfaces(facts.get(router), bgp) for router, bgp in snapshot.of(Bgp)}
    for router, ospf in snapshot.of(Ospf):
        # Its hellos go out every ten seconds.
        faces = {each.interface for each in ospf.interfaces if not each.passive}
        found[router] = found.get(router, frozenset()) | faces
    return found


_routed = Derived((RouterFacts, Bgp, Ospf), _routed_everywhere, figures=False)
"""Router -> its interfaces that carry BGP or OSPF."""


def _network(address: str) -> IPv4Interface | IPv6Interface | None:
    try:
        return ip_interface(address)
    except ValueError:
        return None
