"""Answers about high availability and PCI mappings, which the whole cluster shares."""

from __future__ import annotations

import time
from typing import Any

from labtui.demo.cluster.passthrough import mapping_problem
from labtui.demo.cluster.state import ClusterState, PciMapping
from labtui.demo.proxmox.errors import died
from labtui.demo.proxmox.site import Answer, Call, Routes

HA_DIGEST = "bd73cb3f49b43de21f5843ab9fc9786816b931aa"

Row = dict[str, Any]


def ha_status(call: Call) -> Answer:
    """GET /cluster/ha/status/current: quorum, master, agents, services."""
    state, master = call.state, call.site.world.ha.master
    rows: list[Row] = [
        {
            "id": "quorum",
            "type": "quorum",
            "node": call.node,
            "status": "OK" if state.quorate else f"No quorum on node '{call.node}'!",
            "quorate": int(state.quorate),
        }
    ]
    if master is not None:
        text = f"{master} (active, {_local(state.now)})"
        rows.append({"id": "master", "type": "master", "node": master, "status": text})
    rows += _agents(call)
    if state.modern:
        armed = "armed" if master else "standby"
        text = "armed (CRM watchdog active)" if master else "standby (CRM watchdog standby)"
        node = master or call.node
        rows.append({"id": "fencing", "type": "fencing", "node": node, "armed-state": armed})
        rows[-1]["status"] = text
    rows += _services(call)
    return Answer(rows)


def _agents(call: Call) -> list[Row]:
    state = call.state
    busy = {resource.guest.node for resource in call.site.world.ha.resources.values()}
    rows = []
    for node in state.nodes.values():
        seen = state.now if node.online else node.changed_at
        mode = "active" if node.name in busy else "idle"
        if state.now - seen > 30:
            mode = "old timestamp - dead?"
        text = f"{node.name} ({mode}, {_local(seen)})"
        rows.append({"id": f"lrm:{node.name}", "type": "lrm", "node": node.name, "status": text})
    return rows


def _services(call: Call) -> list[Row]:
    rows = []
    for sid, resource in call.site.world.ha.resources.items():
        row: Row = {
            "id": f"service:{sid}",
            "type": "service",
            "sid": sid,
            "node": resource.guest.node,
            "state": resource.state,
            "crm_state": resource.state,
            "request_state": resource.wanted,
            "status": f"{sid} ({resource.guest.node}, {resource.state})",
            "max_restart": 1,
            "max_relocate": 1,
        }
        if call.state.modern:
            row["failback"] = 1
        rows.append(row)
    return rows


def _local(at: float) -> str:
    moment = time.localtime(at)
    day = f"{time.strftime('%a %b', moment)} {moment.tm_mday:2d}"
    return f"{day} {time.strftime('%H:%M:%S %Y', moment)}"


def _ha_row(sid: str, wanted: str) -> Row:
    kind = sid.partition(":")[0]
    return {"sid": sid, "type": kind, "state": wanted, "digest": HA_DIGEST}


def ha_resources(call: Call) -> Answer:
    """GET /cluster/ha/resources."""
    kind = call.params.get("type")
    rows = [_ha_row(sid, item.wanted) for sid, item in call.site.world.ha.resources.items()]
    return Answer([row for row in rows if kind in (None, row["type"])])


def ha_resource(call: Call) -> Answer:
    """GET /cluster/ha/resources/{sid}."""
    sid = str(call.params["sid"])
    item = call.site.world.ha.resources.get(sid)
    if item is None:
        raise died(f"no such resource '{sid}'")
    return Answer(_ha_row(sid, item.wanted))


def _mapping(state: ClusterState, mapping: PciMapping) -> Row:
    row: Row = {
        "type": "pci",
        "map": list(mapping.lines),
        "digest": state.mapping_digest,
    }
    if mapping.lab.description:
        row["description"] = mapping.lab.description
    if mapping.live:
        row["live-migration-capable"] = 1
    return row


def mappings(call: Call) -> Answer:
    """GET /cluster/mapping/pci; with `check-node` each is compared with that node's hardware."""
    node = call.params.get("check-node")
    rows = []
    for name, mapping in call.state.mappings.items():
        path = f"/mapping/pci/{name}"
        if not call.allowed(path, "Mapping.Audit", "Mapping.Use", "Mapping.Modify"):
            continue
        row = _mapping(call.state, mapping) | {"id": name}
        if node is not None:
            row["checks"] = _checks(call, name, str(node))
        rows.append(row)
    return Answer(rows)


def _checks(call: Call, name: str, node: str) -> list[dict[str, str]]:
    paths = call.state.mappings[name].paths(node)
    if not paths:
        return [{"severity": "warning", "message": f"No mapping for node {node}."}]
    problems = (mapping_problem(call.state, name, node, path) for path in paths)
    return [
        {"severity": "error", "message": f"Invalid configuration: {problem}\n"}
        for problem in problems
        if problem
    ]


def mapping(call: Call) -> Answer:
    """GET /cluster/mapping/pci/{id}."""
    name = str(call.params["id"])
    found = call.state.mappings.get(name)
    if found is None:
        raise died(f"mapping '{name}' not found")
    return Answer(_mapping(call.state, found))


ROUTES: Routes = {
    ("GET", "/cluster/ha/status/current"): ha_status,
    ("GET", "/cluster/ha/resources"): ha_resources,
    ("GET", "/cluster/ha/resources/{sid}"): ha_resource,
    ("GET", "/cluster/mapping/pci"): mappings,
    ("GET", "/cluster/mapping/pci/{id}"): mapping,
}
