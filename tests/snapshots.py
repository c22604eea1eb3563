"""Small labs for tests: snapshots put together from parts, with sensible defaults."""

from __future__ import annotations

from labtui.model.cluster import (
    HaStatus,
    Member,
    Membership,
    Node,
    Resources,
    Rights,
    Storage,
    Task,
    Tasks,
)
from labtui.model.devices import Hardware, MappingEntry, PciDevice, PciMapping
from labtui.model.feed import Backend, Feed, Freshness
from labtui.model.guests import Guest, GuestConfig, GuestConfigs, HostPci
from labtui.model.inventory import DeviceRecord, Inventory, MachineRecord
from labtui.model.overlay import (
    Bgp,
    BgpConnection,
    BgpSession,
    RouterAddress,
    RouterFacts,
    WireGuard,
    WireGuardInterface,
    WireGuardPeer,
)
from labtui.model.snapshot import TOPICS, Part, Snapshot

NOW = 1_790_000_000.0
GIB = 1 << 30
_TOPIC_OF: dict[type, str] = {part: topic for topic, part in TOPICS.items()}
_BACKEND: dict[str, Backend] = {
    "facts": "routeros",
    "wireguard": "routeros",
    "bgp": "routeros",
    "interfaces": "routeros",
    "ospf": "routeros",
    "routes": "routeros",
    "inventory": "netbox",
}


def feed_of(part: Part, source: str) -> Feed:
    topic = _TOPIC_OF[type(part)]
    return Feed(_BACKEND.get(topic, "proxmox"), source, topic)


def snapshot(*parts: tuple[str, Part], read_at: float = NOW, pace: float = 5.0) -> Snapshot:
    """A snapshot of (source, part) pairs, all read at the same moment."""
    return Snapshot(
        lab="test",
        parts={feed_of(part, source): part for source, part in parts},
        freshness={
            feed_of(part, source): Freshness(pace=pace, read_at=read_at, sequence=1)
            for source, part in parts
        },
    )


def node(name: str, status: str = "online", memory: int = 40, cluster: str = "lab") -> Node:
    """A node with 100 GiB of which `memory` are in use."""
    return Node(cluster, name, status, 0.2, 32, memory * GIB, 100 * GIB, GIB, 10 * GIB, 86400)


def guest(vmid: int, where: str = "pve1", status: str = "running", **more: object) -> Guest:
    values: dict[str, object] = {
        "cpu": 0.5,
        "cpus": 4,
        "memory": 2 * GIB,
        "memory_max": 4 * GIB,
        "uptime": 3600,
        **more,
    }
    kind = values.pop("kind", "qemu")
    name = values.pop("name", f"vm-{vmid}")
    cluster = values.pop("cluster", "lab")
    return Guest(cluster, vmid, kind, name, where, status, **values)  # type: ignore[arg-type]


def membership(quorate: bool | None = True, **online: bool) -> Membership:
    members = tuple(
        Member(name, there, f"10.0.0.{number}", since=NOW - 60)
        for number, (name, there) in enumerate(online.items(), 1)
    )
    return Membership("lab", quorate, members)


def gpu(where: str, slot: str, group: int = 1, function: str = ".0") -> PciDevice:
    return PciDevice(
        "lab", where, slot + function, 0x030000, "10de", "2684", "NVIDIA", "AD102 [RTX 4090]", group
    )


def config(vmid: int, *hostpci: HostPci, onboot: bool = False, where: str = "pve1") -> GuestConfig:
    return GuestConfig("lab", vmid, "d" * 40, NOW, where, onboot=onboot, hostpci=hostpci)


def configs(*given: GuestConfig) -> GuestConfigs:
    return GuestConfigs({one.vmid: one for one in given})


def cluster_lab(
    *guests: Guest, quorate: bool = True, tasks: tuple[Task, ...] = (), **online: bool
) -> Snapshot:
    """Nodes (all online unless said) with these guests, storages and rights."""
    there = online or {"pve1": True, "pve2": True, "pve3": True}
    storages = tuple(
        Storage("lab", name, storage, kind, "available", storage == "ceph", 10 * GIB, 100 * GIB)
        for name in there
        for storage, kind in (("ceph", "rbd"), ("local-lvm", "lvmthin"))
    )
    nodes = tuple(node(name, "online" if up else "offline") for name, up in there.items())
    return snapshot(
        ("lab", Resources(nodes, guests, storages)),
        ("lab", membership(quorate, **there)),
        ("lab", Tasks(tasks)),
        ("lab", Rights("me@pve!t", "9.2.3", {"/": frozenset(("VM.Migrate", "VM.Audit"))})),
    )


__all__ = [
    "Bgp",
    "BgpConnection",
    "BgpSession",
    "DeviceRecord",
    "HaStatus",
    "Hardware",
    "HostPci",
    "Inventory",
    "MachineRecord",
    "MappingEntry",
    "PciMapping",
    "RouterAddress",
    "RouterFacts",
    "WireGuard",
    "WireGuardInterface",
    "WireGuardPeer",
]
