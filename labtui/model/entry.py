"""Getting in: what one can open a shell or a console of, and the ways that lead there."""

from __future__ import annotations

from typing import Literal

import msgspec

from labtui.model.cluster import Resources
from labtui.model.guests import GuestKind
from labtui.model.presence import presences, seen_guests
from labtui.model.snapshot import Snapshot

PlaceKind = Literal["guest", "node", "router"]
Door = Literal["ssh", "console"]
Origin = Literal["config", "agent", "cluster", "router", "netbox"]

# Nouns of rows that are of a node or a router, whose key begins with its key or name.
_OF_NODE = frozenset(("gpu", "device", "storage"))
_OF_ROUTER = frozenset(("tunnel", "session", "router"))


class Place(msgspec.Struct, frozen=True):
    """A guest, node or router that one wants to get into.

    `source` is its cluster, or the router itself. `stopped`: a guest that is known to be off now;
    `away`: its node is known to be away.
    """

    kind: PlaceKind
    source: str
    name: str
    node: str = ""
    vmid: int = 0
    guest: GuestKind = "qemu"
    stopped: bool = False
    away: bool = False

    @property
    def label(self) -> str:
        """What a person calls it."""
        if self.kind != "guest":
            return self.name
        return f"{self.vmid} {self.name}" if self.name else str(self.vmid)

    @property
    def path(self) -> str:
        """Where its termproxy is, without that word; empty for a router."""
        if self.kind == "guest":
            return f"/nodes/{self.node}/{self.guest}/{self.vmid}"
        return f"/nodes/{self.node}" if self.kind == "node" else ""


class Way(msgspec.Struct, frozen=True):
    """An address to reach a place at, and the user to be there.

    Port 0 and an empty user are ssh's own defaults. `note` is what `origin` calls the address: the
    interface, the record.
    """

    host: str
    origin: Origin
    user: str = ""
    port: int = 0
    note: str = ""

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host and self.port else self.host
        user = f"{self.user}@" if self.user else ""
        return f"{user}{host}:{self.port}" if self.port else f"{user}{host}"


def place_of(noun: str, key: str, snapshot: Snapshot) -> Place | None:
    """What the row of that noun and key is, is on, or is of; None when one can't get into it."""
    parts = key.split("/")
    if noun == "guest":
        return _guest(key, snapshot)
    if noun in ("node", *_OF_NODE) and len(parts) >= 2:
        return _node(parts[0], parts[1], snapshot)
    if noun == "feed" and len(parts) == 3 and parts[0] == "routeros":
        return Place("router", parts[1], parts[1])
    routers = snapshot.sources("routeros")
    if noun in _OF_ROUTER and parts[0] in routers:
        return Place("router", parts[0], parts[0])
    return None


def places_named(wanted: str, snapshot: Snapshot, routers: tuple[str, ...]) -> list[Place]:
    """Every guest, node and router of that name, number or key."""
    found = [Place("router", name, name) for name in routers if name == wanted]
    for cluster, resources in snapshot.of(Resources):
        for node in resources.nodes:
            if wanted in (node.name, node.key):
                found += filter(None, [_node(cluster, node.name, snapshot)])
    for key, seen in seen_guests(snapshot).items():
        if wanted in (key, str(seen.guest.vmid), seen.guest.name):
            found += filter(None, [_guest(key, snapshot)])
    return found


def _guest(key: str, snapshot: Snapshot) -> Place | None:
    seen = seen_guests(snapshot).get(key)
    if seen is None:
        return None
    guest, there = seen.guest, seen.node_online is not False
    fresh = snapshot.fresh(Resources, guest.cluster)
    # What was read long ago is no reason to keep anybody out.
    believed = fresh is not None and fresh.problem is None and not fresh.remembered
    stopped = there and believed and (guest.status == "stopped" or guest.template)
    return Place(
        "guest",
        guest.cluster,
        guest.name,
        guest.node,
        guest.vmid,
        guest.kind,
        stopped,
        away=not there,
    )


def _node(cluster: str, name: str, snapshot: Snapshot) -> Place | None:
    known = presences(snapshot).get((cluster, name))
    if known is None:
        return None
    return Place("node", cluster, name, name, away=known.online is False)
