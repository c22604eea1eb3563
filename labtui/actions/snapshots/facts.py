"""The survey before a snapshot is made, gone back to or deleted."""

from __future__ import annotations

from typing import Literal

import msgspec

from labtui.actions.action import Wire
from labtui.actions.guest_facts import Subject, look_at
from labtui.actions.power.facts import storages_of
from labtui.actions.snapshots.list import GuestSnapshot, read_snapshots
from labtui.locale import _
from labtui.model.cluster import Resources
from labtui.model.errors import LabError
from labtui.model.guests import Guest
from labtui.model.text import clean

What = Literal["snapshot", "rollback", "delsnapshot"]
PRIVILEGE = "VM.Snapshot"


class SnapshotFacts(msgspec.Struct, frozen=True):
    """All a draft needs. `able` is the server's word whether its disks can be snapshotted.

    `kinds` are the kinds of storage by name; `replicated` the targets of its replication jobs.
    """

    what: What
    subject: Subject
    read_at: float
    snapshots: tuple[GuestSnapshot, ...] = ()
    able: bool | None = None
    kinds: dict[str, str] = {}
    replicated: tuple[str, ...] = ()
    unread: str = ""
    name: str = ""
    description: str = ""


async def survey(what: What, subject: str, wire: Wire) -> SnapshotFacts:
    """Read what a plan needs. Raises `NotFound`."""
    found = (await look_at(subject, wire, PRIVILEGE))[0]
    facts = SnapshotFacts(what, found, wire.now())
    if found.blockers:
        return facts
    guest = found.guest
    try:
        snapshots = await read_snapshots(guest, wire)
    except LabError as error:
        return msgspec.structs.replace(facts, unread=error.why or error.what)
    resources = wire.snapshot.one(Resources, guest.cluster) or Resources()
    kinds = {storage.name: storage.kind for storage in resources.storages}
    return msgspec.structs.replace(
        facts,
        snapshots=snapshots,
        able=await _able(guest, wire) if what == "snapshot" else None,
        kinds={name: kinds.get(name, "?") for name in storages_of(found.config)},
        replicated=await replication_targets(guest, wire),
    )


def answer(facts: SnapshotFacts, name: str, value: str) -> SnapshotFacts:
    """The facts with another name or description."""
    changes = {name: value} if name in ("name", "description") else {}
    return msgspec.structs.replace(facts, **changes)


async def _able(guest: Guest, wire: Wire) -> bool | None:
    """Whether the server can make snapshots of its disks; None when it does not say."""
    path = f"/nodes/{guest.node}/{guest.kind}/{guest.vmid}/feature"
    try:
        told = await wire.read(guest.cluster, path, feature="snapshot")
    except LabError:
        return None
    known = isinstance(told, dict) and "hasFeature" in told
    return told["hasFeature"] in (1, "1", True) if known else None


async def replication_targets(guest: Guest, wire: Wire) -> tuple[str, ...]:
    """The nodes that it is replicated to; none when nobody says."""
    try:
        rows = await wire.read(guest.cluster, "/cluster/replication")
    except LabError:
        return ()
    return tuple(
        clean(str(row.get("target", "?")))
        for row in (rows if isinstance(rows, list) else [])
        if isinstance(row, dict) and str(row.get("guest")) == str(guest.vmid)
    )


def replicated_text(targets: tuple[str, ...]) -> str:
    """That it is replicated, and where to."""
    return _("it is replicated to {nodes}").format(nodes=", ".join(targets))
