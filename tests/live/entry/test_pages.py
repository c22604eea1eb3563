"""Where a browser shows an object: its row in Proxmox VE, its record in NetBox."""

from __future__ import annotations

import pytest

from labtui.config.schema import Address, Config, ProxmoxConfig, Tls
from labtui.live.entry.pages import pages
from labtui.model.cluster import Resources
from labtui.model.inventory import DeviceRecord, Inventory, MachineRecord
from labtui.model.snapshot import Snapshot
from tests.snapshots import guest, node, snapshot

CLUSTER = ProxmoxConfig("lab", (Address("10.0.0.1", 8006), Address("10.0.0.2", 8006)), Tls())
CONFIG = Config("", "lab", proxmox=(CLUSTER,))
PVE = "https://10.0.0.1:8006/#v1:0:="


def lab() -> Snapshot:
    inventory = Inventory(
        "4.6",
        url="https://netbox.lab/",
        machines=(MachineRecord(7, "web", "active", "lab", 110),),
        devices=(DeviceRecord(3, "pve1", "server", "active"),),
    )
    box = guest(111, kind="lxc")
    resources = Resources((node("pve1"), node("pve2")), (guest(110, name="web"), box))
    return snapshot(("lab", resources), ("netbox", inventory))


@pytest.mark.parametrize(
    ("noun", "key", "urls"),
    [
        (
            "guest",
            "lab/110",
            [f"{PVE}qemu%2F110:4:::::::", "https://netbox.lab/virtualization/virtual-machines/7/"],
        ),
        ("guest", "lab/111", [f"{PVE}lxc%2F111:4:::::::"]),
        ("node", "lab/pve1", [f"{PVE}node%2Fpve1:4:::::::", "https://netbox.lab/dcim/devices/3/"]),
        ("node", "lab/pve2", [f"{PVE}node%2Fpve2:4:::::::"]),
        ("storage", "lab/pve1/local", [f"{PVE}storage%2Fpve1%2Flocal:4:::::::"]),
        ("guest", "lab/999", []),
        ("guest", "other/110", []),
        ("tunnel", "702/wg0/x", []),
        ("job", "1", []),
    ],
)
def test_the_pages_of_a_row(noun: str, key: str, urls: list[str]) -> None:
    assert [page.url for page in pages(noun, key, lab(), CONFIG)] == urls


def test_without_a_way_to_the_cluster_or_netbox_there_is_none() -> None:
    bare = snapshot(("lab", Resources((node("pve1"),), ())))
    assert pages("node", "lab/pve1", bare, Config("", "lab")) == ()
    assert len(pages("node", "lab/pve1", bare, CONFIG)) == 1
