"""A guest as it runs now, and the figures last published about it."""

from __future__ import annotations

from dataclasses import dataclass, field

from labtui.demo.cluster.configuration import Config, drives


@dataclass(frozen=True, slots=True)
class GuestFigures:
    """What the statistics daemon of the guest's node published; sizes bytes, cpu a fraction."""

    at: float
    status: str
    uptime: int
    cpu: float
    mem: int
    memhost: int
    disk: int
    netin: int
    netout: int
    diskread: int
    diskwrite: int


@dataclass(eq=False, slots=True)
class Snapshot:
    """A state kept of a guest: its configuration then, and whether its memory was kept too.

    `taken` is an epoch second; `parent` the snapshot before it, None for the first.
    """

    name: str
    description: str
    taken: int
    parent: str | None
    config: Config
    vmstate: bool = False


@dataclass(eq=False, slots=True)
class Guest:
    """A virtual machine or container: where its configuration lies and what it is doing."""

    vmid: int
    kind: str
    node: str
    config: Config
    load: float
    pool: str
    running: bool
    started_at: float
    pid: int
    state: str = "running"
    busy: bool = False
    pending: Config = field(default_factory=dict)
    devices: tuple[str, ...] = ()
    parts: tuple[tuple[str, str], ...] = ()
    figures: GuestFigures | None = None
    counters: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0, 0.0])
    transitions: list[tuple[float, bool]] = field(default_factory=list)
    revision: int = 0
    row_mark: tuple[int, bool, str | None] | None = None
    row: bytes = b""
    disk_size: int | None = None
    snapshots: dict[str, Snapshot] = field(default_factory=dict)
    parent: str | None = None

    @property
    def name(self) -> str:
        """Its name in the configuration."""
        return str(self.config.get("name", self.config.get("hostname", "")))

    @property
    def template(self) -> bool:
        """Whether it can only be cloned."""
        return bool(self.config.get("template"))

    @property
    def lock(self) -> str | None:
        """The lock in the configuration (`migrate`, `backup`, ...)."""
        value = self.config.get("lock")
        return None if value is None else str(value)

    @property
    def maxcpu(self) -> int:
        """Virtual processors."""
        return int(self.config.get("cores", 1)) * int(self.config.get("sockets", 1))

    @property
    def maxmem(self) -> int:
        """Configured memory, bytes."""
        return int(self.config.get("memory", 512)) << 20

    @property
    def maxdisk(self) -> int:
        """Size of the boot disk, bytes."""
        if self.disk_size is None:
            keys = {"scsi0", "virtio0", "rootfs"}
            sizes = (d.size or 0 for d in drives(self.config) if d.key in keys)
            self.disk_size = next(sizes, 0)
        return self.disk_size

    @property
    def noun(self) -> str:
        """How Proxmox VE calls it in its messages."""
        return "VM" if self.kind == "qemu" else "CT"

    @property
    def sid(self) -> str:
        """The name of its HA resource, whether it has one or not."""
        return f"{'vm' if self.kind == 'qemu' else 'ct'}:{self.vmid}"

    @property
    def config_path(self) -> str:
        """Where its configuration lies, as the messages name it."""
        folder = "qemu-server" if self.kind == "qemu" else "lxc"
        return f"nodes/{self.node}/{folder}/{self.vmid}.conf"

    def touch(self) -> None:
        """The configuration has changed."""
        self.revision += 1
        self.disk_size = None

    def set_lock(self, lock: str | None) -> None:
        """Write or remove the lock line."""
        if lock is None:
            self.config.pop("lock", None)
        else:
            self.config["lock"] = lock
        self.touch()

    def set_running(self, *, running: bool, now: float, state: str = "running") -> None:
        """The guest starts or ends at world second `now`."""
        if running != self.running:
            self.transitions.append((now, running))
            del self.transitions[:-32]
        self.running = running
        self.state = state if running else "stopped"
        self.started_at = now
        if not running:
            self.devices = ()
            self.parts = ()
            self.counters = [0.0, 0.0, 0.0, 0.0]

    def was_running(self, at: float) -> bool:
        """Whether it ran at that second (for its history)."""
        running = not self.transitions[0][1] if self.transitions else self.running
        for when, state in self.transitions:
            if when > at:
                break
            running = state
        return running
