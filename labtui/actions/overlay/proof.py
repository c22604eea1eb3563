"""Whether a tunnel and a session really are up: asked of the routers themselves, from both ends.

What a command answers proves nothing. A handshake is proved by its age, a session by both routers
saying that it is established, a router by a new login.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol, runtime_checkable

from labtui.actions.action import Wire
from labtui.actions.overlay.desk import Row, on, rows, rows_or_none
from labtui.actions.overlay.spans import seconds
from labtui.model.errors import LabError

PACE = 2.0
HANDSHAKE = 45.0
"""Seconds that a handshake may take: a keepalive of 25 s and some knocking."""
SESSION = 90.0
"""Seconds that a session may take to come up, both sides trying."""
PREFIXES = 30.0
YOUNG = 180.0
"""A handshake older than that is none (WireGuard refuses its keys)."""


@runtime_checkable
class LogsInAnew(Protocol):
    """A wire that can prove a router reachable by a connection of its own."""

    async def log_in_anew(self, router: str) -> None:
        """Raises `LabError` when it can't."""
        ...


async def until(
    look: Callable[[], Awaitable[bool]], wire: Wire, limit: float, pace: float = PACE
) -> bool:
    """Look again and again for that many seconds; what can't be asked is not so yet."""
    waited = 0.0
    while True:
        try:
            if await look():
                return True
        except LabError:
            if waited >= limit:
                raise
        if waited >= limit:
            return False
        await wire.sleep(pace)
        waited += pace


async def peer_row(wire: Wire, router: str, face: str, key: str) -> Row | None:
    """A peer of an interface by its key. Raises `LabError`."""
    words = {".proplist": ".id,last-handshake,disabled", "?interface": face, "?public-key": key}
    found = await rows(wire, router, "/interface/wireguard/peers", **words)
    return found[0] if found else None


async def handshake_age(wire: Wire, router: str, face: str, key: str) -> float | None:
    """Seconds since the last handshake; None when there never was one. Raises `LabError`."""
    row = await peer_row(wire, router, face, key)
    return seconds(row.get("last-handshake", "")) if row else None


async def public_key(wire: Wire, router: str, face: str) -> str:
    """The public key that a router has made for an interface. Raises `LabError`."""
    words = {".proplist": "public-key", "?name": face}
    found = await rows(wire, router, "/interface/wireguard", **words)
    return found[0].get("public-key", "") if found else ""


async def session(wire: Wire, router: str, remote: str, *, old: bool = False) -> Row | None:
    """The session with that address; of RouterOS 6 (`old`) the peer's row. Raises `LabError`."""
    if old:
        fields = ".id,name,state,established,prefix-count,disabled"
        words = {".proplist": fields, "?remote-address": remote}
        found = await rows_or_none(wire, router, "/routing/bgp/peer", **words)
    else:
        fields = ".id,name,established,prefix-count,stopped"
        words = {".proplist": fields, "?remote.address": remote}
        found = await rows(wire, router, "/routing/bgp/session", **words)
    return next((row for row in found if established(row)), found[0] if found else None)


def established(row: Row | None) -> bool:
    """Whether that row is of a session that is up."""
    return row is not None and (on(row, "established") or row.get("state") == "established")


def prefixes(row: Row | None) -> int:
    """How many prefixes came over it."""
    text = row.get("prefix-count", "") if row else ""
    return int(text) if text.isdigit() else 0


async def knock(wire: Wire, router: str, near: str, far: str) -> None:
    """Send something through, so that a tunnel without traffic shakes hands; a no says nothing."""
    words = {"address": far, "count": "2", "src-address": near}
    try:
        await wire.read(f"routeros/{router}", "/tool/ping", **words)
    except LabError:
        # The account may lack the policy `test`; the keepalive does the same, later.
        return
