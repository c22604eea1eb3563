"""Migrate: move a guest to another node, live, offline or by restart."""

from __future__ import annotations

from labtui.actions.action import Action
from labtui.actions.migration_draft import draft
from labtui.actions.migration_facts import survey
from labtui.actions.migration_run import HA_REQUEST, MIGRATION_KINDS, cancel, follow, run
from labtui.locale import N_, _
from labtui.model.cluster import Membership
from labtui.model.presence import presences, seen_guests
from labtui.model.snapshot import Snapshot


def _applies(subject: str, snapshot: Snapshot) -> str:
    """Why not, from what is known without asking; the plan says the rest."""
    seen = seen_guests(snapshot).get(subject)
    if seen is None:
        return _("{subject} is not there any more").format(subject=subject)
    guest = seen.guest
    if seen.node_online is False:
        return _("{guest} can't be moved: {node} is away").format(
            guest=guest.label, node=guest.node
        )
    membership = snapshot.one(Membership, guest.cluster)
    if membership is not None and len(membership.members) < 2:
        return _("there is no other node to move it to")
    others = [
        presence
        for (cluster, node), presence in presences(snapshot).items()
        if cluster == guest.cluster and node != guest.node and presence.online
    ]
    if not others:
        return _("no other node is online")
    return ""


MIGRATE = Action(
    id="guest.migrate",
    noun="guest",
    key="m",
    direct_key="M",
    title=N_("migrate"),
    hint=N_("Move it to another node. The other key goes at once when all is well."),
    applies=_applies,
    survey=survey,
    draft=draft,
    run=run,
    cancel=cancel,
    kinds=(*MIGRATION_KINDS, HA_REQUEST),
    follow=follow,
)
