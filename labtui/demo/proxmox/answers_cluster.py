"""Answers under /cluster, /pools and /storage, given by any node from its own copy."""

from __future__ import annotations

from typing import Any

from labtui.demo.cluster.storages import STORAGES
from labtui.demo.proxmox.errors import bad_parameters, died
from labtui.demo.proxmox.resources import cluster_resources, guest_rows
from labtui.demo.proxmox.site import Answer, Call, Routes

STORAGE_DIGEST = "6aa6726a606b3d991347835f8c50858fd98ff165"
FIRST_FREE = 100


def status(call: Call) -> Answer:
    """GET /cluster/status: one row for the cluster, one per node."""
    state = call.state
    rows: list[dict[str, Any]] = [
        {
            "id": "cluster",
            "type": "cluster",
            "name": state.lab.name,
            "version": len(state.nodes),
            "nodes": len(state.nodes),
            "quorate": int(state.quorate),
        }
    ]
    rows += [
        {
            "id": f"node/{node.name}",
            "type": "node",
            "name": node.name,
            "nodeid": node.number,
            "ip": node.lab.address,
            "local": int(node.name == call.node),
            "online": int(node.online),
            "level": "",
        }
        for node in state.nodes.values()
    ]
    return Answer(rows)


def log(call: Call) -> Answer:
    """GET /cluster/log, newest first: own lines, or all with Sys.Syslog on /."""
    everything = call.allowed("/", "Sys.Syslog")
    rows = []
    lines = list(call.state.tasks.log_lines)
    for number, (at, node, pid, user, text) in enumerate(lines, 1):
        if everything or user == call.who.owner:
            rows.append(
                {
                    "id": f"{number}:{node}",
                    "uid": str(number),
                    "node": node,
                    "pid": pid,
                    "time": at,
                    "user": user,
                    "tag": "pvedaemon",
                    "pri": 6,
                    "msg": text,
                }
            )
    rows.sort(key=lambda row: -int(str(row["time"])))
    return Answer(rows[: call.params.get("max", 50)], ordered=True)


def options(call: Call) -> Answer:
    """GET /cluster/options; without Sys.Audit only how tags look."""
    tags = {tag for guest in call.state.lab.guests for tag in guest.tags}
    look = {"shape": "full", "color-map": "infra:2222aa;course:aa6622"}
    if not call.allowed("/", "Sys.Audit"):
        return Answer({"tag-style": look, "allowed-tags": []})
    return Answer(
        {
            "tag-style": look,
            "allowed-tags": sorted(tags),
            "migration": {"type": "secure"},
            "mac_prefix": "BC:24:11",
            "description": f"{call.state.lab.name}\n",
        }
    )


def nextid(call: Call) -> Answer:
    """GET /cluster/nextid: a text."""
    wanted = call.params.get("vmid")
    if wanted is not None:
        if wanted in call.state.guests:
            raise bad_parameters({"vmid": f"VM {wanted} already exists"})
        return Answer(str(wanted))
    free = FIRST_FREE
    while free in call.state.guests:
        free += 1
    return Answer(str(free))


def storages(call: Call) -> Answer:
    """GET /storage: definitions."""
    rows = []
    for storage in STORAGES:
        if not call.allowed(
            f"/storage/{storage.name}", "Datastore.Audit", "Datastore.AllocateSpace"
        ):
            continue
        row: dict[str, Any] = {
            "storage": storage.name,
            "type": storage.kind,
            "content": ",".join(storage.content),
            "digest": STORAGE_DIGEST,
        }
        row |= dict(storage.settings)
        if call.params.get("type") in (None, storage.kind):
            rows.append(row)
    return Answer(rows)


def pools(call: Call) -> Answer:
    """GET /pools; with `poolid` its members, answered to any login as the real server does."""
    wanted = call.params.get("poolid")
    if wanted is None:
        return Answer(
            [
                {"poolid": name, "comment": f"guests of {name}"}
                for name in call.state.pools
                if call.allowed(f"/pool/{name}", "Pool.Audit")
            ]
        )
    if wanted not in call.state.pools:
        raise died(f"pool '{wanted}' does not exist")
    kind = call.params.get("type")
    members = [
        guest
        for guest in call.state.guests.values()
        if guest.pool == wanted and kind in (None, guest.kind)
    ]
    row = {
        "poolid": wanted,
        "comment": f"guests of {wanted}",
        "members": guest_rows(call.site, members),
    }
    return Answer([row])


def backup(_: Call) -> Answer:
    """GET /cluster/backup: one nightly job for the guests of the infrastructure."""
    return Answer(
        [
            {
                "id": "backup-nightly",
                "type": "vzdump",
                "enabled": 1,
                "schedule": "02:30",
                "storage": "cephfs",
                "pool": "infra",
                "mode": "snapshot",
                "compress": "zstd",
                "prune-backups": {"keep-last": "7"},
            }
        ]
    )


def not_backed_up(call: Call) -> Answer:
    """GET /cluster/backup-info/not-backed-up: guests in no job."""
    return Answer(
        [
            {"vmid": guest.vmid, "name": guest.name, "type": guest.kind}
            for guest in call.state.guests.values()
            if guest.pool != "infra"
        ]
    )


def nothing(_: Call) -> Answer:
    """An empty list: no replication job, no rule."""
    return Answer([])


ROUTES: Routes = {
    ("GET", "/cluster/status"): status,
    ("GET", "/cluster/resources"): cluster_resources,
    ("GET", "/cluster/log"): log,
    ("GET", "/cluster/options"): options,
    ("GET", "/cluster/nextid"): nextid,
    ("GET", "/cluster/ha/rules"): nothing,
    ("GET", "/cluster/replication"): nothing,
    ("GET", "/cluster/backup"): backup,
    ("GET", "/cluster/backup-info/not-backed-up"): not_backed_up,
    ("GET", "/storage"): storages,
    ("GET", "/pools"): pools,
}
