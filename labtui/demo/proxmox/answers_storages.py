"""Answers about the storages of a node: whether they can be reached and how full they are."""

from __future__ import annotations

from typing import Any

from labtui.demo.cluster.storages import BY_NAME, STORAGES, Storage
from labtui.demo.proxmox.capacity import used_on
from labtui.demo.proxmox.errors import died, forbidden
from labtui.demo.proxmox.site import Answer, Call, Routes

CHECK_SECONDS = 2.0
"""How long a node tries a storage that is away (the real patience is two seconds for NFS)."""

Row = dict[str, Any]


def _row(call: Call, storage: Storage) -> Row:
    state = call.state
    enabled = storage.name in state.storages_on(call.node)
    active = enabled and not state.storage_health.is_away(storage.name, call.node)
    row: Row = {
        "type": storage.kind,
        "content": ",".join(storage.content),
        "shared": int(storage.shared),
        "enabled": int(enabled),
        "active": int(active),
        "total": 0,
        "used": 0,
        "avail": 0,
    }
    if active:
        used = used_on(state, storage, call.node)
        row |= {"total": storage.size, "used": used, "avail": max(0, storage.size - used)}
    return row


async def _try_all(call: Call) -> None:
    """Each storage that is away costs its patience, and keeps a worker."""
    here = call.state.storages_on(call.node)
    away = [name for name in here if call.state.storage_health.is_away(name, call.node)]
    if away:
        await call.site.pause(CHECK_SECONDS * len(away))


async def storages(call: Call) -> Answer:
    """GET /nodes/{node}/storage; with `target` only shared ones that the other node has too."""
    given, state = call.params, call.state
    await _try_all(call)
    here = state.storages_on(call.node)
    there = state.storages_on(given["target"]) if given.get("target") in state.nodes else None
    rows = []
    for storage in STORAGES:
        enabled = storage.name in here
        content = given.get("content")
        if content and not set(str(content).split(",")) & set(storage.content):
            continue
        if given.get("storage") not in (None, storage.name) or (
            given.get("enabled") and not enabled
        ):
            continue
        if there is not None and not (storage.shared and enabled and storage.name in there):
            continue
        path = f"/storage/{storage.name}"
        if not call.allowed(path, "Datastore.Audit", "Datastore.AllocateSpace"):
            continue
        row = _row(call, storage) | {"storage": storage.name}
        if row["active"]:
            row["used_fraction"] = row["used"] / storage.size
        rows.append(row)
    return Answer(rows)


async def storage_status(call: Call) -> Answer:
    """GET /nodes/{node}/storage/{storage}/status."""
    name = str(call.params["storage"])
    storage = BY_NAME.get(name)
    if storage is None:
        raise died(f"storage '{name}' does not exist")
    if not call.allowed(f"/storage/{name}", "Datastore.Audit", "Datastore.AllocateSpace"):
        raise forbidden(f"/storage/{name}, Datastore.Audit|Datastore.AllocateSpace")
    if name not in call.state.storages_on(call.node):
        raise died(f"storage '{name}' is not available on node '{call.node}'")
    await _try_all(call)
    return Answer(_row(call, storage))


ROUTES: Routes = {
    ("GET", "/nodes/{node}/storage"): storages,
    ("GET", "/nodes/{node}/storage/{storage}/status"): storage_status,
}
