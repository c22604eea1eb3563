"""What is plugged into nodes, and which guests have a claim on it. Pure.

A guest names a device by its ids or a port (`PVE/QemuServer/USB.pm`), or a mapping whose entries
of its node are either; the first that is free is taken.
"""

from __future__ import annotations

import msgspec

from labtui.model.cluster import Membership, Resources
from labtui.model.derived import Derived
from labtui.model.devices import Hardware, UsbDevice, UsbMapping
from labtui.model.guests import GuestConfigs, UsbLine
from labtui.model.presence import NodePresence, SeenGuest, presences, seen_guests
from labtui.model.snapshot import Snapshot


class UsbPort(msgspec.Struct, frozen=True):
    """A device, or what a guest or a mapping looks for. `plugged` None: nobody may look there.

    `path` or `ids` is empty where only the other is known. `mappings` have an entry for it.
    """

    cluster: str
    node: str
    path: str
    ids: str
    name: str = ""
    plugged: bool | None = None
    claims: tuple[SeenGuest, ...] = ()
    mappings: tuple[str, ...] = ()
    node_online: bool = True

    @property
    def key(self) -> str:
        return f"{self.cluster}/{self.node}/usb-{self.path or self.ids}"


def _wanted(line: UsbLine, node: str, mappings: dict[str, UsbMapping]) -> list[tuple[str, str]]:
    """(port, ids) of what a line may take on a node, either empty."""
    if not line.mapping:
        return [(line.port, line.device)]
    mapping = mappings.get(line.mapping)
    entries = mapping.entries if mapping is not None else ()
    return [(path, "" if path else ids) for where, ids, path in entries if where == node]


def _fits(wish: tuple[str, str], port: UsbPort) -> bool:
    path, ids = wish
    return path == port.path if path else bool(ids) and ids == port.ids


def _table(snapshot: Snapshot) -> tuple[UsbPort, ...]:
    found: list[UsbPort] = []
    for cluster, hardware in snapshot.of(Hardware):
        found += _of(cluster, hardware, snapshot)
    return tuple(sorted(found, key=lambda port: port.key))


def _of(cluster: str, hardware: Hardware, snapshot: Snapshot) -> list[UsbPort]:
    seen, there = seen_guests(snapshot), presences(snapshot)
    mappings = {mapping.name: mapping for mapping in hardware.usb_mappings}
    wishes: dict[tuple[str, str, str], list[SeenGuest]] = {}
    names: dict[tuple[str, str, str], list[str]] = {}
    for mapping in hardware.usb_mappings:
        for node, ids, path in mapping.entries:
            wishes.setdefault((node, path, "" if path else ids), [])
            names.setdefault((node, path, "" if path else ids), []).append(mapping.name)
    configs = (snapshot.one(GuestConfigs, cluster) or GuestConfigs({})).configs
    for config in configs.values():
        guest = seen.get(f"{cluster}/{config.vmid}")
        for line in config.usb if guest is not None else ():
            if guest is not None:
                node = guest.guest.node
                for path, ids in _wanted(line, node, mappings):
                    wishes.setdefault((node, path, ids), []).append(guest)
    ports = [_plugged(cluster, device) for devices in hardware.usb.values() for device in devices]
    for node, path, ids in wishes:
        if not any(port.node == node and _fits((path, ids), port) for port in ports):
            known = False if node in hardware.usb else None
            ports.append(UsbPort(cluster, node, path, ids, plugged=known))
    return [_claimed(port, wishes, names, there.get((cluster, port.node))) for port in ports]


def _plugged(cluster: str, device: UsbDevice) -> UsbPort:
    return UsbPort(cluster, device.node, device.path, device.ids, device.name, plugged=True)


def _claimed(
    port: UsbPort,
    wishes: dict[tuple[str, str, str], list[SeenGuest]],
    names: dict[tuple[str, str, str], list[str]],
    presence: NodePresence | None,
) -> UsbPort:
    guests: dict[str, SeenGuest] = {}
    called: list[str] = []
    for (node, path, ids), wanting in wishes.items():
        if node == port.node and _fits((path, ids), port):
            guests.update((each.guest.key, each) for each in wanting)
            called += names.get((node, path, ids), ())
    return msgspec.structs.replace(
        port,
        claims=tuple(guests.values()),
        mappings=tuple(dict.fromkeys(called)),
        node_online=presence is None or presence.online is not False,
    )


usb_table = Derived((Resources, Membership, Hardware, GuestConfigs), _table)
"""Every USB device, and every one that is looked for."""
