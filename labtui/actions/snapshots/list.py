"""The snapshots of a guest, read when somebody wants to see them, and their order as a tree."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from labtui.actions.action import Wire
from labtui.model.guests import Guest
from labtui.model.text import clean

CURRENT = "current"


class GuestSnapshot(msgspec.Struct, frozen=True):
    """One snapshot. `taken` in seconds since the epoch, `parent` empty for a first one.

    The one called `current` is the state of now.
    """

    name: str
    description: str = ""
    taken: float | None = None
    parent: str = ""
    memory: bool = False


async def read_snapshots(guest: Guest, wire: Wire) -> tuple[GuestSnapshot, ...]:
    """The snapshots with the state of now, in the server's order. Raises `LabError`."""
    path = f"/nodes/{guest.node}/{guest.kind}/{guest.vmid}/snapshot"
    return decoded(await wire.read(guest.cluster, path))


def decoded(rows: Any) -> tuple[GuestSnapshot, ...]:
    """The snapshots of the rows of `GET .../snapshot`; rows that are none are left out."""
    found: dict[str, GuestSnapshot] = {}
    for row in rows if isinstance(rows, list) else []:
        if not isinstance(row, dict) or not isinstance(row.get("name"), str):
            continue
        taken, name = row.get("snaptime"), clean(row["name"], 80)
        found[name] = GuestSnapshot(
            name,
            clean(str(row.get("description") or "").strip()) if name != CURRENT else "",
            float(taken) if isinstance(taken, int | float) else None,
            clean(str(row.get("parent") or ""), 80),
            row.get("vmstate") in (1, "1", True),
        )
    return tuple(found.values())


def tree(snapshots: Sequence[GuestSnapshot]) -> tuple[tuple[int, GuestSnapshot], ...]:
    """(depth, snapshot), parents before children, older before younger, now last of its level.

    What has no parent among them, or would go round in a circle, stands at the left.
    """
    names = {snapshot.name for snapshot in snapshots}
    ordered = sorted(snapshots, key=lambda s: (s.name == CURRENT, s.taken or 0.0, s.name))
    seen: set[str] = set()

    def below(parent: str, depth: int) -> Iterator[tuple[int, GuestSnapshot]]:
        for snapshot in ordered:
            root = not parent and (snapshot.parent not in names or snapshot.parent == snapshot.name)
            if snapshot.name in seen or not (root or (parent and snapshot.parent == parent)):
                continue
            seen.add(snapshot.name)
            yield depth, snapshot
            yield from below(snapshot.name, depth + 1)

    placed = list(below("", 0))
    for snapshot in ordered:
        if snapshot.name not in seen:
            seen.add(snapshot.name)
            placed.append((0, snapshot))
            placed.extend(below(snapshot.name, 1))
    return tuple(placed)


def age(seconds: float) -> str:
    """An age in one or two letters, as the panes have it: `41d`, `3h`."""
    for unit, length in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= length:
            return f"{seconds / length:.0f}{unit}"
    return f"{max(0.0, seconds):.0f}s"
