"""Files and lists of a node that are only read: resolver, hosts, package versions, report."""

from __future__ import annotations

from labtui.demo.cluster.datacenter import file_digest
from labtui.demo.proxmox.site import Answer, Call, Routes

_PACKAGES = ("proxmox-ve", "pve-manager", "qemu-server", "pve-container", "corosync")


def dns(call: Call) -> Answer:
    """GET /nodes/{node}/dns."""
    return Answer({"search": f"{call.state.lab.name}.example", "dns1": "9.9.9.9"})


def hosts(call: Call) -> Answer:
    """GET /nodes/{node}/hosts."""
    lines = ["127.0.0.1 localhost.localdomain localhost"]
    lines += [f"{node.lab.address} {node.name}" for node in call.state.nodes.values()]
    text = "\n".join(lines) + "\n"
    return Answer({"data": text, "digest": file_digest(text)})


def versions(call: Call) -> Answer:
    """GET /nodes/{node}/apt/versions."""
    exact = "9.2.11" if call.state.modern else "8.4.21"
    return Answer(
        [
            {
                "Package": name,
                "Title": name,
                "Description": f"{name}.",
                "Arch": "all",
                "Section": "admin",
                "Priority": "optional",
                "Origin": "Proxmox",
                "Version": exact,
                "OldVersion": exact,
                "CurrentState": "Installed",
            }
            for name in _PACKAGES
        ]
    )


def report(call: Call) -> Answer:
    """GET /nodes/{node}/report: one long text."""
    node = call.state.nodes[call.node]
    guests = sorted(call.state.guests_on(node.name), key=lambda guest: guest.vmid)
    lines = ["==== general system info ====", "", "# hostname", node.name, "", "# qm list"]
    lines += [f"{guest.vmid:>10} {guest.name}" for guest in guests]
    return Answer("\n".join(lines) + "\n")


def cloudinit(call: Call) -> Answer:
    """GET /nodes/{node}/qemu/{vmid}/cloudinit: its values, in force and waiting."""
    guest = call.guest("qemu")
    known = {**guest.config, **guest.pending}
    rows = []
    for key, value in known.items():
        if key.startswith(("ci", "ipconfig")) or key in ("sshkeys", "nameserver", "searchdomain"):
            row = {"key": key, "value": guest.config.get(key, value)}
            if key in guest.pending:
                row["pending"] = guest.pending[key]
            rows.append(row)
    return Answer(rows)


ROUTES: Routes = {
    ("GET", "/nodes/{node}/dns"): dns,
    ("GET", "/nodes/{node}/hosts"): hosts,
    ("GET", "/nodes/{node}/apt/versions"): versions,
    ("GET", "/nodes/{node}/report"): report,
    ("GET", "/nodes/{node}/qemu/{vmid}/cloudinit"): cloudinit,
}
