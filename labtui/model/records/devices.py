"""Nodes and routers and their devices: by name, or serial number where the lab tells one."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from labtui.model.cluster import Membership, Resources
from labtui.model.derived import Derived
from labtui.model.inventory import DeviceRecord, Inventory
from labtui.model.overlay import RouterFacts
from labtui.model.records.joined import Joined, settled
from labtui.model.records.rules import Keys
from labtui.model.snapshot import Snapshot

Match = Joined[DeviceRecord]


class Thing(msgspec.Struct, frozen=True):
    """What may be a device: its key, and the names and serial number that it goes by."""

    key: str
    names: tuple[str, ...]
    serial: str = ""


class DeviceJoins(msgspec.Struct, frozen=True):
    """Nodes by `cluster/name` and routers by name with their devices; who a device is."""

    nodes: dict[str, Match] = {}
    routers: dict[str, Match] = {}
    router_of: dict[int, str] = {}


class Index:
    """The devices by what they are known by."""

    def __init__(self, devices: Iterable[DeviceRecord]) -> None:
        self._by: dict[tuple[str, str], list[DeviceRecord]] = {}
        for device in devices:
            for place in self._places(device):
                self._by.setdefault(place, []).append(device)

    @staticmethod
    def _places(device: DeviceRecord) -> list[tuple[str, str]]:
        places = []
        if device.name:
            name = device.name.casefold()
            places.append(("name", name))
            short = name.partition(".")[0]
            if short != name:
                places.append(("short", short))
        if device.serial:
            places.append(("serial", device.serial.casefold()))
        return places

    def of(self, thing: Thing, keys: Keys) -> Match:
        """The device: its whole name is certain, the part before the first dot likely."""
        for key in keys.devices:
            if key == "serial":
                found = self._found("serial", (thing.serial,) if thing.serial else ())
                if found:
                    return settled(found, "serial", "certain")
                continue
            if found := self._found("name", thing.names):
                return settled(found, "name", "certain")
            short = tuple(name.partition(".")[0] for name in thing.names)
            if found := self._found("short", thing.names) or self._found("name", short):
                return settled(found, "name", "likely")
        return Joined()

    def _found(self, kind: str, words: tuple[str, ...]) -> tuple[DeviceRecord, ...]:
        for word in words:
            found = self._by.get((kind, word.casefold()))
            if found:
                return tuple(found)
        return ()


def _joins(snapshot: Snapshot) -> DeviceJoins:
    inventory = next((part for _source, part in snapshot.of(Inventory)), None)
    if inventory is None:
        return DeviceJoins()
    index = Index(inventory.devices)
    names = {
        (cluster, node.name) for cluster, part in snapshot.of(Resources) for node in part.nodes
    } | {
        (cluster, member.name)
        for cluster, part in snapshot.of(Membership)
        for member in part.members
    }
    nodes = {
        f"{cluster}/{name}": index.of(Thing(f"{cluster}/{name}", (name,)), inventory.keys)
        for cluster, name in sorted(names)
    }
    routers = {
        router: index.of(Thing(router, _names(router, facts)), inventory.keys)
        for router, facts in snapshot.of(RouterFacts)
    }
    of = {match.record.id: name for name, match in routers.items() if match.record is not None}
    return DeviceJoins(nodes, routers, of)


def _names(router: str, facts: RouterFacts) -> tuple[str, ...]:
    """What it calls itself, what the configuration calls it."""
    return tuple(dict.fromkeys(name for name in (facts.identity, router) if name))


device_joins = Derived((Resources, Membership, RouterFacts, Inventory), _joins, figures=False)
"""Every node and router with its device."""
