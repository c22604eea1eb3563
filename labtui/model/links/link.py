"""What a link is: a kind, one or two ends, a verdict with its reason, and its three layers."""

from __future__ import annotations

from typing import Literal

import msgspec

LinkKind = Literal["wireguard", "l2tp", "ipsec", "vxlan", "ospf", "bgp"]
LinkState = Literal["up", "degraded", "down", "one-way", "never", "idle", "off", "unknown"]
Layer = Literal["good", "bad", "unknown", "none"]
CARRIERS: tuple[LinkKind, ...] = ("wireguard", "l2tp", "ipsec", "vxlan")
"""Kinds that packets travel in; the others are sessions of routing protocols over them."""
BROKEN: frozenset[LinkState] = frozenset(("down", "one-way", "never"))
WORST_FIRST: tuple[LinkState, ...] = (
    "down",
    "one-way",
    "never",
    "degraded",
    "up",
    "idle",
    "unknown",
    "off",
)


class LinkEnd(msgspec.Struct, frozen=True):
    """One router's side. Rates are bytes per second over the last `span` seconds.

    `address` is the one inside the link with its mask, `endpoint` where this end looks for the
    other, or meets it. `since`: up since then; `handshake_at` is WireGuard's. `told` are further
    words of the router, by the name of their field.
    """

    router: str
    site: str
    interface: str = ""
    address: str = ""
    endpoint: str = ""
    mtu: int | None = None
    since: float | None = None
    handshake_at: float | None = None
    rx_rate: float | None = None
    tx_rate: float | None = None
    span: float | None = None
    off: bool = False
    stale: bool = False
    told: tuple[tuple[str, str], ...] = ()


class Said(msgspec.Struct, frozen=True):
    """A verdict and the name of its reason, which `views` has words for.

    `detail` is what the reason is about: a state, an area, two sizes.
    """

    state: LinkState
    reason: str
    detail: str = ""


class Link(msgspec.Struct, frozen=True):
    """A link. With one end the other is only known by a name (`half`).

    `under` are the keys of the links that it travels in, `over` those of the sessions over it.
    """

    kind: LinkKind
    key: str
    ends: tuple[LinkEnd, ...]
    said: Said
    far_name: str = ""
    far_router: str = ""
    subnet: str = ""
    outside: bool = False
    under: tuple[str, ...] = ()
    over: tuple[str, ...] = ()
    underlay: Layer = "unknown"
    tunnel: Layer = "unknown"
    routing: Layer = "none"

    @property
    def near(self) -> LinkEnd:
        return self.ends[0]

    @property
    def far(self) -> LinkEnd | None:
        """The other end, where its router is ours and has a row for it."""
        return self.ends[1] if len(self.ends) > 1 else None

    @property
    def half(self) -> bool:
        """Only one end is in sight."""
        return len(self.ends) < 2

    @property
    def state(self) -> LinkState:
        return self.said.state

    @property
    def name(self) -> str:
        """`836 = 702` with both ends in sight, `mou > dn42` with one."""
        if self.far is not None:
            return f"{self.near.site} = {self.far.site}"
        return f"{self.near.site} > {self.far_name or '?'}"

    @property
    def sites(self) -> tuple[str, ...]:
        return tuple(sorted({end.site for end in self.ends}))

    @property
    def routers(self) -> tuple[str, ...]:
        return tuple(end.router for end in self.ends)

    @property
    def stale(self) -> bool:
        """No end was read lately."""
        return all(end.stale for end in self.ends)

    @property
    def mtus(self) -> tuple[int, ...]:
        """The different sizes that the two ends have; one when they agree."""
        return tuple(sorted({end.mtu for end in self.ends if end.mtu is not None}))

    @property
    def since(self) -> float | None:
        """Up since then, as the end that says the latest moment has it."""
        return max((end.since for end in self.ends if end.since is not None), default=None)


def worst(said: list[Said]) -> Said:
    """The gravest of what the ends say."""
    return min(said, key=lambda one: WORST_FIRST.index(one.state))
