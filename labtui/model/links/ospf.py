"""OSPF: neighbours joined with one another, and interfaces on which one should be and is not.

A neighbour's row goes when its dead interval ends. So the list starts from the interfaces that
OSPF runs on, and those that a template names though they are not there. On a point-to-point link
only Full is well; 2-Way is the usual state between two routers of a broadcast network neither of
which is the designated one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from labtui.model.links.link import Link, LinkEnd, Said, worst
from labtui.model.links.where import Where, stale
from labtui.model.ospf import FULL, Ospf, OspfInterface, OspfNeighbour
from labtui.model.snapshot import Snapshot


class _Side(msgspec.Struct, frozen=True):
    """One router's interface with a neighbour, or the lack of one."""

    router: str
    interface: str
    neighbour: OspfNeighbour | None
    kind: str
    area: str
    there: bool
    stale: bool

    @property
    def key(self) -> str:
        remote = f"/{self.neighbour.address}" if self.kind == "broadcast" and self.neighbour else ""
        return f"ospf/{self.router}/{self.interface}{remote}"


Meets = Mapping[tuple[str, str], str]
"""(router, interface) of a call -> the router at its other end, whether it is up or not."""


def ospf(snapshot: Snapshot, where: Where, now: float, meets: Meets) -> Iterator[Link]:
    """Every neighbourship once, those that should be among them."""
    sides = [
        side
        for router, part in snapshot.of(Ospf)
        for side in _sides(router, part, where, stale(snapshot, Ospf, router, now))
    ]
    taken: set[int] = set()
    for number, side in enumerate(sides):
        if number in taken:
            continue
        other = _other(side, number, sides, where, taken, meets)
        far = sides[other] if other is not None else None
        if other is not None:
            taken.add(other)
        given = (side,) if far is None else (side, far)
        router = far.router if far is not None else _far_router(side, where, meets)
        yield Link(
            "ospf",
            side.key,
            tuple(_end(one, where) for one in given),
            _judged(given),
            where.site(router) if router else _address(side, where),
            router,
            where.address(side.router, side.interface),
        )


def _sides(router: str, part: Ospf, where: Where, old: bool) -> Iterator[_Side]:
    if all(instance.disabled for instance in part.instances):
        return
    faces = {face.interface: face for face in part.interfaces}
    met: set[str] = set()
    for neighbour in part.neighbours:
        name = neighbour.interface or where.interface_to(router, neighbour.address)
        face = faces.get(name)
        met.add(name)
        kind = face.kind if face else ""
        area = part.area_id(face.area if face else neighbour.area)
        yield _Side(router, name, neighbour, kind, area, there=True, stale=old)
    for name, face in sorted(faces.items()):
        if name not in met and not face.passive and _expects(face):
            yield _Side(
                router, name, None, face.kind, part.area_id(face.area), there=True, stale=old
            )
    for template in part.templates:
        if template.passive or template.disabled or not part.interfaces:
            continue
        for name in template.interfaces:
            if name not in faces and name not in met and name != "all":
                met.add(name)
                area = part.area_id(template.area)
                yield _Side(router, name, None, template.kind, area, there=False, stale=old)


def _expects(face: OspfInterface) -> bool:
    """On a point-to-point interface somebody must be; a broadcast network may have one router."""
    return face.kind in ("ptp", "ptmp", "point-to-point", "ptp-unnumbered", "virtual-link")


def _address(side: _Side, where: Where) -> str:
    if side.neighbour is not None:
        return side.neighbour.address
    return where.far_address(side.router, side.interface) or side.interface


def _far_router(side: _Side, where: Where, meets: Meets) -> str:
    neighbour = side.neighbour
    if neighbour is not None:
        return where.hosts.get(neighbour.address) or where.hosts.get(neighbour.router_id, "")
    far = where.hosts.get(where.far_address(side.router, side.interface), "")
    return far or meets.get((side.router, side.interface), "")


def _other(
    side: _Side, number: int, sides: list[_Side], where: Where, taken: set[int], meets: Meets
) -> int | None:
    """The side at the router that this one meets, or should: over the interface that leads back."""
    router = _far_router(side, where, meets)
    mine = {row.host for row in where.faces.get((side.router, side.interface), ())}
    for place, one in enumerate(sides):
        if place <= number or place in taken or one.router == side.router:
            continue
        if one.neighbour is not None and one.neighbour.address in mine:
            return place
        if one.router == router and meets.get((one.router, one.interface)) == side.router:
            return place
        if one.router == router and where.far_address(one.router, one.interface) in mine:
            return place
        net = where.interface_to(one.router, next(iter(mine), ""))
        if one.router == router and net and net == one.interface:
            return place
    return None


def _end(side: _Side, where: Where) -> LinkEnd:
    neighbour = side.neighbour
    return LinkEnd(
        router=side.router,
        site=where.site(side.router),
        interface=side.interface,
        address=where.address(side.router, side.interface),
        endpoint=neighbour.address if neighbour else "",
        since=neighbour.since if neighbour else None,
        stale=side.stale,
        told=(
            ("ospf-state", neighbour.state if neighbour else ""),
            ("area", side.area),
            ("network", side.kind),
            ("changes", str((neighbour and neighbour.state_changes) or "")),
        ),
    )


def _judged(sides: tuple[_Side, ...]) -> Said:
    spoken = [side for side in sides if not side.stale]
    if not spoken:
        return Said("unknown", "stale")
    said = worst([_side_judged(side) for side in spoken])
    areas = sorted({side.area for side in sides})
    if said.state != "up" and len(sides) == 2 and len(areas) == 2:
        return Said("down", "areas", " / ".join(areas))
    return said


def _side_judged(side: _Side) -> Said:
    if not side.there:
        return Said("down", "no-interface", side.interface)
    if side.neighbour is None:
        return Said("down", "no-neighbour")
    state = side.neighbour.state
    if state == FULL:
        return Said("up", "full")
    if state == "2-Way":
        ptp = side.kind != "broadcast"
        return Said("degraded", "two-way", state) if ptp else Said("up", "others")
    if state in ("Init", "Attempt"):
        return Said("one-way", "init", state)
    if state in ("ExStart", "Exchange"):
        return Said("degraded", "exchange", state)
    return Said("degraded", "loading", state) if state == "Loading" else Said("down", "fell", state)
