"""USB mappings as mappings like any other: their entries, and what fits no more. Pure.

The server compares at start of a guest (`PVE/Mapping/USB.pm`, `assert_valid`): an entry with a port
wants that device in it, one without wants the device anywhere in the node.
"""

from __future__ import annotations

from labtui.model.devices import Hardware, MappingEntry, PciMapping, UsbDevice, UsbMapping

PREFIX = "usb:"
"""Before the name of a USB mapping in keys: PCI ones may have the same name."""


def as_mapping(mapping: UsbMapping) -> PciMapping:
    """The same in the form of PCI mappings: the address is the port, or the ids without one."""
    lines = mapping.lines or tuple(entry_text(*entry) for entry in mapping.entries)
    entries = tuple(
        MappingEntry(node, (path or ids,), ids, text=text)
        for (node, ids, path), text in zip(mapping.entries, lines, strict=True)
    )
    return PciMapping(
        mapping.name,
        entries,
        description=mapping.description,
        digest=mapping.digest,
        broken=mapping.broken,
    )


def entry_text(node: str, ids: str, path: str = "") -> str:
    """A map entry: of what is in that port, or of that device wherever it is plugged in."""
    return ",".join((f"id={ids}", f"node={node}", *((f"path={path}",) if path else ())))


def by_port(entry: MappingEntry) -> bool:
    """Whether an entry names a port."""
    return entry.addresses[0] != entry.device


def fault(entry: MappingEntry, hardware: Hardware) -> tuple[str, str, str] | None:
    """(gone or id, expected, found) of one that fits no more; None too when nobody knows."""
    plugged = hardware.usb.get(entry.node)
    if plugged is None:
        return None
    if not by_port(entry):
        there = any(device.ids == entry.device for device in plugged)
        return None if there else ("gone", entry.device, "")
    port = entry.addresses[0]
    found = next((device for device in plugged if device.path == port), None)
    if found is None:
        return "gone", port, ""
    return None if found.ids == entry.device else ("id", entry.device, found.ids)


def elsewhere(entry: MappingEntry, hardware: Hardware) -> tuple[UsbDevice, ...]:
    """Devices of the entry's node that are what it expects, in ports that no mapping names."""
    taken = {
        (node, path)
        for mapping in hardware.usb_mappings
        for node, _ids, path in mapping.entries
        if path
    }
    return tuple(
        device
        for device in hardware.usb.get(entry.node, ())
        if device.ids == entry.device and (entry.node, device.path) not in taken
    )
