"""What decides a move beside the guest: HA rules, copies of its disks, networks of the cluster."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from labtui.actions.migration.rules import HaRules, listed, of_groups, of_rules
from labtui.model.cluster import Resources, Rights, Storage
from labtui.model.errors import LabError, NotFound, Rejected
from labtui.model.snapshot import Snapshot
from labtui.model.text import clean

Get = Callable[[str], Awaitable[Any]]


async def read_rules(get: Get) -> HaRules:
    """The rules of 9.x, else the groups of 8.4. Raises nothing."""
    try:
        return of_rules(await get("/cluster/ha/rules"))
    except (Rejected, NotFound):
        pass
    except LabError as error:
        return HaRules(unread=error.why or error.what)
    try:
        groups = await get("/cluster/ha/groups")
        return of_groups(groups, await get("/cluster/ha/resources"))
    except LabError as error:
        return HaRules(unread=error.why or error.what)


async def read_replicas(get: Get) -> dict[int, frozenset[str]]:
    """Guest number -> nodes that have a copy of its disks. Raises nothing."""
    try:
        rows: Any = await get("/cluster/replication")
    except LabError:
        return {}
    found: dict[int, frozenset[str]] = {}
    for row in listed(rows):
        if isinstance(row, dict) and isinstance(row.get("guest"), int | str):
            text = str(row["guest"])
            if text.isascii() and text.isdigit() and not row.get("disable"):
                node = frozenset((clean(str(row.get("target", ""))),))
                found[int(text)] = found.get(int(text), frozenset()) | node
    return found


async def read_vnets(get: Get) -> frozenset[str]:
    """The names of the VNets: a bridge that is one comes with its zone. Raises nothing."""
    try:
        rows: Any = await get("/cluster/sdn/vnets")
    except LabError:
        return frozenset()
    return frozenset(
        clean(str(row["vnet"])) for row in listed(rows) if isinstance(row, dict) and row.get("vnet")
    )


async def read_bridges(get: Callable[..., Awaitable[Any]], node: str) -> frozenset[str]:
    """The bridges and VNets of a node, as far as the account may see them. Raises `LabError`."""
    rows = await get(f"/nodes/{node}/network", type="any_bridge")
    return frozenset(
        clean(str(row.get("iface", ""))) for row in listed(rows) if isinstance(row, dict)
    )


def sees_networks(rights: Rights | None) -> bool:
    """Whether the account sees every bridge and VNet; others are left out of the server's lists.

    pve-manager, `PVE/API2/Network.pm`; pve-network, `PVE/Network/SDN.pm`, `get_local_vnets`.
    """
    return rights is None or any(
        rights.allows(privilege, "/sdn/zones") for privilege in ("SDN.Audit", "SDN.Use")
    )


def stores_on(resources: Resources, node: str) -> tuple[Storage, ...]:
    """The storages that are usable on a node."""
    return tuple(s for s in resources.storages if s.node == node and s.status == "available")


def strangers(snapshot: Snapshot, cluster: str) -> dict[str, str]:
    """Service id -> node of the guests of a cluster."""
    resources = snapshot.one(Resources, cluster) or Resources()
    return {guest.sid: guest.node for guest in resources.guests}
