"""A lab for the screen's tests: made-up readings for the real views."""

from __future__ import annotations

import msgspec

from labtui.model.cluster import Node, Resources, Storage
from labtui.model.devices import Hardware, MappingEntry, PciDevice, PciMapping
from labtui.model.guests import Guest, HostPci
from labtui.model.inventory import DeviceRecord, Inventory, MachineRecord, PrefixRecord
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
from labtui.model.snapshot import Part
from tests.snapshots import GIB, NOW, config, configs, membership

SITES = {"836": "10.121.250", "835": "10.121.251", "702": "10.121.170", "mou": "10.121.180"}
_LINKS = (("836", "835"), ("836", "702"), ("835", "mou"), ("836", "mou"), ("835", "702"))
_PEOPLE = ("amy", "ben", "chen", "dana", "eve", "fang", "gao", "hsu", "ivan", "jo")
_WORK = ("web", "db", "gpu", "build", "jupyter", "gitlab", "train", "dns", "mail", "sim")


def nodes() -> tuple[Node, ...]:
    figures = (("pve1", 0.61, 0.88), ("pve2", 0.09, 0.37), ("pve3", 0.14, 0.51), ("pve4", 0.2, 0.3))
    return tuple(
        Node(
            "lsalab",
            name,
            "offline" if name == "pve4" else "online",
            cpu,
            64,
            int(memory * 512 * GIB),
            512 * GIB,
            20 * GIB,
            100 * GIB,
            3_600_000,
        )
        for name, cpu, memory in figures
    )


def guests(count: int = 58) -> tuple[Guest, ...]:
    made = []
    for number in range(count):
        vmid = 104 + number
        running = number % 10 not in (3, 7, 9)
        name = f"{_WORK[number % 10]}-{_PEOPLE[(number // 3) % 10]}"
        made.append(
            Guest(
                "lsalab",
                vmid,
                "lxc" if number % 7 == 5 else "qemu",
                name,
                f"pve{number % 4 + 1}",
                "running" if running else "stopped",
                (number * 37 % 100) / 100 if running else None,
                4,
                (1 + number % 16) * GIB if running else None,
                32 * GIB,
                64 * GIB,
                86400 * (1 + number % 41) if running else None,
                lock="backup" if number == 6 else "",
                tags=("course",) if number % 3 == 0 else (),
            )
        )
    return tuple(made)


def hardware() -> Hardware:
    model = "AD102 [GeForce RTX 4090]"
    devices = {
        f"pve{node}": tuple(
            PciDevice(
                "lsalab",
                f"pve{node}",
                f"0000:{slot:02x}:00.0",
                0x030000,
                "10de",
                "2684",
                "NVIDIA Corporation",
                model if node != 3 else "GA100 [A100 PCIe 40GB]",
                slot,
            )
            for slot in (1, 2, 0x41)
        )
        for node in (1, 2, 3)
    }
    entry = MappingEntry("pve3", ("0000:41:00.0",), "10de:2684")
    return Hardware(devices, (PciMapping("a100", (entry,)),))


def _peer(near: str, far: str, dead: bool) -> WireGuardPeer:
    return WireGuardPeer(
        near,
        f"wg-{far}",
        f"key-{far}-{near}",
        name=far,
        endpoint=f"vpn.{far}.example:13231",
        current_endpoint=f"192.0.2.{len(far) + ord(far[-1])}:13231",
        keepalive=25.0,
        handshake_at=NOW - (860 if dead else 12 + len(near + far)),
        rx=10**9,
        tx=10**8,
        rx_rate=0.0 if dead else 1_260_000.0,
        tx_rate=88.0 if dead else 310_000.0,
    )


def routers() -> list[tuple[str, Part]]:
    parts: list[tuple[str, Part]] = []
    for number, (site, net) in enumerate(SITES.items()):
        links = [(a, b) for a, b in _LINKS if site in (a, b)]
        ends = [(b if a == site else a, "702" in (a, b)) for a, b in links]
        interfaces = tuple(
            WireGuardInterface(site, f"wg-{far}", f"key-{site}-{far}", 13231, 1420)
            for far, _dead in ends
        )
        peers = tuple(_peer(site, far, dead) for far, dead in ends)
        addresses = (RouterAddress("bridge", f"{net}.1/24"),)
        facts = RouterFacts(site, site, f"rt-{site}", "7.16.1", "CCR2004", 900_000.0, 7)
        parts.append((site, msgspec.structs.replace(facts, addresses=addresses)))
        parts.append((site, WireGuard(interfaces, peers)))
        connections = tuple(
            BgpConnection(site, f"to-{far}", f"10.255.{number}.{n}", 65000 + ord(far[-1]))
            for n, (far, _dead) in enumerate(ends)
        )
        sessions = tuple(
            BgpSession(
                site,
                f"to-{far}-1",
                f"10.255.{number}.{n}",
                65000 + ord(far[-1]),
                established=not dead,
                established_at=None if dead else NOW - 3_600_000,
                prefixes=0 if dead else 12 + n,
                hold_time=180.0,
            )
            for n, (far, dead) in enumerate(ends)
        )
        parts.append((site, Bgp(connections, sessions)))
    return parts


def inventory(count: int = 58) -> Inventory:
    machines = tuple(
        MachineRecord(
            number,
            guest.name,
            "active",
            "lsalab",
            guest.vmid,
            tenant=_PEOPLE[(number // 3) % 10],
            address=f"10.121.250.{number + 10}/24",
        )
        for number, guest in enumerate(guests(count))
    )
    devices = tuple(
        DeviceRecord(n, f"pve{n}", "node", "active", site) for n, site in enumerate(SITES, 1)
    )
    prefixes = tuple(
        PrefixRecord(n, f"{net}.0/24", "active", site)
        for n, (site, net) in enumerate(SITES.items(), 1)
    )
    return Inventory("4.6", machines=machines, devices=devices, prefixes=prefixes)


def storages() -> tuple[Storage, ...]:
    return tuple(
        Storage("lsalab", f"pve{node}", name, kind, "available", name == "ceph", used, 10**13)
        for node in (1, 2, 3)
        for name, kind, used in (("ceph", "rbd", 4 * 10**12), ("local-lvm", "lvmthin", 9 * 10**12))
    )


def parts(count: int = 58) -> list[tuple[str, Part]]:
    """Everything read at once: one node away, one site cut off, a card claimed twice."""
    there = membership(True, pve1=True, pve2=True, pve3=True, pve4=False)
    claimed = configs(
        config(104, HostPci(0, ("0000:01:00",))),
        config(108, HostPci(0, ("0000:02:00",))),
        config(112, HostPci(0, ("0000:02:00",))),
    )
    return [
        ("lsalab", Resources(nodes(), guests(count), storages())),
        ("lsalab", msgspec.structs.replace(there, cluster="lsalab")),
        ("lsalab", hardware()),
        ("lsalab", claimed),
        ("netbox", inventory(count)),
        *routers(),
    ]
