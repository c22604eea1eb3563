"""VXLAN: interfaces of the same VNI joined by their far ends.

Nothing is spoken to keep a VXLAN up, so an end that carries nothing says nothing: what decides is
the way to the far address, which is that of another link.
"""

from __future__ import annotations

from collections.abc import Iterator

from labtui.model.interfaces import Interfaces, Vxlan
from labtui.model.links.link import Link, LinkEnd, Said
from labtui.model.links.where import Where, stale
from labtui.model.snapshot import Snapshot


def vxlans(snapshot: Snapshot, where: Where, now: float) -> Iterator[Link]:
    """Every pair of an interface and a far end, once."""
    parts = dict(snapshot.of(Interfaces))
    taken: set[tuple[str, str, str]] = set()
    for router, part in parts.items():
        for face in part.vxlans:
            for remote in face.remotes:
                if (router, face.name, remote) in taken:
                    continue
                far_router = where.hosts.get(remote, "")
                far, back = _answering(face, far_router, parts.get(far_router), where)
                if far is not None and back:
                    taken.add((far_router, far.name, back))
                yield _link(snapshot, parts, where, now, face, remote, far, bool(back))


def _answering(
    face: Vxlan, router: str, part: Interfaces | None, where: Where
) -> tuple[Vxlan | None, str]:
    """The far interface of the same VNI, and the address by which it looks back (or none)."""
    for far in part.vxlans if part is not None else ():
        if far.vni == face.vni and far.router == router != face.router:
            back = next((each for each in far.remotes if where.has(face.router, each)), "")
            return far, back
    return None, ""


def _link(
    snapshot: Snapshot,
    parts: dict[str, Interfaces],
    where: Where,
    now: float,
    face: Vxlan,
    remote: str,
    far: Vxlan | None,
    mutual: bool,
) -> Link:
    ends = [_end(snapshot, parts, where, now, face, remote)]
    if far is not None:
        ends.append(_end(snapshot, parts, where, now, far, far.remotes[0] if far.remotes else ""))
    router = where.hosts.get(remote, "")
    return Link(
        "vxlan",
        f"vxlan/{face.router}/{face.name}/{remote}",
        tuple(ends),
        _judged(face, far, mutual, ends),
        where.site(router) if router else remote,
        router,
        ends[0].address,
    )


def _end(
    snapshot: Snapshot,
    parts: dict[str, Interfaces],
    where: Where,
    now: float,
    face: Vxlan,
    remote: str,
) -> LinkEnd:
    row = parts[face.router].interface(face.name)
    return LinkEnd(
        router=face.router,
        site=where.site(face.router),
        interface=face.name,
        address=where.address(face.router, face.name),
        endpoint=remote,
        mtu=(row.actual_mtu if row else None) or face.mtu,
        rx_rate=row.rx_rate if row else None,
        tx_rate=row.tx_rate if row else None,
        span=row.span if row else None,
        off=face.disabled,
        stale=stale(snapshot, Interfaces, face.router, now),
        told=(("vni", str(face.vni or "")), ("port", str(face.port or ""))),
    )


def _judged(face: Vxlan, far: Vxlan | None, mutual: bool, ends: list[LinkEnd]) -> Said:
    if face.disabled or (far is not None and far.disabled):
        return Said("off", "disabled")
    if all(end.stale for end in ends):
        return Said("unknown", "stale")
    if not face.running or (far is not None and not far.running):
        return Said("down", "not-running")
    if far is not None and not mutual:
        return Said("one-way", "not-listed", far.router)
    fresh = [end for end in ends if not end.stale]
    if any(end.rx_rate for end in fresh):
        return Said("up", "traffic")
    if any((end.tx_rate or 0.0) > 200 and end.rx_rate == 0 for end in fresh):
        return Said("one-way", "no-receive")
    return Said("idle", "stateless")
