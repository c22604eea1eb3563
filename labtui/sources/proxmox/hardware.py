"""`GET /nodes/{n}/hardware/{pci,usb}`."""

from __future__ import annotations

import msgspec

from labtui.model.devices import PciDevice, UsbDevice
from labtui.model.text import clean
from labtui.sources.proxmox.decode import Flag, Rows, Text, flag, once
from labtui.sources.proxmox.errors import Question
from labtui.sources.proxmox.hostpci import Unreadable, address, addresses


class _DeviceRow(msgspec.Struct, rename={"class_": "class"}):
    id: str
    class_: Text | None = None
    vendor: Text | None = None
    device: Text | None = None
    vendor_name: Text | None = None
    device_name: Text | None = None
    iommugroup: int | None = None
    subsystem_vendor: Text | None = None
    subsystem_device: Text | None = None
    subsystem_vendor_name: Text | None = None
    mdev: Flag = None
    physfn: Text | None = None
    virtfns: list[Text] | Text | None = None


class _UsbRow(msgspec.Struct):
    busnum: int
    vendid: Text
    prodid: Text
    level: int = 0
    usbpath: Text | None = None
    manufacturer: Text | None = None
    product: Text | None = None


_DEVICES = Rows(_DeviceRow)
_USB = Rows(_UsbRow)


def read_devices(
    body: bytes, question: Question, cluster: str, node: str
) -> tuple[tuple[PciDevice, ...], tuple[str, ...]]:
    """The PCI devices of a node by address. Vendor and device ids are without `0x`.

    `physfn` and `virtfns` are taken where a server sends them; PVE 8.4 and 9.2 do not
    (`PVE/SysFSTools.pm`, `lspci`).
    """

    def row(row: _DeviceRow) -> PciDevice:
        return PciDevice(
            cluster,
            node,
            address(row.id),
            int(_number(row.class_) or "0", 16),
            _number(row.vendor),
            _number(row.device),
            clean(str(row.vendor_name or "")),
            clean(str(row.device_name or "")),
            -1 if row.iommugroup is None else row.iommugroup,
            _pair(row.subsystem_vendor, row.subsystem_device),
            clean(str(row.subsystem_vendor_name or "")),
            flag(row.mdev),
            next(iter(_functions(row.physfn)), ""),
            _functions(row.virtfns),
        )

    made, complaints = _DEVICES.read(body, question, row)
    devices, complaints = once(made, lambda device: device.address, complaints)
    return tuple(sorted(devices, key=lambda device: device.address)), complaints


def read_usb(
    body: bytes, question: Question, node: str
) -> tuple[tuple[UsbDevice, ...], tuple[str, ...]]:
    """What is plugged into a node, by port; its own root hubs (level 0) are left out."""

    def row(row: _UsbRow) -> UsbDevice | None:
        if not row.level and row.usbpath is None:
            return None
        names = (clean(str(part)) for part in (row.manufacturer, row.product) if part)
        return UsbDevice(
            node,
            f"{row.busnum}-{clean(str(row.usbpath or '?'), 40)}",
            f"{_number(row.vendid)}:{_number(row.prodid)}",
            " ".join(names),
        )

    made, complaints = _USB.read(body, question, row)
    return tuple(sorted(made, key=lambda device: device.path)), complaints


def _functions(told: list[Text] | Text | None) -> tuple[str, ...]:
    """Addresses of functions in whatever form they come; nothing for what is none."""
    parts = told if isinstance(told, list) else [told] if told else []
    try:
        return tuple(found for part in parts for found in addresses(str(part)))
    except Unreadable:
        return ()


def _pair(vendor: Text | None, device: Text | None) -> str:
    first, second = _number(vendor), _number(device)
    return f"{first}:{second}" if first and second else ""


def _number(value: Text | None) -> str:
    """`0x10de` -> `10de`."""
    return clean(str(value or ""), 16).lower().removeprefix("0x")
