"""The survey before a node is rebooted, shut down or woken: guests, HA, votes, tasks."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec

from labtui.actions import interlock
from labtui.actions.action import Right, Scope, Wire
from labtui.actions.interlock import Standing
from labtui.actions.nodes.guests import Policy, Tenant, Verb, policy_of
from labtui.actions.nodes.votes import Votes, read_votes
from labtui.locale import _
from labtui.model.cluster import HaStatus, Membership, Resources, Task
from labtui.model.errors import LabError, NotFound
from labtui.model.guests import Guest, GuestConfig, GuestConfigs
from labtui.model.presence import presences, seen_guests
from labtui.model.safeguards import Ceph
from labtui.model.snapshot import Snapshot
from labtui.model.text import clean

PRIVILEGE = "Sys.PowerMgmt"
_AT_ONCE = 4
_MOST_ASKED = 64


class NodeFacts(msgspec.Struct, frozen=True):
    """All a draft needs. `tasks` run on the node and end with it; `unread` say what is not known.

    `policy` is None where it could not be read.
    """

    verb: Verb
    cluster: str
    node: str
    read_at: float
    standing: Standing
    online: bool | None = None
    tenants: tuple[Tenant, ...] = ()
    policy: Policy | None = None
    maintenance: bool = False
    votes: Votes = Votes()
    ceph: Ceph | None = None
    has_ceph: bool = False
    tasks: tuple[Task, ...] = ()
    unread: tuple[str, ...] = ()


def scope_of(verb: Verb, subject: str) -> Scope:
    """The node and the right to switch it; one that is to be woken need not be there."""
    cluster, _slash, node = subject.partition("/")
    rights = (Right(PRIVILEGE, f"/nodes/{node}"),)
    if verb == "wake":
        return Scope(cluster, node, rights=rights, unquorate=True)
    return Scope(cluster, node, (node,), rights=rights)


async def survey(verb: Verb, subject: str, wire: Wire) -> NodeFacts:
    """Read what a plan needs. Raises `NotFound` when there is no such node."""
    cluster, _slash, node = subject.partition("/")
    snapshot = wire.snapshot
    presence = presences(snapshot).get((cluster, node))
    if presence is None:
        raise NotFound(_("node not found"), where=subject, remedy=_("press r to read again"))
    tasks = await _tasks(cluster, wire)
    scope = scope_of(verb, subject)
    facts = NodeFacts(
        verb,
        cluster,
        node,
        wire.now(),
        interlock.judge(scope, snapshot, wire.now(), wire.max_age, tasks),
        online=presence.online,
    )
    if verb == "wake" or presence.online is False:
        return facts
    guests = [s.guest for s in seen_guests(snapshot).values() if _on(s.guest, cluster, node)]
    membership = snapshot.one(Membership, cluster)
    tenants, unread = await _tenants(guests, snapshot, wire)
    policy, why = await _policy(cluster, wire)
    return msgspec.structs.replace(
        facts,
        tenants=tenants,
        policy=policy,
        maintenance=_maintained(snapshot, cluster, node),
        votes=await read_votes(cluster, node, membership, wire),
        ceph=await _ceph(snapshot, cluster, wire),
        has_ceph=_has_ceph(snapshot, cluster),
        tasks=tuple(t for t in tasks if _cut_off(t, node)) if not isinstance(tasks, str) else (),
        unread=(*unread, *((why,) if why else ())),
    )


def _on(guest: Guest, cluster: str, node: str) -> bool:
    return guest.cluster == cluster and guest.node == node and not guest.template


def _cut_off(task: Task, node: str) -> bool:
    return task.node == node and task.kind not in interlock.LOOKING


async def _tasks(cluster: str, wire: Wire) -> Sequence[Task] | str:
    try:
        return interlock.running(cluster, await wire.read(cluster, "/cluster/tasks"))
    except LabError as error:
        return error.why or error.what


async def _policy(cluster: str, wire: Wire) -> tuple[Policy | None, str]:
    try:
        return policy_of(await wire.read(cluster, "/cluster/options")), ""
    except LabError as error:
        text = _("what HA does when a node ends can't be read ({why})")
        return None, text.format(why=error.why or error.what)


def _maintained(snapshot: Snapshot, cluster: str, node: str) -> bool:
    resources = snapshot.one(Resources, cluster) or Resources()
    return any(row.name == node and row.ha_state == "maintenance" for row in resources.nodes)


async def _ceph(snapshot: Snapshot, cluster: str, wire: Wire) -> Ceph | None:
    """What its feed says, else asked for here; its answer is large, so only where there is one."""
    known = snapshot.one(Ceph, cluster)
    if known is not None or not _has_ceph(snapshot, cluster):
        return known
    try:
        told: Any = await wire.read(cluster, "/cluster/ceph/status")
    except LabError:
        return None
    if not isinstance(told, dict):
        return None
    health, names, monitors, disks = (
        told.get(key) for key in ("health", "quorum_names", "monmap", "osdmap")
    )
    return Ceph(
        health=clean(str(health.get("status", ""))) if isinstance(health, dict) else "",
        osds=_count(disks, "num_osds"),
        quorum=tuple(clean(str(n)) for n in names) if isinstance(names, list) else (),
        monitors=_count(monitors, "num_mons"),
    )


def _count(part: Any, key: str) -> int:
    """A number in a part of Ceph's answer; that of monitors is a list in some versions."""
    if not isinstance(part, dict):
        return 0
    value = part.get(key, len(part["mons"]) if isinstance(part.get("mons"), list) else 0)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _has_ceph(snapshot: Snapshot, cluster: str) -> bool:
    resources = snapshot.one(Resources, cluster) or Resources()
    return any(storage.kind in ("rbd", "cephfs") for storage in resources.storages)


async def _tenants(
    guests: Sequence[Guest], snapshot: Snapshot, wire: Wire
) -> tuple[tuple[Tenant, ...], tuple[str, ...]]:
    """The guests with what their configurations say; those not read yet are asked for, a few."""
    found: list[Tenant] = []
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one(guest: Guest, *, ask: bool) -> Tenant:
        part = snapshot.one(GuestConfigs, guest.cluster)
        known = part.configs.get(guest.vmid) if part is not None else None
        ha = snapshot.one(HaStatus, guest.cluster)
        managed = guest.ha_state not in ("", "ignored") or (
            ha is not None and ha.service(guest.sid) is not None and guest.ha_state != "ignored"
        )
        running = guest.status not in ("stopped", "unknown", "")
        if known is not None:
            return _known(guest, known, managed=managed, running=running)
        told: Any = None
        if ask:
            async with gate:
                told = await _config(guest, wire)
        onboot = None if told is None else str(told.get("onboot", 0)) == "1"
        cards = any(str(key).startswith("hostpci") for key in told or {})
        return Tenant(guest, running, onboot, cards, managed)

    ordered = sorted(guests, key=lambda guest: guest.vmid)
    found = list(
        await asyncio.gather(*(one(g, ask=n < _MOST_ASKED) for n, g in enumerate(ordered)))
    )
    unknown = sum(tenant.onboot is None for tenant in found)
    if not unknown:
        return tuple(found), ()
    text = _("guests of which nobody could say whether they start with the node: {n}")
    return tuple(found), (text.format(n=unknown),)


def _known(guest: Guest, config: GuestConfig, *, managed: bool, running: bool) -> Tenant:
    return Tenant(guest, running, config.onboot, bool(config.hostpci), managed)


async def _config(guest: Guest, wire: Wire) -> dict[str, Any] | None:
    path = f"/nodes/{guest.node}/{guest.kind}/{guest.vmid}/config"
    try:
        told = await wire.read(guest.cluster, path)
    except LabError:
        return None
    return told if isinstance(told, dict) else None
