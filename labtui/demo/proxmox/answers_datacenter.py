"""What the cluster as a whole has written down: options, corosync, firewall, one storage."""

from __future__ import annotations

import re
from typing import Any

from labtui.demo.cluster.configuration import options as parts_of
from labtui.demo.cluster.datacenter import file_digest
from labtui.demo.cluster.storages import BY_NAME
from labtui.demo.proxmox.errors import died, forbidden
from labtui.demo.proxmox.site import Answer, Call, Handler, Routes

_STRUCTURED = ("tag-style", "migration", "ha", "crs", "bwlimit", "next-id", "user-tag-access")


def options(call: Call) -> Answer:
    """GET /cluster/options; without Sys.Audit only how tags look."""
    center = call.site.world.works.datacenter
    if not call.allowed("/", "Sys.Audit"):
        look = center.options.get("tag-style", {})
        return Answer({"tag-style": look, "allowed-tags": []})
    return Answer(center.options | {"allowed-tags": center.tags})


def put_options(call: Call) -> Answer:
    """PUT /cluster/options."""
    center = call.site.world.works.datacenter
    for name in re.split(r"[,; ]+", str(call.params.get("delete", ""))):
        center.options.pop(name, None)
    for key, value in call.params.items():
        if key == "delete":
            continue
        center.options[key] = parts_of(str(value)) if key in _STRUCTURED else value
    return Answer(None)


def _totem(call: Call) -> dict[str, Any]:
    totem: dict[str, Any] = {
        "cluster_name": call.state.lab.name,
        "config_version": str(len(call.state.nodes)),
        "interface": {"0": {"linknumber": "0"}},
        "ip_version": "ipv4-6",
        "link_mode": "passive",
        "secauth": "on",
        "version": "2",
    }
    if call.state.modern:
        totem |= {"token_coefficient": "125"}
    return totem


def totem(call: Call) -> Answer:
    """GET /cluster/config/totem."""
    return Answer(_totem(call))


def join(call: Call) -> Answer:
    """GET /cluster/config/join: what a new node needs."""
    wanted = str(call.params.get("node", call.node))
    if wanted not in call.state.nodes:
        raise died(f"no such node '{wanted}'")
    rows = []
    for node in call.state.nodes.values():
        row: dict[str, Any] = {
            "name": node.name,
            "nodeid": str(node.number),
            "quorum_votes": "1",
            "ring0_addr": node.lab.address,
            "pve_addr": node.lab.address,
        }
        mark = file_digest(node.name).upper() + file_digest(node.number)[:24].upper()
        plain = ":".join(mark[index : index + 2] for index in range(0, 64, 2))
        row["pve_fp"] = call.site.fingerprints.get(node.name, plain)
        rows.append(row)
    return Answer(
        {
            "preferred_node": wanted,
            "nodelist": rows,
            "totem": _totem(call),
            "config_digest": file_digest(sorted(call.state.nodes)),
        }
    )


def storage(call: Call) -> Answer:
    """GET /storage/{storage}: a definition."""
    name = str(call.params["storage"])
    if not call.allowed(f"/storage/{name}", "Datastore.Allocate"):
        raise forbidden(f"/storage/{name}, Datastore.Allocate")
    found = BY_NAME.get(name)
    if found is None:
        raise died(f"storage '{name}' does not exist")
    row = {"storage": name, "type": found.kind, "content": ",".join(found.content)}
    return Answer(row | dict(found.settings) | {"digest": file_digest(sorted(BY_NAME))})


def empty_options(_: Call) -> Answer:
    """GET .../firewall/options: nothing set."""
    return Answer({"digest": file_digest_of_nothing()})


def file_digest_of_nothing() -> str:
    """The digest of an empty file."""
    return "da39a3ee5e6b4b0d3255bfef95601890afd80709"


def _none(kind: str | None) -> Handler:
    def empty(call: Call) -> Answer:
        if kind is not None:
            call.guest(kind)
        return Answer([])

    return empty


def index(*names: str) -> Handler:
    """A list of what is below a guest."""

    def listing(call: Call) -> Answer:
        call.guest("lxc" if "/lxc/" in call.path else "qemu")
        return Answer([{"subdir": name} for name in names])

    return listing


_GUEST = ("config", "pending", "status", "termproxy", "migrate", "resize", "rrddata", "snapshot")
ROUTES: Routes = {
    ("GET", "/cluster/options"): options,
    ("PUT", "/cluster/options"): put_options,
    ("GET", "/cluster/config/totem"): totem,
    ("GET", "/cluster/config/join"): join,
    ("GET", "/storage/{storage}"): storage,
    ("GET", "/cluster/firewall/options"): empty_options,
    ("GET", "/cluster/firewall/rules"): _none(None),
    ("GET", "/cluster/firewall/groups"): _none(None),
    ("GET", "/nodes/{node}/firewall/options"): empty_options,
}
for _kind in ("qemu", "lxc"):
    _base = f"/nodes/{{node}}/{_kind}/{{vmid}}"
    ROUTES |= {
        ("GET", _base): index(*_GUEST),
        ("GET", f"{_base}/status"): index("current", "start", "stop", "shutdown", "reboot"),
        ("GET", f"{_base}/firewall/options"): empty_options,
        ("GET", f"{_base}/firewall/rules"): _none(_kind),
    }
