"""Which nodes are there, and what that makes of the guests' rows.

Guest rows are never checked against membership by the server: guests of a dead node keep their
last status, `running`, for up to five minutes and then turn `unknown` (Proxmox VE
`pmxcfs/status.c`, `PVE/API2Tools.pm`; recorded). So a guest's row is believed only while its node
is there.

A side without quorum can't tell who is off from who is on the other side: whom it does not see may
run as well as ever.
"""

from __future__ import annotations

import msgspec

from labtui.model.cluster import HaStatus, Member, Membership, Node, Resources
from labtui.model.derived import Derived
from labtui.model.guests import Guest
from labtui.model.snapshot import Snapshot
from labtui.model.witnesses import parties


class NodePresence(msgspec.Struct, frozen=True):
    """`online` is None when nobody can say; `since` is when this console first saw it so.

    Nobody can say of a node that the only ones to answer do not see while they have no quorum.
    """

    cluster: str
    node: str
    online: bool | None
    since: float | None = None


def _presences(snapshot: Snapshot) -> dict[tuple[str, str], NodePresence]:
    found: dict[tuple[str, str], NodePresence] = {}
    for cluster, resources in snapshot.of(Resources):
        for node in resources.nodes:
            found[cluster, node.name] = NodePresence(cluster, node.name, _by_row(node))
    for cluster, membership in snapshot.of(Membership):
        for member in membership.members:
            found[cluster, member.name] = NodePresence(
                cluster, member.name, _by_word(membership, member), member.since
            )
    return found


def _by_word(membership: Membership, member: Member) -> bool | None:
    return None if membership.quorate is False and not member.online else member.online


def _by_row(node: Node) -> bool | None:
    return {"online": True, "offline": False}.get(node.status)


presences = Derived((Resources, Membership), _presences)
"""(cluster, node) -> presence. Corosync's word goes before the statistics."""


def quorate(snapshot: Snapshot, cluster: str) -> bool | None:
    """Whether the cluster has quorum, None when nobody says.

    After `pvecm expected` the HA manager's row is right while `/cluster/status` lags until the
    membership changes (recorded); it is believed when it was read later.
    """
    membership = snapshot.one(Membership, cluster)
    said = membership.quorate if membership is not None else None
    ha = snapshot.one(HaStatus, cluster)
    if said is False and ha is not None and ha.quorate is True:
        ha_fresh = snapshot.fresh(HaStatus, cluster)
        fresh = snapshot.fresh(Membership, cluster)
        if ha_fresh and fresh and (ha_fresh.read_at or 0.0) >= (fresh.read_at or 0.0):
            return True
    return said


def quorum_lost(snapshot: Snapshot, cluster: str, now: float) -> bool:
    """Whether the majority, or the HA manager whose row was read just now, says there is none.

    Where endpoints see different things, that row may be of the side that is cut off.
    """
    ha, ha_fresh = snapshot.one(HaStatus, cluster), snapshot.fresh(HaStatus, cluster)
    denied = ha is not None and ha.quorate is False
    if denied and ha_fresh is not None and not ha_fresh.stale(now):
        membership = snapshot.one(Membership, cluster)
        if membership is None or len(parties(membership.witnesses)) < 2:
            return True
    return quorate(snapshot, cluster) is False


class SeenGuest(msgspec.Struct, frozen=True, gc=False):
    """A guest with what can be said of it now.

    `node_online` is None when nobody can say; `gone_since` is when its node was last seen, where it
    is not there now.
    """

    guest: Guest
    node_online: bool | None = True
    gone_since: float | None = None

    @property
    def running(self) -> bool:
        """Running, and on a node that is there, as far as anybody can tell now."""
        return self.node_online is True and self.guest.status == "running"


def _keys(snapshot: Snapshot) -> dict[str, tuple[str, ...]]:
    return {
        cluster: tuple([guest.key for guest in resources.guests])
        for cluster, resources in snapshot.of(Resources)
    }


guest_keys = Derived((Resources,), _keys, figures=False)
"""Cluster -> the keys of its guests, row by row."""
_UNHEARD: tuple[bool | None, float | None] = (None, None)


def _seen(snapshot: Snapshot) -> dict[str, SeenGuest]:
    # Rows are others at each reading, thousands of them: all that lasts is taken from before.
    keys, there = guest_keys(snapshot), presences(snapshot)
    seen: dict[str, SeenGuest] = {}
    for cluster, resources in snapshot.of(Resources):
        words = {
            node: (presence.online, presence.since)
            for (where, node), presence in there.items()
            if where == cluster
        }
        rows = [SeenGuest(row, *words.get(row.node, _UNHEARD)) for row in resources.guests]
        seen.update(zip(keys[cluster], rows, strict=True))
    return seen


seen_guests = Derived((Resources, Membership), _seen)
"""Guest key -> guest joined with its node."""
