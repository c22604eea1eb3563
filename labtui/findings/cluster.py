"""Findings about a cluster and its nodes: without quorum, silent, full, fenced, started anew."""

from __future__ import annotations

from collections.abc import Iterator

from labtui.findings.finding import (
    Evidence,
    Finding,
    Hits,
    Remedy,
    Subject,
    Suspect,
    counted,
    words,
)
from labtui.findings.rule import Rule
from labtui.findings.sight import Sight
from labtui.locale import N_
from labtui.model.cluster import HaStatus, Membership, Node, Resources
from labtui.model.presence import quorate

_JUST_BOOTED = 1800.0
_FIGURES_STAND = 75.0
_ROOT_FULL, _ROOT_FILLS = 0.97, 0.90


def _quorum(sight: Sight) -> Iterator[Finding]:
    for cluster, membership in sight.memberships.items():
        if quorate(sight.snapshot, cluster) is not False:
            continue
        gone = [member.name for member in membership.members if not member.online]
        since = max((m.since for m in membership.members if m.since and not m.online), default=None)
        yield Finding(
            "quorum-lost",
            Subject("cluster", cluster, cluster, "nodes", f"{cluster}/{gone[0]}" if gone else ""),
            "cluster",
            "critical",
            counted(
                N_("{cluster} has no quorum: one of {all} nodes is there"),
                N_("{cluster} has no quorum: {n} of {all} nodes are there"),
                len(membership.online),
                cluster=cluster,
                all=len(membership.members),
            ),
            since,
            evidence=(Evidence(words(N_("away: {nodes}"), nodes=" ".join(gone)), source=cluster),),
            remedies=(
                Remedy(
                    words(N_("bring one of the missing nodes back: {nodes}"), nodes=" ".join(gone)),
                    view="nodes",
                    key=f"{cluster}/{gone[0]}" if gone else "",
                ),
                Remedy(
                    words(
                        N_("`pvecm expected {n}` by hand, only when they are surely off"),
                        n=max(1, len(membership.online)),
                    )
                ),
            ),
            suspects=tuple(
                Suspect("node", "node", name, "possible", words(N_("power or hardware")))
                for name in gone
            ),
            hits=Hits(nodes=tuple(f"{cluster}/{m.name}" for m in membership.members)),
            as_of=sight.as_of("membership", cluster),
        )


def _hung(sight: Sight) -> Iterator[Finding]:
    """A node that is there and publishes nothing: pvestatd hangs, the guests run."""
    for cluster, resources in sight.clusters.items():
        if sight.as_of("resources", cluster) is not None:
            continue
        for node in resources.nodes:
            presence = sight.presences.get((cluster, node.name))
            if presence is None or presence.online is not True:
                continue
            past = sight.history.nodes.get(node.key)
            stands = sight.now - past.moved_at if past is not None and past.uptime else 0.0
            unknown = node.status == "unknown"
            booting = past is None or past.uptime == 0
            if (unknown and (not booting or _unmeasured(sight, node))) or stands > _FIGURES_STAND:
                yield _statistics_hung(sight, node, stands, unknown=unknown)


def _unmeasured(sight: Sight, node: Node) -> bool:
    """Guests that read `unknown`: for five minutes nobody published anything of them."""
    guests = sight.on_node.get((node.cluster, node.name), ())
    return bool(guests) and all(seen.guest.status == "unknown" for seen in guests)


def _statistics_hung(sight: Sight, node: Node, stands: float, *, unknown: bool) -> Finding:
    says = words(N_("its guests read `unknown`, which they do after five minutes without figures"))
    if not unknown:
        says = words(N_("its figures have not moved for {n} s"), n=int(stands))
    guests = sight.on_node.get((node.cluster, node.name), ())
    return Finding(
        "statistics-hung",
        Subject("daemon", node.key, node.name, "nodes"),
        "node",
        "warning",
        words(N_("{node} publishes no figures: pvestatd hangs, its guests run"), node=node.name),
        sight.now - stands if stands else None,
        "certain" if unknown else "likely",
        evidence=(
            Evidence(says, source=node.cluster),
            Evidence(words(N_("corosync sees the node")), source=node.cluster),
        ),
        remedies=(
            Remedy(
                words(N_("`systemctl restart pvestatd` on {node}"), node=node.name),
                view="nodes",
                key=node.key,
            ),
            Remedy(words(N_("look for a storage that does not answer; restart no guest"))),
        ),
        hits=Hits(nodes=(node.key,)),
        sites=tuple(filter(None, (sight.site_of_node(node.cluster, node.name),))),
        count=max(1, len(guests)),
    )


def _root_full(sight: Sight) -> Iterator[Finding]:
    for cluster, resources in sight.clusters.items():
        for node in resources.nodes:
            used = (node.disk or 0) / node.disk_max if node.disk_max else 0.0
            if used < _ROOT_FILLS:
                continue
            full = used >= _ROOT_FULL
            yield Finding(
                "root-full",
                Subject("disk", node.key, node.name, "nodes"),
                "node",
                "critical" if full else "warning",
                words(
                    N_("the root file system of {node} is {percent} % full"),
                    node=node.name,
                    percent=int(used * 100),
                ),
                remedies=(
                    Remedy(
                        words(
                            N_("make room on / of {node} (logs, old kernels, backups)"),
                            node=node.name,
                        ),
                        view="nodes",
                        key=node.key,
                    ),
                ),
                hits=Hits(nodes=(node.key,)),
                as_of=sight.as_of("resources", cluster),
            )


def _fenced(sight: Sight) -> Iterator[Finding]:
    for cluster, resources in sight.clusters.items():
        for node in resources.nodes:
            if node.ha_state == "fence":
                yield Finding(
                    "node-fenced",
                    Subject("node", node.key, node.name, "nodes"),
                    "cluster",
                    "critical",
                    words(N_("the HA manager is fencing {node}"), node=node.name),
                    remedies=(Remedy(words(N_("wait two minutes: its guests come up elsewhere"))),),
                    hits=Hits(nodes=(node.key,)),
                    as_of=sight.as_of("resources", cluster),
                )


def _rebooted(sight: Sight) -> Iterator[Finding]:
    for cluster, resources in sight.clusters.items():
        for node in resources.nodes:
            past = sight.history.nodes.get(node.key)
            at = past.rebooted_at if past is not None else None
            presence = sight.presences.get((cluster, node.name))
            there = presence is not None and presence.online is True
            if at is None or not there or sight.now - at > _JUST_BOOTED:
                continue
            yield Finding(
                "node-rebooted",
                Subject("node", node.key, node.name, "nodes"),
                "node",
                "notice",
                words(N_("{node} has started anew"), node=node.name),
                at,
                evidence=(Evidence(words(N_("its uptime began anew")), source=cluster, at=at),),
                remedies=(
                    Remedy(
                        words(
                            N_(
                                "if nobody wanted it: `journalctl -b -1 -e` on {node} has its "
                                "last words"
                            ),
                            node=node.name,
                        ),
                        view="nodes",
                        key=node.key,
                    ),
                ),
                hits=Hits(nodes=(node.key,)),
            )


CLUSTER_RULES = (
    Rule("quorum-lost", "cluster", (Membership, HaStatus), _quorum),
    Rule("statistics-hung", "cluster", (Resources, Membership), _hung),
    Rule("root-full", "cluster", (Resources,), _root_full),
    Rule("node-fenced", "cluster", (Resources,), _fenced),
    Rule("node-rebooted", "cluster", (Resources,), _rebooted),
)
