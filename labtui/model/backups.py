"""Backups: the archives of guests on storages. Sizes are bytes, times seconds since the epoch.

Fields as of `GET /nodes/{node}/storage/{storage}/content?content=backup`.
"""

from __future__ import annotations

from typing import Any

import msgspec

from labtui.model.text import clean


class Archive(msgspec.Struct, frozen=True, gc=False):
    """One archive of a guest. `volume` is its id on the server, storage included."""

    cluster: str
    storage: str
    vmid: int
    volume: str
    made: float
    size: int = 0
    kind: str = ""
    notes: str = ""
    protected: bool = False
    verified: str = ""


class Backups(msgspec.Struct, frozen=True):
    """The archives that could be seen, youngest first; `missing` are storages that did not answer.

    `uncovered` are the guests in no backup job, None when that could not be read.
    """

    archives: tuple[Archive, ...] = ()
    missing: dict[str, str] = {}
    uncovered: frozenset[int] | None = None

    def of(self, vmid: int) -> tuple[Archive, ...]:
        """The archives of that guest, youngest first."""
        return tuple(archive for archive in self.archives if archive.vmid == vmid)


def archives(rows: Any, cluster: str, storage: str) -> tuple[Archive, ...]:
    """The archives among rows of a storage's content, youngest first; others are left out."""
    found = []
    for row in rows if isinstance(rows, list) else []:
        if not isinstance(row, dict) or row.get("content", "backup") != "backup":
            continue
        vmid, made, volume = row.get("vmid"), row.get("ctime"), row.get("volid")
        number = int(vmid) if str(vmid).isascii() and str(vmid).isdigit() else 0
        if not number or not isinstance(made, int | float) or not isinstance(volume, str):
            continue
        told, size = row.get("verification"), row.get("size")
        state = told.get("state") if isinstance(told, dict) else ""
        found.append(
            Archive(
                cluster,
                storage,
                number,
                clean(volume, 400),
                float(made),
                size if isinstance(size, int) else 0,
                clean(str(row.get("subtype") or ""), 20),
                clean(str(row.get("notes") or ""), 400),
                row.get("protected") in (1, "1", True),
                clean(str(state or ""), 40),
            )
        )
    return tuple(sorted(found, key=lambda archive: (-archive.made, archive.volume)))
