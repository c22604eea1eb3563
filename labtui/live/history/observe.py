"""How things are in a snapshot: one word for each respect of each object. Pure.

Only what was read just now counts: what is old or remembered says nothing. A thing whose place was
read and that is not there is gone; so each reading tells its `Scope`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from labtui.findings.links import Links, links
from labtui.findings.past_overlay import tunnel_id
from labtui.model.claims import card_table
from labtui.model.cluster import HaStatus, Membership, Resources, Storage, Tasks
from labtui.model.devices import Hardware
from labtui.model.guests import GuestConfigs
from labtui.model.overlay import Bgp, RouterFacts, WireGuard
from labtui.model.presence import presences, quorate, seen_guests
from labtui.model.snapshot import Part, Snapshot

_SETTLED = ("up", "dead", "one-way", "never", "off")
_NEVER_READ = 0.0
_LOOKS = frozenset(("vncproxy", "vncshell", "termproxy", "spiceproxy", "spiceshell"))
_JOB_BY_ITSELF = 5.0


class State(NamedTuple):
    """One respect (`kind`) in which an object is as it is (`value`), as read at `at`."""

    kind: str
    source: str
    key: str
    name: str
    value: str
    at: float
    view: str = ""
    row: str = ""
    silent: bool = False
    """A new one of it is worth no word."""
    when: float | None = None
    """When it became so, where the object says that itself."""
    more: tuple[tuple[str, str], ...] = ()
    """Further values for its words."""


class Scope(NamedTuple):
    """All of one kind of one source was read at `at`."""

    kind: str
    source: str
    at: float


class Observed(NamedTuple):
    """All that a snapshot says."""

    states: tuple[State, ...]
    scopes: tuple[Scope, ...]


def observe(snapshot: Snapshot, now: float) -> Observed:
    """How things are; nothing of what is old."""
    states: list[State] = []
    scopes: list[Scope] = []
    for found in (
        _nodes(snapshot, now),
        _resources(snapshot, now),
        _services(snapshot, now),
        _cards(snapshot, now),
        _uses(snapshot),
        _overlay(snapshot, now),
        _sources(snapshot, now),
        _tasks(snapshot, now),
    ):
        for each in found:
            if isinstance(each, State):
                states.append(each)
            else:
                scopes.append(each)
    return Observed(tuple(states), tuple(scopes))


def read_at(snapshot: Snapshot, kind: type[Part], source: str, now: float) -> float | None:
    """When that part was read, if it may pass for the present."""
    fresh = snapshot.fresh(kind, source)
    if fresh is None or fresh.problem is not None or fresh.stale(now):
        return None
    return fresh.read_at


def _nodes(snapshot: Snapshot, now: float) -> Iterator[State | Scope]:
    for cluster, membership in snapshot.of(Membership):
        at = read_at(snapshot, Membership, cluster, now)
        if at is None:
            continue
        quorum = quorate(snapshot, cluster)
        if quorum is not None:
            word = "quorate" if quorum else "lost"
            yield State("quorum", cluster, cluster, cluster, word, at)
        for member in membership.members:
            presence = presences(snapshot)[cluster, member.name]
            key = f"{cluster}/{member.name}"
            if presence.online is not None:
                word = "up" if presence.online else "down"
                yield State("node", cluster, key, member.name, word, at, "nodes", key)
        if quorum is not False:
            yield Scope("node", cluster, at)


def _resources(snapshot: Snapshot, now: float) -> Iterator[State | Scope]:
    seen = seen_guests(snapshot)
    for cluster, part in snapshot.of(Resources):
        at = read_at(snapshot, Resources, cluster, now)
        if at is None:
            continue
        away = False
        for guest in part.guests:
            if seen[guest.key].node_online is not True or guest.status == "unknown":
                # The statistics go on saying what was.
                away = True
                continue
            where = (at, "guests", guest.key)
            yield State("guest", cluster, guest.key, guest.label, guest.status, *where)
            yield State("place", cluster, guest.key, guest.label, guest.node, *where, silent=True)
            lock = guest.lock or "none"
            yield State("lock", cluster, guest.key, guest.label, lock, *where, silent=True)
        if not away:
            yield Scope("guest", cluster, at)
        yield from _storages(snapshot, cluster, part, at)


def _storages(
    snapshot: Snapshot, cluster: str, part: Resources, at: float
) -> Iterator[State | Scope]:
    """Each storage of each node that is there; a shared one once, with the nodes that lack it."""
    lacking: dict[str, tuple[Storage, list[str], int]] = {}
    for storage in part.storages:
        presence = presences(snapshot).get((cluster, storage.node))
        if presence is None or presence.online is not True or storage.status == "unknown":
            continue
        key = f"{cluster}/{storage.name}" if storage.shared else storage.key
        known, nodes, count = lacking.get(key, (storage, [], 0))
        if storage.status != "available":
            nodes.append(storage.node)
        lacking[key] = (known, nodes, count + 1)
    for key, (storage, nodes, count) in lacking.items():
        name = storage.name if storage.shared else f"{storage.name} ({storage.node})"
        word = "there" if not nodes else "away" if len(nodes) == count else ", ".join(sorted(nodes))
        yield State("storage", cluster, key, name, word, at, "storage", storage.key)


def _services(snapshot: Snapshot, now: float) -> Iterator[State | Scope]:
    for cluster, part in snapshot.of(HaStatus):
        at = read_at(snapshot, HaStatus, cluster, now)
        if at is None:
            continue
        for service in part.services:
            key = f"{cluster}/{service.sid.partition(':')[2]}"
            name = service.sid
            if service.state:
                yield State("ha", cluster, key, name, service.state, at, "guests", key)
        yield Scope("ha", cluster, at)


def _cards(snapshot: Snapshot, now: float) -> Iterator[State | Scope]:
    table = card_table(snapshot)
    if table.read < table.wanted:
        return
    for card in table.cards:
        cluster = card.device.cluster
        parts = (Hardware, GuestConfigs)
        times = [read_at(snapshot, part, cluster, now) for part in parts]
        if None in times or card.state == "unknown":
            continue
        at = min(time for time in times if time is not None)
        users = sorted(
            claim.guest.label
            for claim in card.claims
            if claim.alternatives == 1 and (claim.running or card.state != "turns")
        )
        name = f"{card.device.node}/{card.device.slot}"
        row = f"{cluster}/{card.device.node}/{card.device.address}"
        yield State("gpu", cluster, row, name, ", ".join(users) or "nobody", at, "gpus", row)


def _uses(snapshot: Snapshot) -> Iterator[State]:
    from labtui.live.history.observe_use import card_uses

    yield from card_uses(snapshot)


def _overlay(snapshot: Snapshot, now: float) -> Iterator[State | Scope]:
    joined = links(snapshot, now)
    yield from _tunnels(snapshot, joined, now)
    for peering in joined.peerings:
        connection = peering.connection
        at = read_at(snapshot, Bgp, connection.router, now)
        state = peering.state
        if at is None or state == "unknown":
            continue
        word = {"established": "up", "empty": "up", "disabled": "off"}.get(state, "down")
        name = f"{peering.site} > {peering.far_name}"
        # A connection that has lost its session has another row: it is one object all the same.
        yield State(
            "session", connection.router, connection.key, name, word, at, "bgp", connection.key
        )


def _tunnels(snapshot: Snapshot, joined: Links, now: float) -> Iterator[State | Scope]:
    for tunnel, judgement in joined.tunnels:
        times = [read_at(snapshot, WireGuard, end.router, now) for end in tunnel.ends]
        known = [at for at in times if at is not None]
        if not known or judgement.verdict not in _SETTLED:
            continue
        word = "down" if judgement.verdict in ("dead", "one-way", "never") else judgement.verdict
        name = f"{tunnel.near.site or tunnel.near.router} = {tunnel.far_name}"
        yield State(
            "tunnel",
            tunnel.near.router,
            tunnel_id(tunnel),
            name,
            word,
            max(known),
            "wireguard",
            tunnel.key,
        )


def _sources(snapshot: Snapshot, now: float) -> Iterator[State | Scope]:
    """A source answers while one of its feeds does; routers say since when they run."""
    feeds: dict[tuple[str, str], list[tuple[bool, float]]] = {}
    for feed, fresh in snapshot.freshness.items():
        if fresh.sequence:
            well = fresh.problem is None and not fresh.remembered
            when = fresh.read_at if well else fresh.failing_since
            told = feeds.setdefault((feed.backend, feed.source), [])
            told.append((well, when if when is not None else _NEVER_READ))
    for (backend, source), told in feeds.items():
        answers = any(well for well, _at in told)
        at = max(at for well, at in told if well == answers)
        word = "answers" if answers else "silent"
        key = f"{backend}/{source}"
        yield State("source", source, key, source, word, at, "sources", key)
    for router, facts in snapshot.of(RouterFacts):
        at_ = read_at(snapshot, RouterFacts, router, now)
        if at_ is not None and facts.uptime is not None:
            began = int(at_ - facts.uptime)
            key = f"routeros/{router}"
            name, value = facts.identity or router, str(began)
            state = State("router", router, key, name, value, at_, "sources", key, silent=True)
            yield state._replace(when=float(began))


def _tasks(snapshot: Snapshot, now: float) -> Iterator[State | Scope]:
    """What the clusters do, whoever began it. A task says itself when it began and ended."""
    for cluster, part in snapshot.of(Tasks):
        at = read_at(snapshot, Tasks, cluster, now)
        if at is None:
            continue
        for task in part.tasks:
            if task.kind in _LOOKS:
                continue
            well = (task.status or "").startswith(("OK", "WARNINGS"))
            word = "running" if task.running else "done" if well else "failed"
            when = task.started if task.running else task.ended
            name = f"{task.kind} {task.subject}".strip()
            view = "guests" if task.subject.isdecimal() else "nodes" if not task.subject else ""
            row = f"{cluster}/{task.subject or task.node}" if view else ""
            more = (("user", task.user), ("node", task.node), ("status", task.status or ""))
            yield State("task", cluster, task.upid, name, word, at, view, row, when=when, more=more)
        yield Scope("task", cluster, at)


# What an action's id begins with, and the view that has its object.
_VIEWS = {"guest": "guests", "node": "nodes", "tunnel": "wireguard", "session": "bgp"}


def own_jobs(snapshot: Snapshot, now: float, console: str) -> Observed:
    """Jobs of this console that no task tells of (an evacuation, a change of configuration).

    `console` keeps their numbers apart from those of other consoles.
    """
    told = {task.started for _cluster, part in snapshot.of(Tasks) for task in part.tasks}
    states = []
    for job in snapshot.jobs:
        brief = job.running and now - job.started < _JOB_BY_ITSELF
        if job.upid or job.started in told or brief:
            continue
        when = job.started if job.running else job.ended
        view = _VIEWS.get(job.action.partition(".")[0], "") if "," not in job.subject else ""
        key, source = f"{console}/{job.id}", job.cluster
        more = (("note", job.note),)
        where = (view, job.subject if view else "")
        states.append(
            State("job", source, key, job.title, job.state, now, *where, when=when, more=more)
        )
    return Observed(tuple(states), (Scope("job", console, _NEVER_READ),))
