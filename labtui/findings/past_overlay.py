"""What is remembered of the overlay: which tunnels fell and came back, what of the bytes sent over
them arrived, and how many prefixes each router used to hear.
"""

from __future__ import annotations

import msgspec

from labtui.findings.links import Links
from labtui.model.overlay import RouterFacts
from labtui.model.snapshot import Snapshot
from labtui.model.tunnels import Judgement, Tunnel

FLAPS_SPAN = 2700.0
"""Falls of a tunnel are counted over that many seconds."""

_CALLS = ("l2tp", "pptp", "sstp", "ovpn", "pppoe")
_WINDOW = 55.0
_LEAST_SENT = 20_000
_LONGEST_WINDOW = 240.0
# Bytes a second: an initiation of 148 bytes comes every five seconds.
_CARRIED = 1000.0


class Counters(msgspec.Struct, frozen=True):
    """Bytes of both ends with the times at which they were read."""

    near_at: float
    near_tx: int
    near_rx: int
    far_at: float
    far_tx: int
    far_rx: int


class TunnelPast(msgspec.Struct, frozen=True):
    """A tunnel's falls (times), and what share of the bytes arrived in the last windows."""

    passing: bool | None = None
    changed_at: float | None = None
    falls: tuple[float, ...] = ()
    mark: Counters | None = None
    arrived: tuple[float, ...] = ()
    lossy_since: float | None = None


class SessionPast(msgspec.Struct, frozen=True):
    """A BGP connection's falls, as its own router tells."""

    up: bool | None = None
    changed_at: float | None = None
    falls: tuple[float, ...] = ()


class CallPast(msgspec.Struct, frozen=True):
    """The dynamic address of a call (L2TP and the like), and since when it is gone."""

    address: str
    gone_at: float | None = None


class TablePast(msgspec.Struct, frozen=True):
    """How many prefixes each router hears at most over one session of the inside.

    `shape` are the sessions that were up when `usual` was learnt; with the same sessions up, the
    same routes give the same numbers. `shift` is what differs now, since `since`.
    """

    shape: frozenset[str] = frozenset()
    usual: dict[str, int] = {}
    outside: dict[str, int] = {}
    shift: dict[str, int] = {}
    since: float | None = None


def tunnel_id(tunnel: Tunnel) -> str:
    """The same from whichever end it is seen."""
    near = tunnel.near
    return "|".join(sorted((near.interface.public_key or near.peer.key, near.peer.public_key)))


def learn_tunnels(past: dict[str, TunnelPast], links: Links, now: float) -> dict[str, TunnelPast]:
    """Falls and losses of every tunnel."""
    learnt: dict[str, TunnelPast] = {}
    for tunnel, judgement in links.tunnels:
        key = tunnel_id(tunnel)
        learnt[key] = _tunnel(past.get(key) or TunnelPast(), tunnel, judgement, now)
    return learnt


def _tunnel(before: TunnelPast, tunnel: Tunnel, judgement: Judgement, now: float) -> TunnelPast:
    verdict = judgement.verdict
    passing = before.passing
    back = before.passing is not False or _shaken_since(before, tunnel) or _carries(tunnel)
    if verdict == "up" and back:
        passing = True
    elif verdict in ("dead", "one-way", "never"):
        passing = False
    changed_at, falls = before.changed_at, before.falls
    if passing is not before.passing:
        changed_at = now
        if passing is False and before.passing:
            falls = (*falls, now)
    if falls and now - falls[0] > FLAPS_SPAN:
        falls = tuple(at for at in falls if now - at <= FLAPS_SPAN)
    if verdict != "up" or not passing:
        return TunnelPast(passing, changed_at, falls)
    return _measured(before, tunnel, TunnelPast(passing, changed_at, falls))


def _shaken_since(before: TunnelPast, tunnel: Tunnel) -> bool:
    """A handshake after the fall: less proves nothing, as a tunnel with little to send looks well
    until its keys are refused.
    """
    known = [end.peer.handshake_at for end in tunnel.ends if end.peer.handshake_at is not None]
    return max(known, default=0.0) > (before.changed_at or 0.0)


def _carries(tunnel: Tunnel) -> bool:
    """More comes in, at every end that was just read, than attempts at a handshake are."""
    fresh = [end.peer.rx_rate or 0.0 for end in tunnel.ends if not end.stale]
    return bool(fresh) and min(fresh) >= _CARRIED


def _measured(before: TunnelPast, tunnel: Tunnel, after: TunnelPast) -> TunnelPast:
    """With what arrived at the other end of what was sent, window by window."""
    counters = _counters(tunnel)
    mark = before.mark
    if counters is None or mark is None:
        return msgspec.structs.replace(after, mark=counters)
    kept = msgspec.structs.replace(
        after, mark=mark, arrived=before.arrived, lossy_since=before.lossy_since
    )
    span = min(counters.near_at - mark.near_at, counters.far_at - mark.far_at)
    if span < _WINDOW:
        return kept
    share = _share(mark, counters)
    if share is None:
        # Too little was sent to tell; wait for more, but not for ever.
        return kept if span < _LONGEST_WINDOW else msgspec.structs.replace(kept, mark=counters)
    arrived = (*before.arrived, share)[-3:]
    lossy = before.lossy_since or mark.near_at if share < 0.9 else None
    return msgspec.structs.replace(after, mark=counters, arrived=arrived, lossy_since=lossy)


def _counters(tunnel: Tunnel) -> Counters | None:
    near, far = tunnel.near, tunnel.far
    if far is None or near.stale or far.stale or near.read_at is None or far.read_at is None:
        return None
    one, other = near.peer, far.peer
    return Counters(near.read_at, one.tx, one.rx, far.read_at, other.tx, other.rx)


def _share(one: Counters, other: Counters) -> float | None:
    """The smaller share of the two directions; rates, since the ends are not read together."""
    near, far = other.near_at - one.near_at, other.far_at - one.far_at
    there = other.near_tx - one.near_tx, other.far_rx - one.far_rx
    back = other.far_tx - one.far_tx, other.near_rx - one.near_rx
    if min(*there, *back) < 0 or not near or not far:
        return None
    shares = []
    if there[0] >= _LEAST_SENT:
        shares.append(there[1] / far / (there[0] / near))
    if back[0] >= _LEAST_SENT:
        shares.append(back[1] / near / (back[0] / far))
    return min(shares, default=None)


def learn_sessions(
    past: dict[str, SessionPast], links: Links, now: float
) -> dict[str, SessionPast]:
    """Falls of every BGP session."""
    learnt: dict[str, SessionPast] = {}
    for peering in links.peerings:
        key = peering.connection.key
        before = past.get(key) or SessionPast()
        if peering.stale:
            learnt[key] = before
            continue
        up = peering.session is not None and peering.session.established
        changed_at, falls = before.changed_at, before.falls
        if up is not before.up:
            changed_at = now if before.up is not None else None
            if before.up:
                falls = (*falls, now)
        falls = tuple(at for at in falls if now - at <= FLAPS_SPAN)
        learnt[key] = SessionPast(up, changed_at, falls)
    return learnt


def learn_calls(past: dict[str, CallPast], snapshot: Snapshot, now: float) -> dict[str, CallPast]:
    """The callers' interfaces with an address; those of the called have a name in brackets."""
    learnt = dict(past)
    for router, facts in snapshot.of(RouterFacts):
        there = {
            f"{router}/{each.interface}": each.address
            for each in facts.addresses
            if each.interface.startswith(_CALLS) and each.address.endswith("/32")
        }
        for key, address in there.items():
            learnt[key] = CallPast(address)
        for key, call in past.items():
            if key not in there and key.startswith(f"{router}/") and call.gone_at is None:
                learnt[key] = CallPast(call.address, now)
    return learnt if learnt != past else past


def learn_tables(past: TablePast, links: Links, now: float) -> TablePast:
    """How the numbers of prefixes differ from what they were with the same sessions."""
    shape, most, outside = _heard(links)
    if not shape or shape != past.shape:
        # Other sessions, other ways: what was usual with the old ones is kept for their return.
        return past if shape < past.shape else TablePast(shape, most, outside)
    shift = {
        router: count - past.usual.get(router, count) - _from_outside(router, past, outside)
        for router, count in most.items()
    }
    if not any(shift.values()):
        return past if not past.shift else TablePast(shape, past.usual, past.outside)
    if shift == past.shift:
        return past
    return TablePast(shape, past.usual, past.outside, shift, now)


def _from_outside(router: str, past: TablePast, outside: dict[str, int]) -> int:
    """How many more the rest of the world announces, as the others hear of it."""
    return sum(
        count - past.outside.get(name, count)
        for name, count in outside.items()
        if name.partition("/")[0] != router
    )


def _heard(links: Links) -> tuple[frozenset[str], dict[str, int], dict[str, int]]:
    """Sessions that are up, the largest count of each router, and those from outside."""
    shape: set[str] = set()
    most: dict[str, int] = {}
    outside: dict[str, int] = {}
    for peering in links.peerings:
        session = peering.session
        if session is None or not session.established or peering.stale:
            continue
        router, count = peering.connection.router, session.prefixes or 0
        shape.add(peering.connection.key)
        if peering.outside:
            outside[peering.connection.key] = count
        else:
            most[router] = max(most.get(router, 0), count)
    return frozenset(shape), most, outside
