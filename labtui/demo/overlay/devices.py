"""What a router holds: WireGuard interfaces and peers, BGP connections and sessions.

Configuration fields are written by the RouterOS servers inside `OverlayWorld.changing()`, living
fields by the world alone. Moments are seconds since the epoch, lengths of time are seconds, sizes
are bytes. Absent values are None, as RouterOS leaves out the word.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import ClassVar

from labtui.demo.overlay.past import (
    HISTORY_LENGTH,
    LOG_LENGTH,
    Action,
    LogEntry,
    SafeHold,
    Session,
)


@dataclass(eq=False)
class Record:
    """A row of a menu that is configuration and nothing more; values as the API writes them."""

    CONFIG: ClassVar[tuple[str, ...]] = ("values",)

    number: int
    values: dict[str, str]

    def get(self, name: str, otherwise: str = "") -> str:
        """A value, or what stands for its absence."""
        return self.values.get(name, otherwise)

    @property
    def disabled(self) -> bool:
        """Whether the row is switched off."""
        return self.values.get("disabled") == "true"


@dataclass(eq=False)
class Address:
    """An IPv4 address on an interface."""

    CONFIG: ClassVar[tuple[str, ...]] = ("address", "network", "interface", "comment", "disabled")

    number: int
    address: str
    network: str
    interface: str
    comment: str = ""
    disabled: bool = False


@dataclass(eq=False)
class Peer:
    """One peer of a WireGuard interface, with its living state."""

    CONFIG: ClassVar[tuple[str, ...]] = (
        "name",
        "comment",
        "public_key",
        "preshared_key",
        "allowed_address",
        "endpoint_address",
        "endpoint_port",
        "keepalive",
        "responder",
        "disabled",
    )

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
    preshared_key: str = field(default="", repr=False)
    current_endpoint: tuple[str, int] | None = None
    last_handshake: float | None = None
    rx: float = 0.0
    tx: float = 0.0
    newest_stamp: float = 0.0
    """The clock of the far side at its newest handshake; older ones are refused as replayed."""

    def forget(self) -> None:
        """The living state goes, as when the kernel drops the peer."""
        self.current_endpoint = None
        self.last_handshake = None
        self.rx = 0.0
        self.tx = 0.0


@dataclass(eq=False)
class WireguardInterface:
    """A WireGuard interface; `number` is shared with `/interface`, `address` is in force there."""

    CONFIG: ClassVar[tuple[str, ...]] = (
        "name",
        "listen_port",
        "public_key",
        "private_key",
        "mtu",
        "comment",
        "disabled",
    )

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
    """A row of `/routing/bgp/connection`; `session` is the row of the cache, if there is one.

    A remote AS of 0 takes any neighbour.
    """

    CONFIG: ClassVar[tuple[str, ...]] = (
        "name",
        "local_address",
        "local_as",
        "remote_address",
        "remote_as",
        "comment",
        "hold_time",
        "keepalive_time",
        "disabled",
        "input_filter",
        "output_filter",
        "output_network",
        "tcp_key",
        "extra",
    )

    number: int
    name: str
    interface: str
    local_address: str
    local_as: int
    remote_address: str
    remote_as: int
    comment: str = ""
    hold_time: int = 180
    keepalive_time: int = 60
    disabled: bool = False
    input_filter: str = ""
    output_filter: str = ""
    output_network: str = "bgp-networks"
    tcp_key: str = field(default="", repr=False)
    extra: dict[str, str] = field(default_factory=dict)
    """Settings that change nothing here, as they were written."""
    session: BgpSession | None = None


@dataclass(eq=False)
class Port:
    """An interface that is no tunnel: Ethernet, bridge, loopback, VXLAN or L2TP."""

    CONFIG: ClassVar[tuple[str, ...]] = ("name", "mtu", "disabled", "comment")

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
    running: bool = True
    dynamic: bool = False


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
    addresses: list[Address] = field(default_factory=list)
    tables: dict[str, list[Record]] = field(default_factory=dict)
    single: dict[str, Record] = field(default_factory=dict)
    """Menus of one row, such as `/interface/l2tp-server/server`, by their path."""
    clock_offset: float = 0.0
    """Seconds by which its clock is ahead of the world's."""
    answer_delay: float = 0.0
    """Seconds that the busy processor needs before it looks at a command."""
    strangers: int = 0
    """API sessions that others hold."""
    line: int = 0
    """Every connection is cut when this number changes."""
    starts_at: float | None = None
    """When a router that restarts is back."""
    last_number: int = 0x30
    log: deque[LogEntry] = field(default_factory=lambda: deque(maxlen=LOG_LENGTH), repr=False)
    log_lines: int = 0
    sessions: list[Session] = field(default_factory=list)
    sessions_opened: int = 0
    history: deque[Action] = field(default_factory=lambda: deque(maxlen=HISTORY_LENGTH))
    actions: int = 0
    safe: SafeHold | None = None
    line_addresses: set[str] = field(default_factory=set)
    """Addresses that a call brings when it is up."""

    def owns(self, address: str) -> bool:
        """Whether the address is one of this router's own."""
        return address in self.line_addresses or any(
            row.address.partition("/")[0] == address for row in self.addresses if not row.disabled
        )

    def table(self, path: str) -> list[Record]:
        """The rows of a menu; a new list when nothing was configured there."""
        return self.tables.setdefault(path, [])

    def fresh_number(self) -> int:
        """A number for a new item, of whatever menu."""
        self.last_number += 1
        return self.last_number

    def clock(self, now: float) -> float:
        """What this router takes the moment for."""
        return now + self.clock_offset

    def say(self, now: float, topics: str, message: str) -> None:
        """Write a line to the log."""
        self.log_lines += 1
        self.log.append(LogEntry(self.log_lines, self.clock(now), topics, message))

    @property
    def major(self) -> int:
        """6 or 7."""
        return int(self.version.partition(".")[0])

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
