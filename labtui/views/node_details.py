"""The details of a node: what it says of itself, section by section. Pure."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Generic, TypeVar

from labtui.locale import _, ngettext
from labtui.model.cluster import Node
from labtui.model.feed import Freshness
from labtui.model.node_facts import (
    BuildTopic,
    Disk,
    HealthTopic,
    NetInterface,
    NodeBuild,
    NodeHealth,
    NodesBuild,
    NodesHealth,
    NodeStatus,
    Replication,
    Service,
)
from labtui.model.snapshot import Snapshot
from labtui.views import aging, emptiness
from labtui.views.emptiness import Lines
from labtui.views.figures import of, percent, share, size, span
from labtui.views.view import Cell, Role, Section

_T = TypeVar("_T", NodeHealth, NodeBuild)
_DAY = 86_400.0
_MOST_UPDATES = 12
_TIGHT, _FULL = 0.85, 0.95


def sections(
    node: Node, snapshot: Snapshot, now: float, *, there: bool = True
) -> tuple[Section, ...]:
    """How it fares first, what it is built of below; nothing where no feed reads it.

    What one that is not `there` said is old, however short ago it was.
    """
    health, build = _health(node, snapshot, now), _build(node, snapshot, now)
    if not there:
        health.gone(now)
        build.gone(now)
    return (
        health.section("status", _("Machine"), lambda fact: _machine(fact, now)),
        health.section("services", _("Services"), lambda fact: _services(fact.services or ())),
        build.section("disks", _("Disks"), lambda fact: _disks(fact.disks or ())),
        build.section("network", _("Network"), lambda fact: _network(fact.network or ())),
        build.section("updates", _("Updates waiting"), _updates, _("all is up to date")),
        build.section("certificates", _("Certificates"), lambda fact: _certificates(fact, now)),
        health.section(
            "replication",
            _("Replication from here"),
            lambda fact: _replication(fact.replication or (), now),
        ),
    )


def _health(node: Node, snapshot: Snapshot, now: float) -> _Facts[NodeHealth]:
    part = snapshot.one(NodesHealth, node.cluster) or NodesHealth({})
    fresh = snapshot.fresh(NodesHealth, node.cluster)
    stale = aging.age_of(snapshot, now, (NodesHealth, node.cluster))
    return _Facts(part.nodes.get(node.name), part.missing.get(node.name, ""), fresh, stale, now)


def _build(node: Node, snapshot: Snapshot, now: float) -> _Facts[NodeBuild]:
    part = snapshot.one(NodesBuild, node.cluster) or NodesBuild({})
    fresh = snapshot.fresh(NodesBuild, node.cluster)
    stale = aging.age_of(snapshot, now, (NodesBuild, node.cluster))
    return _Facts(part.nodes.get(node.name), part.missing.get(node.name, ""), fresh, stale, now)


class _Facts(Generic[_T]):
    """What one node said in one kind of reading, or why there is nothing of it."""

    def __init__(
        self,
        fact: _T | None,
        missing: str,
        fresh: Freshness | None,
        stale: float | None,
        now: float,
    ) -> None:
        self._fact: _T | None = fact
        self._missing, self._fresh, self._age = missing, fresh, stale
        # One that is missing keeps what it said among fresh others.
        if fact is not None and missing and fresh is not None:
            age = max(0.0, now - fact.read_at)
            self._age = age if age > fresh.pace + 10.0 or fresh.remembered else None

    def gone(self, now: float) -> None:
        """The node is not there: what it said is as old as it is."""
        if self._fact is not None:
            self._age = max(0.0, now - self._fact.read_at)

    def section(
        self,
        topic: HealthTopic | BuildTopic,
        title: str,
        lines: Callable[[_T], Lines],
        none: str = "",
    ) -> Section:
        """The lines that are made of the fact, or why there are none."""
        fact = self._fact
        if fact is None:
            return Section(title, self._vacant())
        if topic in fact.problems:
            return Section(title, emptiness.failed(fact.problems[topic]))
        made = lines(fact)
        return aging.section(title, made or emptiness.nothing(none), self._age)

    def _vacant(self) -> Lines:
        if self._missing:
            text = _("can't be read: {why}").format(why=self._missing)
            return (("", Cell(text, "bad")),)
        if self._fresh is None:
            return ()
        problem = self._fresh.problem
        return emptiness.failed(problem) if problem is not None else emptiness.loading()


def _machine(fact: NodeHealth, now: float) -> Lines:
    status = fact.status
    if status is None:
        return ()
    boot = " ".join(
        filter(None, (status.boot_mode, _("secure boot") if status.secure_boot else ""))
    )
    return (
        (_("release"), Cell(status.version)),
        (_("kernel"), Cell(status.kernel)),
        (_("boots by"), Cell(boot)),
        (_("processor"), _processor(status)),
        (_("load"), _load(status)),
        (_("waits for disks"), Cell(percent(status.wait) if status.wait >= 0.005 else "")),
        (_("memory"), _used(status.memory, status.memory_max)),
        (_("can be had"), Cell(size(status.available))),
        (_("swap"), Cell(of(status.swap, status.swap_max) if status.swap_max else _("none"))),
        (_("root disk"), _used(status.root, status.root_max)),
        (_("same pages"), Cell(size(status.ksm) if status.ksm else "")),
        (_("clock"), _clock(fact)),
    )


def _processor(status: NodeStatus) -> Cell:
    text = ngettext(
        "{model}, {sockets} socket, {cpus} threads",
        "{model}, {sockets} sockets, {cpus} threads",
        status.sockets,
    ).format(model=status.cpu_model, sockets=status.sockets, cpus=status.cpus)
    if status.virtual:
        return Cell(text)
    return Cell(_("{text}, no virtualisation").format(text=text), "warn")


def _load(status: NodeStatus) -> Cell:
    text = "  ".join(f"{each:.2f}" for each in status.load)
    high = bool(status.load) and bool(status.cpus) and status.load[0] > status.cpus
    return Cell(text, "warn" if high else "")


def _used(used: int, whole: int) -> Cell:
    fraction = share(used, whole)
    role: Role = ""
    if fraction is not None:
        role = "bad" if fraction >= _FULL else "warn" if fraction >= _TIGHT else ""
    return Cell(f"{of(used, whole)}  {percent(fraction)}", role)


def _clock(fact: NodeHealth) -> Cell:
    clock = fact.clock
    if clock is None:
        return Cell("")
    text = _("{seconds:+.1f} s against this console, give or take {unsure:.1f}  {zone}")
    role: Role = "warn" if abs(clock.ahead) > clock.unsure + 5.0 else ""
    return Cell(text.format(seconds=clock.ahead, unsure=clock.unsure, zone=clock.zone), role)


def _services(services: tuple[Service, ...]) -> Lines:
    """Those in trouble each, the others by name alone."""
    dead = [
        (service.name, Cell(f"{service.active} ({service.state}), {service.unit}", "bad"))
        for service in services
        if service.dead
    ]
    run = [service.name for service in services if service.active == "active"]
    off = [
        f"{service.name} ({service.unit})"
        for service in services
        if not service.dead and service.active != "active"
    ]
    lines: list[tuple[str, Cell]] = [*dead]
    if run:
        lines.append((_("run"), Cell(" ".join(run), "good")))
    if off:
        lines.append((_("off"), Cell("  ".join(off), "dim")))
    return tuple(lines)


def _disks(disks: tuple[Disk, ...]) -> Lines:
    return tuple((disk.path, _disk(disk)) for disk in disks)


def _disk(disk: Disk) -> Cell:
    left = _("{percent} % of life left").format(percent=disk.wearout)
    health = _("SMART {health}").format(health=disk.health or "?")
    parts = (
        disk.model,
        f"{size(disk.size)} {disk.kind}".strip(),
        health,
        left if disk.wearout is not None else "",
        disk.used,
    )
    worn = disk.wearout is not None and disk.wearout <= 10
    return Cell("  ".join(filter(None, parts)), "bad" if disk.failing else "warn" if worn else "")


def _network(network: tuple[NetInterface, ...]) -> Lines:
    return tuple((each.name, _interface(each)) for each in network)


def _interface(each: NetInterface) -> Cell:
    parts = (
        each.kind,
        each.address,
        _("via {gateway}").format(gateway=each.gateway) if each.gateway else "",
        _("over {parts}").format(parts=" ".join(each.parts)) if each.parts else "",
        f"vlan {each.vlan}" if each.vlan is not None else "",
        _("VLAN-aware") if each.vlan_aware else "",
        each.bond_mode,
        f"mtu {each.mtu}" if each.mtu else "",
        "" if each.active else _("down"),
        each.comment,
    )
    return Cell("  ".join(filter(None, parts)), "" if each.active else "warn")


def _updates(fact: NodeBuild) -> Lines:
    updates = fact.updates or ()
    lines = [
        (each.package, Cell(f"{each.now or '-'} → {each.new}  {each.origin}".rstrip()))
        for each in updates[:_MOST_UPDATES]
    ]
    if rest := len(updates) - len(lines):
        lines.append(("", Cell(_("and {n} more").format(n=rest), "dim")))
    return tuple(lines)


def _certificates(fact: NodeBuild, now: float) -> Lines:
    lines = []
    for each in fact.certificates or ():
        left = each.ends - now
        day = time.strftime("%Y-%m-%d", time.localtime(each.ends))
        role: Role = "bad" if left < 7 * _DAY else "warn" if left < 30 * _DAY else ""
        text = _("ended on {day}").format(day=day)
        if left > 0:
            text = _("until {day}, {span} from now").format(day=day, span=span(left))
        lines.append((each.name, Cell(text, role)))
    return tuple(lines)


def _replication(jobs: tuple[Replication, ...], now: float) -> Lines:
    return tuple((job.id, replication_cell(job, now)) for job in jobs)


def replication_cell(job: Replication, now: float) -> Cell:
    """How a job fares: to where, how old the copy is, what failed."""
    copied = _("copied {span} ago").format(
        span=span(now - job.last_sync) if job.last_sync is not None else "?"
    )
    parts = (
        _("to {node}").format(node=job.target),
        job.schedule,
        copied if job.last_sync is not None else _("never copied"),
        _("switched off") if job.disabled else "",
        _("failed {n} times: {why}").format(n=job.fail_count, why=job.error)
        if job.fail_count or job.error
        else "",
    )
    role: Role = "dim" if job.disabled else "bad" if job.fail_count or job.error else ""
    return Cell("  ".join(filter(None, parts)), role)
