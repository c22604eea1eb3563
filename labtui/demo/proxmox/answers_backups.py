"""Backups now, and the configuration inside an archive."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from labtui.demo.cluster.backup_run import BackupRun
from labtui.demo.cluster.configuration import options, render
from labtui.demo.cluster.guests import Guest
from labtui.demo.cluster.scheduler import Process
from labtui.demo.cluster.storages import BY_NAME
from labtui.demo.proxmox.errors import bad_parameters, died
from labtui.demo.proxmox.restoring import find_archive, need_archive
from labtui.demo.proxmox.site import Answer, Call, Routes

Row = dict[str, Any]


def vzdump(call: Call) -> Answer:
    """POST /nodes/{node}/vzdump: a task, or the text `OK` when no guest of the call lies here."""
    given, state = call.params, call.state
    if not given.get("all") and not given.get("vmid") and not given.get("pool"):
        raise bad_parameters({"vmid": "property is missing and it is not optional"})
    guests = _chosen(call)
    if not guests:
        return Answer("OK")
    storage = str(given.get("storage", "local"))
    call.need(f"/storage/{storage}", "Datastore.AllocateSpace")
    for guest in guests:
        call.need(f"/vms/{guest.vmid}", "VM.Backup")
    found = BY_NAME.get(storage)
    if found is None:
        raise died(
            f"could not get storage information for '{storage}': storage '{storage}' does not exist"
        )
    if "backup" not in found.content:
        raise died(f"storage '{storage}' does not support backups")
    target = str(guests[0].vmid) if len(guests) == 1 else ""
    task = state.tasks.create(call.node, "vzdump", target, call.who.owner)
    keep = options(str(given.get("prune-backups", ""))).get("keep-last", "0")
    run = BackupRun(
        state,
        task,
        storage,
        str(given.get("mode", "snapshot")),
        call.site.world.backups.failing,
        int(keep) if given.get("remove", 1) else 0,
    )
    return Answer(state.tasks.start(task, _noted(call, run, guests)).upid)


def _noted(call: Call, run: BackupRun, guests: list[Guest]) -> Process:
    """The steps of the task; its archives then get their notes and protection."""
    given, state = call.params, call.state
    before = {volume.volid for volume in state.backups}
    yield from run.process(guests)
    numbers = {guest.vmid for guest in guests}
    for index, volume in enumerate(state.backups):
        if volume.volid in before or volume.vmid not in numbers:
            continue
        notes = str(given.get("notes-template", volume.notes))
        notes = notes.replace("{{guestname}}", volume.notes)
        notes = notes.replace("{{vmid}}", str(volume.vmid))
        state.backups[index] = replace(volume, notes=notes, protected=bool(given.get("protected")))


def _chosen(call: Call) -> list[Guest]:
    given = call.params
    here = sorted(call.state.guests_on(call.node), key=lambda guest: guest.vmid)
    if given.get("all"):
        left_out = set(_numbers(given.get("exclude")))
        return [guest for guest in here if guest.vmid not in left_out]
    if given.get("pool"):
        return [guest for guest in here if guest.pool == given["pool"]]
    wanted = set(_numbers(given.get("vmid")))
    return [guest for guest in here if guest.vmid in wanted]


def _numbers(text: Any) -> list[int]:
    return [int(part) for part in re.split(r"[,; ]+", str(text or "")) if part.isdigit()]


def extract_config(call: Call) -> Answer:
    """GET /nodes/{node}/vzdump/extractconfig: the configuration inside an archive."""
    found = find_archive(call, str(call.params["volume"]))
    need_archive(call, found)
    return Answer(render(call.site.world.works.restores.archived(found)))


ROUTES: Routes = {
    ("POST", "/nodes/{node}/vzdump"): vzdump,
    ("GET", "/nodes/{node}/vzdump/extractconfig"): extract_config,
}
