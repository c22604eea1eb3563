"""Routes: the active BGP ones of a router as far as they are few, and the answer to a question.

A full table is never read. `Routes` holds at most a bounded number of rows; beyond that it holds
none and says how many there are.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import msgspec


class LearntRoute(msgspec.Struct, frozen=True, gc=False):
    """An active BGP route. `path` are the AS numbers on the way, the origin last."""

    prefix: str
    path: tuple[int, ...] = ()
    session: str = ""
    gateway: str = ""

    @property
    def origin(self) -> int | None:
        """The AS that announces it; None where the path is empty or was not told."""
        return self.path[-1] if self.path else None


class Exit(msgspec.Struct, frozen=True):
    """The gateway of an active default route; `pinged`: the router itself pings it, and it replied
    (`check-gateway=ping`, without which such a route is not active).
    """

    gateway: str
    pinged: bool = False


class Routes(msgspec.Struct, frozen=True):
    """What BGP taught one router, what it announces as its own, and its ways out.

    `count` is how many active BGP routes there are; `whole` is False when these were too many to
    be read. `own`: the networks it is set to announce and has a route to.
    """

    learnt: tuple[LearntRoute, ...] = ()
    own: tuple[str, ...] = ()
    count: int | None = None
    whole: bool = True
    exits: tuple[Exit, ...] = ()


class Hop(msgspec.Struct, frozen=True):
    """A route that covers an address on one router: the way a packet would take there."""

    prefix: str
    gateway: str = ""
    interface: str = ""
    kind: str = ""
    distance: int | None = None
    active: bool = True
    path: tuple[int, ...] = ()
    blackhole: bool = False


class RouteAnswer(msgspec.Struct, frozen=True):
    """What one router says of one address: all routes that cover it, and the one that is taken."""

    router: str
    address: str
    routes: tuple[Hop, ...] = ()

    @property
    def taken(self) -> Hop | None:
        """The longest active prefix; of equals the one of the least distance."""
        active = [hop for hop in self.routes if hop.active]
        return max(active, key=_preference, default=None)


def _preference(hop: Hop) -> tuple[int, int]:
    return ip_network(hop.prefix, strict=False).prefixlen, -(hop.distance or 0)


def covering(address: str) -> tuple[str, ...]:
    """Every prefix that could cover an address, the longest first: 33 for IPv4, 129 for IPv6.

    Raises `ValueError` for what is no address.
    """
    host: IPv4Address | IPv6Address = ip_address(address)
    longest = host.max_prefixlen
    return tuple(
        str(ip_network(f"{host}/{length}", strict=False)) for length in range(longest, -1, -1)
    )
