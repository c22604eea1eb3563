"""Guests: virtual machines (`qemu`) and containers (`lxc`), and their configuration."""

from __future__ import annotations

from typing import Literal

import msgspec

GuestKind = Literal["qemu", "lxc"]


class Guest(msgspec.Struct, frozen=True, gc=False):
    """A guest row. `status` is the server's word (running, stopped, paused, unknown, ...).

    `cpu` is the used fraction of `cpus`, sizes are bytes, `uptime` seconds; None: not published.
    """

    cluster: str
    vmid: int
    kind: GuestKind
    name: str
    node: str
    status: str
    cpu: float | None = None
    cpus: float | None = None
    memory: int | None = None
    memory_max: int | None = None
    disk_max: int | None = None
    uptime: int | None = None
    template: bool = False
    lock: str = ""
    tags: tuple[str, ...] = ()
    pool: str = ""
    ha_state: str = ""

    @property
    def key(self) -> str:
        return f"{self.cluster}/{self.vmid}"

    @property
    def sid(self) -> str:
        """The guest's id for the HA manager."""
        return f"{'vm' if self.kind == 'qemu' else 'ct'}:{self.vmid}"

    @property
    def label(self) -> str:
        """Number and name as a person says it."""
        return f"{self.vmid} {self.name}" if self.name else str(self.vmid)


class HostPci(msgspec.Struct, frozen=True):
    """One `hostpciN` line: either addresses (normalised `dddd:bb:dd[.f]`) or a mapping's name.

    An address without function means all functions of the slot. `ids` are the ids that the guest
    is shown instead of the device's own, by the key of the line (`vendor-id`, ...).
    """

    index: int
    addresses: tuple[str, ...] = ()
    mapping: str = ""
    pcie: bool = False
    mdev: str = ""
    x_vga: bool = False
    legacy_igd: bool = False
    rombar: bool = True
    romfile: str = ""
    driver: str = ""
    ids: tuple[tuple[str, str], ...] = ()


class UsbLine(msgspec.Struct, frozen=True):
    """One `usbN` line: a device by `vvvv:pppp`, a port by `bus-port.port`, or a mapping's name."""

    index: int
    device: str = ""
    port: str = ""
    mapping: str = ""


class DeviceNode(msgspec.Struct, frozen=True):
    """A device of the host that a container is let use: `path` below `/dev`, by line or mount."""

    index: int
    path: str


class NetDevice(msgspec.Struct, frozen=True):
    """One `netN` line of a guest."""

    index: int
    mac: str = ""
    bridge: str = ""
    tag: int | None = None
    address: str = ""


class GuestConfig(msgspec.Struct, frozen=True):
    """What labtui needs of a guest's configuration. `read_at`: seconds since the epoch."""

    cluster: str
    vmid: int
    digest: str
    read_at: float
    node: str
    cores: int | None = None
    memory: int | None = None
    machine: str = ""
    onboot: bool = False
    protection: bool = False
    description: str = ""
    hostpci: tuple[HostPci, ...] = ()
    nets: tuple[NetDevice, ...] = ()
    disks: tuple[str, ...] = ()
    agent: bool = False
    """The QEMU guest agent is said to be in it."""
    usb: tuple[UsbLine, ...] = ()
    nodes: tuple[DeviceNode, ...] = ()


class GuestConfigs(msgspec.Struct, frozen=True):
    """The configurations read so far, by vmid."""

    configs: dict[int, GuestConfig]
