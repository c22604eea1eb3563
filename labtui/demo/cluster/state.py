"""The state of the cluster that all its parts share: nodes, guests, mappings, tasks, time."""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass

from labtui.demo.cluster.configuration import first_config
from labtui.demo.cluster.guests import Guest, GuestFigures
from labtui.demo.cluster.nodes import ClusterNode
from labtui.demo.cluster.pci import mapping_line, node_devices
from labtui.demo.cluster.scheduler import Scheduler
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

    def paths(self, node: str) -> list[str]:
        """The alternatives on a node; several devices of one entry are joined by `;`."""
        return [path for name, path, _ in self.lab.entries if name == node]


class ClusterState:
    """Everything that is true in the cluster now."""

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
        """Whether the nodes in the membership are more than half."""
        return 2 * sum(node.online for node in self.nodes.values()) > len(self.nodes)

    def guests_on(self, node: str) -> list[Guest]:
        """The guests whose configuration lies on that node."""
        return [guest for guest in self.guests.values() if guest.node == node]

    def figures(self, guest: Guest) -> GuestFigures | None:
        """The figures that still count; None when they are too old or were never published."""
        figures = guest.figures
        if figures is None or self.now - figures.at > STALE_AFTER:
            return None
        return figures

    def storages_on(self, node: str) -> tuple[str, ...]:
        """Names of the storages that a node can use."""
        return self.nodes[node].lab.storages

    def _guest(self, index: int) -> Guest:
        spec = self.lab.guests[index]
        created = int(self.now - DAY * (40 + index % 300))
        # Nothing runs longer than its node; the rest is spread over the weeks before.
        age = min(
            DAY * (0.2 + 40 * self.dice.random()), self.now - self.nodes[spec.node].booted_at - 60
        )
        return Guest(
            spec.vmid,
            spec.kind,
            spec.node,
            first_config(self.lab, spec, created),
            spec.load,
            spec.owner,
            spec.running,
            self.now - age,
            2_000 + spec.vmid,
            "running" if spec.running else "stopped",
        )
