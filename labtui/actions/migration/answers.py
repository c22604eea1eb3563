"""What a migration plan rests on, and how the server's answers are read into it. Pure.

Traps of `GET .../migrate` met here: an empty object under `not_allowed_nodes` forbids nothing,
QEMU's keys have underscores and LXC's hyphens, and a mapped device that can go live is told by a
key that is absent otherwise (qemu-server `API2/Qemu.pm`, pve-container `API2/LXC.pm`; recorded).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import msgspec

from labtui.actions.interlock import Standing
from labtui.locale import _
from labtui.model.cluster import Node
from labtui.model.guests import Guest
from labtui.model.text import clean


class LocalDisk(msgspec.Struct, frozen=True):
    """A disk that is not on shared storage. `size` in bytes."""

    volume: str
    drive: str
    size: int
    cdrom: bool = False
    cloudinit: bool = False


class Target(msgspec.Struct, frozen=True):
    """A node the guest could go to, with all that was found for and against it."""

    node: Node
    online: bool
    forbidden: tuple[str, ...] = ()
    bridges: frozenset[str] | None = None
    cpu_model: str = ""
    storages: frozenset[str] = frozenset()


class MigrationFacts(msgspec.Struct, frozen=True):
    """All a draft needs. `unasked` says why the server's own check could not be had."""

    guest: Guest
    running: bool
    read_at: float
    standing: Standing
    targets: tuple[Target, ...]
    local_disks: tuple[LocalDisk, ...] = ()
    local_resources: tuple[str, ...] = ()
    pinned_mappings: tuple[str, ...] = ()
    bridges: frozenset[str] = frozenset()
    cpu_type: str = ""
    source_cpu: str = ""
    digest: str = ""
    storages: frozenset[str] = frozenset()
    shared_storages: frozenset[str] = frozenset()
    managed: bool = False
    speed: float | None = None
    moves_measured: int = 0
    own_job: bool = False
    known_storages: frozenset[str] = frozenset()
    status: str = ""
    unasked: str = ""


def with_check(
    base: MigrationFacts, check: Mapping[str, Any] | str, config: Mapping[str, Any]
) -> MigrationFacts:
    """The facts with what the server's check (or why there is none) and the configuration say."""
    replace = msgspec.structs.replace
    facts = replace(
        base,
        bridges=frozenset(_bridges_of(config)),
        cpu_type=clean(str(config.get("cpu", ""))).split(",")[0].removeprefix("cputype="),
        digest=clean(str(config.get("digest", ""))),
        storages=frozenset(_storages_of(config)),
    )
    if isinstance(check, str):
        return replace(facts, unasked=clean(check))
    mapped = check.get("mapped-resource-info")
    mapped = mapped if isinstance(mapped, dict) else {}
    pinned = [
        f"{slot} ({clean(str(info.get('name', '')))})"
        for slot, info in mapped.items()
        if isinstance(info, dict) and not info.get("live-migration")
    ]
    resources = [
        clean(item)
        for item in listed(check.get("local_resources"))
        if isinstance(item, str) and item not in mapped
    ]
    running = check.get("running")
    return replace(
        facts,
        running=bool(running) if running is not None else facts.running,
        local_disks=tuple(
            _disk(d) for d in listed(check.get("local_disks")) if isinstance(d, dict)
        ),
        local_resources=tuple(resources),
        pinned_mappings=tuple(pinned),
        targets=tuple(
            replace(target, forbidden=_forbidden(target.node.name, check))
            for target in facts.targets
        ),
    )


def listed(value: Any) -> list[Any]:
    """The value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def _disk(row: Mapping[str, Any]) -> LocalDisk:
    size = row.get("size")
    return LocalDisk(
        clean(str(row.get("volid", ""))),
        clean(str(row.get("drivename", ""))),
        int(size) if isinstance(size, int | float) and math.isfinite(size) else 0,
        bool(row.get("cdrom")),
        bool(row.get("is_cloudinit")),
    )


def _forbidden(node: str, check: Mapping[str, Any]) -> tuple[str, ...]:
    """Why the server forbids a node; QEMU's keys have underscores, LXC's hyphens."""
    table = check.get("not_allowed_nodes", check.get("not-allowed-nodes"))
    entry = table.get(node) if isinstance(table, dict) else None
    if not isinstance(entry, dict):
        return ()
    reasons = []
    if storages := listed(entry.get("unavailable_storages")):
        reasons.append(_("no storage {names}").format(names=_names(storages)))
    if mappings := listed(entry.get("unavailable-resources")):
        reasons.append(_("no mapped device for {names}").format(names=_names(mappings)))
    reasons.extend(
        _("HA rule ({cause}) with {sid}").format(
            cause=clean(str(item.get("cause", "?"))), sid=clean(str(item.get("sid", "?")))
        )
        for item in listed(entry.get("blocking-ha-resources"))
        if isinstance(item, dict)
    )
    return tuple(reasons)


def _names(items: list[Any]) -> str:
    return clean(", ".join(str(item) for item in items))


def _bridges_of(config: Mapping[str, Any]) -> list[str]:
    bridges = []
    for key, value in config.items():
        if key.startswith("net") and key[3:].isdigit() and isinstance(value, str):
            parts = dict(part.split("=", 1) for part in value.split(",") if "=" in part)
            if parts.get("bridge"):
                bridges.append(clean(parts["bridge"]))
    return bridges


_DISK_KEYS = ("scsi", "virtio", "ide", "sata", "efidisk", "tpmstate", "rootfs", "mp")


def _storages_of(config: Mapping[str, Any]) -> list[str]:
    found = []
    for key, value in config.items():
        if key.rstrip("0123456789") in _DISK_KEYS and isinstance(value, str):
            storage, colon, _volume = value.split(",")[0].partition(":")
            if colon and "/" not in storage:
                found.append(clean(storage))
    return found
