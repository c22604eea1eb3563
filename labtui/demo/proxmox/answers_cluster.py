"""Answers under /cluster and /storage, given by any node from its own copy."""

from __future__ import annotations

from typing import Any

from labtui.demo.cluster.storages import REPLICATED, STORAGES
from labtui.demo.proxmox.errors import bad_parameters
from labtui.demo.proxmox.site import Answer, Call, Routes

STORAGE_DIGEST = "6aa6726a606b3d991347835f8c50858fd98ff165"
FIRST_FREE = 100


def status(call: Call) -> Answer:
    """GET /cluster/status: one row for the cluster, one per node, as the asked node sees them.

    The quorum here is refreshed only when the membership changes, not by `pvecm expected`.
    """
    state, membership = call.state, call.state.membership
    rows: list[dict[str, Any]] = [
        {
            "id": "cluster",
            "type": "cluster",
            "name": state.lab.name,
            "version": len(state.nodes),
            "nodes": len(state.nodes),
            "quorate": int(membership.told_quorate(call.node)),
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
            "online": int(membership.online(call.node, node.name)),
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
        if storage.name in REPLICATED:
            row["nodes"] = ",".join(call.state.zfs_nodes)
        if storage.shared:
            row["shared"] = 1
        if call.params.get("type") in (None, storage.kind):
            rows.append(row)
    return Answer(rows)


ROUTES: Routes = {
    ("GET", "/cluster/status"): status,
    ("GET", "/cluster/log"): log,
    ("GET", "/cluster/nextid"): nextid,
    ("GET", "/storage"): storages,
}
