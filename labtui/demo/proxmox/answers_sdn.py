"""Overlay networks (SDN): zones, networks, subnets, their state on a node, and applying them."""

from __future__ import annotations

from typing import Any

from labtui.demo.cluster.datacenter import Datacenter, file_digest
from labtui.demo.cluster.scheduler import Process
from labtui.demo.proxmox.errors import died
from labtui.demo.proxmox.site import Answer, Call, Handler, Routes

Row = dict[str, Any]


def _center(call: Call) -> Datacenter:
    return call.site.world.works.datacenter


def _with_digest(call: Call, rows: dict[str, Row]) -> list[Row]:
    plain = not call.params.get("pending") and not call.params.get("running")
    mark = file_digest(sorted(rows.items(), key=lambda item: item[0])) if plain else None
    return [row | {"digest": mark} for row in rows.values()]


def zones(call: Call) -> Answer:
    """GET /cluster/sdn/zones: those the caller may see."""
    kind = call.params.get("type")
    return Answer(
        [
            row
            for row in _with_digest(call, _center(call).zones)
            if kind in (None, row["type"])
            and call.allowed(f"/sdn/zones/{row['zone']}", "SDN.Audit", "SDN.Allocate")
        ]
    )


def _one(kind: str, found: Row | None, name: str) -> Row:
    if found is None:
        raise died(
            f"sdn '{name}' does not exist" if kind != "subnet" else f"no such subnet '{name}'"
        )
    return found


def zone(call: Call) -> Answer:
    """GET /cluster/sdn/zones/{zone}."""
    name = str(call.params["zone"])
    found = _one("zone", _center(call).zones.get(name), name)
    return Answer(found | {"digest": file_digest(found)})


def vnets(call: Call) -> Answer:
    """GET /cluster/sdn/vnets."""
    return Answer(
        [
            row
            for row in _with_digest(call, _center(call).vnets)
            if call.allowed(f"/sdn/zones/{row['zone']}/{row['vnet']}", "SDN.Audit", "SDN.Allocate")
        ]
    )


def vnet(call: Call) -> Answer:
    """GET /cluster/sdn/vnets/{vnet}."""
    name = str(call.params["vnet"])
    found = _one("vnet", _center(call).vnets.get(name), name)
    return Answer(found | {"digest": file_digest(found)})


def subnets(call: Call) -> Answer:
    """GET /cluster/sdn/vnets/{vnet}/subnets."""
    name = str(call.params["vnet"])
    _one("vnet", _center(call).vnets.get(name), name)
    rows = _with_digest(call, _center(call).subnets)
    return Answer([row for row in rows if row["vnet"] == name])


def subnet(call: Call) -> Answer:
    """GET /cluster/sdn/vnets/{vnet}/subnets/{subnet}."""
    name = str(call.params["subnet"])
    found = _one("subnet", _center(call).subnets.get(name), name)
    return Answer(found | {"digest": file_digest(found)})


def rows(*values: Row) -> Handler:
    """A list that is the same in every lab."""

    def fixed(_: Call) -> Answer:
        return Answer([dict(value) for value in values])

    return fixed


def _is_on(zone: Row, node: str) -> bool:
    """Whether a node has that zone; one without `nodes` is everywhere."""
    return "nodes" not in zone or node in str(zone["nodes"]).split(",")


def local_vnets(call: Call) -> list[Row]:
    """The VNets that a node has, as its list of bridges shows them.

    Those of the zones that are on it, where the caller may see them (pve-network,
    `PVE/Network/SDN.pm`, `get_local_vnets`; recorded from 8.4, where `active` is a text and
    `comments` null without an alias).
    """
    center = _center(call)
    return [
        {
            "iface": name,
            "type": "vnet",
            "active": "1",
            "ipam": int("ipam" in center.zones[row["zone"]]),
            "vlanaware": int(bool(row.get("vlanaware"))),
            "comments": row.get("alias"),
        }
        for name, row in center.vnets.items()
        if row["zone"] in center.zones
        and call.allowed(f"/sdn/zones/{row['zone']}/{name}", "SDN.Audit", "SDN.Use")
        and _is_on(center.zones[row["zone"]], call.node)
    ]


def node_zones(call: Call) -> Answer:
    """GET /nodes/{node}/sdn/zones: what the node makes of them."""
    names = ["localnetwork", *(n for n, z in _center(call).zones.items() if _is_on(z, call.node))]
    return Answer(
        [
            {"zone": name, "status": "available"}
            for name in names
            if call.allowed(f"/sdn/zones/{name}", "SDN.Audit", "SDN.Allocate")
        ]
    )


def node_zone_content(call: Call) -> Answer:
    """GET /nodes/{node}/sdn/zones/{zone}/content: the networks of a zone there."""
    name = str(call.params["zone"])
    if name == "localnetwork":
        return Answer([{"vnet": "vmbr0", "status": "available"}])
    _one("zone", _center(call).zones.get(name), name)
    found = [row for row in _center(call).vnets.values() if row["zone"] == name]
    return Answer([{"vnet": row["vnet"], "status": "available"} for row in found])


def apply(call: Call) -> Answer:
    """PUT /cluster/sdn: a task that reloads every node in its turn."""
    state = call.state
    task = state.tasks.create(call.node, "reloadnetworkall", "", call.who.owner)

    def reload() -> Process:
        yield 1.8

    def work() -> Process:
        for node in state.nodes.values():
            if not node.online:
                task.log.append(f"{node.name}: no route to host")
                continue
            task.log.append(f"{node.name}: reloading network config")
            child = state.tasks.create(node.name, "srvreload", "networking", call.who.owner)
            state.tasks.start(child, reload())
            yield 0.5
        yield 2.0

    return Answer(state.tasks.start(task, work()).upid)


_SDN = "/cluster/sdn"
ROUTES: Routes = {
    ("GET", _SDN): rows(
        *({"id": name} for name in ("vnets", "zones", "controllers", "ipams", "dns", "fabrics"))
    ),
    ("PUT", _SDN): apply,
    ("GET", f"{_SDN}/zones"): zones,
    ("GET", f"{_SDN}/zones/{{zone}}"): zone,
    ("GET", f"{_SDN}/vnets"): vnets,
    ("GET", f"{_SDN}/vnets/{{vnet}}"): vnet,
    ("GET", f"{_SDN}/vnets/{{vnet}}/subnets"): subnets,
    ("GET", f"{_SDN}/vnets/{{vnet}}/subnets/{{subnet}}"): subnet,
    ("GET", f"{_SDN}/controllers"): rows(),
    ("GET", f"{_SDN}/ipams"): rows({"ipam": "pve", "type": "pve", "digest": file_digest("")}),
    ("GET", f"{_SDN}/dns"): rows(),
    ("GET", f"{_SDN}/fabrics"): rows({"subdir": "fabric"}, {"subdir": "node"}, {"subdir": "all"}),
    ("GET", "/nodes/{node}/sdn/zones"): node_zones,
    ("GET", "/nodes/{node}/sdn/zones/{zone}/content"): node_zone_content,
}
