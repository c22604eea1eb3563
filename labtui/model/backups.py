"""Backups: the archives of guests on storages. Sizes are bytes, times seconds since the epoch.

Fields as of `GET /nodes/{node}/storage/{storage}/content?content=backup`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from labtui.model.guests import Guest
from labtui.model.text import clean


class Archive(msgspec.Struct, frozen=True, gc=False):
    """One archive of a guest. `volume` is its id on the server, storage included.

    `node` is the one that was asked; an archive on a shared storage is seen by others as well.
    """

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
    node: str = ""


class Saved(msgspec.Struct, frozen=True):
    """A guest with its archives, youngest first. `in_job` is None when that is not known."""

    guest: Guest
    archives: tuple[Archive, ...] = ()
    in_job: bool | None = None

    @property
    def last(self) -> float | None:
        """When the youngest was made."""
        return self.archives[0].made if self.archives else None


class Backups(msgspec.Struct, frozen=True):
    """All guests with their archives, those without first, then by the age of the youngest.

    `gone` are archives of guests that are no more, by number, the youngest of each first.
    `missing` are storages that could not be listed with the reason: what is on them is not known.
    """

    guests: tuple[Saved, ...] = ()
    missing: dict[str, str] = {}
    gone: tuple[tuple[Archive, ...], ...] = ()


def gathered(
    guests: Iterable[Guest],
    found: Iterable[Archive],
    missing: dict[str, str],
    uncovered: frozenset[int] | None,
) -> Backups:
    """The guests joined with their archives; templates are guests too."""
    by_guest: dict[int, list[Archive]] = {}
    for archive in found:
        by_guest.setdefault(archive.vmid, []).append(archive)
    rows = [
        Saved(
            guest,
            tuple(sorted(by_guest.get(guest.vmid, ()), key=lambda archive: -archive.made)),
            None if uncovered is None else guest.vmid not in uncovered,
        )
        for guest in guests
    ]
    rows.sort(key=lambda saved: (saved.last or 0.0, saved.guest.vmid))
    here = {row.guest.vmid for row in rows}
    gone = tuple(
        tuple(sorted(by_guest[vmid], key=lambda archive: -archive.made))
        for vmid in sorted(by_guest)
        if vmid not in here
    )
    return Backups(tuple(rows), missing, gone)


def archives(rows: Any, cluster: str, storage: str, node: str = "") -> tuple[Archive, ...]:
    """The archives among rows of a storage's content, youngest first; others are left out."""
    found = []
    for row in rows if isinstance(rows, list) else []:
        if not isinstance(row, dict) or row.get("content", "backup") != "backup":
            continue
        vmid, made, volume = row.get("vmid"), row.get("ctime"), row.get("volid")
        text = str(vmid)
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
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
                node,
            )
        )
    return tuple(sorted(found, key=lambda archive: (-archive.made, archive.volume)))
