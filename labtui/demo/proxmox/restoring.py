"""Guests from archives: the checks of the server before the task begins."""

from __future__ import annotations

from labtui.demo.cluster.state import BackupVolume
from labtui.demo.cluster.storages import BY_NAME
from labtui.demo.proxmox.errors import died, forbidden
from labtui.demo.proxmox.site import Answer, Call


def find_archive(call: Call, volid: str) -> BackupVolume:
    """The archive of that volume id as the asked node sees it; 500 when it is not there."""
    for volume in call.state.backups:
        if volume.volid == volid and volume.node in ("", call.node):
            return volume
    raise died(f"volume '{volid}' does not exist")


def need_archive(call: Call, found: BackupVolume) -> None:
    """403 unless the caller may use an archive."""
    if call.allowed(f"/storage/{found.storage}", "Datastore.Allocate"):
        return
    if not call.allowed(f"/storage/{found.storage}", "Datastore.AllocateSpace"):
        raise forbidden(f"/storage/{found.storage}, Datastore.AllocateSpace")
    call.need(f"/vms/{found.vmid}", "VM.Backup")


def restore(call: Call, kind: str) -> Answer:
    """POST /nodes/{node}/qemu with `archive`, or /lxc with `restore` and `ostemplate`."""
    given = call.params
    vmid, noun = int(given["vmid"]), "VM" if kind == "qemu" else "CT"
    volume = find_archive(call, str(given.get("archive") or given.get("ostemplate")))
    call.need(f"/storage/{volume.storage}", "Datastore.AllocateSpace")
    text = f"unable to restore {noun} {vmid} -"
    old = call.state.guests.get(vmid)
    if old is not None:
        if old.node != call.node or not given.get("force"):
            name = f"{old.noun} {vmid}"
            raise died(f"{text} {name} already exists on node '{old.node}'")
        if old.config.get("protection"):
            raise died(f"{text} protection mode enabled")
        if old.running:
            raise died(f"{text} vm is running" if kind == "qemu" else f"{text} CT is running")
    if volume.kind != kind:
        raise died(f"{text} archive '{volume.volid}' is of type '{volume.kind}'")
    storage = str(given.get("storage", ""))
    if storage and storage not in BY_NAME:
        raise died(f"storage '{storage}' does not exist")
    task = call.site.world.works.restores.restore(
        call.node,
        vmid,
        volume,
        call.who.owner,
        storage,
        str(given.get("pool", "")),
        unique=bool(given.get("unique")),
        start=bool(given.get("start")),
    )
    return Answer(task.upid)
