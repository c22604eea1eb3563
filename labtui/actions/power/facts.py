"""The survey before a guest is started, stopped or paused: the guest, its node, its storages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from labtui.actions.action import Wire
from labtui.actions.guest_facts import Subject, look_at
from labtui.locale import _
from labtui.model.cluster import Resources
from labtui.model.guests import Guest
from labtui.model.snapshot import Snapshot
from labtui.model.starting import configured, rivals

Verb = Literal["start", "shutdown", "stop", "reboot", "reset", "suspend", "resume"]
PRIVILEGE = "VM.PowerMgmt"
MIB = 1 << 20
# What the server waits when it is not told (qemu-server: 180 s, pve-container: 60 s).
_PATIENCE: dict[str, str] = {"qemu": "180", "lxc": "60"}
_DISKS = ("scsi", "virtio", "ide", "sata", "efidisk", "tpmstate", "rootfs", "mp")
# What is read besides the state, so that a plan for many asks no more than it shows.
_PENDING: tuple[Verb, ...] = ("start", "reboot")
_CONFIGURED: tuple[Verb, ...] = ("start", "reboot", "shutdown", "suspend")


class Start(msgspec.Struct, frozen=True):
    """What a start would need. Bytes; None when the node does not say."""

    memory: int = 0
    used: int | None = None
    size: int | None = None
    blockers: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


class PowerFacts(msgspec.Struct, frozen=True):
    """All a draft needs. `timeout` is what was typed, in seconds."""

    verb: Verb
    subjects: tuple[Subject, ...]
    read_at: float
    starts: dict[str, Start] = {}
    timeout: str = "180"


async def survey(verb: Verb, subject: str, wire: Wire) -> PowerFacts:
    """Read what a plan needs. Raises `NotFound` and whatever reading raises."""
    found = await look_at(
        subject, wire, PRIVILEGE, config=verb in _CONFIGURED, pending=verb in _PENDING
    )
    starts = {}
    if verb == "start":
        starts = {each.guest.key: _start(each, wire.snapshot) for each in found}
    kinds = {each.guest.kind for each in found}
    timeout = _PATIENCE["lxc" if kinds == {"lxc"} else "qemu"]
    return PowerFacts(verb, found, wire.now(), starts, timeout)


def answer(facts: PowerFacts, name: str, value: str) -> PowerFacts:
    """The facts with another time limit."""
    return msgspec.structs.replace(facts, timeout=value) if name == "timeout" else facts


def storages_of(config: Mapping[str, Any]) -> tuple[str, ...]:
    """The storages that a configuration's volumes lie on, CD images included."""
    found = []
    for key, value in config.items():
        if key.rstrip("0123456789") in _DISKS and isinstance(value, str):
            storage, colon, _volume = value.split(",")[0].partition(":")
            if colon and "/" not in storage:
                found.append(storage)
    return tuple(dict.fromkeys(found))


def _start(subject: Subject, snapshot: Snapshot) -> Start:
    """What speaks against starting it on its node; the server finds most of that too late."""
    guest = subject.guest
    resources = snapshot.one(Resources, guest.cluster) or Resources()
    blockers = [*_cards(guest, snapshot), *_storages(subject, resources)]
    warnings = []
    if not configured(snapshot, guest):
        warnings.append(_("whether its passed-through devices are free is not known yet"))
    node = next((node for node in resources.nodes if node.name == guest.node), None)
    return Start(
        _memory(subject),
        node.memory if node else None,
        node.memory_max if node else None,
        tuple(blockers),
        tuple(warnings),
    )


def _cards(guest: Guest, snapshot: Snapshot) -> list[str]:
    found = []
    for rival in rivals(snapshot, guest):
        if not rival.holders:
            text = _("no device of mapping {name} is on {node} (hostpci{line})")
            found.append(text.format(name=rival.wanted, node=guest.node, line=rival.line))
            continue
        text = _("{wanted} (hostpci{line}) is in use by {holders}: shut that down first")
        holders = ", ".join(holder.label for holder in rival.holders)
        found.append(text.format(wanted=rival.wanted, line=rival.line, holders=holders))
    return found


def _storages(subject: Subject, resources: Resources) -> list[str]:
    """Storages of its volumes that its node does not have now. One nobody sees is not judged."""
    guest = subject.guest
    known = {storage.name for storage in resources.storages}
    here = {s.name: s.status for s in resources.storages if s.node == guest.node}
    found = []
    for name in storages_of(subject.config):
        if name in known and here.get(name) != "available":
            text = _("storage {name} is not available on {node} ({state})")
            state = here.get(name, _("not there"))
            found.append(text.format(name=name, node=guest.node, state=state))
    return found


def _memory(subject: Subject) -> int:
    """Bytes that it will have: by its configuration, what is pending included."""
    text = str(subject.config.get("memory", ""))
    parts = dict(part.partition("=")[::2] for part in text.split(",") if "=" in part)
    number = parts.get("current", text)
    return int(number) * MIB if number.isdigit() else subject.guest.memory_max or 0
