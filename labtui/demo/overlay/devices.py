"""What a router holds: WireGuard interfaces and peers, BGP connections and sessions.

Configuration fields are written by the RouterOS servers inside `OverlayWorld.changing()`, living
fields by the world alone. Moments are seconds since the epoch, lengths of time are seconds, sizes
are bytes. Absent values are None, as RouterOS leaves out the word.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(eq=False)
class Peer:
    """One peer of a WireGuard interface, with its living state."""

    number: int
    interface: WireguardInterface
    name: str
    comment: str
    public_key: str
    allowed_address: str
    endpoint_address: str = ""
    endpoint_port: int = 0
    keepalive: int = 0
    responder: bool = False
    disabled: bool = False
    current_endpoint: tuple[str, int] | None = None
    last_handshake: float | None = None
    rx: float = 0.0
    tx: float = 0.0

    def forget(self) -> None:
        """The living state goes, as when the kernel drops the peer."""
        self.current_endpoint = None
        self.last_handshake = None
        self.rx = 0.0
        self.tx = 0.0


@dataclass(eq=False)
class WireguardInterface:
    """A WireGuard interface; `number` is shared with `/interface`."""

    number: int
    name: str
    listen_port: int
    public_key: str
    private_key: str = field(repr=False)
    address: str
    network: str
    mtu: int = 1420
    comment: str = ""
    disabled: bool = False
    peers: list[Peer] = field(default_factory=list, repr=False)


@dataclass(eq=False)
class BgpSession:
    """A row of `/routing/bgp/session`: a cache entry that outlives its session for a while."""

    number: int
    connection: BgpConnection
    established: bool = False
    started: float | None = None
    stopped_at: float | None = None
    stopped: bool = False
    input_notification: str = ""
    output_notification: str = ""
    prefix_count: int = 0
    drop_at: float | None = None
    vanish_at: float | None = None
    heard_until: float | None = None
    extra_sent: int = 0


@dataclass(eq=False)
class BgpConnection:
    """A row of `/routing/bgp/connection`; `session` is the row of the cache, if there is one."""

    number: int
    name: str
    interface: WireguardInterface
    local_address: str
    local_as: int
    remote_address: str
    remote_as: int
    comment: str = ""
    hold_time: int = 180
    keepalive_time: int = 60
    disabled: bool = False
    session: BgpSession | None = None


@dataclass(eq=False)
class Port:
    """An interface that is no tunnel: Ethernet, bridge or loopback."""

    number: int
    name: str
    kind: str
    mtu: int
    mac: str
    address: str = ""
    network: str = ""
    slave: bool = False
    mean_rate: float = 0.0
    disabled: bool = False
    comment: str = ""


@dataclass(eq=False)
class Router:
    """A router of the lab and all that is configured on it."""

    name: str
    site: str
    version: str
    asn: int
    public_address: str
    subnet: str
    lan_address: str
    loopback: str
    booted: float
    identity: str = ""
    up: bool = True
    boots: int = 0
    ports: list[Port] = field(default_factory=list)
    wireguard: list[WireguardInterface] = field(default_factory=list)
    connections: list[BgpConnection] = field(default_factory=list)
    sessions_seen: int = 0

    @property
    def online(self) -> bool:
        """Whether the port to the internet, the first one, is enabled."""
        return not self.ports[0].disabled

    def ident(self, number: int) -> str:
        """The `.id` of an item: hexadecimal after a star, and other after every boot."""
        return f"*{number + 0x40 * self.boots:X}"

    def next_session(self) -> int:
        """A number for a new row of the session cache; they start at 0x2800001."""
        self.sessions_seen += 1
        return 0x2800000 + self.sessions_seen
