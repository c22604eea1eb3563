"""Replication jobs: what is configured (any node) and how they fare (the guest's node)."""

from __future__ import annotations

import hashlib
from typing import Any

from labtui.demo.cluster.replication import ReplicationJob, replicable
from labtui.demo.proxmox.errors import bad_parameters, died, forbidden
from labtui.demo.proxmox.site import Answer, Call, Routes

Row = dict[str, Any]


def _row(job: ReplicationJob) -> Row:
    row: Row = {
        "id": job.id,
        "type": "local",
        "guest": job.vmid,
        "jobnum": job.number,
        "source": job.source,
        "target": job.target,
        "schedule": job.schedule,
    }
    if job.rate is not None:
        row["rate"] = job.rate
    if job.comment:
        row["comment"] = job.comment
    if job.disabled:
        row["disable"] = 1
    return row


def _state(call: Call, job: ReplicationJob) -> Row:
    guest = call.state.guests[job.vmid]
    row = _row(job) | {
        "vmtype": guest.kind,
        "last_sync": int(job.last_sync),
        "last_try": int(job.last_try),
        "next_sync": int(job.next_sync),
        "fail_count": job.fail_count,
        "duration": job.duration,
    }
    if job.error:
        row["error"] = job.error
    return row


def _job(call: Call) -> ReplicationJob:
    name = str(call.params["id"])
    found = call.site.world.replication.jobs.get(name)
    if found is None:
        raise died(f"no such replication job '{name}'")
    return found


def _visible(call: Call, job: ReplicationJob) -> bool:
    return call.allowed(f"/vms/{job.vmid}", "VM.Audit")


def jobs(call: Call) -> Answer:
    """GET /cluster/replication."""
    found = call.site.world.replication.jobs.values()
    return Answer([_row(job) for job in found if _visible(call, job)])


def job(call: Call) -> Answer:
    """GET /cluster/replication/{id}."""
    found = _job(call)
    if not _visible(call, found):
        raise forbidden(f"/vms/{found.vmid}, VM.Audit")
    row = _row(found)
    text = repr(sorted(row.items())).encode()
    return Answer(row | {"digest": hashlib.sha1(text, usedforsecurity=False).hexdigest()})


def create(call: Call) -> Answer:
    """POST /cluster/replication: null when done; only volumes on ZFS can be replicated."""
    given, world = call.params, call.site.world
    call.need("/storage", "Datastore.Allocate")
    name, target = str(given["id"]), str(given["target"])
    if name in world.replication.jobs:
        raise died(f"replication job '{name}' already exists")
    vmid = int(name.partition("-")[0])
    guest = call.state.guests.get(vmid)
    if guest is None:
        raise died(f"no such guest '{vmid}'")
    if target == guest.node:
        raise died("source and target node must be different")
    if target not in call.state.nodes:
        raise bad_parameters({"target": f"target '{target}' does not exist"})
    if not replicable(guest):
        raise died("no replicatable volumes found")
    if target not in call.state.zfs_nodes:
        raise died(f"storage 'local-zfs' is not available on node '{target}'")
    try:
        made = world.replication.add(name, target, str(given.get("schedule", "*/15")))
    except ValueError as error:
        raise bad_parameters({"schedule": f"invalid format - {error}\n"}) from None
    _adopt(made, given)
    return Answer(None)


def _adopt(found: ReplicationJob, given: Row) -> None:
    if "comment" in given:
        found.comment = str(given["comment"])
    if "disable" in given:
        found.disabled = bool(given["disable"])
    if "rate" in given:
        found.rate = float(given["rate"])


def change(call: Call) -> Answer:
    """PUT /cluster/replication/{id}: null when done."""
    call.need("/storage", "Datastore.Allocate")
    found = _job(call)
    if "schedule" in call.params:
        try:
            call.site.world.replication.reschedule(found, str(call.params["schedule"]))
        except ValueError as error:
            raise bad_parameters({"schedule": f"invalid format - {error}\n"}) from None
    _adopt(found, call.params)
    for name in str(call.params.get("delete", "")).split(","):
        if name == "disable":
            found.disabled = False
        elif name == "comment":
            found.comment = ""
        elif name == "rate":
            found.rate = None
    return Answer(None)


def remove(call: Call) -> Answer:
    """DELETE /cluster/replication/{id}: null when done."""
    call.need("/storage", "Datastore.Allocate")
    call.site.world.replication.remove(_job(call).id)
    return Answer(None)


def node_jobs(call: Call) -> Answer:
    """GET /nodes/{node}/replication: jobs of the guests that lie on that node."""
    wanted = call.params.get("guest")
    rows = [
        _state(call, found)
        for found in call.site.world.replication.jobs.values()
        if found.vmid in call.state.guests
        if call.state.guests[found.vmid].node == call.node and wanted in (None, found.vmid)
        if _visible(call, found)
    ]
    return Answer(rows)


def _local(call: Call) -> ReplicationJob:
    found = _job(call)
    if not _visible(call, found):
        raise forbidden("")
    return found


def job_state(call: Call) -> Answer:
    """GET /nodes/{node}/replication/{id}/status."""
    return Answer(_state(call, _local(call)))


def job_log(call: Call) -> Answer:
    """GET /nodes/{node}/replication/{id}/log: the lines of the last try."""
    found = _local(call)
    start, limit = call.params.get("start", 0), call.params.get("limit", 50)
    lines = found.log or ["no content"]
    end = None if limit == 0 else start + limit
    rows = [{"n": n, "t": t} for n, t in enumerate(lines[start:end], start + 1)]
    return Answer(rows, total=len(lines), ordered=True)


def schedule_now(call: Call) -> Answer:
    """POST /nodes/{node}/replication/{id}/schedule_now: null; it runs with the next round."""
    call.need("/storage", "Datastore.Allocate")
    call.site.world.replication.now(_job(call))
    return Answer(None)


ROUTES: Routes = {
    ("GET", "/cluster/replication"): jobs,
    ("POST", "/cluster/replication"): create,
    ("GET", "/cluster/replication/{id}"): job,
    ("PUT", "/cluster/replication/{id}"): change,
    ("DELETE", "/cluster/replication/{id}"): remove,
    ("GET", "/nodes/{node}/replication"): node_jobs,
    ("GET", "/nodes/{node}/replication/{id}/status"): job_state,
    ("GET", "/nodes/{node}/replication/{id}/log"): job_log,
    ("POST", "/nodes/{node}/replication/{id}/schedule_now"): schedule_now,
}
