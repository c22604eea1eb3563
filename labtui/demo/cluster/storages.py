"""Storages of the cluster: definitions, who sees them, and how full they are.

Shared ones (Ceph) have one content and one figure for the whole cluster.
"""

from __future__ import annotations

from dataclasses import dataclass

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

BY_NAME = {storage.name: storage for storage in STORAGES}


def is_shared(name: str) -> bool:
    """Whether volumes of that storage are seen by every node."""
    storage = BY_NAME.get(name)
    return storage is not None and storage.shared
