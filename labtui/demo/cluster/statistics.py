"""What each node's statistics daemon publishes every ten seconds, and the history before it.

Figures are functions of time (see `noise`); the daemon only decides when the cluster sees them.
"""

from __future__ import annotations

from labtui.demo.cluster.guests import Guest, GuestFigures
from labtui.demo.cluster.nodes import ClusterNode, NodeFigures
from labtui.demo.cluster.noise import smooth, wander
from labtui.demo.cluster.state import PUBLISH_EVERY, ClusterState
from labtui.demo.lab import GIB

HOST_MEMORY = 6 * GIB
"""Memory of a node used by itself (system, Ceph daemons), bytes."""

NORMAL_DISK = 0.4
DISK_FILLS_IN = 900.0
"""World seconds in which a filling disk goes from empty to full."""

PRESSED_MEMORY = 0.985
PRESSURE_RISES = 120.0
"""World seconds in which a guest runs out of memory."""

NORMAL_ROOT = 0.21


def guest_cpu(state: ClusterState, guest: Guest, at: float) -> float:
    """Fraction of its processors a running guest uses at that second."""
    return min(1.0, guest.load * (0.45 + 1.1 * wander(state.seed, guest.vmid, at)))


def guest_memory(state: ClusterState, guest: Guest, at: float) -> int:
    """Bytes of its memory a running guest uses at that second."""
    part = 0.32 + 0.5 * smooth(state.seed, guest.vmid * 31 + 7, at, 5_400.0)
    return int(guest.maxmem * (part + (PRESSED_MEMORY - part) * memory_pressure(state, guest, at)))


def memory_pressure(state: ClusterState, guest: Guest, at: float) -> float:
    """From 0 to 1: how far a guest has run out of memory at that second."""
    since = state.pressed.get(guest.vmid)
    return 0.0 if since is None else max(0.0, min(1.0, (at - since) / PRESSURE_RISES))


def disk_fraction(state: ClusterState, guest: Guest, at: float) -> float:
    """Part of its own disk that a guest's file system uses at that second."""
    since = state.filling.get(guest.vmid)
    if since is None:
        return NORMAL_DISK
    return max(NORMAL_DISK, min(1.0, NORMAL_DISK + (at - since) / DISK_FILLS_IN))


def pressure(state: ClusterState, guest: Guest, at: float) -> dict[str, float]:
    """The pressure figures of 9.x, per cent of time that something waited."""
    cpu = guest_cpu(state, guest, at)
    squeeze = memory_pressure(state, guest, at)
    return {
        "pressurecpusome": max(0.0, cpu - 0.6) * 12,
        "pressurecpufull": 0,
        "pressureiosome": cpu * 0.4 + 30.0 * squeeze,
        "pressureiofull": cpu * 0.2 + 22.0 * squeeze,
        "pressurememorysome": 65.0 * squeeze,
        "pressurememoryfull": 48.0 * squeeze,
    }


def guest_rates(state: ClusterState, guest: Guest, at: float) -> tuple[float, float, float, float]:
    """Bytes per second: network in, network out, disk read, disk write."""
    wave = 0.1 + 1.8 * wander(state.seed, guest.vmid * 17 + 3, at)
    base = 4_000.0 + 900_000.0 * guest.load
    return base * wave, base * wave * 0.6, base * wave * 0.8, base * wave * 1.4


def host_memory(guest: Guest, used: int) -> int:
    """Memory of the node behind a guest; passed-through devices pin all of it."""
    if any(key.startswith("hostpci") for key in guest.config):
        return guest.maxmem
    return min(guest.maxmem, used + 64 * 2**20)


def root_used(node: ClusterNode, wave: float = 0.5) -> int:
    """Bytes in use on a node's root file system; `wave` is its slow movement, 0 to 1."""
    if node.root_full:
        return node.rootfs
    return int(node.rootfs * (NORMAL_ROOT + 0.01 * wave))


class Statistics:
    """The statistics daemons of all nodes."""

    def __init__(self, state: ClusterState) -> None:
        self._state = state

    def begin(self) -> None:
        """Publish once for every node now, then every ten seconds, each at its own second."""
        state = self._state
        for guest in state.guests.values():
            if guest.running:
                age = state.now - guest.started_at
                rates = guest_rates(state, guest, state.now)
                guest.counters = [rate * age for rate in rates]
        for node in state.nodes.values():
            self.publish(node)
            self._next(node, PUBLISH_EVERY * (0.3 + 0.2 * node.number), node.power_generation)

    def restart(self, node: ClusterNode) -> None:
        """The node has booted: publish from now on."""
        self._round(node, node.power_generation)

    def publish(self, node: ClusterNode) -> None:
        """Write down the figures of a node and of its guests as they are now."""
        state = self._state
        busy, memory = 0.15, HOST_MEMORY
        for guest in state.guests_on(node.name):
            figures = self._measure(guest)
            guest.figures = figures
            guest.revision += 1
            busy += figures.cpu * guest.maxcpu
            memory += figures.memhost
        wave = smooth(state.seed, node.number, state.now, 3_600.0)
        node.figures = NodeFigures(
            state.now,
            min(0.99, busy / node.lab.cores),
            int(min(0.97 * node.lab.memory, memory + 2 * GIB * wave)),
            root_used(node, wave),
            int(state.now - node.booted_at),
        )

    def _measure(self, guest: Guest) -> GuestFigures:
        state, now = self._state, self._state.now
        if not guest.running:
            return GuestFigures(now, "stopped", 0, 0.0, 0, 0, 0, 0, 0, 0, 0)
        running = guest.state == "running"
        if running:
            passed = min(PUBLISH_EVERY, now - guest.started_at)
            for index, rate in enumerate(guest_rates(state, guest, now)):
                guest.counters[index] += rate * passed
        memory = guest_memory(state, guest, now)
        return GuestFigures(
            now,
            guest.state,
            int(now - guest.started_at),
            guest_cpu(state, guest, now) if running else 0.0,
            memory,
            host_memory(guest, memory),
            int(guest.maxdisk * disk_fraction(state, guest, now)) if guest.kind == "lxc" else 0,
            *(int(counter) for counter in guest.counters),
        )

    def _next(self, node: ClusterNode, delay: float, generation: int) -> None:
        self._state.scheduler.after(delay, lambda: self._round(node, generation))

    def _round(self, node: ClusterNode, generation: int) -> None:
        if node.powered and node.power_generation == generation:
            if not node.pvestatd_hung:
                self.publish(node)
            self._next(node, PUBLISH_EVERY, generation)

    def hang(self, node: ClusterNode) -> None:
        """The daemon waits for a dead file system and publishes nothing."""
        if not node.pvestatd_hung:
            node.pvestatd_hung = True
            node.silences.append((self._state.now, None))

    def release(self, node: ClusterNode) -> None:
        """The daemon goes on with its next round."""
        if node.pvestatd_hung:
            node.pvestatd_hung = False
            node.silences[-1] = (node.silences[-1][0], self._state.now)
