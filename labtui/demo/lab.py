"""What stands in the demo lab before anything moves: sites, people, routers, links, nodes, guests.

Frozen facts only; the servers build their living worlds from them. Sizes are bytes, addresses are
text.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

GIB = 1 << 30


@dataclass(frozen=True)
class Site:
    """A building: its network, its router's loopback and its AS."""

    name: str
    subnet: str
    asn: int
    router: str
    public_address: str
    router_version: str


@dataclass(frozen=True)
class Person:
    """Somebody who owns guests; a tenant in NetBox."""

    slug: str
    name: str
    group: str
    email: str


@dataclass(frozen=True)
class Link:
    """A WireGuard tunnel between two ends; an end that is no site is one we hold no router of."""

    number: int
    left: str
    right: str
    subnet: str
    bgp: bool = True
    keepalive: int = 25


@dataclass(frozen=True)
class Card:
    """A GPU in a node: slot without function, PCI ids and names as `lspci` gives them."""

    slot: str
    vendor: str
    device: str
    vendor_name: str
    device_name: str
    iommu_group: int
    has_audio: bool = True


@dataclass(frozen=True)
class Node:
    """A Proxmox VE node."""

    name: str
    site: str
    address: str
    cores: int
    memory: int
    cpu_model: str
    cards: tuple[Card, ...] = ()
    storages: tuple[str, ...] = ("local", "local-lvm", "ceph-vm", "cephfs")


@dataclass(frozen=True)
class Guest:
    """A virtual machine (`qemu`) or container (`lxc`) as it is configured."""

    vmid: int
    name: str
    kind: str
    node: str
    cores: int
    memory: int
    disk: int
    storage: str
    mac: str
    address: str
    running: bool = True
    template: bool = False
    onboot: bool = True
    ha: bool = False
    owner: str = ""
    tags: tuple[str, ...] = ()
    hostpci: tuple[str, ...] = ()
    description: str = ""
    bridge: str = "vmbr0"
    load: float = 0.1
    local_cdrom: bool = False


@dataclass(frozen=True)
class Mapping:
    """A cluster-wide PCI mapping: (node, path, iommu group) entries; `device` is vendor:device."""

    name: str
    device: str
    entries: tuple[tuple[str, str, int], ...]
    description: str = ""


@dataclass(frozen=True)
class Lab:
    """The whole lab."""

    name: str
    sites: tuple[Site, ...]
    people: tuple[Person, ...]
    links: tuple[Link, ...]
    nodes: tuple[Node, ...]
    guests: tuple[Guest, ...]
    mappings: tuple[Mapping, ...]
    external_asns: dict[str, int] = field(default_factory=dict)
    seed: int = 836

    def site(self, name: str) -> Site:
        """The site of that name."""
        return next(site for site in self.sites if site.name == name)

    @cached_property
    def asns(self) -> dict[str, int]:
        """The number of every autonomous system by its name, ours and those outside."""
        return {site.name: site.asn for site in self.sites} | self.external_asns
