"""What lies on a storage: volumes, images and archives, and which archives a pruning removes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from labtui.demo.cluster.configuration import drives, options
from labtui.demo.cluster.scheduler import Process
from labtui.demo.cluster.state import BackupVolume
from labtui.demo.cluster.storages import BY_NAME, Storage
from labtui.demo.proxmox.errors import died
from labtui.demo.proxmox.restoring import find_archive, need_archive
from labtui.demo.proxmox.site import Answer, Call, Routes

Row = dict[str, Any]

_IMAGES = (
    ("iso", "debian-13.1.0-amd64-netinst.iso", 784_334_848),
    ("iso", "virtio-win.iso", 725_135_360),
    ("vztmpl", "debian-13-standard_13.1-2_amd64.tar.zst", 129_710_398),
)
_PERIODS = {"hourly": 3_600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000}


def _storage(call: Call) -> Storage:
    name = str(call.params["storage"])
    storage = BY_NAME.get(name)
    if storage is None:
        raise died(f"storage '{name}' does not exist")
    if name not in call.state.storages_on(call.node):
        raise died(f"storage '{name}' is not available on node '{call.node}'")
    problem = call.state.storage_health.problem(name, call.node)
    if problem is not None:
        raise died(problem)
    return storage


def content(call: Call) -> Answer:
    """GET /nodes/{node}/storage/{storage}/content: volumes, images and archives."""
    storage = _storage(call)
    kinds = str(call.params.get("content", "")) or None
    vmid = call.params.get("vmid")
    rows = [*_volumes(call, storage), *_images(call, storage), *_archives(call, storage)]
    return Answer(
        [row for row in rows if kinds in (None, row["content"]) and vmid in (None, row.get("vmid"))]
    )


def _volumes(call: Call, storage: Storage) -> list[Row]:
    rows = []
    created = int(call.state.now) - 40 * 86_400
    for guest in call.state.guests.values():
        if not storage.shared and guest.node != call.node:
            continue
        if not call.allowed(
            f"/vms/{guest.vmid}", "VM.Audit", "VM.Config.Disk"
        ) and not call.allowed(f"/storage/{storage.name}", "Datastore.Allocate"):
            continue
        for drive in drives(guest.config):
            if drive.storage == storage.name and not drive.cdrom:
                row: Row = {
                    "volid": drive.volid,
                    "content": "images" if guest.kind == "qemu" else "rootdir",
                    "format": "raw",
                    "size": drive.size or 0,
                    "vmid": guest.vmid,
                    "parent": None,
                }
                if storage.kind != "rbd":
                    row["ctime"] = created
                rows.append(row)
    return rows


def _images(call: Call, storage: Storage) -> list[Row]:
    rows = []
    for kind, name, size in _IMAGES:
        if kind in storage.content:
            form = "iso" if kind == "iso" else "tzst"
            rows.append(
                {
                    "volid": f"{storage.name}:{kind}/{name}",
                    "content": kind,
                    "format": form,
                    "size": size,
                    "ctime": int(call.state.now) - 90 * 86_400,
                }
            )
    return rows


def _archives(call: Call, storage: Storage) -> list[Row]:
    return [
        _archive(volume)
        for volume in call.state.backups
        if volume.storage == storage.name
        and volume.node in ("", call.node)
        and _may_see(call, volume)
    ]


def _may_see(call: Call, volume: BackupVolume) -> bool:
    return call.allowed(f"/storage/{volume.storage}", "Datastore.Allocate") or call.allowed(
        f"/vms/{volume.vmid}", "VM.Backup", "VM.Audit"
    )


def _archive(volume: BackupVolume) -> Row:
    row: Row = {
        "volid": volume.volid,
        "content": "backup",
        "format": "vma.zst" if volume.kind == "qemu" else "tar.zst",
        "subtype": volume.kind,
        "size": volume.size,
        "ctime": volume.ctime,
        "vmid": volume.vmid,
        "protected": int(volume.protected),
    }
    if volume.notes:
        row["notes"] = volume.notes
    return row


def _volid(call: Call) -> str:
    text = str(call.params["volume"])
    return text if ":" in text else f"{call.params['storage']}:{text}"


def volume(call: Call) -> Answer:
    """GET .../content/{volume}: one volume."""
    storage, volid = _storage(call), _volid(call)
    call.need(f"/storage/{storage.name}", "Datastore.Audit")
    found = [*_volumes(call, storage), *_images(call, storage), *_archives(call, storage)]
    row = next((row for row in found if row["volid"] == volid), None)
    if row is None:
        raise died(f"volume_size_info on '{volid}' failed - no format")
    folder = "/var/lib/vz" if storage.name == "local" else f"/mnt/pve/{storage.name}"
    answer: Row = {
        "path": f"{folder}/{volid.partition(':')[2].replace('backup/', 'dump/')}",
        "format": row["format"],
        "size": row["size"],
        "used": row["size"],
    }
    answer |= {key: row[key] for key in ("notes", "protected") if key in row}
    return Answer(answer)


def change_volume(call: Call) -> Answer:
    """PUT .../content/{volume}: notes and protection of an archive."""
    found = find_archive(call, _volid(call))
    need_archive(call, found)
    given = call.params
    changed = replace(
        found,
        notes=str(given.get("notes", found.notes)),
        protected=bool(given.get("protected", found.protected)),
    )
    call.state.backups[call.state.backups.index(found)] = changed
    return Answer(None)


def delete_volume(call: Call) -> Answer:
    """DELETE .../content/{volume}: a task of type `imgdel`."""
    volid = _volid(call)
    storage = _storage(call)
    archive = next((item for item in call.state.backups if item.volid == volid), None)
    if archive is None:
        call.need(f"/storage/{storage.name}", "Datastore.Allocate")
        for guest in call.state.guests.values():
            if any(drive.volid == volid for drive in drives(guest.config)):
                raise died(f"Cannot remove image, a guest with VMID '{guest.vmid}' exists!")
        raise died(f"volume '{volid}' does not exist")
    need_archive(call, archive)
    if archive.protected:
        raise died(f"can't remove protected volume '{volid}'")
    task = call.state.tasks.create(
        call.node, "imgdel", f"{archive.vmid}@{storage.name}", call.who.owner
    )

    def work() -> Process:
        yield 0.6
        if archive in call.state.backups:
            call.state.backups.remove(archive)
        task.log.append(f"Removed volume '{volid}'")

    return Answer(call.state.tasks.start(task, work()).upid)


def _marks(call: Call) -> list[Row]:
    """Which archives would stay, by the rules given, newest first within each guest."""
    storage = _storage(call)
    rules = options(str(call.params.get("prune-backups", "keep-all=1")))
    rows: list[Row] = []
    by_guest: dict[tuple[str, int], list[BackupVolume]] = {}
    for item in call.state.backups:
        if item.storage != storage.name or item.node not in ("", call.node):
            continue
        if call.params.get("type") not in (None, item.kind):
            continue
        if call.params.get("vmid") not in (None, item.vmid):
            continue
        by_guest.setdefault((item.kind, item.vmid), []).append(item)
    for volumes in by_guest.values():
        kept = _kept(sorted(volumes, key=lambda item: -item.ctime), rules)
        for item in volumes:
            mark = "protected" if item.protected else "keep" if item.volid in kept else "remove"
            rows.append(
                {
                    "volid": item.volid,
                    "ctime": item.ctime,
                    "type": item.kind,
                    "vmid": item.vmid,
                    "mark": mark,
                }
            )
    return rows


def _kept(volumes: list[BackupVolume], rules: dict[str, str]) -> set[str]:
    free = [item for item in volumes if not item.protected]
    if rules.get("keep-all") == "1" or not rules:
        return {item.volid for item in free}
    kept = {item.volid for item in free[: int(rules.get("keep-last", 0))]}
    for name, seconds in (*_PERIODS.items(), ("yearly", 31_536_000)):
        wanted = int(rules.get(f"keep-{name}", 0))
        seen: set[int] = set()
        for item in free:
            period = item.ctime // seconds
            if len(seen) >= wanted or period in seen:
                continue
            seen.add(period)
            kept.add(item.volid)
    return kept


def prune_dry(call: Call) -> Answer:
    """GET .../prunebackups: what would happen."""
    return Answer(_marks(call))


def prune(call: Call) -> Answer:
    """DELETE .../prunebackups: a task of type `prunebackups`."""
    storage = str(call.params["storage"])
    if not call.allowed(f"/storage/{storage}", "Datastore.Allocate"):
        call.need(f"/storage/{storage}", "Datastore.AllocateSpace")
    marks = _marks(call)
    task = call.state.tasks.create(call.node, "prunebackups", storage, call.who.owner)

    def work() -> Process:
        for row in marks:
            if row["mark"] != "remove":
                continue
            yield 0.3
            task.log.append(f"removing backup '{row['volid']}'")
            call.state.backups[:] = [
                item for item in call.state.backups if item.volid != row["volid"]
            ]
        yield 0.1

    return Answer(call.state.tasks.start(task, work()).upid)


_CONTENT = "/nodes/{node}/storage/{storage}/content"
ROUTES: Routes = {
    ("GET", _CONTENT): content,
    ("GET", f"{_CONTENT}/{{volume}}"): volume,
    ("PUT", f"{_CONTENT}/{{volume}}"): change_volume,
    ("DELETE", f"{_CONTENT}/{{volume}}"): delete_volume,
    ("GET", "/nodes/{node}/storage/{storage}/prunebackups"): prune_dry,
    ("DELETE", "/nodes/{node}/storage/{storage}/prunebackups"): prune,
}
