"""All backups of a cluster, read when somebody wants to see them: which guest has which, how old.

No feed does this: listing a storage can take half a minute on the server, and keeps one of its few
workers busy for that long. Shared storages are asked once, of a node that is there.
"""

from __future__ import annotations

from typing import Any

from labtui.actions.action import Wire
from labtui.locale import _
from labtui.model.backups import Archive, Backups, archives, gathered
from labtui.model.cluster import Resources, Storage
from labtui.model.errors import LabError
from labtui.model.guests import Guest, GuestKind
from labtui.model.presence import presences
from labtui.model.snapshot import Snapshot


async def read_backups(cluster: str, wire: Wire) -> Backups:
    """Every guest with its archives; what could not be listed is named. Raises nothing."""
    snapshot = wire.snapshot
    resources = snapshot.one(Resources, cluster) or Resources()
    found: list[Archive] = []
    asked, missing = places(snapshot, cluster)
    for storage in asked:
        path = f"/nodes/{storage.node}/storage/{storage.name}/content"
        try:
            rows = await wire.read(cluster, path, content="backup")
        except LabError as error:
            missing[_named(storage)] = error.why or error.what
            continue
        found.extend(archives(rows, cluster, storage.name, storage.node))
    return gathered(resources.guests, found, missing, await _uncovered(cluster, wire))


async def archives_of(
    cluster: str, vmid: int, wire: Wire
) -> tuple[tuple[Archive, ...], tuple[str, ...]]:
    """The archives of a guest, youngest first, and which storages could not be listed and why."""
    asked, missing = places(wire.snapshot, cluster)
    found: list[Archive] = []
    for storage in asked:
        path = f"/nodes/{storage.node}/storage/{storage.name}/content"
        try:
            rows = await wire.read(cluster, path, content="backup", vmid=vmid)
        except LabError as error:
            missing[_named(storage)] = error.why or error.what
            continue
        found += [
            archive
            for archive in archives(rows, cluster, storage.name, storage.node)
            if archive.vmid == vmid
        ]
    found.sort(key=lambda archive: (-archive.made, archive.volume))
    told = tuple(f"{name}: {why}" for name, why in missing.items())
    return tuple(found), told


def gone_guest(archive: Archive) -> Guest:
    """What is known of a guest of which there is nothing left but archives."""
    kind: GuestKind = "lxc" if archive.kind == "lxc" else "qemu"
    return Guest(archive.cluster, archive.vmid, kind, "", archive.node, "gone")


def places(snapshot: Snapshot, cluster: str) -> tuple[list[Storage], dict[str, str]]:
    """The storages to ask, shared ones once; and those that can't be asked, with the reason."""
    resources = snapshot.one(Resources, cluster) or Resources()
    there = presences(snapshot)
    asked: dict[str, Storage] = {}
    missing: dict[str, str] = {}
    for storage in resources.storages:
        name = _named(storage)
        if "backup" not in storage.content or name in asked:
            continue
        presence = there.get((cluster, storage.node))
        if presence is not None and presence.online is False:
            missing[name] = _("{node} is away").format(node=storage.node)
        elif storage.status != "available":
            text = _("not available on {node}")
            missing[name] = text.format(node=storage.node)
        else:
            asked[name] = storage
    for name in asked:
        missing.pop(name, None)
    return list(asked.values()), missing


def _named(storage: Storage) -> str:
    return storage.name if storage.shared else f"{storage.node}:{storage.name}"


async def _uncovered(cluster: str, wire: Wire) -> frozenset[int] | None:
    """The guests in no backup job; None when that may not be read."""
    try:
        rows: Any = await wire.read(cluster, "/cluster/backup-info/not-backed-up")
    except LabError:
        return None
    if not isinstance(rows, list):
        return None
    return frozenset(
        row["vmid"] for row in rows if isinstance(row, dict) and isinstance(row.get("vmid"), int)
    )
