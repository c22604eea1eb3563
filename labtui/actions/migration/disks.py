"""Where the local disks of a guest go: a storage of the target for each of the source. Pure.

Live, a disk is mirrored onto any storage that takes its kind of content. Offline it is exported and
imported, which only some kinds of storage can (`PVE/Storage.pm`, notes of pve-storage on `export`).
A replicated guest goes to the same names: its copies lie there. The HA manager drops a map.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from labtui.actions.amounts import size
from labtui.actions.migration.answers import LocalDisk, MigrationFacts, Target
from labtui.locale import _
from labtui.model.cluster import Storage

EXPORTED = frozenset(("dir", "btrfs", "zfspool", "lvmthin", "lvm"))


class Source(msgspec.Struct, frozen=True):
    """A storage of the source node with volumes that have to be copied. `size` in bytes."""

    name: str
    size: int
    kind: str = ""


class Fit(msgspec.Struct, frozen=True):
    """Where they may go at a target: the names, the one that is taken, or why there is none."""

    source: Source
    options: tuple[str, ...] = ()
    chosen: str = ""
    hint: str = ""
    problem: str = ""


def copied(facts: MigrationFacts) -> tuple[LocalDisk, ...]:
    """The volumes that go over."""
    return tuple(disk for disk in facts.local_disks if not disk.image)


def sources(facts: MigrationFacts) -> tuple[Source, ...]:
    """The storages of the source whose volumes go over, by name."""
    sizes: dict[str, int] = {}
    for disk in copied(facts):
        sizes[disk.storage] = sizes.get(disk.storage, 0) + (0 if disk.cdrom else disk.size)
    return tuple(
        Source(name, total, facts.kinds.get(name, "")) for name, total in sorted(sizes.items())
    )


def fits(facts: MigrationFacts, target: Target) -> tuple[Fit, ...]:
    """Where the volumes of each source storage go at that target."""
    return tuple(_fit(facts, target, source) for source in sources(facts))


def storage_map(facts: MigrationFacts, target: Target) -> str:
    """The map as the call has it (`a:b,c:d`), empty when all keep the name of their storage."""
    return ",".join(
        f"{fit.source.name}:{fit.chosen}"
        for fit in fits(facts, target)
        if fit.chosen and fit.chosen != fit.source.name
    )


def against(facts: MigrationFacts, target: Target) -> Iterable[str]:
    """Why its disks can't be there: storages that it lacks, room that there is not."""
    mapped = {source.name for source in sources(facts)}
    if facts.wishes.eject == "1":
        mapped |= {disk.storage for disk in facts.media}
    # A storage that no node is seen to have is one that the account may not see.
    own = (facts.storages & facts.known_storages) - target.storages if target.storages else ()
    lacking = sorted({*own, *target.lacking} - mapped)
    if lacking:
        yield _("no storage {names}").format(names=" ".join(lacking))
    if not target.stores:
        return
    wanted: dict[str, int] = {}
    for fit in fits(facts, target):
        if fit.problem:
            yield fit.problem
        elif fit.chosen:
            wanted[fit.chosen] = wanted.get(fit.chosen, 0) + fit.source.size
    for store in target.stores:
        free = _free(store)
        if free is not None and wanted.get(store.name, 0) > free:
            text = _("{storage} has no room for all of it ({free} free for {size})")
            yield text.format(storage=store.name, free=size(free), size=size(wanted[store.name]))


def _fit(facts: MigrationFacts, target: Target, source: Source) -> Fit:
    if not target.stores or source.name not in facts.known_storages:
        # What the account may not see is not held against it.
        return Fit(source, (source.name,), source.name)
    able = [store for store in target.stores if _takes(facts, target, source, store)]
    roomy = [store for store in able if (free := _free(store)) is None or free >= source.size]
    if not roomy:
        return Fit(source, problem=_why(facts, target, source, able))
    roomy.sort(key=lambda store: (store.name != source.name, -(_free(store) or 0), store.name))
    names = tuple(store.name for store in roomy)
    wished = facts.wishes.storages.get(source.name, "")
    if wished and wished not in names and facts.wishes.strict:
        text = _("{storage} is not there for it, or has no room")
        return Fit(source, names, problem=text.format(storage=wished))
    taken = wished if wished in names else names[0]
    free = next(_free(store) for store in roomy if store.name == taken)
    hint = "" if free is None else _("{size} free").format(size=size(free))
    return Fit(source, names, taken, hint)


def _takes(facts: MigrationFacts, target: Target, source: Source, store: Storage) -> bool:
    """Whether that storage may take volumes of that source."""
    if store.name == source.name:
        return True
    if facts.managed or target.node.name in facts.replicas:
        return False
    content = "images" if facts.guest.kind == "qemu" else "rootdir"
    if content not in store.content:
        return False
    if facts.fillable is not None and store.name not in facts.fillable:
        return False
    live = facts.running and facts.guest.kind == "qemu"
    return live or (store.kind in EXPORTED and not store.shared)


def _why(facts: MigrationFacts, target: Target, source: Source, able: list[Storage]) -> str:
    """Why none of the target's storages takes them."""
    if able:
        text = _("no storage has room for {size} of {source}")
        return text.format(size=size(source.size), source=source.name)
    if facts.managed:
        text = _("no storage {source}, and the HA manager drops a choice of another")
        return text.format(source=source.name)
    if facts.fillable is not None and not facts.fillable:
        text = _("no storage {source}, and the account may not choose another")
        return text.format(source=source.name)
    return _("no storage {names}").format(names=source.name)


def _free(store: Storage) -> int | None:
    if store.size is None or store.used is None:
        return None
    return max(0, store.size - store.used)
