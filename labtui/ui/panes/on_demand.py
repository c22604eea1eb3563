"""What is read of an object only while somebody looks at it: a guest's snapshots and backups."""

from __future__ import annotations

import logging

from labtui.actions.action import Wire
from labtui.actions.backups.list import places
from labtui.actions.backups.plan import read_archives
from labtui.actions.guest_facts import pending_of
from labtui.actions.snapshots.list import CURRENT, read_snapshots, tree
from labtui.locale import _
from labtui.model.backups import Archive
from labtui.model.errors import LabError
from labtui.model.guests import Guest
from labtui.model.presence import seen_guests
from labtui.views.figures import size, span
from labtui.views.view import Cell, Section

_log = logging.getLogger(__name__)
_MOST = 12


async def sections(noun: str, key: str, wire: Wire) -> tuple[Section, ...]:
    """The sections for that object; none for one that has no more to it than the snapshot."""
    seen = seen_guests(wire.snapshot).get(key) if noun == "guest" else None
    if seen is None or seen.node_online is False:
        return ()
    made: list[Section] = []
    for read in (_snapshots, _backups, _pending):
        try:
            made.extend(await read(seen.guest, wire))
        except LabError as error:
            title = {_snapshots: _("Snapshots"), _backups: _("Backups")}.get(read, _("Waits"))
            made.append(Section(title, (("", Cell(error.why or error.what, "warn")),)))
        except Exception as error:  # noqa: BLE001 - an odd answer must not end the console
            _log.error("details of %s: %s", key, type(error).__name__)
    return tuple(made)


async def _snapshots(guest: Guest, wire: Wire) -> tuple[Section, ...]:
    """As a tree: what was made from what, and where now is."""
    lines = []
    found = tree(await read_snapshots(guest, wire))
    for depth, snapshot in found:
        name = _("now") if snapshot.name == CURRENT else snapshot.name
        label = "  " * (depth - 1) + ("└ " if depth else "") + name
        if snapshot.name == CURRENT:
            lines.append((label, Cell("◂", "info")))
            continue
        age = span(wire.now() - snapshot.taken) if snapshot.taken is not None else "?"
        memory = _("with memory") if snapshot.memory else ""
        parts = (_("{span} ago").format(span=age), memory, snapshot.description)
        lines.append((label, Cell("  ".join(part for part in parts if part))))
    if len(found) < 2:
        return (Section(_("Snapshots"), (("", Cell(_("none"), "dim")),)),)
    return (Section(_("Snapshots"), tuple(lines)),)


async def _backups(guest: Guest, wire: Wire) -> tuple[Section, ...]:
    """Its archives, youngest first, from every storage that its cluster can list."""
    asked, missing = places(wire.snapshot, guest.cluster)
    found: list[Archive] = []
    for storage in asked:
        archives = await read_archives(storage, guest.vmid, wire)
        if archives is None:
            missing[storage.name] = _("no answer")
        found.extend(archives or ())
    found.sort(key=lambda archive: -archive.made)
    lines = [
        (
            _("{span} ago").format(span=span(wire.now() - archive.made)),
            Cell(
                "  ".join(
                    part
                    for part in (
                        size(archive.size),
                        archive.storage,
                        _("protected") if archive.protected else "",
                        archive.notes,
                    )
                    if part
                )
            ),
        )
        for archive in found[:_MOST]
    ]
    if rest := len(found) - len(lines):
        lines.append(("", Cell(_("and {n} more").format(n=rest), "dim")))
    if not found:
        lines.append(("", Cell(_("it has no backup where we can see"), "warn")))
    lines.extend((place, Cell(why, "warn")) for place, why in missing.items())
    return (Section(_("Backups"), tuple(lines)),)


async def _pending(guest: Guest, wire: Wire) -> tuple[Section, ...]:
    """What of its configuration waits for a restart."""
    path = f"/nodes/{guest.node}/{guest.kind}/{guest.vmid}/pending"
    waiting = pending_of(await wire.read(guest.cluster, path))
    if not waiting:
        return ()
    lines = tuple((key, Cell(value or _("goes away"), "info")) for key, value in waiting)
    return (Section(_("Waits for a restart"), lines),)
