"""The configuration file of labtui for a running demo lab, and the line that says it is ready."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path

from labtui.demo.accounts import CONSOLE_TOKEN, ROUTER_OPERATOR, ROUTER_USER, LabAccounts
from labtui.demo.lab import Lab
from labtui.demo.listeners import HOST
from labtui.demo.netbox.equipment import LINK_POOL
from labtui.demo.ssh.hosts import ADMIN, JUMP

# What a link that is made in the lab is made of; the prefix is a container in its NetBox.
LINKS: Mapping[str, str] = {
    "pool": LINK_POOL,
    "asn_range": "private-16bit",
    "filter": "to-inside",
    "filter_rule": "if (dst in 10.0.0.0/8) { accept }",
    "group": "wg-overlay",
    "role": "tunnel-p2p",
}


@dataclass(frozen=True)
class Ports:
    """Where the servers of the lab are reached on 127.0.0.1."""

    proxmox: Mapping[str, int]
    router_tls: Mapping[str, int]
    router_outside: Mapping[str, int]
    router_plain: Mapping[str, int]
    netbox: int
    control: int
    ssh: Mapping[str, int]


def _table(heading: str, values: Mapping[str, str | bool | Sequence[str]]) -> str:
    # A JSON string or array of strings in ASCII is the same in TOML.
    # A list of nothing is a mistake in a configuration.
    lines = [f"{name} = {json.dumps(value)}" for name, value in values.items() if value != []]
    return "\n".join([heading, *lines, ""])


def config_text(lab: Lab, ports: Ports, accounts: LabAccounts, ca_file: Path) -> str:
    """The file's text; it holds secrets."""
    parts = [
        _table("[lab]", {"name": lab.name, "demo": True}),
        _table(
            "[[proxmox]]",
            {
                "name": lab.name,
                "endpoints": [f"https://{HOST}:{port}" for port in ports.proxmox.values()],
                "token_id": CONSOLE_TOKEN,
                "token_secret": accounts.token_secret(CONSOLE_TOKEN),
                "ca_file": str(ca_file),
                # What is left when no web server of the cluster answers any more.
                "ssh": [f"root@{HOST}:{ports.ssh[n]}" for n in ports.proxmox if n in ports.ssh],
            },
        ),
    ]
    parts += [
        _table(
            "[[router]]",
            {
                "name": site.router,
                "site": site.name,
                # Through the overlay first, then round it.
                "addresses": [
                    f"{HOST}:{ports.router_tls[site.router]}",
                    f"{HOST}:{ports.router_outside[site.router]}",
                ],
                "tls": "verify",
                "ca_file": str(ca_file),
                "username": ROUTER_USER,
                "password": accounts.router_passwords[ROUTER_USER],
                "write_username": ROUTER_OPERATOR,
                "write_password": accounts.router_passwords[ROUTER_OPERATOR],
            },
        )
        for site in lab.sites
    ]
    netbox = {"url": f"http://{HOST}:{ports.netbox}", "token": accounts.netbox_write}
    parts.append(_table("[netbox]", netbox))
    parts.append(_table("[links]", LINKS))
    parts.append(_table("[gpu]", {"use": "agent"}))
    if JUMP in ports.ssh:
        parts += _ssh_tables(lab, ports.ssh[JUMP], ca_file.parent)
    return "\n".join(parts)


def _ssh_tables(lab: Lab, port: int, folder: Path) -> list[str]:
    """How hosts are reached by SSH: through the jump host on that port."""
    ssh: dict[str, str | bool] = {
        "user": "root",
        "writes": True,
        "jump": f"root@{HOST}:{port}",
        "known_hosts": str(folder / "known_hosts"),
        "identity_file": str(folder / "id_ed25519"),
    }
    # Their API is behind forwarded ports of this machine; SSH goes through the jump host.
    own = {
        json.dumps(f"router:{site.router}"): f"{ADMIN}@{ip_network(site.subnet)[1]}"
        for site in lab.sites
    }
    return [_table("[ssh]", ssh), _table("[ssh.hosts]", own)]


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read."""
    path.touch(mode=0o600)
    path.write_text(text, "utf-8")
