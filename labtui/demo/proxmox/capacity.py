"""How full storages are, counted once per change of any disk."""

from __future__ import annotations

from labtui.demo.cluster.configuration import drives
from labtui.demo.cluster.noise import smooth
from labtui.demo.cluster.state import ClusterState
from labtui.demo.cluster.storages import Storage
from labtui.demo.lab import GIB


def used_on(state: ClusterState, storage: Storage, node: str) -> int:
    """Bytes in use of a storage as seen from a node: old content and three fifths of each disk."""
    if state.storage_health.is_full(storage.name, node):
        return storage.size
    if state.allocated is None:
        state.allocated = _count(state)
    place = "" if storage.shared else node
    slow = smooth(state.seed, len(storage.name) + len(place), state.now, 1_800.0)
    used = storage.base_used + state.allocated.get((storage.name, place), 0) * 3 // 5
    return min(int(used + slow * GIB), storage.size - GIB)


def _count(state: ClusterState) -> dict[tuple[str, str], int]:
    counted: dict[tuple[str, str], int] = {}
    for guest in state.guests.values():
        for drive in drives(guest.config):
            if drive.cdrom:
                continue
            for place in ("", guest.node):
                key = (drive.storage, place)
                counted[key] = counted.get(key, 0) + (drive.size or 0)
    return counted
