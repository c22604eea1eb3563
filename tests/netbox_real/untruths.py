"""Records made untrue through NetBox's own REST API, and what labtui has to say of each.

The same for a real NetBox and the demo's: both have the standard lab of the demo written down. The
rounds are such that the untruths of one do not hide each other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import requests

from tests.netbox_real.loading import session_of

MACHINES, FACES = "virtualization/virtual-machines", "virtualization/interfaces"
DEVICES, DEVICE_FACES, MACS = "dcim/devices", "dcim/interfaces", "dcim/mac-addresses"
ADDRESSES, PREFIXES, ASNS = "ipam/ip-addresses", "ipam/prefixes", "ipam/asns"
TUNNELS, ENDS, SESSIONS = "vpn/tunnels", "vpn/tunnel-terminations", "plugins/bgp/session"
Row = dict[str, Any]
Told = tuple[str, str, str]
"""Kind, what and field of a difference."""


class Records:
    """A NetBox as somebody with a script would change it."""

    def __init__(self, url: str, token: str) -> None:
        self.base = f"{url.rstrip('/')}/api"
        self.session = session_of(token)
        status = self.ask("GET", "status/")
        self.release = tuple(int(part) for part in status["netbox-version"].split(".")[:2])
        self.plugin = "netbox_bgp" in status.get("plugins", {})

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """One request; its answer. Raises for a refusal, with NetBox's words."""
        answer = self.session.request(method, f"{self.base}/{path}", json=body, timeout=120)
        if answer.status_code >= 300:
            text = f"{method} {path}: {answer.status_code} {answer.text[:300]}"
            raise requests.HTTPError(text)
        return answer.json() if answer.content else None

    def rows(self, path: str, query: str = "") -> list[Row]:
        """A list, whole."""
        found: list[Row] = self.ask("GET", f"{path}/?limit=1000&{query}")["results"]
        return found

    def one(self, path: str, query: str) -> Row:
        """The only record that fits."""
        (found,) = self.rows(path, query)
        return found

    def change(self, path: str, row: Row, **values: object) -> None:
        """PATCH."""
        self.ask("PATCH", f"{path}/{row['id']}/", values)

    def remove(self, path: str, row: Row) -> None:
        """DELETE."""
        self.ask("DELETE", f"{path}/{row['id']}/")

    def machine(self, name: str) -> Row:
        """The machine of that name."""
        return self.one(MACHINES, f"name={name}")


@dataclass(frozen=True)
class Untruth:
    """What is done to the records, and the differences that follow. `plugin`: needs netbox-bgp."""

    do: Callable[[Records], None]
    told: tuple[Told, ...]
    plugin: bool = False


def _fields(records: Records) -> None:
    """A machine with everything in it wrong."""
    row = records.machine("db-01")
    other = next(
        each
        for each in records.rows(DEVICES, f"cluster_id={row['cluster']['id']}")
        if each["id"] != row["device"]["id"]
    )
    records.change(
        MACHINES, row, memory=12345, status="planned", vcpus=99, device=other["id"], name="db-x"
    )
    disk = records.one("virtualization/virtual-disks", f"virtual_machine_id={row['id']}")
    records.change("virtualization/virtual-disks", disk, size=999)


def _mac(records: Records) -> None:
    row = records.machine("web-01")
    face = records.one(FACES, f"virtual_machine_id={row['id']}")
    if records.release >= (4, 2):
        records.change(MACS, face["primary_mac_address"], mac_address="02:00:00:00:00:09")
    else:
        records.change(FACES, face, mac_address="02:00:00:00:00:09")


def _machine_gone(records: Records) -> None:
    records.remove(MACHINES, records.machine("ci-runner"))


def _machine_more(records: Records) -> None:
    for row in records.rows(MACHINES, "name=ghost"):
        # Of an earlier round: it was retired then.
        records.remove(MACHINES, row)
    cluster = records.machine("web-01")["cluster"]["id"]
    body = {"name": "ghost", "cluster": cluster, "status": "active"}
    records.ask("POST", f"{MACHINES}/", body)


def _tunnel_gone(records: Records) -> None:
    records.remove(TUNNELS, records.rows(TUNNELS, "ordering=id")[0])


def _tunnel_status(records: Records) -> None:
    row = records.rows(TUNNELS, "ordering=id")[1]
    records.change(TUNNELS, row, status="planned", encapsulation="gre")


def _end_gone(records: Records) -> None:
    tunnel = records.rows(TUNNELS, "ordering=id")[2]
    records.remove(ENDS, records.rows(ENDS, f"tunnel_id={tunnel['id']}&ordering=id")[0])


def _end_moved(records: Records) -> None:
    """An end on another interface of its router."""
    tunnel = records.rows(TUNNELS, "ordering=id")[3]
    end = records.rows(ENDS, f"tunnel_id={tunnel['id']}&ordering=id")[0]
    device = end["termination"]["device"]["id"]
    spare = records.one(DEVICE_FACES, f"device_id={device}&name=ether1")
    records.change(ENDS, end, termination_type="dcim.interface", termination_id=spare["id"])


def _prefix_gone(records: Records) -> None:
    records.remove(PREFIXES, records.one(PREFIXES, "prefix=10.121.251.0/24"))


def _prefix_elsewhere(records: Records) -> None:
    row = records.one(PREFIXES, "prefix=10.121.250.0/24")
    other = records.one("dcim/sites", "slug=702")["id"]
    new = {"scope_type": "dcim.site", "scope_id": other}
    # A VLAN of another site would be refused.
    records.change(
        PREFIXES, row, vlan=None, **(new if records.release >= (4, 2) else {"site": other})
    )


def _router_address(records: Records) -> None:
    """The address of a router's tunnel interface, which no session needs."""
    tunnel = records.rows(TUNNELS, "ordering=id")[-1]
    end = records.rows(ENDS, f"tunnel_id={tunnel['id']}&ordering=id")[0]
    face = end["termination"]["id"]
    row = records.one(ADDRESSES, f"interface_id={face}")
    if not records.plugin or not _used(records, row):
        records.remove(ADDRESSES, row)
        return
    records.change(ADDRESSES, row, assigned_object_type=None, assigned_object_id=None)


def _used(records: Records, address: Row) -> bool:
    return any(
        each[side]["id"] == address["id"]
        for each in records.rows(SESSIONS)
        for side in ("local_address", "remote_address")
    )


def _node_gone(records: Records) -> None:
    """A node without its device; its machines stay."""
    device = records.one(DEVICES, "name=pve3")
    for row in records.rows(MACHINES, f"device_id={device['id']}"):
        records.change(MACHINES, row, device=None)
    records.remove(DEVICES, device)


def _node_status(records: Records) -> None:
    records.change(DEVICES, records.one(DEVICES, "name=pve2"), status="offline")


def _session_gone(records: Records) -> None:
    records.remove(SESSIONS, records.rows(SESSIONS, "ordering=id")[0])


def _session_wrong(records: Records) -> None:
    row = records.rows(SESSIONS, "ordering=id")[1]
    others = [
        each
        for each in records.rows(ASNS)
        if each["id"] not in (row["remote_as"]["id"], row["local_as"]["id"])
    ]
    records.change(SESSIONS, row, remote_as=others[0]["id"], status="offline")


ROUNDS: tuple[tuple[Untruth, ...], ...] = (
    (
        Untruth(
            _fields,
            tuple(("different", "guest", f) for f in
                  ("memory", "status", "vcpus", "node", "name", "disk")),
        ),
        Untruth(_mac, (("different", "interface", "mac"),)),
        Untruth(_machine_gone, (("missing", "guest", ""),)),
        Untruth(_machine_more, (("surplus", "guest", ""),)),
        Untruth(_tunnel_status,
                (("different", "tunnel", "status"), ("different", "tunnel", "encapsulation"))),
        Untruth(_node_status, (("different", "node", "status"),)),
        Untruth(_prefix_elsewhere, (("different", "prefix", "site"),)),
        Untruth(_session_wrong,
                (("different", "session", "remote_as"), ("different", "session", "status")),
                plugin=True),
    ),
    (
        Untruth(_tunnel_gone, (("missing", "tunnel", ""),)),
        Untruth(_end_gone, (("missing", "end", ""),)),
        Untruth(_end_moved, (("missing", "end", ""), ("surplus", "end", ""))),
        Untruth(_prefix_gone, (("missing", "prefix", "announced"),)),
        Untruth(_router_address, (("missing", "address", ""),)),
        Untruth(_node_gone, (("missing", "node", ""),)),
        Untruth(_session_gone, (("missing", "session", ""),), plugin=True),
    ),
)  # fmt: skip
