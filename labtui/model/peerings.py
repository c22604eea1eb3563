"""BGP: what is configured, left-joined with the sessions there are.

RouterOS 7 keeps no session row for a connection that never came up, and may keep the row of a lost
one for a while (manual, "BGP sessions"). So the list starts from the connections, and "configured,
no session" is a state of its own.
"""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from labtui.model.feed import Freshness
from labtui.model.overlay import Bgp, BgpConnection, BgpSession, RouterFacts
from labtui.model.snapshot import Snapshot

PeeringState = Literal[
    "established", "down", "no-session", "disabled", "stopped", "limit", "empty", "unknown"
]


class Peering(msgspec.Struct, frozen=True):
    """One configured connection with one of its sessions, or none.

    `far_name` is the router at the other end where we hold it; `outside`: its AS is none of ours.
    """

    connection: BgpConnection
    session: BgpSession | None
    site: str
    far_name: str
    outside: bool
    stale: bool = False

    @property
    def key(self) -> str:
        return f"{self.connection.key}/{self.session.name if self.session else ''}"

    @property
    def state(self) -> PeeringState:
        """In the order in which one hides the other."""
        session = self.session
        if self.stale:
            return "unknown"
        if self.connection.disabled:
            return "disabled"
        if session is None:
            return "no-session"
        if session.limit_exceeded:
            return "limit"
        if session.stopped:
            return "stopped"
        if not session.established:
            return "down"
        return "empty" if session.prefixes == 0 else "established"

    @property
    def remote_as(self) -> int | None:
        """The other side's AS: as configured, else as it said in its OPEN."""
        return self.connection.remote_as or (self.session.remote_as if self.session else None)


def peerings(snapshot: Snapshot, now: float) -> tuple[Peering, ...]:
    """Every connection of every router with its sessions."""
    homes = _homes(snapshot)
    inside = {session.local_as for _r, bgp in snapshot.of(Bgp) for session in bgp.sessions} | {
        connection.local_as for _r, bgp in snapshot.of(Bgp) for connection in bgp.connections
    }
    found: list[Peering] = []
    for router, bgp in snapshot.of(Bgp):
        facts = snapshot.one(RouterFacts, router)
        stale = (snapshot.fresh(Bgp, router) or Freshness(pace=10.0)).stale(now)
        site = (facts.site if facts else "") or router
        for connection in bgp.connections:
            sessions: tuple[BgpSession | None, ...] = _sessions_of(connection, bgp) or (None,)
            for session in sessions:
                remote_as = connection.remote_as or (session.remote_as if session else None)
                far = homes.get(connection.remote_address) or _told_by_name(connection)
                outside = remote_as is not None and remote_as not in inside
                found.append(Peering(connection, session, site, far, outside, stale))
    return tuple(found)


def _sessions_of(connection: BgpConnection, bgp: Bgp) -> tuple[BgpSession, ...]:
    """By name (`NAME-1`, or `NAME` alone), else by the remote address."""
    numbered = re.compile(re.escape(connection.name) + r"-\d+")
    others = {other.name for other in bgp.connections if other is not connection}
    by_name = tuple(
        session
        for session in bgp.sessions
        if _same_end(connection, session)
        and (
            (numbered.fullmatch(session.name) and session.name not in others)
            or (session.name == connection.name and not _numbered_by(others, session.name))
        )
    )
    if by_name:
        return by_name
    if not connection.remote_address:
        return ()
    return tuple(
        session for session in bgp.sessions if session.remote_address == connection.remote_address
    )


def _same_end(connection: BgpConnection, session: BgpSession) -> bool:
    """False when both addresses are known and differ; a prefix stands for any address."""
    wanted, found = connection.remote_address, session.remote_address
    return not wanted or not found or "/" in wanted or wanted == found


def _numbered_by(names: set[str], session: str) -> bool:
    """True when the session's name is that of one of these connections with a number."""
    head, dash, tail = session.rpartition("-")
    return bool(dash) and tail.isdigit() and head in names


def _homes(snapshot: Snapshot) -> dict[str, str]:
    """Address without mask -> the site (or router) that has it."""
    return {
        address.address.split("/")[0]: facts.site or router
        for router, facts in snapshot.of(RouterFacts)
        for address in facts.addresses
    }


def _told_by_name(connection: BgpConnection) -> str:
    return connection.name or connection.remote_address
