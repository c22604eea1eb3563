"""Findings about nodes that are not there: away, not seen by a side without quorum, cut off."""

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
from labtui.model.cluster import Member, Membership, Node, Resources
from labtui.model.presence import quorate
from labtui.model.witnesses import Witness


def _missing(sight: Sight, *, known: bool) -> Iterator[tuple[Membership, Member, Node | None]]:
    """Members that are not there, of clusters whose side that answers has quorum (`known`).

    Without quorum nobody can tell who is off from who is on the other side.
    """
    for cluster, membership in sight.memberships.items():
        if (quorate(sight.snapshot, cluster) is not False) is not known:
            continue
        resources = sight.clusters.get(cluster) or Resources()
        rows = {node.name: node for node in resources.nodes}
        for member in membership.members:
            if not member.online:
                yield membership, member, rows.get(member.name)


def _nodes_down(sight: Sight) -> Iterator[Finding]:
    for membership, member, row in _missing(sight, known=True):
        yield _node_down(sight, membership, member, row)


def _nodes_unseen(sight: Sight) -> Iterator[Finding]:
    for membership, member, _row in _missing(sight, known=False):
        # Who answers nobody at all says nothing about the others.
        if membership.online:
            yield _node_unseen(sight, membership, member)


def _node_down(sight: Sight, membership: Membership, member: Member, row: Node | None) -> Finding:
    cluster, name = membership.cluster, member.name
    key = f"{cluster}/{name}"
    planned = row is not None and row.ha_state == "maintenance"
    lost = _guests(sight, cluster, name)
    site = sight.site_of_node(cluster, name)
    return Finding(
        "node-down",
        Subject("node", key, name, "nodes"),
        "node",
        "notice" if planned else "critical",
        counted(
            N_("{node} is away: one guest was on it"),
            N_("{node} is away: {n} guests were on it"),
            len(lost),
            node=name,
        )
        if lost
        else words(N_("{node} is away: no guest ran on it"), node=name),
        member.since,
        evidence=_evidence(sight, membership, name),
        remedies=(
            Remedy(words(N_("look at its console (IPMI) and its power")), view="nodes", key=key),
            Remedy(
                words(N_("when it is only off: wake it over the network")),
                "node.wake",
                "nodes",
                key,
            ),
            Remedy(words(N_("until it is back, start nothing of it elsewhere by hand"))),
        ),
        suspects=(Suspect("node", "node", name, "likely", words(N_("power or hardware"))),),
        sites=(site,) if site else (),
        hits=Hits(nodes=(key,), guests=lost),
        as_of=sight.as_of("membership", cluster),
        planned=planned,
    )


def _node_unseen(sight: Sight, membership: Membership, member: Member) -> Finding:
    cluster, name = membership.cluster, member.name
    key, site = f"{cluster}/{name}", sight.site_of_node(cluster, name)
    return Finding(
        "node-unseen",
        Subject("node", key, name, "nodes"),
        "node",
        "warning",
        words(N_("{node} is not seen, and nobody with quorum can say why"), node=name),
        member.since,
        "possible",
        evidence=(
            *_evidence(sight, membership, name),
            Evidence(words(N_("its guests may run as well as ever")), "against"),
        ),
        remedies=(
            Remedy(words(N_("look at its console (IPMI) and its power")), view="nodes", key=key),
            Remedy(words(N_("until it is back, start nothing of it elsewhere by hand"))),
        ),
        suspects=(
            Suspect("node", "node", name, "possible", words(N_("power or hardware"))),
            Suspect("cluster", "network", name, "possible", words(N_("it is on the other side"))),
        ),
        sites=(site,) if site else (),
        hits=Hits(nodes=(key,), guests=_guests(sight, cluster, name)),
        as_of=sight.as_of("membership", cluster),
    )


def _guests(sight: Sight, cluster: str, node: str) -> tuple[str, ...]:
    """Keys of the guests that ran there when that was last known."""
    return tuple(
        seen.guest.key
        for seen in sight.on_node.get((cluster, node), ())
        if seen.guest.status in ("running", "unknown")
    )


def _evidence(sight: Sight, membership: Membership, name: str) -> tuple[Evidence, ...]:
    read_at = sight.fresh("membership", membership.cluster).read_at
    others = sum(each.online for each in membership.members)
    says = counted(
        N_("corosync on the other node does not see it")
        if len(membership.members) == 2
        else N_("corosync on one other node does not see it"),
        N_("corosync on {n} other nodes does not see it"),
        others,
    )
    found = [Evidence(says, source=membership.cluster, at=read_at)]
    witness = _witness(membership, name)
    if witness is not None and witness.problem:
        says = words(N_("its own API does not answer: {why}"), why=witness.problem)
        found.append(Evidence(says, source=witness.endpoint, at=read_at))
    elif witness is not None and witness.speaks:
        says = words(N_("its own API answers, so it has power"))
        found.append(Evidence(says, "against", witness.endpoint, read_at))
    return tuple(found)


def _witness(membership: Membership, node: str) -> Witness | None:
    return next((one for one in membership.witnesses if one.node == node), None)


def _partitioned(sight: Sight) -> Iterator[Finding]:
    """Nodes whose API answered with a view of its own while the others did not see them."""
    for cluster, membership in sight.memberships.items():
        cut = {
            member.name: sight.history.parted[f"{cluster}/{member.name}"]
            for member in membership.members
            if not member.online and f"{cluster}/{member.name}" in sight.history.parted
        }
        views: dict[tuple[int, int], list[str]] = {}
        for name, parted in sorted(cut.items()):
            views.setdefault((parted.saw, parted.of), []).append(name)
        for view, names in views.items():
            at = min(cut[name].at for name in names)
            yield _cut_off(sight, membership, names, view, at)


def _cut_off(
    sight: Sight, membership: Membership, names: list[str], view: tuple[int, int], at: float
) -> Finding:
    cluster, told = membership.cluster, " ".join(names)
    saw = words(N_("it answered, saw {n} of {all} nodes and had no quorum"), n=view[0], all=view[1])
    return Finding(
        "node-partitioned",
        Subject(
            "network",
            f"{cluster}/{'+'.join(names)}",
            told,
            "sources",
            f"proxmox/{cluster}/membership",
        ),
        "cluster",
        "critical",
        words(N_("{nodes} is cut off from the cluster's network"), nodes=told),
        at,
        evidence=(
            Evidence(saw, source=told, at=at),
            Evidence(words(N_("the others have quorum without it")), source=cluster),
        ),
        remedies=(
            Remedy(words(N_("look at switch, cable and link of its cluster network"))),
            Remedy(words(N_("change nothing on either side until both see each other"))),
        ),
        sites=tuple(sorted({sight.site_of_node(cluster, name) for name in names} - {""})),
        hits=Hits(nodes=tuple(f"{cluster}/{name}" for name in names)),
        as_of=sight.as_of("membership", cluster),
    )


ABSENCE_RULES = (
    Rule("node-down", "cluster", (Membership,), _nodes_down),
    Rule("node-unseen", "cluster", (Membership,), _nodes_unseen),
    Rule("node-partitioned", "cluster", (Membership,), _partitioned),
)
