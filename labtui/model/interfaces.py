"""Interfaces of a router and what rides on them besides WireGuard: calls, IPsec, VXLAN.

Names as in RouterOS. Times are seconds since the epoch on this machine's clock, rates bytes per
second. No key and no secret is ever held here.
"""

from __future__ import annotations

from typing import Literal

import msgspec

CallRole = Literal["client", "server"]


class Interface(msgspec.Struct, frozen=True, gc=False):
    """A row of `/interface`.

    `mtu` is what is configured (None for `auto`), `actual_mtu` what is in force. Rates are between
    the last two readings, which were `span` seconds apart; None before there are two, and when a
    counter went back (it was reset, or the router restarted).
    """

    router: str
    name: str
    kind: str = ""
    mtu: int | None = None
    actual_mtu: int | None = None
    running: bool = False
    disabled: bool = False
    dynamic: bool = False
    rx: int | None = None
    tx: int | None = None
    rx_rate: float | None = None
    tx_rate: float | None = None
    span: float | None = None
    link_downs: int | None = None
    comment: str = ""

    @property
    def key(self) -> str:
        return f"{self.router}/{self.name}"


class Call(msgspec.Struct, frozen=True):
    """One end of an L2TP connection.

    A client's row is there always; a server's (`/interface/l2tp-server`) only while somebody is
    connected, unless it was bound by hand. `peer_address`: whom the client calls, or where the
    caller comes from. `local`/`remote` are the addresses inside. `status` is the client's own word.
    """

    router: str
    name: str
    role: CallRole
    user: str = ""
    peer_address: str = ""
    running: bool = False
    disabled: bool = False
    ipsec: bool = False
    mtu: int | None = None
    since: float | None = None
    status: str = ""
    local: str = ""
    remote: str = ""
    comment: str = ""

    @property
    def key(self) -> str:
        return f"{self.router}/{self.name}"


class IpsecPeer(msgspec.Struct, frozen=True):
    """A configured peer of phase 1. One that is passive waits to be called."""

    router: str
    name: str
    address: str = ""
    local_address: str = ""
    passive: bool = False
    disabled: bool = False
    dynamic: bool = False
    identities: int = 0
    comment: str = ""


class ActivePeer(msgspec.Struct, frozen=True):
    """Phase 1 as it stands: `state` is `established`, or how far it came (`message-1-sent`)."""

    router: str
    local_address: str
    remote_address: str
    state: str = ""
    side: str = ""
    since: float | None = None
    phase2: int | None = None


class IpsecPolicy(msgspec.Struct, frozen=True):
    """A policy; `state` is that of its phase 2: `established`, `no-phase2`, `expired`."""

    router: str
    peer: str
    source: str = ""
    destination: str = ""
    sa_source: str = ""
    sa_destination: str = ""
    state: str = ""
    active: bool = False
    disabled: bool = False
    dynamic: bool = False
    invalid: bool = False


class Association(msgspec.Struct, frozen=True):
    """The security associations of one direction: the live ones, and bytes over all of them."""

    router: str
    source: str
    destination: str
    mature: int = 0
    dying: int = 0
    octets: int | None = None
    rate: float | None = None


class Vxlan(msgspec.Struct, frozen=True):
    """A VXLAN interface with the addresses of its far ends."""

    router: str
    name: str
    vni: int | None = None
    port: int | None = None
    mtu: int | None = None
    local_address: str = ""
    running: bool = False
    disabled: bool = False
    remotes: tuple[str, ...] = ()
    comment: str = ""


class Interfaces(msgspec.Struct, frozen=True):
    """All of this of one router."""

    interfaces: tuple[Interface, ...] = ()
    calls: tuple[Call, ...] = ()
    peers: tuple[IpsecPeer, ...] = ()
    active: tuple[ActivePeer, ...] = ()
    policies: tuple[IpsecPolicy, ...] = ()
    associations: tuple[Association, ...] = ()
    vxlans: tuple[Vxlan, ...] = ()

    def interface(self, name: str) -> Interface | None:
        """The interface of that name."""
        return next((each for each in self.interfaces if each.name == name), None)
