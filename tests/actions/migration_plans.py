"""Plans of a migration over a dictionary: what is read, and the plan that comes of it."""

from __future__ import annotations

from typing import Any

from labtui.actions.action import Plan
from labtui.actions.migration.action import MIGRATE
from labtui.model.cluster import Resources
from labtui.model.guests import Guest
from labtui.model.snapshot import Snapshot
from tests.actions.wire import DictWire
from tests.snapshots import cluster_lab, guest, membership, node, snapshot

BRIDGES = [{"iface": "vmbr0", "type": "bridge"}]
FREE = {
    "running": 1,
    "allowed_nodes": ["pve2", "pve3"],
    "not_allowed_nodes": {"pve2": {}, "pve3": {}},
    "local_disks": [],
    "local_resources": [],
    "mapped-resource-info": {},
}
CONFIG = {"net0": "virtio=BC:24:11:00:00:68,bridge=vmbr0", "scsi0": "ceph:vm-104-disk-0,size=8G"}


def wire_for(lab: Snapshot, check: Any = None, config: Any = None, kind: str = "qemu") -> DictWire:
    base = f"/nodes/pve1/{kind}/104"
    answers: dict[str, Any] = {
        f"{base}/migrate": FREE if check is None else check,
        f"{base}/config": CONFIG if config is None else config,
    }
    answers |= {f"/nodes/{name}/network": BRIDGES for name in ("pve1", "pve2", "pve3", "pve4")}
    return DictWire(lab, answers)


async def plan_of(wire: DictWire, target: str = "") -> Plan:
    return MIGRATE.draft(await MIGRATE.survey("lab/104", wire), target, "")


def loaded(*memory: int, guests: tuple[Guest, ...] = ()) -> Snapshot:
    """Nodes pve1, pve2, ... with that many of 100 GiB in use."""
    base = cluster_lab(*(guests or (guest(104),)))
    nodes = tuple(node(f"pve{n}", memory=used) for n, used in enumerate(memory, 1))
    storages = next(part for _s, part in base.of(Resources)).storages
    return snapshot(
        ("lab", Resources(nodes, guests or (guest(104),), storages)),
        ("lab", membership(**{n.name: True for n in nodes})),
    )
