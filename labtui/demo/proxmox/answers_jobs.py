"""Backup jobs: /cluster/backup with its jobs, the volumes they take, and the guests in none."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

from labtui.demo.cluster.backup_jobs import BackupJob
from labtui.demo.cluster.calendar import next_run
from labtui.demo.cluster.configuration import drives, options
from labtui.demo.cluster.storages import BY_NAME
from labtui.demo.proxmox.errors import bad_parameters, died
from labtui.demo.proxmox.site import Answer, Call, Routes

Row = dict[str, Any]


def _row(call: Call, job: BackupJob) -> Row:
    row: Row = {
        "id": job.id,
        "type": "vzdump",
        "enabled": int(job.enabled),
        "schedule": job.schedule,
        "storage": job.storage,
        "mode": job.mode,
        "compress": job.compress,
    }
    if job.keep_last:
        row["prune-backups"] = {"keep-last": str(job.keep_last)}
    if job.everything:
        row["all"] = 1
    if job.pool:
        row["pool"] = job.pool
    if job.vmids:
        row["vmid"] = ",".join(map(str, job.vmids))
    if job.excluded:
        row["exclude"] = ",".join(map(str, job.excluded))
    if job.comment:
        row["comment"] = job.comment
    if job.enabled:
        row["next-run"] = next_run(job.schedule, call.state.now)
    return row


def _job(call: Call) -> BackupJob:
    name = str(call.params["id"])
    found = call.site.world.backups.jobs.get(name)
    if found is None:
        raise died(f"No such job '{name}'")
    return found


def jobs(call: Call) -> Answer:
    """GET /cluster/backup."""
    return Answer([_row(call, job) for job in call.site.world.backups.jobs.values()])


def job(call: Call) -> Answer:
    """GET /cluster/backup/{id}: without the time of its next run."""
    row = _row(call, _job(call))
    row.pop("next-run", None)
    return Answer(row)


def _changes(given: Row) -> Row:
    """The fields of a job that a call sets."""
    names = {"schedule": "schedule", "storage": "storage", "mode": "mode", "pool": "pool"}
    names |= {"comment": "comment", "compress": "compress"}
    found: Row = {field: str(given[name]) for name, field in names.items() if name in given}
    for name, field in (("enabled", "enabled"), ("all", "everything")):
        if name in given:
            found[field] = bool(given[name])
    for name, field in (("vmid", "vmids"), ("exclude", "excluded")):
        if name in given:
            parts = str(given[name]).replace(";", ",").replace(" ", ",").split(",")
            found[field] = tuple(int(part) for part in parts if part)
    if "prune-backups" in given:
        found["keep_last"] = int(options(str(given["prune-backups"])).get("keep-last", 0))
    return found


def _put(call: Call, job_: BackupJob) -> None:
    if job_.storage not in BY_NAME:
        raise died(f"storage '{job_.storage}' does not exist")
    try:
        call.site.world.backups.put(job_)
    except ValueError as error:
        raise bad_parameters({"schedule": f"invalid format - {error}\n"}) from None


def create(call: Call) -> Answer:
    """POST /cluster/backup: null when done."""
    given = call.params
    drawn = uuid.UUID(int=call.site.dice.getrandbits(128), version=4)
    name = str(given.get("id") or f"backup-{str(drawn)[:13]}")
    if name in call.site.world.backups.jobs:
        raise died(f"Job '{name}' already exists")
    if not any(given.get(key) for key in ("all", "vmid", "pool")):
        raise bad_parameters({"vmid": "property is missing and it is not optional"})
    start = BackupJob(name, "00:00", str(given.get("storage", "local")), keep_last=0)
    _put(call, replace(start, **_changes(given)))
    return Answer(None)


def change(call: Call) -> Answer:
    """PUT /cluster/backup/{id}: null when done; a new selection takes the place of the old one."""
    values = _changes(call.params)
    gone: Row = {}
    if {"vmids", "pool", "everything"} & values.keys():
        gone = {"vmids": (), "pool": "", "everything": False}
    emptied: dict[str, Row] = {"exclude": {"excluded": ()}, "comment": {"comment": ""}}
    for name in str(call.params.get("delete", "")).split(","):
        gone |= emptied.get(name, {})
    _put(call, replace(_job(call), **(gone | values)))
    return Answer(None)


def remove(call: Call) -> Answer:
    """DELETE /cluster/backup/{id}: null when done."""
    call.site.world.backups.remove(_job(call).id)
    return Answer(None)


def included(call: Call) -> Answer:
    """GET /cluster/backup/{id}/included_volumes: guests of the job with their volumes."""
    found = _job(call)
    children = []
    for guest in call.state.guests.values():
        if not found.takes(guest):
            continue
        leaves = [
            {
                "id": f"{guest.vmid}:{drive.key}",
                "name": drive.volid,
                "included": 1,
                "reason": "backup=yes",
                "leaf": 1,
            }
            for drive in drives(guest.config)
            if not drive.cdrom
        ]
        row: Row = {"id": guest.vmid, "name": guest.name, "type": guest.kind, "leaf": 0}
        children.append(row | {"children": leaves})
    return Answer({"children": children})


def not_backed_up(call: Call) -> Answer:
    """GET /cluster/backup-info/not-backed-up: guests in no job."""
    backups = call.site.world.backups
    return Answer(
        [
            {"vmid": guest.vmid, "name": guest.name, "type": guest.kind}
            for guest in call.state.guests.values()
            if not backups.covered(guest)
        ]
    )


ROUTES: Routes = {
    ("GET", "/cluster/backup"): jobs,
    ("POST", "/cluster/backup"): create,
    ("GET", "/cluster/backup/{id}"): job,
    ("PUT", "/cluster/backup/{id}"): change,
    ("DELETE", "/cluster/backup/{id}"): remove,
    ("GET", "/cluster/backup/{id}/included_volumes"): included,
    ("GET", "/cluster/backup-info/not-backed-up"): not_backed_up,
}
