"""What is remembered of clusters: who ran, whose figures stand still, which cards there were."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from labtui.model.cluster import Membership, Resources
from labtui.model.derived import Derived
from labtui.model.devices import Hardware
from labtui.model.presence import presences
from labtui.model.safeguards import Safeguards
from labtui.model.snapshot import Snapshot
from labtui.model.witnesses import alone, parties


class Stopped(msgspec.Struct, frozen=True):
    """A guest that ran when last seen and was stopped at `at`, on that node."""

    at: float
    node: str


class GuestsPast(msgspec.Struct, frozen=True):
    """The guests of one cluster: who ran when it was read (at `read_at`), and who stopped since."""

    read_at: float | None = None
    running: frozenset[str] = frozenset()
    stopped: dict[str, Stopped] = {}


class ByState(NamedTuple):
    """The guests of one cluster by what their rows say; of those that are stopped the node."""

    running: frozenset[str]
    stopped: dict[str, str]
    others: frozenset[str]


class NodePast(msgspec.Struct, frozen=True):
    """A node's own count of its seconds: what it was, since when, and when it last began anew."""

    uptime: int
    moved_at: float
    rebooted_at: float | None = None


class Parted(msgspec.Struct, frozen=True):
    """A node that answered at `at` and was not seen by the others: how many it saw, of how many."""

    at: float
    saw: int
    of: int


class CardsPast(msgspec.Struct, frozen=True):
    """GPUs that a node had when its devices were read: address -> model."""

    models: dict[str, str]


class CoverPast(msgspec.Struct, frozen=True):
    """The guests in no backup job and those in one; `left`: when some of these went out of it."""

    outside: frozenset[int]
    inside: frozenset[int] = frozenset()
    left: dict[int, float] = {}


def learn_cover(past: dict[str, CoverPast], snapshot: Snapshot, now: float) -> dict[str, CoverPast]:
    """Who was taken out of the backup jobs while somebody looked; a new guest was in none."""
    learnt = dict(past)
    for cluster, part in snapshot.of(Safeguards):
        outside, before = part.not_backed_up, past.get(cluster)
        resources = snapshot.one(Resources, cluster)
        if outside is None or resources is None:
            continue
        if before is not None and before.outside == outside:
            continue
        left: dict[int, float] = {}
        if before is not None:
            left = dict.fromkeys(outside & before.inside, now)
            left |= {vmid: at for vmid, at in before.left.items() if vmid in outside}
        inside = frozenset(guest.vmid for guest in resources.guests) - outside
        learnt[cluster] = CoverPast(outside, inside, left)
    return learnt if learnt != past else past


def learn_guests(
    past: dict[str, GuestsPast], snapshot: Snapshot, now: float
) -> dict[str, GuestsPast]:
    """Who runs and who stopped, by cluster."""
    learnt = dict(past)
    changed = False
    for cluster, _resources in snapshot.of(Resources):
        before = past.get(cluster)
        fresh = snapshot.fresh(Resources, cluster)
        read_at = fresh.read_at if fresh is not None else None
        if before is not None and before.read_at == read_at and read_at is not None:
            continue
        learnt[cluster] = _guests(before, _rows_by_state(snapshot)[cluster], read_at, now)
        changed = True
    return learnt if changed else past


def _states(snapshot: Snapshot) -> dict[str, ByState]:
    found: dict[str, ByState] = {}
    for cluster, resources in snapshot.of(Resources):
        running, stopped, others = [], {}, []
        for guest in resources.guests:
            if guest.status == "running":
                running.append(guest.key)
            elif guest.status == "stopped":
                stopped[guest.key] = guest.node
            else:
                others.append(guest.key)
        found[cluster] = ByState(frozenset(running), stopped, frozenset(others))
    return found


_rows_by_state = Derived((Resources,), _states, figures=False)


def _guests(
    before: GuestsPast | None, rows: ByState, read_at: float | None, now: float
) -> GuestsPast:
    if before is None:
        return GuestsPast(read_at, rows.running)
    # Neither word means anything while nobody publishes figures: those are as they were.
    unsaid = rows.others & before.running
    running = rows.running | unsaid if unsaid else rows.running
    stopped = {
        key: known
        for key, known in before.stopped.items()
        if key in rows.stopped or (key in rows.others and key not in unsaid)
    }
    if before.running is not running:
        ended = rows.stopped.keys() & before.running
        stopped |= {key: Stopped(now, rows.stopped[key]) for key in ended}
    return GuestsPast(read_at, running, stopped)


def learn_nodes(past: dict[str, NodePast], snapshot: Snapshot, now: float) -> dict[str, NodePast]:
    """Whose uptime counts on."""
    learnt: dict[str, NodePast] = {}
    there = presences(snapshot)
    for cluster, resources in snapshot.of(Resources):
        for node in resources.nodes:
            before = past.get(node.key)
            presence = there.get((cluster, node.name))
            online = presence is not None and presence.online is True
            learnt[node.key] = _node(before, node.uptime if online else None, now, online=online)
    return learnt if learnt != past else past


def _node(before: NodePast | None, uptime: int | None, now: float, *, online: bool) -> NodePast:
    if not uptime:
        kept = before or NodePast(0, now)
        # While it is away, standing still means nothing.
        return kept if online else msgspec.structs.replace(kept, moved_at=now)
    if before is None or before.uptime == 0:
        return NodePast(uptime, now)
    if uptime == before.uptime:
        return before
    rebooted = now - uptime if uptime < before.uptime else before.rebooted_at
    return NodePast(uptime, now, rebooted)


def learn_parted(past: dict[str, Parted], snapshot: Snapshot, now: float) -> dict[str, Parted]:
    """Who was cut off while it answered; kept until it is back, as its watchdog soon resets it."""
    learnt: dict[str, Parted] = {}
    for cluster, membership in snapshot.of(Membership):
        sides = parties(membership.witnesses)
        for member in membership.members:
            key = f"{cluster}/{member.name}"
            if not member.online and key in past:
                learnt[key] = past[key]
        if len(sides) < 2 or sides[0].quorate is False:
            continue
        for side in sides[1:]:
            for name in set(side.names) & (set(sides[0].members) - set(sides[0].online)):
                if alone(side):
                    known = past.get(f"{cluster}/{name}")
                    at = known.at if known else now
                    learnt[f"{cluster}/{name}"] = Parted(at, len(side.online), len(side.members))
    return learnt if learnt != past else past


def learn_cards(past: dict[str, CardsPast], snapshot: Snapshot) -> dict[str, CardsPast]:
    """The GPUs ever seen in each node since the start."""
    learnt = dict(past)
    for cluster, hardware in snapshot.of(Hardware):
        for node, devices in hardware.devices.items():
            key = f"{cluster}/{node}"
            models = {device.address: device.model for device in devices if device.is_gpu}
            before = past.get(key)
            if before is None:
                learnt[key] = CardsPast(models)
            elif not models.keys() <= before.models.keys():
                learnt[key] = CardsPast({**before.models, **models})
    return learnt if learnt != past else past
