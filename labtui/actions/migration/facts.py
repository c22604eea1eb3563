"""The survey before a migration: one guest and the nodes it could go to, reads only.

The server's own check (`GET .../migrate`) is asked once and answers for all nodes; it looks at
neither memory nor processor nor bridges (qemu-server `API2/Qemu.pm`), so those are asked here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import msgspec

from labtui.actions import interlock
from labtui.actions.action import Scope, Wire
from labtui.actions.interlock import Standing
from labtui.actions.migration.answers import MigrationFacts, Target, listed, with_check
from labtui.locale import _
from labtui.model.cluster import Resources
from labtui.model.errors import LabError, NotFound, Rejected
from labtui.model.guests import Guest
from labtui.model.presence import SeenGuest, presences, seen_guests
from labtui.model.snapshot import Snapshot
from labtui.model.text import clean

# Nodes are asked for their bridges one by one, so only the likeliest are.
MOST_ASKED = 12


async def survey(subject: str, wire: Wire, scope: Scope) -> MigrationFacts:
    """Read what a plan for that guest needs. Raises `NotFound` and whatever reading raises."""
    snapshot = wire.snapshot
    seen = seen_guests(snapshot).get(subject)
    if seen is None:
        raise NotFound(_("guest not found"), where=subject, remedy=_("press r to read again"))
    guest = seen.guest
    standing = await interlock.look(scope, wire)
    base = _from_snapshot(seen, snapshot, wire.now(), standing)
    if standing.blockers or guest.lock:
        # The server would refuse to check; the draft says why.
        return base
    check, config = await asyncio.gather(_check(guest, wire), _config(guest, wire))
    base = with_check(base, check, config)
    return await _with_nodes(base, wire)


def _from_snapshot(
    seen: SeenGuest, snapshot: Snapshot, now: float, standing: Standing
) -> MigrationFacts:
    guest = seen.guest
    cluster = guest.cluster
    resources = snapshot.one(Resources, cluster) or Resources()
    there = presences(snapshot)
    targets = []
    for node in resources.nodes:
        if node.name == guest.node:
            continue
        presence = there.get((cluster, node.name))
        usable = frozenset(
            storage.name
            for storage in resources.storages
            if storage.node == node.name and storage.status == "available"
        )
        targets.append(
            Target(node, presence is not None and presence.online is True, (), None, "", usable)
        )
    rates = sorted(job.rate for job in snapshot.jobs if job.state == "done" and job.rate)
    return MigrationFacts(
        guest=guest,
        running=guest.status == "running",
        read_at=now,
        standing=standing,
        targets=tuple(targets),
        shared_storages=frozenset(s.name for s in resources.storages if s.shared),
        managed=bool(guest.ha_state),
        speed=rates[len(rates) // 2] if rates else None,
        moves_measured=len(rates),
        own_job=any(job.running and job.subject == guest.key for job in snapshot.jobs),
        known_storages=frozenset(storage.name for storage in resources.storages),
        status=guest.status,
    )


async def _check(guest: Guest, wire: Wire) -> Mapping[str, Any] | str:
    """The server's own check, or why it could not be had."""
    path = f"/nodes/{guest.node}/{guest.kind}/{guest.vmid}/migrate"
    try:
        answer = await wire.read(guest.cluster, path)
    except Rejected as error:
        if guest.kind == "lxc" and error.status == 501:
            return _("this version has no check for containers")
        return error.why or error.what
    return answer if isinstance(answer, dict) else _("the server's check gave no answer")


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
    targets = await asyncio.gather(*(ask(target) for target in facts.targets))
    return msgspec.structs.replace(facts, targets=tuple(targets), source_cpu=source_cpu)


async def _nothing() -> str:
    return ""


async def _bridges_on(cluster: str, node: str, wire: Wire) -> frozenset[str] | None:
    """None when the node could not be asked: then nothing is said about its bridges."""
    try:
        rows = await wire.read(cluster, f"/nodes/{node}/network", type="any_bridge")
    except LabError:
        return None
    return frozenset(
        clean(str(row.get("iface", ""))) for row in listed(rows) if isinstance(row, dict)
    )


async def _cpu_on(cluster: str, node: str, wire: Wire) -> str:
    try:
        answer = await wire.read(cluster, f"/nodes/{node}/status")
    except LabError:
        return ""
    info = answer.get("cpuinfo") if isinstance(answer, dict) else None
    return clean(str(info.get("model", ""))) if isinstance(info, dict) else ""
