"""What the whole cluster has written down: pools, USB mappings, options, overlay networks (SDN)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

from labtui.demo.cluster.state import ClusterState


@dataclass
class Pool:
    """What stands in the pool beside the guests."""

    comment: str = ""
    storages: list[str] = field(default_factory=list)


@dataclass
class UsbMapping:
    """A mapping of USB devices, its lines as the cluster file has them."""

    lines: list[str]
    description: str = ""


def file_digest(data: object) -> str:
    """SHA-1 of a configuration, forty hex digits."""
    return hashlib.sha1(repr(data).encode(), usedforsecurity=False).hexdigest()


class Datacenter:
    """The files of the cluster that no other part keeps."""

    def __init__(self, state: ClusterState) -> None:
        self._state = state
        self.pools = {name: Pool(f"guests of {name}") for name in state.pools}
        self.usb: dict[str, UsbMapping] = {}
        self.node_configs: dict[str, dict[str, Any]] = {
            node.name: {"wakeonlan": f"BC:24:11:FE:00:{node.number % 256:02X}"}
            for node in state.nodes.values()
        }
        self.stopped_services: dict[str, set[str]] = {name: set() for name in state.nodes}
        tags = {tag for guest in state.lab.guests for tag in guest.tags}
        self.options: dict[str, Any] = {
            "tag-style": {"shape": "full", "color-map": "infra:2222aa;course:aa6622"},
            "migration": {"type": "secure"},
            "mac_prefix": "BC:24:11",
            "description": f"{state.lab.name}\n",
        }
        self.tags = sorted(tags)
        peers = ",".join(node.lab.address for node in state.nodes.values())
        self.zones: dict[str, dict[str, Any]] = {
            "localnet": {"type": "simple", "zone": "localnet"},
            "overlay": {"type": "vxlan", "zone": "overlay", "peers": peers, "mtu": 1370},
        }
        self.vnets: dict[str, dict[str, Any]] = {
            "students": {"type": "vnet", "vnet": "students", "zone": "overlay", "tag": 8360},
            "sandbox": {
                "type": "vnet",
                "vnet": "sandbox",
                "zone": "localnet",
                "alias": "throw-away machines",
            },
        }
        self.subnets: dict[str, dict[str, Any]] = {
            "localnet-10.77.0.0-24": {
                "type": "subnet",
                "subnet": "localnet-10.77.0.0-24",
                "id": "localnet-10.77.0.0-24",
                "vnet": "sandbox",
                "zone": "localnet",
                "cidr": "10.77.0.0/24",
                "network": "10.77.0.0",
                "mask": "24",
                "gateway": "10.77.0.1",
                "dhcp-range": [],
            }
        }

    @property
    def usb_digest(self) -> str:
        """SHA-1 of the file of USB mappings."""
        return file_digest(sorted((name, item.lines) for name, item in self.usb.items()))
