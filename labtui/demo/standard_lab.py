"""The lab of the documentation: four sites, four nodes, 58 guests, 12 GPUs, seven WireGuard links
and six BGP sessions. More guests, nodes and routers can be asked for (`larger_lab` has what is
added); a seed gives the same lab each time.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from ipaddress import ip_network

from labtui.demo.lab import GIB, Card, Guest, Lab, Link, Mapping, Node, Person, Site
from labtui.demo.larger_lab import (
    LAST_HOST,
    MOST_NODES,
    MOST_ROUTERS,
    Place,
    more_links,
    more_nodes,
    more_sites,
    place_for,
)

__all__ = ["MOST_NODES", "MOST_ROUTERS", "default_lab"]

SITES = (
    Site("836", "10.121.250.0/24", 65036, "rt-836", "192.0.2.36", "7.20.4 (stable)"),
    Site("835", "10.121.251.0/24", 65035, "rt-835", "192.0.2.35", "7.19.6 (stable)"),
    Site("702", "10.121.170.0/24", 65070, "rt-702", "198.51.100.7", "7.16.2 (stable)"),
    Site("mou", "10.121.180.0/24", 65080, "rt-mou", "203.0.113.9", "7.12.2 (stable)"),
)

PEOPLE = (
    Person("amy", "Amy Chen", "master", "amy@lab.example"),
    Person("ben", "Ben Lin", "master", "ben@lab.example"),
    Person("chia-hao", "陳家豪", "phd", "chiahao@lab.example"),
    Person("dora", "Dora Wu", "phd", "dora@lab.example"),
    Person("eric", "Eric Tsai", "master", "eric@lab.example"),
    Person("fang", "方怡君", "master", "fang@lab.example"),
    Person("infra", "Infrastructure", "staff", "infra@lab.example"),
    Person("course-os", "Operating Systems course", "course", "os@lab.example"),
)

LINKS = (
    Link(1, "836", "835", "10.255.0.0/31"),
    Link(2, "836", "702", "10.255.0.2/31"),
    Link(3, "836", "mou", "10.255.0.4/31"),
    Link(4, "835", "mou", "10.255.0.6/31"),
    Link(5, "702", "mou", "10.255.0.8/31"),
    Link(6, "mou", "dn42", "172.20.53.0/31"),
    Link(7, "836", "roaming", "10.121.249.0/24", bgp=False, keepalive=0),
)

EXTERNAL_ASNS = {"dn42": 4242421234}


def _card(slot: str, kind: str, group: int) -> Card:
    names = {
        "4090": ("0x10de", "0x2684", "NVIDIA Corporation", "AD102 [GeForce RTX 4090]", True),
        "a100": ("0x10de", "0x20b2", "NVIDIA Corporation", "GA100 [A100 SXM4 80GB]", False),
        "a5000": ("0x10de", "0x2231", "NVIDIA Corporation", "GA102GL [RTX A5000]", True),
        "7900": (
            "0x1002",
            "0x744c",
            "Advanced Micro Devices, Inc. [AMD/ATI]",
            "Navi 31 [Radeon RX 7900 XT/7900 XTX]",
            True,
        ),
    }
    vendor, device, vendor_name, device_name, audio = names[kind]
    return Card(slot, vendor, device, vendor_name, device_name, group, audio)


NODES = (
    Node(
        "pve1",
        "836",
        "10.121.250.11",
        64,
        256 * GIB,
        "AMD EPYC 7543P 32-Core Processor",
        (
            _card("0000:01:00", "4090", 14),
            _card("0000:02:00", "4090", 15),
            _card("0000:41:00", "4090", 31),
            _card("0000:42:00", "4090", 32),
        ),
        ("local", "local-lvm", "ceph-vm", "cephfs"),
    ),
    Node(
        "pve2",
        "836",
        "10.121.250.12",
        64,
        256 * GIB,
        "AMD EPYC 7543P 32-Core Processor",
        (
            _card("0000:01:00", "4090", 14),
            _card("0000:02:00", "4090", 15),
            _card("0000:41:00", "a5000", 31),
            _card("0000:42:00", "a5000", 32),
        ),
    ),
    Node(
        "pve3",
        "835",
        "10.121.251.13",
        48,
        192 * GIB,
        "Intel(R) Xeon(R) Gold 6248R CPU @ 3.00GHz",
        (_card("0000:17:00", "a100", 21), _card("0000:65:00", "a100", 44)),
    ),
    Node(
        "pve4",
        "702",
        "10.121.170.14",
        32,
        128 * GIB,
        "AMD Ryzen Threadripper PRO 5955WX 16-Cores",
        (_card("0000:0a:00", "7900", 9), _card("0000:0b:00", "7900", 9)),
    ),
)

MAPPINGS = (
    Mapping(
        "rtx4090",
        "10de:2684",
        (
            ("pve1", "0000:41:00.0", 31),
            ("pve1", "0000:42:00.0", 32),
            ("pve2", "0000:01:00.0", 14),
            ("pve2", "0000:02:00.0", 15),
        ),
        "RTX 4090, any free one",
    ),
    Mapping("a100", "10de:20b2", (("pve3", "0000:17:00.0", 21), ("pve3", "0000:65:00.0", 44))),
)


@dataclass(frozen=True)
class _Sketch:
    """One line of the table below."""

    name: str
    node: str
    owner: str
    cores: int
    gib: int
    kind: str = "qemu"
    storage: str = "ceph-vm"
    running: bool = True
    ha: bool = False
    hostpci: tuple[str, ...] = ()
    load: float = 0.1
    tags: tuple[str, ...] = ()
    cdrom: bool = False
    description: str = ""


# The guests with a story; vmids start at 100.
_NAMED = (
    _Sketch("gw-836", "pve1", "infra", 2, 2, ha=True, load=0.05, tags=("infra",)),
    _Sketch("netbox", "pve1", "infra", 4, 8, ha=True, load=0.2, tags=("infra",)),
    _Sketch("ldap", "pve2", "infra", 2, 4, ha=True, load=0.03, tags=("infra",)),
    _Sketch("jump", "pve1", "infra", 2, 2, kind="lxc", load=0.02, tags=("infra",)),
    # Raw passthrough, whole slots in one list: pinned to its node.
    _Sketch("gpu-amy", "pve1", "amy", 16, 32, hostpci=("0000:01:00;0000:02:00,pcie=1",), load=0.9),
    # Claims the second card of amy's as well; both cannot run, so ben waits.
    _Sketch("gpu-ben", "pve1", "ben", 12, 32, hostpci=("02:00,pcie=1,x-vga=1",), running=False),
    _Sketch("gpu-dora", "pve1", "dora", 12, 48, hostpci=("mapping=rtx4090,pcie=1",), load=0.6),
    _Sketch("gpu-eric", "pve2", "eric", 8, 24, hostpci=("mapping=rtx4090,pcie=1",), load=0.1),
    _Sketch("llm-a100", "pve3", "chia-hao", 24, 96, hostpci=("mapping=a100,pcie=1",), load=0.95),
    _Sketch("radeon", "pve4", "fang", 8, 16, hostpci=("0000:0a:00.0",), running=False),
    _Sketch("web-01", "pve1", "amy", 4, 16, load=0.15),
    _Sketch("web-02", "pve1", "ben", 4, 8, load=0.12),
    _Sketch("db-01", "pve2", "dora", 8, 32, load=0.3),
    _Sketch("ci-runner", "pve2", "infra", 8, 16, load=0.55, tags=("infra", "ci")),
    _Sketch("build-cache", "pve2", "infra", 4, 8, storage="local-lvm", load=0.1),
    _Sketch("scratch-eric", "pve3", "eric", 4, 16, storage="local-lvm", load=0.2),
    _Sketch("win-license", "pve2", "infra", 2, 8, load=0.05, cdrom=True),
    # Proxmox VE takes ASCII names only (dns-name); the description may be anything.
    _Sketch("thesis-db", "pve3", "chia-hao", 4, 8, load=0.08, description="論文資料庫"),
    _Sketch("mirror", "pve3", "infra", 2, 4, kind="lxc", load=0.15, tags=("infra",)),
    _Sketch("dns-835", "pve3", "infra", 1, 1, kind="lxc", ha=True, load=0.02, tags=("infra",)),
    _Sketch("sensor-702", "pve4", "fang", 1, 1, kind="lxc", load=0.05),
    _Sketch("nas-702", "pve4", "infra", 4, 16, storage="local-lvm", load=0.1, tags=("infra",)),
    _Sketch("gpu-fang", "pve4", "fang", 8, 32, hostpci=("0000:0b:00",), load=0.4),
)


def _mac(vmid: int) -> str:
    return f"BC:24:11:{vmid >> 16 & 255:02X}:{vmid >> 8 & 255:02X}:{vmid & 255:02X}"


def _named(sketch: _Sketch, number: int) -> Guest:
    """A guest of the table; its address is one of 20 to 59 of its site."""
    vmid = 100 + number
    return Guest(
        vmid,
        sketch.name,
        sketch.kind,
        sketch.node,
        sketch.cores,
        sketch.gib * GIB,
        (8 + 8 * sketch.cores) * GIB,
        sketch.storage,
        _mac(vmid),
        _address(sketch.node, 20 + number),
        running=sketch.running,
        ha=sketch.ha,
        owner=sketch.owner,
        tags=sketch.tags,
        hostpci=sketch.hostpci,
        load=sketch.load,
        local_cdrom=sketch.cdrom,
    )


def _template(vmid: int, name: str) -> Guest:
    return Guest(
        vmid,
        name,
        "qemu",
        "pve2",
        2,
        2 * GIB,
        8 * GIB,
        "ceph-vm",
        _mac(vmid),
        "",
        running=False,
        template=True,
        onboot=False,
        owner="infra",
    )


def _thrown(number: int, dice: random.Random, place: Place) -> Guest:
    """A guest of a course or a student; its address is one of the last of its site."""
    vmid = 1000 + number
    node = dice.choice(place.nodes)
    owner = dice.choice(PEOPLE).slug
    course = owner == "course-os"
    host = place.first_host + number
    return Guest(
        vmid,
        f"{'os-student' if course else owner}-{number:02d}",
        "lxc" if dice.random() < 0.25 else "qemu",
        node,
        dice.choice((1, 2, 2, 4)),
        dice.choice((1, 2, 2, 4)) * GIB,
        dice.choice((8, 16, 32)) * GIB,
        "ceph-vm" if dice.random() < 0.85 else "local-lvm",
        _mac(vmid),
        str(ip_network(place.subnets[node])[host]) if host < LAST_HOST else "",
        running=dice.random() < 0.68,
        onboot=dice.random() < 0.7,
        owner=owner,
        tags=("course",) if course else (),
        load=dice.random() * 0.4,
    )


def _address(node: str, host: int) -> str:
    site = next(known.site for known in NODES if known.name == node)
    return str(ip_network(next(s.subnet for s in SITES if s.name == site))[host])


def _guests(count: int, seed: int, place: Place) -> tuple[Guest, ...]:
    """`count` guests: the named ones, two templates, the rest of courses and students."""
    dice = random.Random(seed)
    guests = [_named(sketch, number) for number, sketch in enumerate(_NAMED[:count])]
    templates = (_template(900, "tpl-debian-12"), _template(901, "tpl-ubuntu-24.04"))
    guests.extend(templates[: count - len(guests)])
    guests.extend(_thrown(number, dice, place) for number in range(len(guests), count))
    return tuple(guests)


def default_lab(guests: int = 58, seed: int = 836, nodes: int = 4, routers: int = 4) -> Lab:
    """The lab of the documentation, with as many guests, nodes and routers as asked for.

    There are at least four nodes and four routers, at most `MOST_NODES` and `MOST_ROUTERS`.
    """
    sites = SITES + more_sites(routers - len(SITES))
    links = LINKS + more_links(len(LINKS), sites[len(SITES) :])
    machines = NODES + more_nodes(nodes - len(NODES), sites)
    return Lab(
        "lsalab",
        sites,
        PEOPLE,
        links,
        machines,
        _guests(guests, seed, place_for(machines, sites)),
        MAPPINGS,
        dict(EXTERNAL_ASNS),
        seed,
    )
