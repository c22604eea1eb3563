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
from labtui.actions.migration.configuration import (
    binds_of,
    bridges_of,
    mapped_in,
    other_mappings,
    storages_of,
)
from labtui.actions.migration.rules import HaRules, listed
from labtui.actions.migration.speed import Speeds
from labtui.locale import _
from labtui.model.cluster import Node, Storage
from labtui.model.errors import LabError, Rejected
from labtui.model.guests import Guest
from labtui.model.text import clean

_SCALE = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


class LocalDisk(msgspec.Struct, frozen=True):
    """A volume that is not on shared storage. `size` in bytes."""

    volume: str
    drive: str
    size: int
    cdrom: bool = False
    cloudinit: bool = False

    @property
    def storage(self) -> str:
        """The storage that it lies on."""
        return self.volume.partition(":")[0]

    @property
    def image(self) -> bool:
        """A CD image, which can't go along; one of cloud-init is made anew."""
        return self.cdrom and not self.cloudinit


class Wishes(msgspec.Struct, frozen=True):
    """What a person has set. `storages`: source -> target; empty texts are for the default.

    `strict`: a storage that is wished for is taken or none, where nobody sees each guest's own map.
    """

    storages: dict[str, str] = {}
    limit: str = ""
    conntrack: str = ""
    eject: str = "0"
    strict: bool = False


class Target(msgspec.Struct, frozen=True):
    """A node the guest could go to, with all that was found for and against it.

    `stores` are the storages that are usable there, `lacking` those that the server misses there,
    `cards` how many devices of a mapping are free (None: nobody can say).
    """

    node: Node
    online: bool
    forbidden: tuple[str, ...] = ()
    bridges: frozenset[str] | None = None
    cpu_model: str = ""
    storages: frozenset[str] = frozenset()
    stores: tuple[Storage, ...] = ()
    lacking: tuple[str, ...] = ()
    cards: Mapping[str, int | None] = {}


class MigrationFacts(msgspec.Struct, frozen=True):
    """All a draft needs. `unasked` says why the server's own check could not be had.

    `needs` are devices by mapping, `unmapped` names of mappings that do not exist. `tracks`: the
    server can take the firewall's connections along. `fillable`: storages that the account may
    fill, None for all. `hidden` are networks of it that the account may not see, `beside` are
    services that the HA manager moves with it.
    """

    guest: Guest
    running: bool
    read_at: float
    standing: Standing
    targets: tuple[Target, ...]
    local_disks: tuple[LocalDisk, ...] = ()
    local_resources: tuple[str, ...] = ()
    pinned_mappings: tuple[str, ...] = ()
    bridges: frozenset[str] = frozenset()
    vnets: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()
    cpu_type: str = ""
    source_cpu: str = ""
    digest: str = ""
    storages: frozenset[str] = frozenset()
    shared_storages: frozenset[str] = frozenset()
    kinds: Mapping[str, str] = {}
    managed: bool = False
    ha_error: bool = False
    speeds: Speeds = Speeds()
    own_job: bool = False
    known_storages: frozenset[str] = frozenset()
    fillable: frozenset[str] | None = None
    status: str = ""
    unasked: str = ""
    needs: Mapping[str, int] = {}
    unmapped: tuple[str, ...] = ()
    replicas: frozenset[str] = frozenset()
    rules: HaRules = HaRules()
    strangers: Mapping[str, str] = {}
    beside: tuple[str, ...] = ()
    snapshots: bool = False
    binds: tuple[str, ...] = ()
    tracks: bool = False
    wishes: Wishes = Wishes()

    @property
    def media(self) -> tuple[LocalDisk, ...]:
        """The local CD images in its drives."""
        return tuple(disk for disk in self.local_disks if disk.image)


class Unasked(msgspec.Struct, frozen=True):
    """Why the server's own check could not be had. `died`: of a mapping that does not exist."""

    why: str
    died: bool = False


def unasked_for(error: LabError) -> Unasked:
    """The reason that an error gives. The server dies in these words of a mapping that does not
    exist (qemu-server, `QemuMigrate/Helpers.pm`; recorded, 8.4 and 9.2)."""
    said = error.said if isinstance(error, Rejected) else ""
    return Unasked(error.why or error.what, "undefined value as an ARRAY" in said)


def with_check(
    base: MigrationFacts, check: Mapping[str, Any] | Unasked, config: Mapping[str, Any]
) -> MigrationFacts:
    """The facts with what the server's check (or why there is none) and the configuration say."""
    facts = _with_config(base, config)
    if isinstance(check, Unasked):
        names = other_mappings(config) if check.died else ()
        return msgspec.structs.replace(facts, unasked=clean(check.why), unmapped=names)
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
    disks = tuple(_disk(d) for d in listed(check.get("local_disks")) if isinstance(d, dict))
    return msgspec.structs.replace(
        facts,
        running=bool(running) if running is not None else facts.running,
        local_disks=disks if facts.guest.kind == "qemu" else facts.local_disks,
        local_resources=tuple(resources),
        pinned_mappings=tuple(pinned),
        tracks=bool(check.get("has-dbus-vmstate")),
        beside=tuple(clean(str(s)) for s in listed(check.get("dependent-ha-resources"))),
        targets=tuple(_checked(target, check) for target in facts.targets),
    )


def _with_config(base: MigrationFacts, config: Mapping[str, Any]) -> MigrationFacts:
    """With what the configuration says alone; a container's disks are told by nothing else."""
    facts = msgspec.structs.replace(
        base,
        bridges=frozenset(bridges_of(config)),
        cpu_type=clean(str(config.get("cpu", ""))).split(",")[0].removeprefix("cputype="),
        digest=clean(str(config.get("digest", ""))),
        storages=frozenset(storages_of(config)),
        snapshots=bool(config.get("parent")),
        needs=base.needs or mapped_in(config),
    )
    if facts.guest.kind == "qemu":
        return facts
    return msgspec.structs.replace(
        facts, binds=binds_of(config), local_disks=tuple(_volumes_of(facts, config))
    )


def _checked(target: Target, check: Mapping[str, Any]) -> Target:
    """A target with what the server says of it; QEMU's keys have underscores, LXC's hyphens."""
    table = check.get("not_allowed_nodes", check.get("not-allowed-nodes"))
    entry = table.get(target.node.name) if isinstance(table, dict) else None
    if not isinstance(entry, dict):
        return target
    reasons = []
    if mappings := listed(entry.get("unavailable-resources")):
        names = clean(", ".join(str(item) for item in mappings))
        reasons.append(_("no mapped device for {names}").format(names=names))
    reasons.extend(
        _ruled(item)
        for item in listed(entry.get("blocking-ha-resources"))
        if isinstance(item, dict)
    )
    lacking = tuple(clean(str(name)) for name in listed(entry.get("unavailable_storages")))
    return msgspec.structs.replace(target, forbidden=tuple(reasons), lacking=lacking)


def _ruled(item: Mapping[str, Any]) -> str:
    """A rule of the HA manager that is in the way, in words."""
    sid, cause = clean(str(item.get("sid", "?"))), clean(str(item.get("cause", "?")))
    texts = {
        "node-affinity": _("an HA rule holds {sid} to other nodes"),
        "resource-affinity": _("an HA rule keeps it away from {sid}, which is there"),
    }
    return texts.get(cause, _("HA rule ({cause}) with {sid}")).format(cause=cause, sid=sid)


def _disk(row: Mapping[str, Any]) -> LocalDisk:
    size = row.get("size")
    return LocalDisk(
        clean(str(row.get("volid", ""))),
        clean(str(row.get("drivename", ""))),
        int(size) if isinstance(size, int | float) and math.isfinite(size) else 0,
        bool(row.get("cdrom")),
        # 8.4 does not tell; the name is the one that the server gives such a drive.
        bool(row.get("is_cloudinit")) or "cloudinit" in str(row.get("volid", "")),
    )


def _volumes_of(facts: MigrationFacts, config: Mapping[str, Any]) -> list[LocalDisk]:
    """The volumes of a container on storages that only its node has."""
    found = []
    local = facts.known_storages - facts.shared_storages
    for key, value in config.items():
        if key != "rootfs" and not (key.startswith("mp") and key[2:].isdigit()):
            continue
        volume, *options = str(value).split(",")
        size = next((o[5:] for o in options if o.startswith("size=")), "")
        number = int(size[:-1]) * _SCALE.get(size[-1], 0) if size[:-1].isdigit() else 0
        if volume.partition(":")[0] in local:
            found.append(LocalDisk(clean(volume), clean(key), number))
    return found
