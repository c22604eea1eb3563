"""The survey before a migration: one guest and the nodes it could go to, reads only.

The server's own check (`GET .../migrate`) is asked once and answers for all nodes; it looks at
neither memory nor processor nor bridges (qemu-server `API2/Qemu.pm`), so those are asked here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from labtui.actions import interlock
from labtui.actions.action import Scope, Wire, subjects
from labtui.actions.interlock import Standing
from labtui.actions.migration.answers import (
    MigrationFacts,
    Target,
    Unasked,
    unasked_for,
    with_check,
)
from labtui.actions.migration.around import (
    read_bridges,
    read_replicas,
    read_rules,
    read_vnets,
    sees_networks,
    stores_on,
    strangers,
)
from labtui.actions.migration.cards import free_entries, mapped_devices
from labtui.actions.migration.speed import KnowsMoves, Speeds
from labtui.locale import _
from labtui.model.cluster import HaStatus, Resources, Rights
from labtui.model.devices import Hardware
from labtui.model.errors import LabError, NotFound, Rejected
from labtui.model.guests import Guest
from labtui.model.presence import presences, seen_guests
from labtui.model.snapshot import Snapshot
from labtui.model.text import clean

# Nodes are asked for their bridges one by one, so only the likeliest are.
MOST_ASKED = 12


async def survey(subject: str, wire: Wire, scope: Scope, *, within: str = "") -> MigrationFacts:
    """Read what a plan for that guest needs. Raises `NotFound` and whatever reading raises.

    `within` is the subject of the job that asks, if it is one for several.
    """
    snapshot = wire.snapshot
    seen = seen_guests(snapshot).get(subject)
    if seen is None:
        raise NotFound(_("guest not found"), where=subject, remedy=_("press r to read again"))
    guest = seen.guest
    standing = await interlock.look(scope, wire)
    speeds = await speeds_of(guest.cluster, wire)
    base = from_snapshot(seen.guest, snapshot, wire.now(), standing, speeds, within)
    if standing.blockers or guest.lock:
        # The server would refuse to check; the draft says why.
        return base
    check, config = await asyncio.gather(_check(guest, wire), _config(guest, wire))
    base = with_cards(with_check(base, check, config), snapshot)
    return await _with_nodes(await _with_cluster(base, wire), wire)


async def speeds_of(cluster: str, wire: Wire) -> Speeds:
    """What is known of earlier moves; those of this console alone where nobody keeps them."""
    jobs = wire.snapshot.jobs
    seen = tuple(job.rate for job in jobs if job.state == "done" and job.rate)
    moves = await wire.moves(cluster) if isinstance(wire, KnowsMoves) else ()
    return Speeds(moves, seen)


def from_snapshot(
    guest: Guest,
    snapshot: Snapshot,
    now: float,
    standing: Standing,
    speeds: Speeds,
    within: str = "",
) -> MigrationFacts:
    """The facts before anything is asked."""
    cluster = guest.cluster
    resources = snapshot.one(Resources, cluster) or Resources()
    rights = snapshot.one(Rights, cluster)
    ha = snapshot.one(HaStatus, cluster)
    service = ha.service(guest.sid) if ha is not None else None
    names = {storage.name for storage in resources.storages}
    may_map = rights is None or rights.allows("VM.Config.Disk", f"/vms/{guest.vmid}")
    fillable = (
        None
        if rights is None
        else frozenset(
            name
            for name in names
            if may_map and rights.allows("Datastore.AllocateSpace", f"/storage/{name}")
        )
    )
    return MigrationFacts(
        guest=guest,
        running=guest.status == "running",
        read_at=now,
        standing=standing,
        targets=tuple(_targets(guest, snapshot, resources)),
        shared_storages=frozenset(s.name for s in resources.storages if s.shared),
        kinds={s.name: s.kind for s in resources.storages if s.node == guest.node},
        managed=guest.ha_state not in ("", "ignored"),
        ha_error="error" in (guest.ha_state, service.state if service else ""),
        speeds=speeds,
        own_job=any(
            job.running and job.subject != within and guest.key in subjects(job.subject)
            for job in snapshot.jobs
        ),
        known_storages=frozenset(names),
        fillable=fillable,
        status=guest.status,
        needs=mapped_devices(snapshot, guest),
        strangers=strangers(snapshot, cluster),
    )


def _targets(guest: Guest, snapshot: Snapshot, resources: Resources) -> Iterable[Target]:
    there = presences(snapshot)
    for node in resources.nodes:
        if node.name == guest.node:
            continue
        presence = there.get((guest.cluster, node.name))
        stores = stores_on(resources, node.name)
        yield Target(
            node,
            presence is not None and presence.online is True,
            storages=frozenset(store.name for store in stores),
            stores=stores,
        )


def with_cards(facts: MigrationFacts, snapshot: Snapshot) -> MigrationFacts:
    """The facts with the free cards of each target and the mappings that there are none of."""
    if not facts.needs:
        return facts
    guest = facts.guest
    hardware = snapshot.one(Hardware, guest.cluster)
    if hardware is None:
        return facts
    known = {mapping.name for mapping in hardware.mappings}
    targets = tuple(
        msgspec.structs.replace(
            target,
            cards={
                name: free_entries(snapshot, guest.cluster, name, target.node.name, guest.node)
                for name in facts.needs
            },
        )
        for target in facts.targets
    )
    # Those of the server's own check are of other kinds: only without a missing card are they it.
    unmapped = tuple(sorted(set(facts.needs) - known)) or facts.unmapped
    return msgspec.structs.replace(facts, targets=targets, unmapped=unmapped)


async def _with_cluster(facts: MigrationFacts, wire: Wire) -> MigrationFacts:
    """With the copies of its disks, and the rules where the HA manager moves it."""

    async def get(path: str) -> Any:
        return await wire.read(facts.guest.cluster, path)

    if any(not disk.cdrom for disk in facts.local_disks):
        found = await read_replicas(get)
        facts = msgspec.structs.replace(
            facts, replicas=found.get(facts.guest.vmid, frozenset()) - {facts.guest.node}
        )
    if facts.managed:
        facts = msgspec.structs.replace(facts, rules=await read_rules(get))
    return facts


async def _check(guest: Guest, wire: Wire) -> Mapping[str, Any] | Unasked:
    """The server's own check, or why it could not be had."""
    path = f"/nodes/{guest.node}/{guest.kind}/{guest.vmid}/migrate"
    try:
        answer = await wire.read(guest.cluster, path)
    except Rejected as error:
        if guest.kind == "lxc" and error.status == 501:
            return Unasked(_("this version has no check for containers"))
        return unasked_for(error)
    return answer if isinstance(answer, dict) else Unasked(_("the server's check gave no answer"))


async def _config(guest: Guest, wire: Wire) -> Mapping[str, Any]:
    answer = await wire.read(guest.cluster, f"/nodes/{guest.node}/{guest.kind}/{guest.vmid}/config")
    return answer if isinstance(answer, dict) else {}


async def _with_nodes(facts: MigrationFacts, wire: Wire) -> MigrationFacts:
    """Ask the likeliest targets for their bridges and processors, all at once."""
    likely = [t for t in facts.targets if t.online and not t.forbidden]
    likely.sort(key=lambda target: (target.node.memory or 0) / (target.node.memory_max or 1))
    asked = {target.node.name for target in likely[:MOST_ASKED]}
    wants_cpu = facts.running and facts.guest.kind == "qemu" and facts.cpu_type == "host"
    cluster = facts.guest.cluster

    async def ask(target: Target) -> Target:
        if target.node.name not in asked:
            return target
        bridges, model = await asyncio.gather(
            _bridges_on(cluster, target.node.name, wire),
            _cpu_on(cluster, target.node.name, wire) if wants_cpu else _nothing(),
        )
        return msgspec.structs.replace(target, bridges=bridges, cpu_model=model)

    source_cpu = await _cpu_on(cluster, facts.guest.node, wire) if wants_cpu else ""
    if not sees_networks(wire.snapshot.one(Rights, cluster)):
        # What is not shown even where the guest is now can't be held against another node.
        here = await _bridges_on(cluster, facts.guest.node, wire)
        facts = msgspec.structs.replace(
            facts,
            bridges=facts.bridges & (here or frozenset()),
            hidden=facts.bridges - (here or frozenset()),
        )
    targets = await asyncio.gather(*(ask(target) for target in facts.targets))
    vnets: frozenset[str] = frozenset()
    if any(t.bridges is not None and facts.bridges - t.bridges for t in targets):
        vnets = await read_vnets(lambda path: wire.read(cluster, path))
    return msgspec.structs.replace(
        facts, targets=tuple(targets), source_cpu=source_cpu, vnets=vnets
    )


async def _nothing() -> str:
    return ""


async def _bridges_on(cluster: str, node: str, wire: Wire) -> frozenset[str] | None:
    """None when the node could not be asked: then nothing is said about its bridges."""
    try:
        return await read_bridges(lambda path, **params: wire.read(cluster, path, **params), node)
    except LabError:
        return None


async def _cpu_on(cluster: str, node: str, wire: Wire) -> str:
    try:
        answer = await wire.read(cluster, f"/nodes/{node}/status")
    except LabError:
        return ""
    info = answer.get("cpuinfo") if isinstance(answer, dict) else None
    return clean(str(info.get("model", ""))) if isinstance(info, dict) else ""
