"""/routing/ospf: what is configured, the interfaces it runs on, and the neighbours."""

from __future__ import annotations

from dataclasses import dataclass

from labtui.demo.overlay.devices import Record
from labtui.demo.overlay.ospf import (
    AREAS,
    BACKBONE,
    DEAD,
    HELLO,
    INSTANCES,
    TEMPLATES,
    Neighbourhood,
)
from labtui.demo.routeros.menu import Context, Field, Menu, always
from labtui.demo.routeros.records import record_menu
from labtui.demo.routeros.values import Version, duration

_SIX: Version = (6, 999)
_SEVEN: Version = (7,)
_FULL_AFTER = 7.0


@dataclass(frozen=True)
class _Face:
    """An interface that a template has put OSPF on."""

    number: int
    name: str
    address: str
    area: str
    cost: str
    kind: str
    state: str


def _neighbours(context: Context) -> list[Neighbourhood]:
    now = context.world.now
    return [
        hood
        for hood in context.world.neighbourhoods
        if context.router in hood.routers and hood.state(context.router, now) is not None
    ]


def _far(context: Context, hood: Neighbourhood) -> int:
    """0 when the far side is the line's server, else 1."""
    return 1 if hood.routers[0] is context.router else 0


def _adjacency(context: Context, hood: Neighbourhood) -> str | None:
    if hood.since is None or hood.state(context.router, context.world.now) != "Full":
        return None
    return duration(context.world.now - hood.since - _FULL_AFTER)


def _timeout(context: Context, hood: Neighbourhood) -> str:
    """Counts down from the last hello."""
    now = context.world.now
    heard = now - (now + 3.7 * hood.number) % HELLO if hood.lost_at is None else hood.lost_at
    return duration(max(0.0, heard + DEAD - now))


def _instance(context: Context, hood: Neighbourhood) -> str | None:
    attachment = hood.attachment(context.router)
    return attachment.instance if attachment else None


def _area(context: Context, hood: Neighbourhood) -> str | None:
    attachment = hood.attachment(context.router)
    return attachment.area if attachment else None


def _face_name(context: Context, hood: Neighbourhood) -> str:
    return hood.line.face.name if hood.line.client is context.router else _server_face(hood)


def _server_face(hood: Neighbourhood) -> str:
    return f"<l2tp-{hood.line.record.get('user')}>"


def _faces(context: Context) -> list[_Face]:
    found = []
    for number, row in enumerate(context.router.table(TEMPLATES), start=1):
        if row.disabled:
            continue
        name = row.get("interfaces")
        hoods = [hood for hood in _running(context) if _face_name(context, hood) == name]
        passive = "passive" in row.values
        if not passive and not hoods:
            continue
        address = context.router.lan_address
        if hoods:
            address = hoods[0].line.inner[1 - _far(context, hoods[0])]
        state = "passive" if passive else "ptp"
        found.append(
            _Face(number, name, address, row.get("area"), row.get("cost"), row.get("type"), state)
        )
    return found


def _running(context: Context) -> list[Neighbourhood]:
    return [
        hood
        for hood in context.world.neighbourhoods
        if context.router in hood.routers and hood.line.up_since is not None
    ]


NEIGHBOURS: Menu[Neighbourhood] = Menu(
    "/routing/ospf/neighbor",
    _neighbours,
    (
        Field("instance", _instance),
        Field("area", _area, since=_SEVEN),
        Field("interface", _face_name, until=_SIX),
        Field("address", lambda context, hood: hood.line.inner[_far(context, hood)]),
        Field("priority", always("128"), until=_SIX),
        Field("dr-address", always(BACKBONE), until=_SIX),
        Field("backup-dr-address", always(BACKBONE), until=_SIX),
        Field("router-id", lambda context, hood: hood.routers[_far(context, hood)].loopback),
        Field("state", lambda context, hood: hood.state(context.router, context.world.now)),
        Field("state-changes", lambda _context, hood: str(hood.changes)),
        Field("ls-retransmits", always("0"), until=_SIX),
        Field("ls-requests", always("0"), until=_SIX),
        Field("db-summaries", always("0"), until=_SIX),
        Field("adjacency", _adjacency, steady=False),
        Field("timeout", _timeout, since=_SEVEN, steady=False),
        Field("dynamic", always("true"), since=_SEVEN),
    ),
    lambda context, hood: context.router.ident(hood.number),
    key="address",
)

FACES: Menu[_Face] = Menu(
    "/routing/ospf/interface",
    _faces,
    (
        Field("address", lambda _context, face: f"{face.address}%{face.name}"),
        Field("area", lambda _context, face: face.area),
        Field("state", lambda _context, face: face.state),
        Field("network-type", lambda _context, face: face.kind),
        Field("cost", lambda _context, face: face.cost),
        Field("priority", always("128")),
        Field("retransmit-interval", always("5s")),
        Field("transmit-delay", always("1s")),
        Field("hello-interval", always("10s")),
        Field("dead-interval", always("40s")),
        Field("dynamic", always("true")),
    ),
    lambda context, face: context.router.ident(face.number),
    since=_SEVEN,
    key="address",
)

OSPF_RECORDS: tuple[Menu[Record], ...] = (
    record_menu(INSTANCES, unique=True),
    record_menu(AREAS, unique=True),
    record_menu(TEMPLATES, key="interfaces"),
)
