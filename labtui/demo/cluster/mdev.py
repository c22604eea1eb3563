"""Mediated devices: which parts a card can be divided into, how many are left, who has which.

As the driver does it with vGPUs of one type per card: once one is made, only its own type has
instances left. A card that a guest has as a whole is not the driver's, and offers nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from labtui.demo.cluster.configuration import options
from labtui.demo.cluster.guests import Guest
from labtui.demo.cluster.pci import expand, mapped_name
from labtui.demo.cluster.state import ClusterState
from labtui.demo.cluster.tasks import TaskError

Part = tuple[str, str]
"""(function on the node, type)."""


@dataclass(frozen=True)
class MdevType:
    """A kind of part: how many of it a card has, memory in MiB."""

    id: str
    name: str
    instances: int
    memory: int

    @property
    def description(self) -> str:
        """As the driver of NVIDIA writes it; the server passes it on."""
        return (
            f"num_heads=4, frl_config=60, framebuffer={self.memory}M, max_resolution=7680x4320,"
            f" max_instance={self.instances}\n"
        )


TYPES: dict[str, tuple[MdevType, ...]] = {
    "0x2231": (
        MdevType("nvidia-661", "NVIDIA RTXA5000-6Q", 4, 6_144),
        MdevType("nvidia-663", "NVIDIA RTXA5000-12Q", 2, 12_288),
        MdevType("nvidia-664", "NVIDIA RTXA5000-24Q", 1, 24_576),
    )
}
"""The kinds of a card by its device id; a card of another kind can't be divided."""


def divisible(device: str) -> bool:
    """Whether a card of that device id has kinds of parts."""
    return device in TYPES


def rows(state: ClusterState, node: str, place: str) -> list[dict[str, Any]]:
    """The kinds of one function and what is left of each, as the API has them."""
    device = next((d for d in state.nodes[node].devices if d.id == place), None)
    if device is None or not divisible(device.device) or device.pci_class[:4] != "0x03":
        return []
    if any(place in guest.devices for guest in state.guests_on(node)):
        return []
    made = [kind for guest in state.guests_on(node) for at, kind in guest.parts if at == place]
    return [
        {
            "type": kind.id,
            "available": kind.instances - len(made) if not made or kind.id in made else 0,
            "description": kind.description,
            "name": kind.name,
        }
        for kind in TYPES[device.device]
    ]


def places_of(state: ClusterState, node: str, name: str) -> list[str]:
    """The functions that an address, or a mapping, means on a node; the server takes either."""
    devices = state.nodes[node].devices
    if name not in state.mappings:
        return expand(name, devices)
    paths = state.mappings[name].paths(node)
    return [place for path in paths for each in path.split(";") for place in expand(each, devices)]


def lines_of(guest: Guest) -> list[tuple[str, str]]:
    """(what is divided, type) of each `hostpciN` line for a part, by number."""
    found = []
    for key in sorted(
        (k for k in guest.config if k.startswith("hostpci")), key=lambda k: int(k[7:])
    ):
        value = str(guest.config[key])
        parts = options(value)
        if kind := parts.get("mdev"):
            found.append((mapped_name(value) or parts.get("host", parts.get("", "")), kind))
    return found


def take_parts(state: ClusterState, guest: Guest, log: list[str]) -> tuple[Part, ...]:
    """The parts that this guest's start makes; `TaskError` as the server words it."""
    taken: list[Part] = []
    for wanted, kind in lines_of(guest):
        places = places_of(state, guest.node, wanted)
        if wanted not in state.mappings and len(places) > 1:
            raise TaskError("cannot use mediated device with multifunction device")
        for place in places:
            why = _against(state, guest, place, kind, taken)
            if not why:
                taken.append((place, kind))
                break
            log.append(why)
        else:
            raise TaskError("could not create mediated device")
    return tuple(taken)


def _against(state: ClusterState, guest: Guest, place: str, kind: str, own: list[Part]) -> str:
    offered = {row["type"]: row["available"] for row in rows(state, guest.node, place)}
    if not offered:
        return f"pci device '{place}' does not support mediated devices"
    if kind not in offered:
        return f"pci device '{place}' has no type '{kind}'"
    left = offered[kind] - sum(at == place for at, _kind in own)
    return "" if left > 0 else f"pci device '{place}' has no available instances of '{kind}'"


def check_whole(state: ClusterState, guest: Guest, places: tuple[str, ...]) -> None:
    """A card of which there are parts can't be taken from its driver."""
    for other in state.guests_on(guest.node):
        for at, _kind in other.parts:
            if at in places and other is not guest:
                raise TaskError(f"can't unbind/bind PCI group to VFIO '{at}'")
