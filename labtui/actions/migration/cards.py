"""Which mapped cards are free on a node: entries of a mapping less those that guests claim. Pure.

An entry counts when its device is of the same kind as at the source, when no guest of the node
names it by address or through another mapping, and when the configurations of all guests there are
known. Which of several entries a guest took is not told by the API, so such claims are counted.
"""

from __future__ import annotations

from collections.abc import Iterable

from labtui.model.devices import Hardware, MappingEntry, PciMapping
from labtui.model.guests import Guest, GuestConfigs
from labtui.model.presence import seen_guests
from labtui.model.snapshot import Snapshot


def mapped_devices(snapshot: Snapshot, guest: Guest) -> dict[str, int]:
    """Mapping -> how many of its devices the guest's configuration asks for."""
    part = snapshot.one(GuestConfigs, guest.cluster)
    config = part.configs.get(guest.vmid) if part else None
    needs: dict[str, int] = {}
    for line in config.hostpci if config else ():
        if line.mapping:
            needs[line.mapping] = needs.get(line.mapping, 0) + 1
    return needs


def free_entries(snapshot: Snapshot, cluster: str, name: str, node: str, source: str) -> int | None:
    """How many devices of that mapping are free on the node for a guest of `source`.

    None when nobody can say: the node's devices or the configuration of a guest there are unread.
    """
    hardware = snapshot.one(Hardware, cluster)
    mapping = next((m for m in hardware.mappings if m.name == name), None) if hardware else None
    if hardware is None or mapping is None:
        return None
    entries = _alike(mapping, node, source)
    if not entries:
        return 0
    if node not in hardware.devices or _unread(snapshot, cluster, node):
        return None
    there = {device.address for device in hardware.devices[node]}
    slots = {device.slot for device in hardware.devices[node]}
    entries = [e for e in entries if all(a in there or a in slots for a in e.addresses)]
    users = _users(snapshot, cluster, name, node)
    taken = _named(snapshot, cluster, name, node)
    free = [e for e in entries if not any(_same(a, t) for a in e.addresses for t in taken)]
    return max(0, len(free) - users)


def models(snapshot: Snapshot, cluster: str, name: str, node: str) -> str:
    """What the devices of a mapping on a node are called, for a sentence."""
    hardware = snapshot.one(Hardware, cluster)
    mapping = next((m for m in hardware.mappings if m.name == name), None) if hardware else None
    if hardware is None or mapping is None:
        return name
    wanted = {address for entry in mapping.on(node) for address in entry.addresses}
    found = {
        device.model
        for device in hardware.devices.get(node, ())
        if device.address in wanted or device.slot in wanted
    }
    return ", ".join(sorted(found)) or name


def _alike(mapping: PciMapping, node: str, source: str) -> list[MappingEntry]:
    kinds = {entry.device for entry in mapping.on(source)}
    return [entry for entry in mapping.on(node) if not kinds or entry.device in kinds]


def _same(one: str, other: str) -> bool:
    """Whether two addresses, each with or without function, name the same device."""
    short, long = sorted((one, other), key=len)
    return short == long or ("." not in short and long.rsplit(".", 1)[0] == short)


def _unread(snapshot: Snapshot, cluster: str, node: str) -> bool:
    part = snapshot.one(GuestConfigs, cluster)
    known = part.configs if part else {}
    return any(
        seen.guest.vmid not in known
        for seen in seen_guests(snapshot).values()
        if seen.guest.cluster == cluster and seen.guest.node == node
        if seen.guest.kind == "qemu" and not seen.guest.template
    )


def _on(snapshot: Snapshot, cluster: str, node: str) -> Iterable[Guest]:
    for seen in seen_guests(snapshot).values():
        guest = seen.guest
        if guest.cluster == cluster and guest.node == node and not guest.template:
            yield guest


def _users(snapshot: Snapshot, cluster: str, name: str, node: str) -> int:
    """How many devices of the mapping the guests of the node ask for, running or not."""
    return sum(
        mapped_devices(snapshot, guest).get(name, 0) for guest in _on(snapshot, cluster, node)
    )


def _named(snapshot: Snapshot, cluster: str, name: str, node: str) -> set[str]:
    """Addresses on the node that are claimed by address or through another mapping."""
    taken: set[str] = set()
    part = snapshot.one(GuestConfigs, cluster)
    hardware = snapshot.one(Hardware, cluster)
    mappings = {m.name: m for m in hardware.mappings} if hardware else {}
    for guest in _on(snapshot, cluster, node):
        config = part.configs.get(guest.vmid) if part else None
        for line in config.hostpci if config else ():
            taken.update(line.addresses)
            if line.mapping and line.mapping != name and line.mapping in mappings:
                for entry in mappings[line.mapping].on(node):
                    taken.update(entry.addresses)
    return taken
