"""What guests' configurations wish for: `hostpci` lines of machines, device nodes of containers.

Rules as in `PVE/QemuServer/PCI.pm` and `PVE/Mapping/PCI.pm`. A container has no card: it uses it
through the host's driver, by `devN` lines (pve-container `PVE/LXC/Config.pm`) or mounts of
`/dev/...`. Several may do that at a time. Which card a node of `/dev` belongs to the API does not
tell, so it is one of those of the maker, unless the container has as many nodes as there are cards.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec

from labtui.model.devices import Hardware, PciDevice, PciMapping
from labtui.model.guests import DeviceNode, Guest, GuestConfig, HostPci
from labtui.model.presence import SeenGuest, seen_guests
from labtui.model.snapshot import Snapshot

_HOLDS_NOTHING = frozenset(("stopped", "unknown", ""))
# The numbered nodes of a card by its driver; `/dev/nvidiactl` and the like are no card's.
_NODES = (
    (re.compile(r"/dev/nvidia[0-9]+"), ("10de",)),
    (re.compile(r"/dev/dri/renderD[0-9]+"), ()),
    (re.compile(r"/dev/kfd"), ("1002",)),
)


class Claim(msgspec.Struct, frozen=True):
    """One line's wish for a card. `alternatives` > 1: it takes one of that many.

    `shared`: it leaves the rest to others: it takes a part of the kind `mdev`, or is a container
    that uses the card by `path`, a device of the host's driver. `as_of`: its node is away, and the
    configuration is the one read then (seconds since the epoch).
    """

    guest: Guest
    running: bool
    onboot: bool
    mapping: str = ""
    alternatives: int = 1
    line: int = 0
    shared: bool = False
    as_of: float | None = None
    mdev: str = ""
    path: str = ""


Wishes = dict[tuple[str, str], list[Claim]]
"""(node, wanted address, with or without function) -> claims."""


def wishes(
    cluster: str, snapshot: Snapshot, configs: dict[int, GuestConfig], hardware: Hardware
) -> Wishes:
    """Those of every guest, of templates too."""
    mappings = {mapping.name: mapping for mapping in hardware.mappings}
    seen = seen_guests(snapshot)
    found: Wishes = {}
    for config in configs.values():
        if not config.hostpci and not config.nodes:
            continue
        here = seen.get(f"{cluster}/{config.vmid}")
        if here is None:
            continue
        node = here.guest.node
        for address, claim in _of_machine(config, here, mappings):
            found.setdefault((node, address), []).append(claim)
        if config.nodes:
            for address, claim in _of_container(config, here, hardware.devices.get(node, ())):
                found.setdefault((node, address), []).append(claim)
    return found


def _base(config: GuestConfig, here: SeenGuest) -> Claim:
    # A guest that is paused has its devices as well.
    holds = here.node_online is True and here.guest.status not in _HOLDS_NOTHING
    as_of = config.read_at if here.node_online is False else None
    return Claim(here.guest, holds, config.onboot, as_of=as_of)


def _of_machine(
    config: GuestConfig, here: SeenGuest, mappings: dict[str, PciMapping]
) -> Iterator[tuple[str, Claim]]:
    base = _base(config, here)
    for line in config.hostpci:
        for address, mapping, alternatives in _named(line, here.guest.node, mappings):
            yield (
                address,
                msgspec.structs.replace(
                    base,
                    mapping=mapping,
                    alternatives=alternatives,
                    line=line.index,
                    shared=bool(line.mdev),
                    mdev=line.mdev,
                ),
            )


def _named(
    line: HostPci, node: str, mappings: dict[str, PciMapping]
) -> Iterator[tuple[str, str, int]]:
    """(address, mapping name, number of alternatives) of one `hostpci` line on a node."""
    if not line.mapping:
        for address in line.addresses:
            yield address, "", 1
        return
    mapping = mappings.get(line.mapping)
    entries = mapping.on(node) if mapping else ()
    for entry in entries:
        for address in entry.addresses:
            yield address, line.mapping, len(entries)


def _of_container(
    config: GuestConfig, here: SeenGuest, devices: Sequence[PciDevice]
) -> Iterator[tuple[str, Claim]]:
    """A claim on each card that it may use; one is meant for sure when all of its kind are."""
    base = _base(config, here)
    found: dict[str, tuple[list[str], int]] = {}
    for nodes, cards in _kinds(config.nodes, devices):
        sure = len(nodes) >= len(cards)
        for card in cards:
            paths, alternatives = found.get(card.address, ([], len(cards)))
            alternatives = 1 if sure else min(alternatives, len(cards))
            found[card.address] = ([*paths, *nodes], alternatives)
    for address, (paths, alternatives) in found.items():
        # No `hostpci` line has that number.
        yield (
            address,
            msgspec.structs.replace(
                base, alternatives=alternatives, line=-1, shared=True, path=" ".join(paths)
            ),
        )


def _kinds(
    nodes: Sequence[DeviceNode], devices: Sequence[PciDevice]
) -> Iterator[tuple[list[str], list[PciDevice]]]:
    """The nodes of `/dev` of each driver with the cards that they may be of."""
    for form, makers in _NODES:
        mine = list(dict.fromkeys(node.path for node in nodes if form.fullmatch(node.path)))
        cards = [
            device
            for device in devices
            if device.is_gpu and (not makers or device.vendor_id.removeprefix("0x") in makers)
        ]
        if mine and cards:
            yield mine, cards
