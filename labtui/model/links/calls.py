"""L2TP: the caller and the called joined, and which of the two layers of a call failed.

A caller's interface is there always, the called's only while somebody is connected. So a call that
is down has one row, and its far end is known by the address that it calls.
"""

from __future__ import annotations

from collections.abc import Iterator

from labtui.model.interfaces import ActivePeer, Call, Interfaces
from labtui.model.links.link import Link, LinkEnd, Said
from labtui.model.links.where import Where, stale
from labtui.model.snapshot import Snapshot

ESTABLISHED = "established"


def calls(snapshot: Snapshot, where: Where, now: float) -> Iterator[Link]:
    """Every call once: those of clients, then the callers that nobody of ours is."""
    parts = dict(snapshot.of(Interfaces))
    every = [call for part in parts.values() for call in part.calls]
    called = [call for call in every if call.role == "server" and call.running]
    taken: set[str] = set()
    for call in every:
        if call.role != "client":
            continue
        far = _answering(call, called, where, taken)
        router = far.router if far is not None else where.hosts.get(call.peer_address, "")
        if far is not None:
            taken.add(far.key)
        ends = [_end(call, snapshot, parts, where, now)]
        if far is not None:
            ends.append(_end(far, snapshot, parts, where, now))
        said = _judged(call, far, parts, ends, _known(snapshot, router, now))
        name = where.site(router) if router else call.peer_address
        yield Link("l2tp", f"l2tp/{call.key}", tuple(ends), said, name, router, ends[0].address)
    for call in called:
        if call.key not in taken:
            end = _end(call, snapshot, parts, where, now)
            said = Said("unknown", "stale") if end.stale else Said("up", "connected")
            yield Link("l2tp", f"l2tp/{call.key}", (end,), said, call.user or call.peer_address,
                       where.hosts.get(call.peer_address, ""), end.address)  # fmt: skip


def met(snapshot: Snapshot, where: Where) -> dict[tuple[str, str], str]:
    """(router, interface) -> the router at the other end of the call, whether it stands or not.

    The called names a caller's interface by his user: `<l2tp-USER>`.
    """
    found: dict[tuple[str, str], str] = {}
    for router, part in snapshot.of(Interfaces):
        for call in part.calls:
            far = where.hosts.get(call.peer_address, "") if call.role == "client" else ""
            if far:
                found[router, call.name] = far
                found[far, f"<l2tp-{call.user}>"] = router
    return found


def _known(snapshot: Snapshot, router: str, now: float) -> bool:
    """Whether that router was read lately."""
    return bool(router) and not stale(snapshot, Interfaces, router, now)


def _answering(call: Call, called: list[Call], where: Where, taken: set[str]) -> Call | None:
    """The row at the called: the same user at the address that is called.

    With NAT or a name in between, the only one with that user, or that comes from an address of
    the caller's.
    """
    same = [
        far
        for far in called
        if far.user == call.user and far.router != call.router and far.key not in taken
    ]
    there = [far for far in same if where.has(far.router, call.peer_address)]
    if there or where.hosts.get(call.peer_address):
        return there[0] if there else None
    near = [far for far in same if where.has(call.router, far.peer_address)]
    chosen = near or same
    return chosen[0] if len(chosen) == 1 and call.running else None


def _end(
    call: Call, snapshot: Snapshot, parts: dict[str, Interfaces], where: Where, now: float
) -> LinkEnd:
    face = parts[call.router].interface(call.name)
    return LinkEnd(
        router=call.router,
        site=where.site(call.router),
        interface=call.name,
        address=where.address(call.router, call.name) or call.local,
        endpoint=call.peer_address,
        mtu=(face.actual_mtu if face else None) or call.mtu,
        since=call.since if call.running else None,
        rx_rate=face.rx_rate if face else None,
        tx_rate=face.tx_rate if face else None,
        span=face.span if face else None,
        off=call.disabled,
        stale=stale(snapshot, Interfaces, call.router, now),
        told=(
            ("role", call.role),
            ("user", call.user),
            ("status", call.status),
            ("remote", call.remote or where.far_address(call.router, call.name)),
        ),
    )


def _judged(
    call: Call,
    far: Call | None,
    parts: dict[str, Interfaces],
    ends: list[LinkEnd],
    far_known: bool,
) -> Said:
    if call.disabled:
        return Said("off", "disabled")
    if ends[0].stale:
        if far is not None and not ends[-1].stale:
            return Said("up", "connected")
        return Said("unknown", "stale")
    if call.running:
        lost = far is None and far_known
        return Said("degraded", "no-caller") if lost else Said("up", "connected")
    if call.ipsec:
        active = _phase1(call, parts[call.router])
        if active is None or active.state != ESTABLISHED:
            return Said("down", "no-keys", active.state if active else "")
    if "password" in call.status:
        return Said("down", "refused", call.status)
    return Said("down", "calling", call.status)


def _phase1(call: Call, part: Interfaces) -> ActivePeer | None:
    return next((one for one in part.active if one.remote_address == call.peer_address), None)
