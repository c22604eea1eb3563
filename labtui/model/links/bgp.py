"""BGP as links: both connections of a session joined by their addresses, RouterOS 6 and 7 alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from labtui.model.links.link import Link, LinkEnd, LinkState, Said, worst
from labtui.model.links.where import Where
from labtui.model.peerings import Peering, PeeringState

_STATES: dict[PeeringState, LinkState] = {
    "established": "up",
    "empty": "degraded",
    "down": "down",
    "no-session": "down",
    "limit": "down",
    "stopped": "down",
    "disabled": "off",
    "unknown": "unknown",
}


def bgp(where: Where, peerings: Sequence[Peering]) -> Iterator[Link]:
    """Every session once."""
    first: dict[tuple[str, str], Peering] = {}
    for peering in peerings:
        first.setdefault((peering.connection.router, peering.key), peering)
    rows = list(first.values())
    taken: set[int] = set()
    back: dict[str, list[int]] = {}
    for place, peering in enumerate(rows):
        back.setdefault(_remote(peering), []).append(place)
    for number, peering in enumerate(rows):
        if number in taken:
            continue
        other = _other(peering, number, rows, where, taken, back)
        given = [peering]
        if other is not None:
            taken.add(other)
            given.append(rows[other])
        connection = peering.connection
        far = rows[other].connection.router if other is not None else ""
        yield Link(
            "bgp",
            f"bgp/{connection.router}/{connection.name}/{_remote(peering)}",
            tuple(_end(one, where) for one in given),
            _judged(given),
            peering.far_name,
            far or where.hosts.get(_remote(peering), ""),
            where.address(connection.router, _face(peering, where)),
            any(one.outside for one in given),
        )


def _remote(peering: Peering) -> str:
    """The far address: as configured, unless that is a prefix or missing."""
    wanted = peering.connection.remote_address
    if (not wanted or "/" in wanted) and peering.session is not None:
        return peering.session.remote_address or wanted
    return wanted


def _local(peering: Peering, where: Where) -> str:
    connection, session = peering.connection, peering.session
    told = connection.local_address or (session.local_address if session else "")
    if told:
        return told
    return where.address(connection.router, _face(peering, where)).partition("/")[0]


def _face(peering: Peering, where: Where) -> str:
    return where.interface_to(peering.connection.router, _remote(peering))


def _other(
    peering: Peering,
    number: int,
    rows: Sequence[Peering],
    where: Where,
    taken: set[int],
    back: dict[str, list[int]],
) -> int | None:
    """The connection whose far end is ours and whose own end is our far one.

    `back`: far address -> the places in `rows` that have it.
    """
    remote = _remote(peering)
    mine = _local(peering, where)
    for place in back.get(mine, ()) if mine else ():
        one = rows[place]
        router = one.connection.router
        if place <= number or place in taken or router == peering.connection.router:
            continue
        if _local(one, where) == remote or where.has(router, remote):
            return place
    return None


def _end(peering: Peering, where: Where) -> LinkEnd:
    connection, session = peering.connection, peering.session
    face = _face(peering, where)
    own = connection.local_as or (session.local_as if session else None)
    return LinkEnd(
        router=connection.router,
        site=peering.site,
        interface=face,
        address=where.address(connection.router, face) or connection.local_address,
        endpoint=_remote(peering),
        since=session.established_at if session else None,
        off=connection.disabled,
        stale=peering.stale,
        told=(
            ("connection", connection.name),
            ("as", str(own or "")),
            ("peer-as", str(peering.remote_as or "")),
            ("prefixes", "" if session is None or session.prefixes is None
             else str(session.prefixes)),
            ("filter", connection.output_filter),
            ("about", connection.about),
            ("last", (session.sent or session.received) if session else ""),
        ),
    )  # fmt: skip


def _judged(given: Sequence[Peering]) -> Said:
    if any(one.state == "disabled" for one in given):
        return Said("off", "disabled")
    spoken = [one for one in given if one.state != "unknown"]
    if not spoken:
        return Said("unknown", "stale")
    return worst([Said(_STATES[one.state], one.state, one.connection.about) for one in spoken])
