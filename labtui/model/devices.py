"""PCI and USB devices in nodes, and the cluster's resource mappings for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

# ASPEED and Matrox: what a server's management controller shows the local console by (pci.ids).
_BOARD_CONTROLLERS = frozenset(("1a03", "102b"))
DeviceKind = Literal["gpu", "sound", "network", "storage", "usb", "bridge", "accelerator", "other"]
# By base class ("List of known device classes" in pci.ids).
_KINDS: dict[int, DeviceKind] = {
    0x01: "storage",
    0x02: "network",
    0x03: "gpu",
    0x04: "sound",
    0x06: "bridge",
    0x12: "accelerator",
}
_USB_CONTROLLER = 0x0C03
_DISPLAYS = (0x0300, 0x0302, 0x0380)


class PciDevice(msgspec.Struct, frozen=True):
    """One PCI function of a node. `address` is `dddd:bb:dd.f`; `iommu_group` is -1 when none.

    `subsystem` is `vvvv:dddd`, empty when it has none. `mdev`: it can be split into mediated
    devices or vGPUs. `physical` is the address of the function that a virtual one (SR-IOV) is of,
    `virtual` those of its virtual functions, where the server tells.
    """

    cluster: str
    node: str
    address: str
    device_class: int
    vendor_id: str
    device_id: str
    vendor: str
    model: str
    iommu_group: int
    subsystem: str = ""
    board: str = ""
    mdev: bool = False
    physical: str = ""
    virtual: tuple[str, ...] = ()

    @property
    def slot(self) -> str:
        """The address without its function."""
        return self.address.rsplit(".", 1)[0]

    @property
    def key(self) -> str:
        """The same for as long as it is in that place."""
        return f"{self.cluster}/{self.node}/{self.address}"

    @property
    def ids(self) -> str:
        """`vendor:device` as a mapping writes it, without 0x."""
        return f"{self.vendor_id.removeprefix('0x')}:{self.device_id.removeprefix('0x')}"

    @property
    def is_gpu(self) -> bool:
        """VGA (0x0300), 3D (0x0302), other display (0x0380); no board controller's console."""
        display = self.device_class >> 8 in _DISPLAYS
        return display and self.vendor_id.removeprefix("0x") not in _BOARD_CONTROLLERS

    @property
    def kind(self) -> DeviceKind:
        """What it is by its class; the console of a board controller is `other`."""
        if self.device_class >> 8 == _USB_CONTROLLER:
            return "usb"
        kind = _KINDS.get(self.device_class >> 16, "other")
        return "other" if kind == "gpu" and not self.is_gpu else kind

    @property
    def is_virtual(self) -> bool:
        """A virtual function of SR-IOV: as the server says, else by its name in pci.ids."""
        return bool(self.physical) or "virtual function" in self.model.lower()


def relatives(devices: Sequence[PciDevice]) -> dict[str, tuple[str, ...]]:
    """Address -> the virtual functions of a physical one, or the physical one of a virtual one.

    Who has the physical function takes all virtual ones with it. PVE 8.4 and 9.2 do not tell whose
    a virtual function is; then it is the nearest physical one before it of the same maker and class
    in its bus or the one before, as the kernel numbers them (`drivers/pci/iov.c`).
    """
    found: dict[str, list[str]] = {}
    plain = [device for device in devices if not device.is_virtual]
    for device in devices:
        if not device.is_virtual:
            continue
        owner = device.physical or _nearest(device, plain)
        if owner:
            found.setdefault(owner, []).append(device.address)
            found.setdefault(device.address, []).append(owner)
    for device in plain:
        for address in device.virtual:
            if address not in found.get(device.address, []):
                found.setdefault(device.address, []).append(address)
                found.setdefault(address, []).append(device.address)
    return {address: tuple(others) for address, others in found.items()}


def _nearest(device: PciDevice, plain: Sequence[PciDevice]) -> str:
    place = _place(device.address)
    near = [
        other.address
        for other in plain
        if (other.vendor_id, other.device_class) == (device.vendor_id, device.device_class)
        and _place(other.address)[0] == place[0]
        and place[1] - 1 <= _place(other.address)[1]
        and _place(other.address) < place
    ]
    return max(near, key=_place, default="")


def _place(address: str) -> tuple[int, int, int]:
    """(domain, bus, device and function) as numbers."""
    domain, bus, rest = address.split(":")
    slot, _dot, function = rest.partition(".")
    return int(domain, 16), int(bus, 16), int(slot, 16) << 4 | int(function or "0", 16)


def short_model(model: str) -> str:
    """`AD102 [GeForce RTX 4090]` -> `RTX 4090`: the name that people use."""
    if model.endswith("]") and "[" in model:
        model = model[model.rindex("[") + 1 : -1]
    model = model.removeprefix("NVIDIA ")
    for brand in ("GeForce ", "Quadro ", "Radeon "):
        model = model.removeprefix(brand)
    return model


class MappingEntry(msgspec.Struct, frozen=True):
    """One entry of a mapping; several of one node are alternatives, several addresses one group.

    `device` and `subsystem` are `vvvv:dddd`. `text` is the line as the server has it: it is sent
    back unchanged when another entry of the mapping changes.
    """

    node: str
    addresses: tuple[str, ...]
    device: str = ""
    iommu_group: int | None = None
    subsystem: str = ""
    text: str = ""


class PciMapping(msgspec.Struct, frozen=True):
    """A PCI resource mapping of the cluster. `digest` is that of all mappings together.

    `mdev`: its guests take a part. `broken`: entries that could not be read, which nobody may
    change without losing them.
    """

    name: str
    entries: tuple[MappingEntry, ...]
    live_capable: bool = False
    description: str = ""
    digest: str = ""
    mdev: bool = False
    broken: int = 0

    def on(self, node: str) -> tuple[MappingEntry, ...]:
        """The entries of that node."""
        return tuple(entry for entry in self.entries if entry.node == node)


class UsbMapping(msgspec.Struct, frozen=True):
    """A USB resource mapping: (node, `vvvv:pppp`, port `bus-port.port` or empty) per entry.

    `lines` are the entries as the server has them, in the same order. `broken`: entries that could
    not be read.
    """

    name: str
    entries: tuple[tuple[str, str, str], ...]
    description: str = ""
    digest: str = ""
    lines: tuple[str, ...] = ()
    broken: int = 0


class UsbDevice(msgspec.Struct, frozen=True):
    """What is plugged into a node. `path` is `bus-port.port`, `ids` `vvvv:pppp`."""

    node: str
    path: str
    ids: str
    name: str


class Check(msgspec.Struct, frozen=True):
    """What the server says of a mapping's entries on one node, in its own words."""

    severity: str
    message: str


class Hardware(msgspec.Struct, frozen=True):
    """The PCI devices of each node that could be asked, and the mappings.

    `read_at` has the time of each node's list (seconds since the epoch), `missing` the nodes that
    did not answer with the reason. `usb` is what is plugged in, by node, where the account may
    look; `checks` what each node says of a mapping, by (mapping, node) as `name/node`, of
    a USB mapping as `usb:name/node`.
    """

    devices: dict[str, tuple[PciDevice, ...]]
    mappings: tuple[PciMapping, ...] = ()
    read_at: dict[str, float] = {}
    missing: dict[str, str] = {}
    usb_mappings: tuple[UsbMapping, ...] = ()
    usb: dict[str, tuple[UsbDevice, ...]] = {}
    checks: dict[str, tuple[Check, ...]] = {}

    def device(self, node: str, address: str) -> PciDevice | None:
        """The function of that address, or the first of that slot."""
        first = address if "." in address else f"{address}.0"
        return next((d for d in self.devices.get(node, ()) if d.address == first), None)
