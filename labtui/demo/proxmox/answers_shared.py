"""Answers about PCI mappings, which the whole cluster shares."""

from __future__ import annotations

from typing import Any

from labtui.demo.cluster.passthrough import mapping_problem
from labtui.demo.cluster.state import ClusterState, PciMapping
from labtui.demo.proxmox.errors import died
from labtui.demo.proxmox.site import Answer, Call, Routes

Row = dict[str, Any]


def _mapping(state: ClusterState, mapping: PciMapping) -> Row:
    row: Row = {
        "type": "pci",
        "map": list(mapping.lines),
        "digest": state.mapping_digest,
    }
    if mapping.lab.description:
        row["description"] = mapping.lab.description
    if mapping.mdev:
        row["mdev"] = 1
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
    ("GET", "/cluster/mapping/pci"): mappings,
    ("GET", "/cluster/mapping/pci/{id}"): mapping,
}
