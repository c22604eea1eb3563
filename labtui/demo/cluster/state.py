"""The state of the cluster that all its parts share: nodes, guests, mappings, tasks, time."""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass

from labtui.demo.cluster.configuration import first_config
from labtui.demo.cluster.guests import Guest, GuestFigures
from labtui.demo.cluster.ha_rules import HaRules
from labtui.demo.cluster.membership import Membership
from labtui.demo.cluster.nodes import ClusterNode, NodeFigures
from labtui.demo.cluster.pci import mapping_line, node_devices
from labtui.demo.cluster.scheduler import Scheduler
from labtui.demo.cluster.storages import StorageHealth
from labtui.demo.cluster.tasks import TaskBook
from labtui.demo.lab import GIB, Lab, Mapping

STALE_AFTER = 300.0
"""World seconds after which the cluster forgets figures that nobody published again."""

PUBLISH_EVERY = 10.0
"""World seconds between two publications of a node's statistics daemon."""

DAY = 86_400.0


@dataclass(frozen=True)
class PciMapping:
    """A PCI mapping with its lines; `digest` is that of the whole file."""

    lab: Mapping
    lines: tuple[str, ...]
    live: bool = False
    mdev: bool = False

    def paths(self, node: str) -> list[str]:
        """The alternatives on a node; several devices of one entry are joined by `;`."""
        return [path for name, path, _ in self.lab.entries if name == node]


@dataclass(frozen=True)
class BackupVolume:
    """An archive on a storage: of one node, or of all (`""`) when the storage is shared.

    `size` is bytes, `ctime` epoch seconds; `notes` is what the real server writes there, the name.
    """

    volid: str
    storage: str
    node: str
    vmid: int
    kind: str
    size: int
    ctime: int
    notes: str = ""
    protected: bool = False


@dataclass(frozen=True)
class Memory:
    """What everybody knew at the second of a cut: figures, and where configurations lay."""

    guests: dict[int, GuestFigures | None]
    nodes: dict[str, NodeFigures | None]
    places: dict[int, str]


class ClusterState:
    """Everything that is true in the cluster now.

    What depends on the node that is asked takes a `viewer`; without one the membership with quorum
    speaks.
    """

    def __init__(self, lab: Lab, scheduler: Scheduler, version: str) -> None:
        self.lab = lab
        self.scheduler = scheduler
        self.version = version
        self.seed = lab.seed
        self.dice = random.Random(lab.seed)
        self.nodes = {
            node.name: ClusterNode(
                node,
                number + 1,
                node_devices(node),
                scheduler.now - DAY * (11 + 17 * number) - 4_321,
                94 * GIB,
            )
            for number, node in enumerate(lab.nodes)
        }
        self.membership = Membership(scheduler, self.nodes)
        self.memories: dict[int, Memory] = {}
        self.storage_health = StorageHealth()
        self.backups: list[BackupVolume] = []
        self.ha_rules = HaRules()
        self.pressed: dict[int, float] = {}
        """Guests short of memory, since which world second."""
        self.filling: dict[int, float] = {}
        """Guests whose disk fills, since which world second."""
        self.fault_memory: dict[str, dict[str, object]] = {}
        """What faults have to put back when they end, by fault and target."""
        self.stranded: dict[int, str] = {}
        """Guests whose local volumes were left behind on a node, by that node."""
        self.silent_agents: set[int] = set()
        """Guests whose agent does not answer though it is configured."""
        self.zfs_nodes = [node.name for node in lab.nodes if "local-zfs" not in node.storages][-2:]
        """The nodes that have a ZFS pool of their own."""
        self.tasks = TaskBook(scheduler, list(self.nodes), lab.seed)
        self.tasks.booted = {node.name: node.booted_at for node in self.nodes.values()}
        self.guests = {guest.vmid: self._guest(index) for index, guest in enumerate(lab.guests)}
        self.mappings = {
            mapping.name: PciMapping(
                mapping,
                tuple(mapping_line(mapping, *entry) for entry in mapping.entries),
            )
            for mapping in lab.mappings
        }
        self.allocated: dict[tuple[str, str], int] | None = None
        """Bytes of disks by storage and node, `""` for all nodes; None when to be counted."""
        self.qdevice: dict[str, str] = {}
        """The words of a QDevice of the quorum (`State`, `Algorithm`), none without one."""
        self.pools = sorted({guest.pool for guest in self.guests.values() if guest.pool})

    @property
    def now(self) -> float:
        """World time, epoch seconds."""
        return self.scheduler.now

    @property
    def modern(self) -> bool:
        """Whether this is the 9.x flavour."""
        return not self.version.startswith("8.")

    @property
    def mapping_digest(self) -> str:
        """SHA-1 of the mapping file."""
        text = "\n".join(line for mapping in self.mappings.values() for line in mapping.lines)
        return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()

    @property
    def quorate(self) -> bool:
        """Whether the membership that counts has quorum; `membership.quorate_at` asks a node."""
        return self.membership.quorate

    def guests_on(self, node: str) -> list[Guest]:
        """The guests whose configuration lies on that node."""
        return [guest for guest in self.guests.values() if guest.node == node]

    def figures(self, guest: Guest, viewer: str | None = None) -> GuestFigures | None:
        """The figures that still count; None when they are too old or were never published."""
        figures = guest.figures
        if viewer is not None and self.membership.parted:
            memory = self._memory(viewer, guest.node)
            if memory is not None:
                forgot = self._booted_since(viewer, guest.node)
                figures = None if forgot else memory.guests.get(guest.vmid)
        if figures is None or self.now - figures.at > STALE_AFTER:
            return None
        return figures

    def node_figures(self, node: ClusterNode, viewer: str | None = None) -> NodeFigures | None:
        """The figures of a node that still count for who looks."""
        figures = node.figures
        if viewer is not None and self.membership.parted:
            memory = self._memory(viewer, node.name)
            if memory is not None:
                forgot = self._booted_since(viewer, node.name)
                figures = None if forgot else memory.nodes.get(node.name)
        if figures is None or self.now - figures.at > STALE_AFTER:
            return None
        return figures

    def place(self, guest: Guest, viewer: str | None = None) -> str | None:
        """The node on which a configuration lies in the copy of who looks; None when unknown."""
        if viewer is None or not self.membership.parted or not self.membership.leader:
            return guest.node
        memory = self._memory(viewer, self.membership.leader)
        return guest.node if memory is None else memory.places.get(guest.vmid)

    def part(self, nodes: list[str]) -> int:
        """Cut the network round these nodes; the number of the cut, for `join_side`."""
        cut = self.membership.split(nodes)
        self.memories[cut] = Memory(
            {guest.vmid: guest.figures for guest in self.guests.values()},
            {node.name: node.figures for node in self.nodes.values()},
            {guest.vmid: guest.node for guest in self.guests.values()},
        )
        return cut

    def join_side(self, cut: int) -> None:
        """End a cut; a number that is not known changes nothing."""
        self.membership.mend(cut)
        self.memories.pop(cut, None)

    def _memory(self, viewer: str, node: str) -> Memory | None:
        """What is remembered of a node beyond a cut; None when there is no cut between them."""
        cuts = self.membership.cuts_between(viewer, node)
        return self.memories.get(min(cuts)) if cuts else None

    def _booted_since(self, viewer: str, node: str) -> bool:
        return self.nodes[viewer].booted_at > self.membership.cut_since(viewer, node)

    def storages_on(self, node: str) -> tuple[str, ...]:
        """Names of the storages that a node can use."""
        own = self.nodes[node].lab.storages
        return (*own, "local-zfs") if node in self.zfs_nodes else own

    def _guest(self, index: int) -> Guest:
        spec = self.lab.guests[index]
        created = int(self.now - DAY * (40 + index % 300))
        config = first_config(self.lab, spec, created)
        if spec.node in self.zfs_nodes and spec.storage == "local-lvm" and "infra" in spec.tags:
            # The lab's own machines lie on ZFS where there is one, for the sake of replication.
            for key, value in config.items():
                if isinstance(value, str) and value.startswith("local-lvm:"):
                    config[key] = value.replace("local-lvm:", "local-zfs:", 1)
        # Nothing runs longer than its node; the rest is spread over the weeks before.
        age = min(
            DAY * (0.2 + 40 * self.dice.random()), self.now - self.nodes[spec.node].booted_at - 60
        )
        return Guest(
            spec.vmid,
            spec.kind,
            spec.node,
            config,
            spec.load,
            spec.owner,
            spec.running,
            self.now - age,
            2_000 + spec.vmid,
            "running" if spec.running else "stopped",
        )
