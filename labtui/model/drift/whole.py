"""All of the drift: made part by part, each only when what it rests on is another."""

from __future__ import annotations

import msgspec

from labtui.model.cluster import Membership, Resources
from labtui.model.derived import Derived
from labtui.model.drift.addresses import prefix_drift, twice
from labtui.model.drift.difference import Difference, Drift, What
from labtui.model.drift.equipment import equipment_drift
from labtui.model.drift.guests import guest_drift
from labtui.model.drift.links import link_drift, routing_drift
from labtui.model.drift.needs import NEEDS
from labtui.model.guests import GuestConfigs
from labtui.model.inventory import Inventory
from labtui.model.overlay import Bgp, RouterFacts, WireGuard
from labtui.model.records.devices import device_joins
from labtui.model.records.index import first_inventory
from labtui.model.records.links import link_joins
from labtui.model.records.rules import Ignore
from labtui.model.records.subnets import subnet_joins
from labtui.model.routes import Routes
from labtui.model.snapshot import Snapshot


def _equipment(snapshot: Snapshot) -> tuple[Difference, ...]:
    return tuple(equipment_drift(snapshot))


def _tunnels(snapshot: Snapshot) -> tuple[Difference, ...]:
    return tuple(link_drift(snapshot))


def _routing(snapshot: Snapshot) -> tuple[Difference, ...]:
    return tuple(routing_drift(snapshot))


def _prefixes(snapshot: Snapshot) -> tuple[Difference, ...]:
    return (*prefix_drift(snapshot), *twice(snapshot))


_EQUIPMENT = Derived(
    (Resources, Membership, GuestConfigs, RouterFacts, Inventory), _equipment, figures=False
)
_TUNNELS = Derived(
    (Resources, Membership, RouterFacts, WireGuard, Bgp, Inventory), _tunnels, figures=False
)
_ROUTING = Derived((Resources, Membership, RouterFacts, Bgp, Inventory), _routing, figures=False)
_PREFIXES = Derived((RouterFacts, Routes, Inventory), _prefixes, figures=False)


def _drift(snapshot: Snapshot) -> Drift:
    inventory = first_inventory(snapshot)
    if inventory is None:
        return Drift()
    guests = guest_drift(snapshot)
    found = (
        *guests.differences,
        *_EQUIPMENT(snapshot),
        *_TUNNELS(snapshot),
        *_ROUTING(snapshot),
        *_PREFIXES(snapshot),
    )
    kept, ignored = sifted(found, inventory.ignored)
    return Drift(kept, ignored, unseen(inventory), _compared(snapshot, guests.compared))


def sifted(
    found: tuple[Difference, ...], rules: tuple[Ignore, ...]
) -> tuple[tuple[Difference, ...], tuple[Difference, ...]]:
    """Those that stand, and those that a rule says are meant, with its reason."""
    if not rules:
        return found, ()
    kept: list[Difference] = []
    ignored: list[Difference] = []
    for each in found:
        rule = next((rule for rule in rules if rule.covers(each.what, each.name, each.field)), None)
        if rule is None:
            kept.append(each)
        else:
            ignored.append(msgspec.structs.replace(each, ignored=rule.reason))
    return tuple(kept), tuple(ignored)


def unseen(inventory: Inventory) -> tuple[tuple[str, str], ...]:
    """The lists that nothing can be said about, or not everything, and why."""
    return tuple(
        (path, why)
        for why, paths in (
            ("hidden", inventory.hidden),
            ("unread", inventory.unread),
            ("partly", inventory.partly),
            ("absent", inventory.absent),
            ("empty", tuple(path for path in inventory.empty if inventory.sees(path))),
        )
        for path in paths
    )


def _compared(snapshot: Snapshot, guests: int) -> dict[What | str, int]:
    devices = device_joins(snapshot)
    return {
        "guest": guests,
        "node": sum(match.record is not None for match in devices.nodes.values()),
        "router": sum(match.record is not None for match in devices.routers.values()),
        "tunnel": sum(m.record is not None for m in link_joins(snapshot).of.values()),
        "prefix": sum(m.record is not None for m in subnet_joins(snapshot).of.values()),
    }


drift = Derived(NEEDS, _drift, figures=False)
"""The drift of the lab as it was read last."""
