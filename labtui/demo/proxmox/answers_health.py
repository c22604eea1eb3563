"""What a node says of itself: its clock and its certificates, and who is configured as a node."""

from __future__ import annotations

import hashlib
from typing import Any

from labtui.demo.proxmox.site import Answer, Call, Routes

DAY = 86_400
CERTIFICATE_DAYS = 730
AUTHORITY_DAYS = 3_650


def clock(call: Call) -> Answer:
    """GET /nodes/{node}/time: by the clock of that node, which may be wrong."""
    moment = int(call.clock)
    return Answer({"timezone": "Etc/UTC", "time": moment, "localtime": moment})


def certificates(call: Call) -> Answer:
    """GET /nodes/{node}/certificates/info: the cluster's authority and the node's own."""
    node = call.state.nodes[call.node]
    installed = int(call.state.now) - 200 * DAY
    subject = f"/CN=Proxmox Virtual Environment/OU={_unit(call)}/O=PVE Cluster Manager CA"
    ends = node.certificate_until or installed + CERTIFICATE_DAYS * DAY
    authority = {
        "filename": "pve-root-ca.pem",
        "fingerprint": _fingerprint(call.state.lab.name),
        "issuer": subject,
        "subject": subject,
        "notbefore": installed,
        "notafter": installed + AUTHORITY_DAYS * DAY,
        "public-key-bits": 4096,
        "public-key-type": "rsaEncryption",
        "san": [],
    }
    own = {
        "filename": "pve-ssl.pem",
        "fingerprint": call.site.fingerprints.get(node.name, _fingerprint(node.name)),
        "issuer": subject,
        "subject": f"/OU=PVE Cluster Node/O=Proxmox Virtual Environment/CN={node.name}",
        "notbefore": int(ends) - CERTIFICATE_DAYS * DAY,
        "notafter": int(ends),
        "public-key-bits": 2048,
        "public-key-type": "rsaEncryption",
        "san": ["127.0.0.1", "::1", "localhost", node.lab.address, node.name],
    }
    return Answer([authority, own])


def config_nodes(call: Call) -> Answer:
    """GET /cluster/config/nodes: everybody in corosync.conf, alive or not."""
    rows: list[dict[str, Any]] = [
        {
            "node": node.name,
            "name": node.name,
            "nodeid": str(node.number),
            "quorum_votes": "1",
            "ring0_addr": node.lab.address,
        }
        for node in call.state.nodes.values()
    ]
    return Answer(rows)


def config_qdevice(call: Call) -> Answer:
    """GET /cluster/config/qdevice: the words of corosync-qdevice, nothing without one."""
    return Answer(dict(call.state.qdevice))


def _unit(call: Call) -> str:
    text = hashlib.sha256(call.state.lab.name.encode()).hexdigest()
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-8{text[17:20]}-{text[20:32]}"


def _fingerprint(text: str) -> str:
    found = hashlib.sha256(text.encode()).hexdigest().upper()
    return ":".join(found[index : index + 2] for index in range(0, 64, 2))


ROUTES: Routes = {
    ("GET", "/nodes/{node}/time"): clock,
    ("GET", "/nodes/{node}/certificates/info"): certificates,
    ("GET", "/cluster/config/nodes"): config_nodes,
    ("GET", "/cluster/config/qdevice"): config_qdevice,
}
