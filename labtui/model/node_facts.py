"""What nodes say of themselves: load, clock, services, certificates, updates, disks, network.

Sizes are bytes, times seconds since the epoch unless said otherwise. Fields as of `GET
/nodes/{node}/status`, `.../time`, `.../services`, `.../replication`, `.../certificates/info`,
`.../apt/update`, `.../disks/list` and `.../network` of Proxmox VE 8.4 and 9.2.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from labtui.model.errors import Problem

HealthTopic = Literal["status", "clock", "services", "replication"]
BuildTopic = Literal["certificates", "updates", "disks", "network"]


class NodeStatus(msgspec.Struct, frozen=True):
    """The machine and how it fares. `available` is told by 9.x only; `load` is over 1, 5, 15 min.

    `boot_mode` is `efi` or `legacy-bios`. `ksm` are bytes that same pages spare.
    """

    version: str
    kernel: str
    uptime: int
    boot_mode: str = ""
    secure_boot: bool = False
    cpu_model: str = ""
    sockets: int = 0
    cores: int = 0
    cpus: int = 0
    virtual: bool = True
    """The processor can run virtual machines."""
    cpu: float = 0.0
    wait: float = 0.0
    load: tuple[float, ...] = ()
    memory: int = 0
    memory_max: int = 0
    available: int | None = None
    swap: int = 0
    swap_max: int = 0
    root: int = 0
    root_max: int = 0
    ksm: int = 0


class NodeClock(msgspec.Struct, frozen=True):
    """How many seconds the node's clock is ahead of this console's, give or take `unsure`.

    The server tells whole seconds; half of the time that the answer took is taken off.
    """

    ahead: float
    unsure: float
    zone: str = ""


class Service(msgspec.Struct, frozen=True):
    """A unit that Proxmox VE looks after; the words are systemd's."""

    name: str
    active: str
    state: str
    unit: str
    description: str = ""

    @property
    def wanted(self) -> bool:
        """True for one that is installed and starts by itself."""
        return self.unit in ("enabled", "enabled-runtime", "static")

    @property
    def dead(self) -> bool:
        """It should run and does not, or it failed."""
        return self.active == "failed" or (self.wanted and self.active == "inactive")


class Replication(msgspec.Struct, frozen=True):
    """A replication job of a guest on this node, as its last and next run are. `duration`: s."""

    id: str
    vmid: int
    target: str
    schedule: str = ""
    disabled: bool = False
    last_sync: float | None = None
    last_try: float | None = None
    next_sync: float | None = None
    fail_count: int = 0
    duration: float | None = None
    error: str = ""


class NodeHealth(msgspec.Struct, frozen=True):
    """What changes from minute to minute. None: not read, and `problems` says why.

    `read_at` is when the asking began.
    """

    read_at: float
    status: NodeStatus | None = None
    clock: NodeClock | None = None
    services: tuple[Service, ...] | None = None
    replication: tuple[Replication, ...] | None = None
    problems: dict[str, Problem] = {}


class NodesHealth(msgspec.Struct, frozen=True):
    """The health of each node that could be asked; `missing` are the others with the reason."""

    nodes: dict[str, NodeHealth]
    missing: dict[str, str] = {}


class Certificate(msgspec.Struct, frozen=True):
    """A certificate file of a node."""

    name: str
    subject: str
    issuer: str
    begins: float
    ends: float
    fingerprint: str = ""
    names: tuple[str, ...] = ()


class Update(msgspec.Struct, frozen=True, gc=False):
    """A package of which there is a newer version."""

    package: str
    now: str
    new: str
    origin: str = ""
    title: str = ""


class Disk(msgspec.Struct, frozen=True):
    """A disk in a node. `health` is SMART's word; `wearout` is what is left of its life in %."""

    path: str
    model: str
    kind: str
    size: int
    health: str
    serial: str = ""
    used: str = ""
    wearout: int | None = None

    @property
    def failing(self) -> bool:
        """SMART says so. What has no SMART, or was never asked, is not failing."""
        return self.health.upper() not in ("PASSED", "OK", "UNKNOWN", "")


class NetInterface(msgspec.Struct, frozen=True):
    """An interface of a node's network. `parts` are the ports of a bridge or a bond's slaves."""

    name: str
    kind: str
    active: bool
    address: str = ""
    gateway: str = ""
    parts: tuple[str, ...] = ()
    vlan: int | None = None
    vlan_aware: bool = False
    bond_mode: str = ""
    mtu: int | None = None
    comment: str = ""


class NodeBuild(msgspec.Struct, frozen=True):
    """What changes from day to day. None: not read, and `problems` says why."""

    read_at: float
    certificates: tuple[Certificate, ...] | None = None
    updates: tuple[Update, ...] | None = None
    disks: tuple[Disk, ...] | None = None
    network: tuple[NetInterface, ...] | None = None
    problems: dict[str, Problem] = {}


class NodesBuild(msgspec.Struct, frozen=True):
    """The same for each node that could be asked; `missing` are the others with the reason."""

    nodes: dict[str, NodeBuild]
    missing: dict[str, str] = {}
