"""Which guests may claim devices, and on which nodes not all claims are known. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from labtui.model.cluster import Membership, Resources
from labtui.model.derived import Derived
from labtui.model.guests import Guest, GuestConfigs
from labtui.model.presence import presences
from labtui.model.snapshot import Snapshot


def may_claim(snapshot: Snapshot, cluster: str) -> Iterator[Guest]:
    """Guests that may claim cards and whose configuration can be asked for."""
    resources = snapshot.one(Resources, cluster) or Resources()
    there = presences(snapshot)
    for guest in resources.guests:
        presence = there.get((cluster, guest.node))
        if guest.kind == "qemu" and not guest.template and (not presence or presence.online):
            yield guest


def _numbers(snapshot: Snapshot) -> dict[str, frozenset[int]]:
    return {
        cluster: frozenset([guest.vmid for guest in may_claim(snapshot, cluster)])
        for cluster, _resources in snapshot.of(Resources)
    }


claimants = Derived((Resources, Membership), _numbers, figures=False)
"""Cluster -> the numbers of its guests that may claim cards."""


def unread_nodes(cluster: str, snapshot: Snapshot) -> frozenset[str]:
    """Nodes with a guest whose configuration is not known: its claims may be on any card there."""
    part = snapshot.one(GuestConfigs, cluster)
    known = part.configs if part else {}
    return frozenset(g.node for g in may_claim(snapshot, cluster) if g.vmid not in known)
