"""Links and their tunnels: by the interfaces that both end on.

A link is a WireGuard tunnel as the routers have it, both ends joined by their keys
(`model.tunnels`). An interface terminates at most one tunnel in NetBox, so an interface is a key.
"""

from __future__ import annotations

import msgspec

from labtui.model.cluster import Membership, Resources
from labtui.model.derived import Derived
from labtui.model.inventory import Inventory, TunnelRecord
from labtui.model.overlay import Bgp, RouterFacts, WireGuard
from labtui.model.records.devices import device_joins
from labtui.model.records.index import record_index
from labtui.model.records.joined import Joined, settled
from labtui.model.snapshot import Snapshot
from labtui.model.tunnels import Tunnel, tunnels

Match = Joined[TunnelRecord]


class LinkJoins(msgspec.Struct, frozen=True):
    """Every link with its tunnel, by the link's key. `links` are all of them."""

    links: tuple[Tunnel, ...] = ()
    of: dict[str, Match] = {}
    rest: tuple[TunnelRecord, ...] = ()


def _joins(snapshot: Snapshot) -> LinkJoins:
    index = record_index(snapshot)
    devices = device_joins(snapshot)
    # Which tunnels there are does not depend on the time; how they fare does, and is not asked.
    links = tunnels(snapshot, 0.0)
    at = _tunnels_at(snapshot)

    def device(router: str) -> int:
        match = devices.routers.get(router)
        return match.record.id if match is not None and match.record is not None else 0

    records = {record.id: record for record in index.inventory.tunnels}
    found: dict[str, Match] = {}
    held: set[int] = set()
    for link in links:
        ids = [sorted(at.get((device(end.router), end.interface.name), ())) for end in link.ends]
        match = _match(ids, records)
        found[link.key] = match
        held.update(each.id for each in (match.record, *match.candidates) if each is not None)
    return LinkJoins(links, found, tuple(t for t in records.values() if t.id not in held))


def _match(ids: list[list[int]], records: dict[int, TunnelRecord]) -> Match:
    """Certain when all ends that we hold say the same, likely when only one of them says it."""
    said = [set(each) & set(records) for each in ids]
    common = set.intersection(*said) if said else set()
    if common:
        return settled(tuple(records[number] for number in sorted(common)), "ends", "certain")
    some = set().union(*said)
    return settled(tuple(records[number] for number in sorted(some)), "ends", "likely")


def _tunnels_at(snapshot: Snapshot) -> dict[tuple[int, str], set[int]]:
    """(device's id, name of the interface) -> the tunnels that end there."""
    index = record_index(snapshot)
    found: dict[tuple[int, str], set[int]] = {}
    for end in index.inventory.tunnel_ends:
        interface = index.interfaces.get((end.owner, end.interface)) if end.owner else None
        if interface is not None and interface.owner == "device":
            found.setdefault((interface.owner_id, interface.name), set()).add(end.tunnel)
    return found


link_joins = Derived(
    (Resources, Membership, RouterFacts, WireGuard, Bgp, Inventory), _joins, figures=False
)
"""Every link with its tunnel."""
