"""Ceph as `ceph status` tells it: every node has a monitor and two OSDs.

What is off takes its monitor and its OSDs along; a full pool is an error. The answer has the parts
that clients read; the lists of manager modules, most of a real one, are left out.
"""

from __future__ import annotations

import hashlib
from typing import Any

from labtui.demo.cluster.storages import STORAGES, Storage
from labtui.demo.proxmox.capacity import used_on
from labtui.demo.proxmox.errors import died
from labtui.demo.proxmox.site import Answer, Call, Routes

Row = dict[str, Any]
OSDS, GROUPS, REPLICAS, MOST_MONITORS = 2, 129, 3, 5
_KINDS = ("rbd", "cephfs")


def status(call: Call) -> Answer:
    """GET /cluster/ceph/status and /nodes/{node}/ceph/status."""
    nodes = list(call.state.nodes.values())
    monitors = nodes[:MOST_MONITORS]
    here = {node.name for node in nodes if node.powered and node.online}
    quorum = [node.name for node in monitors if node.name in here]
    if 2 * len(quorum) <= len(monitors):
        raise died("got timeout")
    up = OSDS * len(here)
    pools = [storage for storage in STORAGES if storage.kind in _KINDS]
    used = sum(used_on(call.state, pool, call.node) for pool in pools)
    size = sum(pool.size for pool in pools)
    checks = _checks(call, pools, len(monitors) - len(quorum), OSDS * len(nodes) - up)
    worst = max((check["severity"] for check in checks.values()), key=_rank, default="HEALTH_OK")
    return Answer(
        {
            "fsid": _fsid(call),
            "health": {"status": worst, "checks": checks, "mutes": []},
            "quorum_names": quorum,
            "monmap": {"mons": [{"name": node.name} for node in monitors]},
            "osdmap": {"num_osds": OSDS * len(nodes), "num_up_osds": up, "num_in_osds": up},
            "pgmap": {
                "num_pgs": GROUPS,
                "num_pools": len(pools),
                "pgs_by_state": [{"state_name": _state(up, len(nodes)), "count": GROUPS}],
                "bytes_total": size * REPLICAS,
                "bytes_used": used * REPLICAS,
                "bytes_avail": (size - used) * REPLICAS,
            },
        }
    )


def _checks(call: Call, pools: list[Storage], monitors: int, osds: int) -> Row:
    found: Row = {}
    if monitors:
        found["MON_DOWN"] = _check("HEALTH_WARN", f"{monitors} monitor(s) down")
    if osds:
        found["OSD_DOWN"] = _check("HEALTH_WARN", f"{osds} osds down")
        found["PG_DEGRADED"] = _check("HEALTH_WARN", "Degraded data redundancy")
    full = [pool.name for pool in pools if call.state.storage_health.is_full(pool.name, "")]
    if full:
        found["POOL_FULL"] = _check("HEALTH_ERR", f"{len(full)} pool(s) full")
    return found


def _check(severity: str, message: str) -> Row:
    return {"severity": severity, "summary": {"message": message, "count": 1}, "muted": False}


def _rank(severity: str) -> int:
    return ("HEALTH_OK", "HEALTH_WARN", "HEALTH_ERR").index(severity)


def _state(up: int, nodes: int) -> str:
    return "active+clean" if up == OSDS * nodes else "active+undersized+degraded"


def _fsid(call: Call) -> str:
    text = hashlib.sha256(f"ceph {call.state.lab.name}".encode()).hexdigest()
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-8{text[17:20]}-{text[20:32]}"


ROUTES: Routes = {
    ("GET", "/cluster/ceph/status"): status,
    ("GET", "/nodes/{node}/ceph/status"): status,
}
