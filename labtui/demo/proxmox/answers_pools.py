"""Pools: by `poolid` (8.x and 9.x) and by the deprecated path, which cannot name nested ones."""

from __future__ import annotations

import re
from typing import Any

from labtui.demo.cluster.datacenter import Pool
from labtui.demo.proxmox.errors import died, forbidden
from labtui.demo.proxmox.resources import guest_rows
from labtui.demo.proxmox.site import Answer, Call, Routes


def _entry(call: Call, name: str) -> Pool:
    pools = call.site.world.works.datacenter.pools
    if name not in call.state.pools:
        raise died(f"pool '{name}' does not exist")
    return pools.setdefault(name, Pool())


def _members(call: Call, name: str) -> list[dict[str, Any]]:
    kind = call.params.get("type")
    guests = [
        guest
        for guest in call.state.guests.values()
        if guest.pool == name and kind in (None, guest.kind)
    ]
    rows: list[dict[str, Any]] = list(guest_rows(call.site, guests))
    if kind in (None, "storage"):
        for storage in _entry(call, name).storages:
            row = {"id": f"storage/{call.node}/{storage}", "type": "storage", "storage": storage}
            rows.append(row | {"node": call.node, "status": "available"})
    return rows


def _row(call: Call, name: str) -> dict[str, Any]:
    row: dict[str, Any] = {"poolid": name}
    if _entry(call, name).comment:
        row["comment"] = _entry(call, name).comment
    return row


def listing(call: Call) -> Answer:
    """GET /pools; with `poolid` its members, answered to any login as the real server does."""
    wanted = call.params.get("poolid")
    if wanted is not None:
        return Answer([_row(call, str(wanted)) | {"members": _members(call, str(wanted))}])
    return Answer(
        [
            _row(call, name)
            for name in call.state.pools
            if call.allowed(f"/pool/{name}", "Pool.Audit")
        ]
    )


def one(call: Call) -> Answer:
    """GET /pools/{poolid} (deprecated)."""
    name = str(call.params["poolid"])
    return Answer(_row(call, name) | {"members": _members(call, name)})


def create(call: Call) -> Answer:
    """POST /pools."""
    name = str(call.params["poolid"])
    if name in call.state.pools:
        raise died(f"create pool failed: pool '{name}' already exists")
    parent, slash, _ = name.rpartition("/")
    if slash and parent not in call.state.pools:
        raise died(f"create pool failed: parent '{parent}' for pool '{name}' does not exist")
    call.state.pools = sorted([*call.state.pools, name])
    pools = call.site.world.works.datacenter.pools
    pools[name] = Pool(str(call.params.get("comment", "")))
    call.site.caches.clear()
    return Answer(None)


def update(call: Call) -> Answer:
    """PUT /pools and /pools/{poolid}: comment and members."""
    name, given = str(call.params["poolid"]), call.params
    if name not in call.state.pools:
        raise died(f"update pool failed: pool '{name}' does not exist")
    pool = _entry(call, name)
    remove = bool(given.get("delete"))
    for text in _names(given.get("vms")):
        _change_guest(call, name, int(text), remove=remove)
    for storage in _names(given.get("storage")):
        if not call.allowed(f"/storage/{storage}", "Permissions.Modify", "Datastore.Allocate"):
            raise forbidden(f"/storage/{storage}, Permissions.Modify|Datastore.Allocate")
        if remove and storage not in pool.storages:
            raise died(f"update pool failed: Storage '{storage}' is not a pool member")
        if not remove and storage in pool.storages:
            raise died(f"update pool failed: Storage '{storage}' is already a pool member")
        if remove:
            pool.storages.remove(storage)
        else:
            pool.storages.append(storage)
    if "comment" in given:
        pool.comment = str(given["comment"])
    call.site.caches.clear()
    return Answer(None)


def _names(text: Any) -> list[str]:
    return [name for name in re.split(r"[,; ]+", str(text or "")) if name]


def _change_guest(call: Call, name: str, vmid: int, *, remove: bool) -> None:
    start = "update pool failed: "
    if not call.allowed(f"/vms/{vmid}", "Permissions.Modify", "VM.Allocate"):
        raise forbidden(f"/vms/{vmid}, Permissions.Modify|VM.Allocate")
    guest = call.state.guests.get(vmid)
    if remove:
        if guest is None or guest.pool != name:
            raise died(f"{start}VM {vmid} is not a pool member")
        guest.pool = ""
        guest.touch()
        return
    if guest is None:
        raise died(f"{start}VM {vmid} does not exist")
    if guest.pool == name:
        raise died(f"{start}VM {vmid} is already a pool member")
    if guest.pool and not call.params.get("allow-move"):
        raise died(
            f"{start}VM {vmid} belongs already to pool '{guest.pool}' and 'allow-move' is not set"
        )
    guest.pool = name
    guest.touch()


def delete(call: Call) -> Answer:
    """DELETE /pools and /pools/{poolid}: only empty ones."""
    name = str(call.params["poolid"])
    start = "delete pool failed: "
    if name not in call.state.pools:
        raise died(f"{start}pool '{name}' does not exist")
    for other in call.state.pools:
        if other.startswith(f"{name}/"):
            raise died(f"{start}pool '{name}' is not empty (contains pool '{other}')")
    for guest in call.state.guests.values():
        if guest.pool == name:
            raise died(f"{start}pool '{name}' is not empty (contains VM {guest.vmid})")
    if _entry(call, name).storages:
        storage = _entry(call, name).storages[0]
        raise died(f"{start}pool '{name}' is not empty (contains storage '{storage}')")
    call.state.pools = [other for other in call.state.pools if other != name]
    call.site.world.works.datacenter.pools.pop(name, None)
    call.site.caches.clear()
    return Answer(None)


ROUTES: Routes = {
    ("GET", "/pools"): listing,
    ("POST", "/pools"): create,
    ("PUT", "/pools"): update,
    ("DELETE", "/pools"): delete,
    ("GET", "/pools/{poolid}"): one,
    ("PUT", "/pools/{poolid}"): update,
    ("DELETE", "/pools/{poolid}"): delete,
}
