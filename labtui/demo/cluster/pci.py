"""PCI devices of a node and what a `hostpciN` entry claims of them.

A GPU with sound is two functions of one slot in one IOMMU group; before it stands its root port.
Classes: 0x0300 display, 0x0302 3D, 0x0403 sound, 0x0604 bridge, 0x0108 NVMe, 0x0200 network.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from labtui.demo.cluster.configuration import options
from labtui.demo.lab import Card, Mapping, Node

_ADDRESS = re.compile(r"^(?:([0-9a-fA-F]{4}):)?([0-9a-fA-F]{2}):([0-9a-fA-F]{2})(?:\.([0-7]))?$")
_SOUND = {
    "0x2684": ("0x22ba", "AD102 High Definition Audio Controller"),
    "0x2231": ("0x1aef", "GA102 High Definition Audio Controller"),
    "0x744c": ("0xab30", "Navi 31 HDMI/DP Audio"),
}
_BOARD = {"0x10de": ("0x1458", "Gigabyte Technology Co., Ltd"), "0x1002": ("0x1da2", "Sapphire")}


@dataclass(frozen=True)
class Device:
    """One PCI function, numbers as the API writes them (`0x` texts)."""

    id: str
    pci_class: str
    vendor: str
    device: str
    vendor_name: str
    device_name: str
    iommu_group: int
    subsystem_vendor: str
    subsystem_device: str
    subsystem_vendor_name: str

    @property
    def ids(self) -> str:
        """`vendor:device` as a mapping writes it, without 0x."""
        return f"{self.vendor[2:]}:{self.device[2:]}"


def _card(card: Card) -> list[Device]:
    board, board_name = _BOARD.get(card.vendor, (card.vendor, card.vendor_name))
    kind = "0x030000" if card.has_audio else "0x030200"
    devices = [
        Device(
            f"{card.slot}.0",
            kind,
            card.vendor,
            card.device,
            card.vendor_name,
            card.device_name,
            card.iommu_group,
            board,
            "0x40ee",
            board_name,
        )
    ]
    if card.has_audio and card.device in _SOUND:
        device, name = _SOUND[card.device]
        devices.append(
            Device(
                f"{card.slot}.1",
                "0x040300",
                card.vendor,
                device,
                card.vendor_name,
                name,
                card.iommu_group,
                board,
                "0x40ee",
                board_name,
            )
        )
    return devices


# The management controller's console: a VGA device that nobody hands to a guest.
_BOARD_GRAPHICS = Device(
    "0000:05:00.0",
    "0x030000",
    "0x1a03",
    "0x2000",
    "ASPEED Technology, Inc.",
    "ASPEED Graphics Family",
    10,
    "0x1a03",
    "0x2000",
    "ASPEED Technology, Inc.",
)


def node_devices(node: Node) -> tuple[Device, ...]:
    """All PCI functions of a node: bridges, disks, network, board graphics, then the cards."""
    amd = "AMD" in node.cpu_model
    vendor = "0x1022" if amd else "0x8086"
    name = "Advanced Micro Devices, Inc. [AMD]" if amd else "Intel Corporation"

    def own(place: str, kind: str, ids: str, text: str, group: int) -> Device:
        return Device(place, kind, vendor, ids, name, text, group, vendor, ids, name)

    devices = [own("0000:00:00.0", "0x060000", "0x1480", "Root Complex", 0)]
    for number, card in enumerate(node.cards):
        place = f"0000:00:{number // 7 + 1:02x}.{number % 7 + 1}"
        # Two cards behind one bridge without ACS share a group with it; so do real boards.
        group = card.iommu_group if node.name == "pve4" else number + 1
        devices.append(own(place, "0x060400", "0x1483", "GPP Bridge", group))
    devices += [
        own("0000:00:14.0", "0x0c0500", "0x790b", "FCH SMBus Controller", 6),
        own("0000:03:00.0", "0x010802", "0xa824", "NVMe SSD Controller PM173X", 7),
        own("0000:04:00.0", "0x020000", "0x1521", "I350 Gigabit Network Connection", 8),
        own("0000:04:00.1", "0x020000", "0x1521", "I350 Gigabit Network Connection", 8),
        _BOARD_GRAPHICS,
    ]
    for card in node.cards:
        devices += _card(card)
    return tuple(devices)


def expand(address: str, devices: tuple[Device, ...]) -> list[str]:
    """Functions that an address names: itself, or all of its slot when it has no function."""
    match = _ADDRESS.match(address)
    if match is None:
        return []
    slot = f"{(match[1] or '0000').lower()}:{match[2].lower()}:{match[3].lower()}"
    if match[4] is not None:
        return [f"{slot}.{match[4]}"]
    return [device.id for device in devices if device.id.startswith(f"{slot}.")]


def raw_claim(value: str, devices: tuple[Device, ...]) -> list[str]:
    """Functions claimed by a `hostpciN` value with a host address; empty for a mapped one."""
    parts = options(value)
    host = parts.get("host", parts.get("", ""))
    return [found for address in host.split(";") for found in expand(address, devices)]


def mapped_name(value: str) -> str | None:
    """The mapping that a `hostpciN` value names."""
    return options(value).get("mapping")


def mapping_line(mapping: Mapping, node: str, path: str, group: int) -> str:
    """One `map` line of a mapping, as the cluster file has it."""
    return f"id={mapping.device},iommugroup={group},node={node},path={path},subsystem-id=1458:40ee"
