"""Storages of the cluster: definitions, who sees them, and how full they are.

Shared ones (Ceph) have one content and one figure for the whole cluster.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from labtui.demo.lab import GIB


@dataclass(frozen=True)
class Storage:
    """A storage definition; `size` in bytes per node, or of the whole when shared."""

    name: str
    kind: str
    content: tuple[str, ...]
    shared: bool
    size: int
    base_used: int
    settings: tuple[tuple[str, str | int], ...]


STORAGES = (
    Storage(
        "local",
        "dir",
        ("iso", "vztmpl", "backup", "snippets"),
        shared=False,
        size=98 * GIB,
        base_used=31 * GIB,
        settings=(("path", "/var/lib/vz"),),
    ),
    Storage(
        "local-lvm",
        "lvmthin",
        ("images", "rootdir"),
        shared=False,
        size=1700 * GIB,
        base_used=12 * GIB,
        settings=(("thinpool", "data"), ("vgname", "pve")),
    ),
    Storage(
        "local-zfs",
        "zfspool",
        ("images", "rootdir"),
        shared=False,
        size=3_480 * GIB,
        base_used=96 * GIB,
        settings=(("pool", "tank/vm"), ("sparse", 1)),
    ),
    Storage(
        "ceph-vm",
        "rbd",
        ("images", "rootdir"),
        shared=True,
        size=20_480 * GIB,
        base_used=640 * GIB,
        settings=(("pool", "vm"), ("krbd", 0)),
    ),
    Storage(
        "cephfs",
        "cephfs",
        ("iso", "vztmpl", "backup"),
        shared=True,
        size=6_144 * GIB,
        base_used=1_911 * GIB,
        settings=(("path", "/mnt/pve/cephfs"),),
    ),
)

REPLICATED = ("local-zfs",)
"""Storages whose volumes can be replicated."""

BY_NAME = {storage.name: storage for storage in STORAGES}


def is_shared(name: str) -> bool:
    """Whether volumes of that storage are seen by every node."""
    storage = BY_NAME.get(name)
    return storage is not None and storage.shared


@dataclass
class StorageHealth:
    """Which storages are away or full, each by storage and node; the node `""` means all.

    A storage that is away is no longer published, so its last figures count for five minutes more.
    """

    away: dict[tuple[str, str], float] = field(default_factory=dict)
    """Since which world second."""
    full: set[tuple[str, str]] = field(default_factory=set)

    @property
    def mark(self) -> object:
        """Differs as soon as a storage comes or goes."""
        return (frozenset(self.away), frozenset(self.full))

    def is_away(self, storage: str, node: str) -> bool:
        """Whether a node cannot reach a storage."""
        return (storage, "") in self.away or (storage, node) in self.away

    def away_since(self, storage: str, node: str) -> float | None:
        """The world second since which a node cannot reach a storage; None when it can."""
        found = [self.away[key] for key in ((storage, ""), (storage, node)) if key in self.away]
        return min(found, default=None)

    def is_full(self, storage: str, node: str) -> bool:
        """Whether nothing more fits on a storage as that node sees it."""
        return (storage, "") in self.full or (storage, node) in self.full

    def problem(self, storage: str, node: str) -> str | None:
        """What a task says that needs a storage which is not there."""
        if not self.is_away(storage, node):
            return None
        if BY_NAME[storage].kind == "rbd":
            return "rbd error: rbd: couldn't connect to the cluster!"
        return f"storage '{storage}' is not online"

    def no_space(self, storage: str, node: str, volume: str) -> str | None:
        """What a task says that wants to write a new volume on a full storage."""
        if not self.is_full(storage, node):
            return None
        kind = BY_NAME[storage].kind
        if kind == "lvmthin":
            return (
                f"lvcreate 'pve/{volume}' error:   Cannot create new thin volume, free space in"
                " thin pool pve/data reached threshold."
            )
        if kind == "rbd":
            return f"rbd error: rbd: create error: (28) No space left on device: {volume}"
        return f"unable to create '{volume}' on storage '{storage}' - No space left on device"
