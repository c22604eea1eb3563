"""A node of the cluster: its power, its place in the membership, and what stands in it."""

from __future__ import annotations

from dataclasses import dataclass, field

from labtui.demo.cluster.pci import Device
from labtui.demo.lab import Node


@dataclass(frozen=True)
class NodeFigures:
    """What the node's statistics daemon published last; cpu is a fraction, sizes are bytes."""

    at: float
    cpu: float
    mem: int
    disk: int
    uptime: int


@dataclass(eq=False)
class ClusterNode:
    """A node as it is; `online` is what the membership says, which lags behind the power.

    `clock_offset` is how many seconds its clock is ahead of the world's. `certificate_until` is an
    epoch second, None for a certificate that was renewed lately.
    """

    lab: Node
    number: int
    devices: tuple[Device, ...]
    booted_at: float
    rootfs: int
    powered: bool = True
    api_up: bool = True
    online: bool = True
    died_at: float | None = None
    changed_at: float = 0.0
    power_generation: int = 0
    figures: NodeFigures | None = None
    transitions: list[tuple[float, bool]] = field(default_factory=list)
    starting_up: bool = False
    stopping: bool = False
    pvestatd_hung: bool = False
    silences: list[tuple[float, float | None]] = field(default_factory=list)
    root_full: bool = False
    clock_offset: float = 0.0
    certificate_until: float | None = None
    maintenance: bool = False
    lost_quorum_at: float | None = None
    ran: frozenset[int] = frozenset()
    """Guests that a reset of its watchdog has torn down."""

    @property
    def name(self) -> str:
        """The node's name."""
        return self.lab.name

    def was_up(self, at: float) -> bool:
        """Whether the node ran at that second (for its history)."""
        up = True
        for when, state in self.transitions:
            if when > at:
                break
            up = state
        return up

    def was_silent(self, at: float) -> bool:
        """Whether its statistics daemon published nothing at that second."""
        return any(begun <= at and (end is None or at < end) for begun, end in self.silences)
