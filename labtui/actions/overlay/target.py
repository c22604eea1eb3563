"""What an action of the overlay works on: the peer, interface or connection of a row. Pure."""

from __future__ import annotations

from typing import Literal

import msgspec

from labtui.locale import _
from labtui.model.errors import NotFound
from labtui.model.links import Link, LinkEnd, links
from labtui.model.overlay import BgpConnection, RouterFacts
from labtui.model.peerings import Peering, peerings
from labtui.model.snapshot import Snapshot
from labtui.model.tunnels import Tunnel, tunnels

Kind = Literal["tunnel", "session"]


class Target(msgspec.Struct, frozen=True):
    """One end on one router. `name` is what a person types for it.

    Of a tunnel `face` and `key` (the peer's public key), `far_face` and `own_key` of the other end
    where its router is ours; of a session `connection`, `session` and `remote`, the address.
    """

    kind: Kind
    router: str
    name: str
    link: Link | None = None
    face: str = ""
    key: str = ""
    own_key: str = ""
    far_router: str = ""
    far_face: str = ""
    connection: str = ""
    session: str = ""
    remote: str = ""
    local: str = ""
    old: bool = False


def target_of(subject: str, snapshot: Snapshot, now: float) -> Target:
    """The end that a row is about. Raises `NotFound`."""
    rest = subject.removeprefix("wireguard/").removeprefix("bgp/")
    for tunnel in tunnels(snapshot, now):
        if tunnel.key == rest:
            return _tunnel(tunnel, snapshot, now)
    rows = peerings(snapshot, now)
    for row in rows:
        own = row.connection.key
        # A link's key ends in the far address.
        if rest in (row.key, own, f"{own}/{row.connection.remote_address}"):
            return _session(row, rows, snapshot, now)
    raise NotFound(_("it is not there any more"), where=subject)


def _tunnel(tunnel: Tunnel, snapshot: Snapshot, now: float) -> Target:
    near, far = tunnel.near, tunnel.far
    key = f"wireguard/{tunnel.key}"
    return Target(
        "tunnel",
        near.router,
        near.interface.name,
        next((link for link in links(snapshot, now) if link.key == key), None),
        face=near.interface.name,
        key=near.peer.public_key,
        own_key=near.interface.public_key,
        far_router=far.router if far else "",
        far_face=far.interface.name if far else "",
    )


def _session(row: Peering, rows: tuple[Peering, ...], snapshot: Snapshot, now: float) -> Target:
    own = row.connection
    facts = snapshot.one(RouterFacts, own.router)
    local = own.local_address or (row.session.local_address if row.session else "")
    other = next(
        (
            one.connection
            for one in rows
            if one.connection.router != own.router
            and local
            and one.connection.remote_address == local
        ),
        None,
    )
    link = next(
        (
            one
            for one in links(snapshot, now)
            if one.kind == "bgp" and any(_is_end(end, own) for end in one.ends)
        ),
        None,
    )
    return Target(
        "session",
        own.router,
        own.name,
        link,
        connection=own.name,
        session=row.session.name if row.session else "",
        remote=own.remote_address,
        local=local,
        far_router=other.router if other else "",
        old=facts is not None and facts.version.startswith("6."),
    )


def _is_end(end: LinkEnd, connection: BgpConnection) -> bool:
    named = dict(end.told).get("connection") == connection.name
    return named and end.router == connection.router
