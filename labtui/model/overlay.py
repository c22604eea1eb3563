"""The overlay network: routers, WireGuard, BGP. Names as in RouterOS 7.

Times are seconds since the epoch on this machine's clock, durations seconds, counters bytes.
"""

from __future__ import annotations

import msgspec


class RouterFacts(msgspec.Struct, frozen=True):
    """What a router says of itself, and its addresses.

    `clock_ahead`: seconds by which its clock is before ours, None where it does not tell; what the
    question took is the least that it can be wrong by. `sensors` are those of `/system/health`.
    """

    router: str
    site: str
    identity: str
    version: str
    board: str = ""
    uptime: float | None = None
    cpu_load: int | None = None
    memory_free: int | None = None
    memory_total: int | None = None
    addresses: tuple[RouterAddress, ...] = ()
    clock_ahead: float | None = None
    sensors: tuple[Sensor, ...] = ()


class RouterAddress(msgspec.Struct, frozen=True):
    """An address on an interface, with its mask: `10.255.0.0/31`.

    `network` is the far end's address where the interface is a call (`10.0.0.1/32`).
    """

    interface: str
    address: str
    disabled: bool = False
    network: str = ""

    @property
    def host(self) -> str:
        """The address without its mask."""
        return self.address.partition("/")[0]


class Sensor(msgspec.Struct, frozen=True):
    """A value of `/system/health` as the router prints it, with its unit: `41`, `C`."""

    name: str
    value: str
    unit: str = ""


class WireGuardInterface(msgspec.Struct, frozen=True):
    """A WireGuard interface; `running` says nothing about its peers."""

    router: str
    name: str
    public_key: str
    listen_port: int | None = None
    mtu: int | None = None
    disabled: bool = False
    comment: str = ""


class WireGuardPeer(msgspec.Struct, frozen=True):
    """One peer as one router sees it.

    `handshake_at` is None when there never was one. Rates are bytes per second between the last
    two readings, None before there are two.
    """

    router: str
    interface: str
    public_key: str
    name: str = ""
    comment: str = ""
    disabled: bool = False
    responder: bool = False
    endpoint: str = ""
    current_endpoint: str = ""
    allowed: tuple[str, ...] = ()
    keepalive: float | None = None
    handshake_at: float | None = None
    rx: int = 0
    tx: int = 0
    rx_rate: float | None = None
    tx_rate: float | None = None

    @property
    def key(self) -> str:
        return f"{self.router}/{self.interface}/{self.public_key}"


class WireGuard(msgspec.Struct, frozen=True):
    """All WireGuard interfaces and peers of one router."""

    interfaces: tuple[WireGuardInterface, ...] = ()
    peers: tuple[WireGuardPeer, ...] = ()


class BgpConnection(msgspec.Struct, frozen=True):
    """A configured BGP connection. `about` is the router's own word on why it is idle.

    `output_filter` is the chain that what is announced goes through, empty for none;
    `output_network` the address list of own networks.
    """

    router: str
    name: str
    remote_address: str = ""
    remote_as: int | None = None
    local_address: str = ""
    local_as: int | None = None
    role: str = ""
    disabled: bool = False
    inactive: bool = False
    listen: bool = False
    about: str = ""
    comment: str = ""
    output_filter: str = ""
    output_network: str = ""

    @property
    def key(self) -> str:
        return f"{self.router}/{self.name}"


class BgpSession(msgspec.Struct, frozen=True):
    """A BGP session row. `established_at` is None unless established.

    `last_stopped` is the router's own date text; `received`/`sent` are the last notifications in
    words, empty when there was none.
    """

    router: str
    name: str
    remote_address: str = ""
    remote_as: int | None = None
    local_address: str = ""
    local_as: int | None = None
    established: bool = False
    established_at: float | None = None
    prefixes: int | None = None
    hold_time: float | None = None
    stopped: bool = False
    limit_exceeded: bool = False
    last_stopped: str = ""
    received: str = ""
    sent: str = ""


class Realm(msgspec.Struct, frozen=True):
    """AS numbers from `low` to `high` that are somebody else's, and their name (DN42)."""

    low: int
    high: int
    name: str = ""

    def has(self, asn: int) -> bool:
        return self.low <= asn <= self.high


# dn42 wiki, "Address space".
DN42 = range(4242420000, 4242424000)
DN42_REALM = Realm(DN42.start, DN42.stop - 1, "DN42")


class Bgp(msgspec.Struct, frozen=True):
    """Connections and sessions of one router (v6 peers come as both).

    `outside` are the numbers that the configuration says are of others.
    """

    connections: tuple[BgpConnection, ...] = ()
    sessions: tuple[BgpSession, ...] = ()
    outside: tuple[Realm, ...] = (DN42_REALM,)
