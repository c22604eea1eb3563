"""`GET /nodes/{n}/hardware/pci` and `GET /cluster/mapping/pci`."""

from __future__ import annotations

import msgspec

from labtui.locale import _
from labtui.model.devices import MappingEntry, PciDevice, PciMapping
from labtui.model.text import clean, clean_lines
from labtui.sources.proxmox.decode import Flag, Rows, Text, Unfit, flag, once
from labtui.sources.proxmox.errors import Question
from labtui.sources.proxmox.hostpci import Unreadable, address, parse_mapping_entry


class _DeviceRow(msgspec.Struct, rename={"class_": "class"}):
    id: str
    class_: Text | None = None
    vendor: Text | None = None
    device: Text | None = None
    vendor_name: Text | None = None
    device_name: Text | None = None
    iommugroup: int | None = None


class _MappingRow(
    msgspec.Struct, rename={"entries": "map", "live_capable": "live-migration-capable"}
):
    id: Text
    entries: list[str] | str = []
    live_capable: Flag = None
    description: Text | None = None


_DEVICES = Rows(_DeviceRow)
_MAPPINGS = Rows(_MappingRow)


def read_devices(
    body: bytes, question: Question, cluster: str, node: str
) -> tuple[tuple[PciDevice, ...], tuple[str, ...]]:
    """The PCI devices of a node by address. Vendor and device ids are without `0x`."""

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
        )

    made, complaints = _DEVICES.read(body, question, row)
    devices, complaints = once(made, lambda device: device.address, complaints)
    return tuple(sorted(devices, key=lambda device: device.address)), complaints


def read_mappings(
    body: bytes, question: Question
) -> tuple[tuple[PciMapping, ...], tuple[str, ...]]:
    """The PCI mappings by name; an entry that cannot be read is left out and named."""
    broken: list[str] = []

    def row(row: _MappingRow) -> PciMapping:
        name = clean(str(row.id))
        if not name:
            raise Unfit(_("name of the mapping missing"))
        entries: list[MappingEntry] = []
        for text in [row.entries] if isinstance(row.entries, str) else row.entries:
            try:
                entries.append(parse_mapping_entry(text))
            except Unreadable as error:
                broken.append(
                    _("mapping {name}: entry not understood: {text}").format(name=name, text=error)
                )
        description = clean_lines(str(row.description or ""))
        return PciMapping(name, tuple(entries), flag(row.live_capable), description)

    made, complaints = _MAPPINGS.read(body, question, row)
    mappings, complaints = once(made, lambda mapping: mapping.name, complaints)
    ordered = tuple(sorted(mappings, key=lambda mapping: mapping.name))
    return ordered, (*complaints, *broken)


def _number(value: Text | None) -> str:
    """`0x10de` -> `10de`."""
    return clean(str(value or ""), 16).lower().removeprefix("0x")
