"""Findings about how nodes say they fare: clock, services, memory, release."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from labtui.findings.finding import Evidence, Finding, Remedy, Subject, counted, words
from labtui.findings.host_place import Place, about, healths, there
from labtui.findings.rule import Rule
from labtui.findings.sight import Sight
from labtui.locale import N_
from labtui.model.cluster import Resources
from labtui.model.node_facts import NodesHealth, Service

_CLOCK_OFF = 5.0
_MEMORY_FULL, _MEMORY_SPARE = 0.95, 0.05
# Without these a node does not do its part in the cluster; others may be off on purpose.
_NEEDED = frozenset(
    (
        *("corosync", "pve-cluster", "pvedaemon", "pveproxy", "pvestatd", "pvescheduler"),
        *("pve-ha-crm", "pve-ha-lrm", "qmeventd", "chrony", "systemd-timesyncd", "sshd"),
        *("pve-firewall", "proxmox-firewall", "pvefw-logger", "lxcfs", "watchdog-mux"),
    )
)


def _clock(sight: Sight) -> Iterator[Finding]:
    """Compared with one another: this console's own clock may be the wrong one."""
    clocks: dict[str, list[tuple[float, float, Place]]] = {}
    for place, fact in healths(sight):
        if fact.clock is not None:
            clocks.setdefault(place.cluster, []).append(
                (fact.clock.ahead, fact.clock.unsure, place)
            )
    for found in clocks.values():
        if len(found) < 2:
            continue
        ordered = sorted(found, key=lambda each: each[0])
        reference = ordered[len(ordered) // 2]
        if len(ordered) == 2:
            # Of two, the one that this console agrees with is taken to be right.
            reference = min(ordered, key=lambda each: abs(each[0]))
        for ahead, unsure, place in found:
            off = ahead - reference[0]
            if abs(off) > _CLOCK_OFF + unsure + reference[1]:
                yield _clock_off(sight, place, off, others=len(found) - 1)


def _clock_off(sight: Sight, place: Place, off: float, *, others: int) -> Finding:
    ahead = N_("the clock of {node} is {n} s ahead of the others")
    behind = N_("the clock of {node} is {n} s behind the others")
    finding = about(
        sight,
        "node-clock",
        place,
        "warning",
        words(ahead if off > 0 else behind, node=place.node, n=round(abs(off))),
        noun="clock",
        evidence=(
            Evidence(counted(N_("compared with the other node, which agrees with this console"),
                             N_("compared with {n} other nodes"), others), source=place.node),
        ),
        remedies=(
            words(N_("`chronyc tracking` on {node}: has it a time server that answers?"),
                  node=place.node),
            words(N_("tickets, logs and replication depend on it: mend it first")),
        ),
    )  # fmt: skip
    return finding if others > 1 else msgspec.structs.replace(finding, sure="likely")


def _services(sight: Sight) -> Iterator[Finding]:
    for place, fact in healths(sight):
        for service in fact.services or ():
            if service.active == "failed" or (service.dead and service.name in _NEEDED):
                yield _service(sight, place, service)


def _service(sight: Sight, place: Place, service: Service) -> Finding:
    says = words(N_("{service} does not run on {node}"), service=service.name, node=place.node)
    states = words(
        N_("systemd says {active} ({state}), and it is {unit}"),
        active=service.active,
        state=service.state,
        unit=service.unit,
    )
    return about(
        sight,
        "service-dead",
        place,
        "warning",
        says,
        noun="daemon",
        part=service.name,
        evidence=(Evidence(states, source=place.node),),
        remedies=(
            words(N_("`journalctl -u {service}` on {node} says why"), service=service.name,
                  node=place.node),
            words(N_("`systemctl restart {service}` on {node}"), service=service.name,
                  node=place.node),
        ),
    )  # fmt: skip


def _memory(sight: Sight) -> Iterator[Finding]:
    told = {place.key: fact for place, fact in healths(sight)}
    for cluster, resources in sight.clusters.items():
        if sight.as_of("resources", cluster) is not None:
            continue
        for node in resources.nodes:
            place = Place(cluster, node.name)
            if not node.memory or not node.memory_max or not there(sight, place):
                continue
            used = node.memory / node.memory_max
            fact = told.get(place.key)
            status = fact.status if fact is not None else None
            # What a cache holds counts as used, and is given back: 9.x tells what can be had.
            spare = status.available if status is not None else None
            if used < _MEMORY_FULL or (spare or 0) > _MEMORY_SPARE * node.memory_max:
                continue
            swap = status.swap if status is not None else 0
            yield about(
                sight,
                "node-memory",
                place,
                "warning",
                words(N_("{node} uses {percent} % of its memory"), node=node.name,
                      percent=min(100, int(used * 100))),
                noun="memory",
                evidence=(Evidence(words(N_("{n} MiB are swapped out"), n=swap >> 20),
                                   source=node.name),) if swap else (),
                remedies=(_lighten(sight, place),),
            )  # fmt: skip


def _lighten(sight: Sight, place: Place) -> Remedy:
    """Names the guest that takes most of it."""
    says = words(N_("move a guest away before the kernel kills one"))
    here = sight.on_node.get((place.cluster, place.node), ())
    running = [seen.guest for seen in here if seen.running]
    if not running:
        return Remedy(says, view="nodes", key=place.key)
    largest = max(running, key=lambda guest: (guest.memory or 0, -guest.vmid))
    return Remedy(
        words(N_("move a guest away before the kernel kills one; {guest} takes most"),
              guest=largest.label),
        "guest.migrate", "guests", largest.key,
    )  # fmt: skip


def _releases(sight: Sight) -> Iterator[Finding]:
    found: dict[str, dict[str, list[str]]] = {}
    for place, fact in healths(sight):
        if fact.status is not None and fact.status.version:
            releases = found.setdefault(place.cluster, {})
            releases.setdefault(fact.status.version, []).append(place.node)
    for cluster, releases in found.items():
        if len(releases) < 2:
            continue
        told = ", ".join(f"{name}: {' '.join(nodes)}" for name, nodes in sorted(releases.items()))
        yield Finding(
            "release-mix",
            Subject("cluster", cluster, cluster),
            "cluster",
            "notice",
            words(N_("the nodes of {cluster} run {n} releases"), cluster=cluster, n=len(releases)),
            evidence=(Evidence(words(N_("they are {releases}"), releases=told), source=cluster),),
            remedies=(
                Remedy(words(N_("bring all nodes to the same release, one after the other"))),
                Remedy(words(N_("until then move guests to newer nodes only, not back"))),
            ),
            as_of=sight.as_of("health", cluster),
        )


HOST_RULES = (
    Rule("node-clock", "cluster", (NodesHealth,), _clock),
    Rule("service-dead", "cluster", (NodesHealth,), _services),
    Rule("node-memory", "cluster", (Resources,), _memory),
    Rule("release-mix", "cluster", (NodesHealth,), _releases),
)
