"""Where an object is shown elsewhere: its rows in Proxmox VE and its records in NetBox. Pure."""

from __future__ import annotations

from typing import Literal

import msgspec

from labtui.model.owners import registry
from labtui.model.presence import seen_guests
from labtui.model.records import refs
from labtui.model.records.devices import device_joins
from labtui.model.records.index import first_inventory
from labtui.model.records.links import link_joins
from labtui.model.records.refs import Ref
from labtui.model.snapshot import Snapshot


class Shown(msgspec.Struct, frozen=True):
    """What of it is where: `cluster` and `row` of Proxmox VE (`qemu/104`), or a record.

    `said` is who has it, in a word that a person knows.
    """

    said: Literal["Proxmox VE", "NetBox"]
    name: str
    cluster: str = ""
    row: str = ""
    record: Ref | None = None


def shown(noun: str, key: str, snapshot: Snapshot) -> tuple[Shown, ...]:
    """Where the row of that noun and key is shown, Proxmox VE first; empty when nowhere is."""
    parts = key.split("/")
    if noun == "guest":
        return _guest(key, snapshot)
    if noun == "node" and len(parts) == 2:
        return (_row(parts[0], f"node/{parts[1]}", parts[1]), *_device(parts[1], snapshot))
    if noun == "gpu" and len(parts) >= 2:
        return (_row(parts[0], f"node/{parts[1]}", parts[1]), *_device(parts[1], snapshot))
    if noun == "storage" and len(parts) == 3:
        return (_row(parts[0], f"storage/{parts[1]}/{parts[2]}", parts[2]),)
    if noun in ("tunnel", "link"):
        return (*_tunnel(key, snapshot), *_router(parts[0], snapshot))
    if noun in ("session", "router"):
        return _router(parts[0], snapshot)
    if noun == "feed" and parts[0] == "routeros" and len(parts) > 1:
        return _router(parts[1], snapshot)
    return ()


def _row(cluster: str, row: str, name: str) -> Shown:
    return Shown("Proxmox VE", name, cluster, row)


def _record(path: str, number: int, name: str) -> Shown:
    return Shown("NetBox", name, record=Ref(path, number, name))


def _guest(key: str, snapshot: Snapshot) -> tuple[Shown, ...]:
    seen = seen_guests(snapshot).get(key)
    if seen is None:
        return ()
    guest = seen.guest
    found = [_row(guest.cluster, f"{guest.kind}/{guest.vmid}", guest.label)]
    if owned := registry(snapshot).of_guest(guest):
        found.append(_record(refs.MACHINES, owned.record.id, owned.record.name))
    return tuple(found)


def _device(name: str, snapshot: Snapshot) -> tuple[Shown, ...]:
    device = registry(snapshot).devices.get(name.casefold())
    return (_record(refs.DEVICES, device.id, device.name),) if device is not None else ()


def _router(name: str, snapshot: Snapshot) -> tuple[Shown, ...]:
    if first_inventory(snapshot) is None:
        return ()
    match = device_joins(snapshot).routers.get(name)
    record = match.record if match is not None else None
    return (_record(refs.DEVICES, record.id, record.name),) if record is not None else ()


def _tunnel(key: str, snapshot: Snapshot) -> tuple[Shown, ...]:
    if first_inventory(snapshot) is None:
        return ()
    match = link_joins(snapshot).of.get(key)
    record = match.record if match is not None else None
    return (_record(refs.TUNNELS, record.id, record.name),) if record is not None else ()
