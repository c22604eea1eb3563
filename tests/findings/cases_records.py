"""Where the rules about records that are told from the drift fire, and where they must not."""

from __future__ import annotations

from typing import Any

from labtui.model.inventory import (
    AddressRecord,
    DeviceRecord,
    InterfaceRecord,
    Inventory,
    MachineRecord,
    TunnelEndRecord,
    TunnelRecord,
)
from tests.findings.labs import LINKS, SITES, Shots, cluster, lab, overlay, records, twice
from tests.snapshots import NOW

_ROUTERS = tuple(
    DeviceRecord(10 + n, f"rt-{site}", "router", "active", site) for n, site in enumerate(SITES)
)
_LANS = tuple(InterfaceRecord(10 + n, "lan", "device", 10 + n) for n, _site in enumerate(SITES))
_ENDS = tuple(
    InterfaceRecord(100 + 10 * number + n, f"wg-{link}", "device", 10 + n)
    for number, link in enumerate(LINKS)
    for n, site in enumerate(SITES)
    if site in link
)
_ADDRESSES = (
    *(
        AddressRecord(n, f"10.{n}.0.1/24", "active", holder="device", interface=9 + n)
        for n in (1, 2, 3)
    ),
    *(
        AddressRecord(50 + each.id, f"10.255.0.{2 * LINKS.index(link) + link.index(site)}/31",
                      "active", "overlay", holder="device", interface=each.id)
        for each in _ENDS
        for link in (each.name.removeprefix("wg-"),)
        for site in (SITES[each.owner_id - 10],)
    ),
)  # fmt: skip
_TUNNELS = tuple(
    TunnelRecord(n, f"tunnel {link}", "active", "wireguard") for n, link in enumerate(LINKS, 1)
)
_TUNNEL_ENDS = tuple(
    TunnelEndRecord(each.id, 1 + LINKS.index(each.name.removeprefix("wg-")), "peer", "device",
                    each.id)
    for each in _ENDS
)  # fmt: skip


def noted(**more: Any) -> Shots:
    """All is well and NetBox has the routers too; `more` instead of parts of it."""
    inventory = records()[0][1]
    assert isinstance(inventory, Inventory)
    values: dict[str, Any] = {
        "devices": (*inventory.devices, *_ROUTERS),
        "interfaces": (*_LANS, *_ENDS),
        "addresses": _ADDRESSES,
        "tunnels": _TUNNELS,
        "tunnel_ends": _TUNNEL_ENDS,
        **more,
    }
    return twice(lab(NOW, overlay(NOW), cluster(), records(**values)))


def _doubled() -> tuple[MachineRecord, ...]:
    inventory = records()[0][1]
    assert isinstance(inventory, Inventory)
    return (*inventory.machines, MachineRecord(99, "x", "active", "lab", 101, "pve1"))


RECORD_CASES: dict[str, tuple[Shots, Shots]] = {
    "address-unrecorded": (noted(addresses=_ADDRESSES[1:]), noted()),
    "record-ambiguous": (
        twice(lab(NOW, overlay(NOW), cluster(), records(
            machines=tuple(
                MachineRecord(n, f"x{n}", "active", "lab", 101, "pve1") for n in (1, 2)
            )))),
        # The name tells them apart.
        noted(machines=_doubled()),
    ),
    "tunnel-unrecorded": (noted(tunnels=_TUNNELS[1:]), noted(tunnels=())),
}  # fmt: skip
"""Rule -> looks after which it must have found something, and looks after which it must not."""
