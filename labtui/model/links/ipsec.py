"""IPsec: phase 1 and 2 between two addresses, joined where both are ours.

Phase 1 is what `active-peers` say, phase 2 the policies' `ph2-state`; the associations' bytes tell
whether packets pass both ways.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from labtui.model.interfaces import ActivePeer, Interfaces, IpsecPeer, IpsecPolicy
from labtui.model.links.calls import ESTABLISHED
from labtui.model.links.link import Link, LinkEnd, Said, worst
from labtui.model.links.where import Where, stale
from labtui.model.snapshot import Snapshot

# Less than this per second is dead peer detection, not traffic.
_TRAFFIC = 200.0


class _Side(msgspec.Struct, frozen=True):
    """One router's side of the association of two addresses."""

    router: str
    local: str
    remote: str
    active: ActivePeer | None
    peer: IpsecPeer | None
    policies: tuple[IpsecPolicy, ...]
    rx: float | None
    tx: float | None
    stale: bool


def ipsec(snapshot: Snapshot, where: Where, now: float) -> Iterator[Link]:
    """Every pair of addresses with IPsec between them, once."""
    sides = [
        side
        for router, part in snapshot.of(Interfaces)
        for side in _sides(router, part, where, stale(snapshot, Interfaces, router, now))
    ]
    taken: set[int] = set()
    for number, side in enumerate(sides):
        if number in taken:
            continue
        other = _other(side, number, sides, where, taken)
        far = sides[other] if other is not None else None
        if other is not None:
            taken.add(other)
        given = (side,) if far is None else (side, far)
        router = far.router if far is not None else where.hosts.get(side.remote, "")
        yield Link(
            "ipsec",
            f"ipsec/{side.router}/{side.remote}",
            tuple(_end(one, where) for one in given),
            _judged(given),
            where.site(router) if router else side.remote,
            router,
        )


def _sides(router: str, part: Interfaces, where: Where, old: bool) -> Iterator[_Side]:
    """Far ends that somebody set, or that are there."""
    configured = {peer.address: peer for peer in part.peers if peer.address and not peer.passive}
    active: dict[str, ActivePeer] = {}
    for one in part.active:
        known = active.get(one.remote_address)
        if known is None or known.state != ESTABLISHED:
            active[one.remote_address] = one
    for remote in sorted({*configured, *active}):
        now, peer = active.get(remote), configured.get(remote)
        policies = tuple(
            policy
            for policy in part.policies
            if not policy.disabled
            and (policy.sa_destination == remote or (peer is not None and policy.peer == peer.name))
        )
        local = now.local_address if now else peer.local_address if peer else ""
        inward = [a for a in part.associations if a.source == remote]
        outward = [a for a in part.associations if a.destination == remote]
        yield _Side(
            router,
            local or next((policy.sa_source for policy in policies if policy.sa_source), ""),
            remote,
            now,
            peer,
            policies,
            _sum(one.rate for one in inward),
            _sum(one.rate for one in outward),
            old,
        )


def _sum(rates: Iterator[float | None]) -> float | None:
    known = [rate for rate in rates if rate is not None]
    return sum(known) if known else None


def _other(
    side: _Side, number: int, sides: Sequence[_Side], where: Where, taken: set[int]
) -> int | None:
    """The other end: at the address that is called, and looking back.

    Behind NAT the far side sees another address than ours; then the only one that looks to an
    address which is nobody's.
    """
    router = where.hosts.get(side.remote)
    there = [
        place
        for place, one in enumerate(sides)
        if place > number and place not in taken and one.router == router != side.router
    ]
    for place in there:
        if sides[place].remote == side.local or where.has(side.router, sides[place].remote):
            return place
    strangers = [place for place in there if sides[place].remote not in where.hosts]
    return strangers[0] if len(strangers) == 1 else None


def _end(side: _Side, where: Where) -> LinkEnd:
    active, peer = side.active, side.peer
    return LinkEnd(
        router=side.router,
        site=where.site(side.router),
        interface=peer.name if peer else "",
        address=side.local,
        endpoint=side.remote,
        since=active.since if active and active.state == ESTABLISHED else None,
        rx_rate=side.rx,
        tx_rate=side.tx,
        off=bool(peer and peer.disabled),
        stale=side.stale,
        told=(
            ("phase1", active.state if active else ""),
            ("side", active.side if active else ""),
            ("phase2", " ".join(sorted({p.state for p in side.policies if p.state}))),
        ),
    )


def _judged(sides: Sequence[_Side]) -> Said:
    if any(side.peer is not None and side.peer.disabled for side in sides):
        return Said("off", "disabled")
    spoken = [side for side in sides if not side.stale]
    if not spoken:
        return Said("unknown", "stale")
    said = [_side_judged(side) for side in spoken]
    verdict = worst(said)
    proven = any(one.state == "up" for one in said)
    if verdict.state == "down" and verdict.reason != "phase2" and proven:
        # One end still has the keys of the other, which has lost them or begins anew.
        return Said("degraded", "half-keys", verdict.detail)
    return verdict


def _side_judged(side: _Side) -> Said:
    active = side.active
    if active is None or active.state == "no-phase1":
        return Said("down", "phase1-none")
    if active.state != ESTABLISHED:
        # Keys that ran out were not renewed: nobody answered.
        silent = active.state in ("", "message-1-sent", "expired")
        return Said("down", "phase1-silent" if silent else "phase1-refused", active.state)
    states = {policy.state for policy in side.policies if policy.state}
    if states and ESTABLISHED not in states:
        return Said("down", "phase2", " ".join(sorted(states)))
    if active.phase2 == 0 and not states:
        return Said("down", "phase2", "no-phase2")
    if len(states) > 1:
        return Said("degraded", "phase2-some", " ".join(sorted(states - {ESTABLISHED})))
    if side.tx is not None and side.rx is not None:
        if side.tx > _TRAFFIC and side.rx == 0:
            return Said("one-way", "no-receive")
        if side.rx > _TRAFFIC and side.tx == 0:
            return Said("one-way", "no-send")
    return Said("up", "keyed")
