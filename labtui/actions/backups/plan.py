"""The survey and the plan of a backup now: where to, in which way, how much room there is."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from labtui.actions.action import Call, Choice, Fact, Input, Plan, Wire
from labtui.actions.amounts import size
from labtui.actions.guest_facts import Subject, look_at
from labtui.actions.guest_task import standing_facts
from labtui.actions.snapshots.list import age
from labtui.locale import _
from labtui.model.backups import Archive, archives
from labtui.model.cluster import Resources, Rights, Storage
from labtui.model.errors import LabError

PRIVILEGE = "VM.Backup"
STORAGE_RIGHT = "Datastore.AllocateSpace"
# Free space below this share of its disks is worth a word: archives of recorded runs were a third.
_SCARCE = 0.5
_NOTHING = 1 << 30


class BackupFacts(msgspec.Struct, frozen=True):
    """All a draft needs. `earlier`: its archives by storage; `allowed`: whether we may fill it."""

    subject: Subject
    read_at: float
    storages: tuple[Storage, ...] = ()
    earlier: dict[str, tuple[Archive, ...]] = {}
    allowed: dict[str, bool] = {}
    notes: str = "{{guestname}}"
    protected: str = "0"


async def survey(subject: str, wire: Wire) -> BackupFacts:
    """Read what a plan needs. Raises `NotFound`."""
    found = (await look_at(subject, wire, PRIVILEGE))[0]
    facts = BackupFacts(found, wire.now())
    if found.blockers:
        return facts
    guest = found.guest
    resources = wire.snapshot.one(Resources, guest.cluster) or Resources()
    rights = wire.snapshot.one(Rights, guest.cluster)
    here = [s for s in resources.storages if s.node == guest.node and "backup" in s.content]
    earlier = {}
    for storage in here:
        if storage.status == "available":
            earlier[storage.name] = await read_archives(storage, guest.vmid, wire) or ()
    return msgspec.structs.replace(
        facts,
        storages=tuple(here),
        earlier=earlier,
        allowed={
            s.name: rights is None or rights.allows(STORAGE_RIGHT, f"/storage/{s.name}")
            for s in here
        },
    )


async def read_archives(storage: Storage, vmid: int, wire: Wire) -> tuple[Archive, ...] | None:
    """The guest's archives on that storage, youngest first; None when nobody can say."""
    path = f"/nodes/{storage.node}/storage/{storage.name}/content"
    try:
        rows = await wire.read(storage.cluster, path, content="backup", vmid=vmid)
    except LabError:
        return None
    return archives(rows, storage.cluster, storage.name)


def answer(facts: BackupFacts, name: str, value: str) -> BackupFacts:
    """The facts with other notes, or protected."""
    changes = {name: value} if name in ("notes", "protected") else {}
    return msgspec.structs.replace(facts, **changes)


def draft(facts: BackupFacts, choice: str, mode: str) -> Plan:
    """The plan, to that storage and in that mode (empty: the natural ones)."""
    guest = facts.subject.guest
    choices = tuple(sorted((_weigh(facts, s) for s in facts.storages), key=_preference))
    chosen = next((c for c in choices if c.id == choice), None) or next(iter(choices), None)
    modes = ("snapshot", "suspend", "stop") if facts.subject.running else ()
    taken = mode if mode in modes else next(iter(modes), "")
    blockers = list(_against(facts, taken))
    if chosen is not None:
        blockers.extend(f"{chosen.id}: {text}" for text in chosen.blockers)
    name = chosen.id if chosen else "?"
    return Plan(
        action="guest.backup",
        subject=guest.key,
        title=_("Back up {guest} to {storage}").format(guest=guest.label, storage=name),
        made_at=facts.read_at,
        mode=taken,
        modes=modes,
        chosen=chosen.id if chosen else "",
        choices=choices,
        choice_label=_("storages"),
        facts=tuple(_facts(facts, chosen)),
        calls=(_call(facts, chosen.id, taken),) if chosen else (),
        blockers=tuple(blockers),
        warnings=tuple(_warnings(facts, chosen, taken)),
        stands_on=standing_facts(guest),
        inputs=(
            Input("notes", _("notes"), facts.notes, hint="{{guestname}} {{vmid}} {{node}}"),
            Input("protected", _("protect"), facts.protected, "flag"),
        ),
    )


def _preference(choice: Choice) -> tuple[bool, float, str]:
    return (bool(choice.blockers), -choice.score, choice.id)


def _weigh(facts: BackupFacts, storage: Storage) -> Choice:
    """One storage: how much room it has, and what is on it of this guest."""
    if storage.status != "available":
        text = _("not available ({state})").format(state=storage.status)
        return Choice(storage.name, (), (text,))
    blockers, warnings, told = [], [], []
    if not facts.allowed.get(storage.name, True):
        text = _("{right} on {path} is missing")
        blockers.append(text.format(right=STORAGE_RIGHT, path=f"/storage/{storage.name}"))
    free = None
    if storage.size is not None and storage.used is not None:
        free = max(0, storage.size - storage.used)
        told.append(_("{size} free").format(size=size(free)))
        disks = facts.subject.guest.disk_max or 0
        if free < _NOTHING:
            blockers.append(_("it is full ({size} free)").format(size=size(free)))
        elif free < disks * _SCARCE:
            text = _("{free} free on {storage} for {disks} of disks: it may not fit")
            words = text.format(free=size(free), storage=storage.name, disks=size(disks))
            warnings.append(words)
    mine = facts.earlier.get(storage.name, ())
    if mine:
        text = _("{n} of it, the last {age} ago")
        told.append(text.format(n=len(mine), age=age(facts.read_at - mine[0].made)))
    else:
        told.append(_("none of it yet"))
    # Where its earlier ones are, else where there is room; shared ones outlive the node.
    score = len(mine) * 4.0 + (2.0 if storage.shared else 0.0) + (free or 0) / (1 << 60)
    return Choice(storage.name, tuple(told), tuple(blockers), tuple(warnings), score)


def _against(facts: BackupFacts, mode: str) -> Iterable[str]:
    subject = facts.subject
    yield from subject.blockers
    if subject.lock_text:
        yield subject.lock_text
    if not facts.storages and not subject.blockers:
        text = _("no storage of {node} takes backups, or none that the account may see")
        yield text.format(node=subject.guest.node)
    if mode == "stop" and subject.managed:
        yield _("HA would start it again while it is stopped for this: take another way")


def _warnings(facts: BackupFacts, chosen: Choice | None, mode: str) -> Iterable[str]:
    yield from facts.subject.warnings
    if mode == "stop":
        yield _("it is shut down for it and started again")
    if mode == "suspend":
        yield _("it stands still while it is saved")
    if chosen is not None:
        yield from chosen.warnings


def _facts(facts: BackupFacts, chosen: Choice | None) -> Iterable[Fact]:
    subject = facts.subject
    disks = size(subject.guest.disk_max or 0)
    text = _("{state}, {disks} of disks, on {node}")
    now = text.format(state=subject.state, disks=disks, node=subject.guest.node)
    yield Fact(_("now"), now)
    if chosen is not None:
        yield Fact(_("storage"), "  ".join((chosen.id, *chosen.reasons)))
    every = [archive for found in facts.earlier.values() for archive in found]
    if not every and facts.storages:
        yield Fact(_("note"), _("it has no backup where we can see"))
    for note in subject.notes:
        yield Fact(_("note"), note)


def _call(facts: BackupFacts, storage: str, mode: str) -> Call:
    guest = facts.subject.guest
    params: list[tuple[str, str | int]] = [
        ("vmid", str(guest.vmid)),
        ("storage", storage),
        ("mode", mode or "snapshot"),
        ("compress", "zstd"),
        # Old archives stay: a backup by hand is no reason to prune.
        ("remove", 0),
    ]
    if facts.notes.strip():
        params.append(("notes-template", facts.notes.strip()))
    if facts.protected == "1":
        params.append(("protected", 1))
    return Call(guest.cluster, "POST", f"/nodes/{guest.node}/vzdump", tuple(params))
