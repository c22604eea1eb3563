"""Which finding explains which: small declared explanations, and the forest that they make.

An explanation names rules of causes and of effects, and how a cause and an effect must be related.
For each effect the first explanation that fits gives its cause, so the nearest ones stand first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from labtui.findings.causes_hosts import HOST_EXPLANATIONS
from labtui.findings.causes_overlay import OVERLAY_EXPLANATIONS
from labtui.findings.explanation import Explanation, guest_of, hits_node
from labtui.findings.finding import Finding
from labtui.findings.sight import Sight
from labtui.findings.site_map import Standing, standing


class Tree(msgspec.Struct, frozen=True):
    """A finding with what follows from it."""

    finding: Finding
    effects: tuple[Tree, ...] = ()

    def all(self) -> Iterable[Finding]:
        """Every finding in it, from the top."""
        yield self.finding
        for effect in self.effects:
            yield from effect.all()


def _always(cause: Finding, effect: Finding, sight: Sight) -> bool:
    return True


def _same_place(cause: Finding, effect: Finding, sight: Sight) -> bool:
    """They touch a common site."""
    return bool(set(cause.sites) & set(effect.sites))


def _at_place(cause: Finding, effect: Finding, sight: Sight) -> bool:
    """The effect's end is at the site of the cause; of a link, either end."""
    return bool(set(cause.hits.sites or cause.sites) & set(effect.sites))


def _same_tunnel(cause: Finding, effect: Finding, sight: Sight) -> bool:
    """The session runs over the tunnel."""
    session = sight.by_session.get(effect.subject.key)
    if session is None:
        return False
    return any(seen.key == cause.subject.key for seen in sight.tunnels_under(session))


def _same_link(cause: Finding, effect: Finding, sight: Sight) -> bool:
    """Two halves of one link, or two findings of one tunnel."""
    return len(cause.sites) == 2 and set(cause.sites) == set(effect.sites)


def _blackhole(cause: Finding, effect: Finding, sight: Sight) -> bool:
    """Routes still lead into a tunnel that fell: until its hold timer ends, what lies behind it is
    not reached, even where another way exists.
    """
    fell = cause.since
    if fell is None or effect.since is None or sight.now - fell > _RECONVERGED:
        return False
    here = standing(sight)
    behind = {site for site in cause.sites if not (here.get(site) or Standing()).there}
    return bool(behind & set(effect.sites)) and -30 <= effect.since - fell <= _RECONVERGED


def _whole_site_away(effect: Finding, sight: Sight) -> frozenset[str]:
    """The sites of the effect of which no node is seen any more."""
    here = standing(sight)
    return frozenset(site for site in effect.sites if not (here.get(site) or Standing()).there)


def _drawn_away(cause: Finding, effect: Finding, sight: Sight) -> bool:
    """Two announce one network: what is sent to one of them arrives at the other, and all that
    stands at one of the two is not reached.
    """
    return bool(set(cause.sites) & _whole_site_away(effect, sight))


def _only_line(cause: Finding, effect: Finding, sight: Sight) -> bool:
    """Nothing else leads to the site of the effect than the line that is down."""
    reached = {
        site for site, seen in sight.tunnels_at.items() if any(not each.broken for each in seen)
    }
    return bool((set(cause.sites) & _whole_site_away(effect, sight)) - reached)


def _same_router(cause: Finding, effect: Finding, sight: Sight) -> bool:
    """The source is the router that the cause is about."""
    return effect.subject.key == f"routeros/{cause.subject.key}"


def _only_way(cause: Finding, effect: Finding, sight: Sight) -> bool:
    """No router answers at all: what lies beyond the first of them cannot be known."""
    return not any(router.answers for router in sight.routers.values())


def _record_node_gone(cause: Finding, effect: Finding, sight: Sight) -> bool:
    """Recorded on a node that is away: HA took the guest elsewhere."""
    for key in effect.hits.guests:
        seen = sight.guests.get(key)
        owned = sight.registry.of_guest(seen.guest) if seen else None
        if owned is None or seen is None or owned.record.node == seen.guest.node:
            continue
        if f"{seen.guest.cluster}/{owned.record.node}" in cause.hits.nodes:
            return True
    return False


def _netbox_on(cause: Finding, effect: Finding, sight: Sight) -> bool:
    """NetBox does not answer, and a guest of that name is (or was) where the cause strikes."""
    if effect.subject.noun != "NetBox":
        return False
    lost = set(cause.hits.guests)
    for seen in sight.guests.values():
        guest = seen.guest
        if "netbox" in guest.name.casefold():
            node = f"{guest.cluster}/{guest.node}"
            if guest.key in lost or node in cause.hits.nodes:
                return True
            if cause.rule in _NODES and _was_on(cause, guest.key, sight):
                return True
    return False


def _was_on(cause: Finding, guest: str, sight: Sight) -> bool:
    """Recorded in NetBox on a node of the cause: HA has moved it since."""
    seen = sight.guests.get(guest)
    if seen is None:
        return False
    owned = sight.registry.of_guest(seen.guest)
    node = owned.record.node if owned is not None else ""
    return bool(node) and f"{seen.guest.cluster}/{node}" in cause.hits.nodes


def _prefix_of(cause: Finding, effect: Finding, sight: Sight) -> bool:
    """The node stands in the network that nobody announces."""
    return bool(effect.sites) and set(effect.sites) <= set(cause.sites)


def _storage_on(cause: Finding, effect: Finding, sight: Sight) -> bool:
    return bool(set(cause.hits.nodes) & set(effect.hits.nodes))


def _clock(cause: Finding, effect: Finding, sight: Sight) -> bool:
    """Tunnels that have not come up since the router of their site restarted."""
    return (
        _same_place(cause, effect, sight)
        and cause.since is not None
        and (effect.since is None or effect.since >= cause.since - 90)
    )


def _after(cause: Finding, effect: Finding, sight: Sight) -> bool:
    """In the same minutes as, or after, the cause."""
    if cause.since is None or effect.since is None:
        return True
    return effect.since >= cause.since - 120


# Seconds: a hold timer of three minutes, the routes after it, and corosync's own round.
_RECONVERGED = 300.0
_TUNNELS = ("tunnel-disabled", "tunnel-keys", "tunnel-endpoint", "tunnel-flaps", "tunnel-dead")
_SESSIONS = ("session-disabled", "session-as", "session-stopped", "session-down", "session-flaps",
             "session-empty")  # fmt: skip
_PLACES = ("site-dark", "router-down", "site-cut")
_GONE = ("node-down", "node-unseen")
_NODES = ("node-partitioned", *_GONE)
_UNREACHED = (*_NODES, "router-silent", "router-busy", "endpoint-silent")

EXPLANATIONS: tuple[Explanation, ...] = (
    # Nothing answers: then nothing that seems silent says anything.
    Explanation(
        ("all-silent",),
        ("source-silent", "router-silent", "endpoint-silent", "source-fails", "source-late",
         "tunnel-dead", "session-down"),
        _always,
    ),
    # Sessions over tunnels, tunnels of places.
    Explanation((*_TUNNELS, "link-loses", "link-narrow"),
                ("session-down", "session-flaps", "session-empty"), _same_tunnel),
    Explanation(("tunnel-keys", "tunnel-disabled", "tunnel-endpoint"), ("tunnel-dead",),
                _same_link),
    Explanation(("router-silent",), ("source-late", "source-fails"), _same_place),
    Explanation(("router-busy",), ("source-late", "source-fails"), _same_router),
    Explanation(_PLACES, (*_TUNNELS, "router-silent", "router-busy", "line-down"), _at_place),
    Explanation(_PLACES, ("session-down", "session-flaps"), _at_place),
    Explanation(("router-rebooted",), ("tunnel-dead", "tunnel-flaps", "session-down"), _clock),
    Explanation(("router-down",), ("site-dark",), _only_way),
    Explanation(("site-alone",), ("site-dark", "site-cut", "router-down", "router-silent",
                                  "tunnel-dead", "session-down", "quorum-lost"), _always),
    # Nodes of places, and what is on nodes.
    Explanation(("node-partitioned",), (*_GONE, "endpoint-silent", "node-rebooted"),
                hits_node),
    Explanation(("prefix-lost",), _NODES, _prefix_of),
    Explanation(_PLACES, _NODES, hits_node),
    Explanation(_TUNNELS, (*_GONE, "router-silent"), _blackhole),
    Explanation(("ipsec-down", "line-down"), _UNREACHED, _only_line),
    Explanation(("prefix-origins",), _UNREACHED, _drawn_away),
    Explanation(_GONE, ("endpoint-silent", "statistics-hung", "node-fenced"), hits_node),
    Explanation(("prefix-lost",), ("endpoint-silent", "router-silent"), _prefix_of),
    Explanation(("storage-full", "storage-away", "statistics-hung", *_NODES),
                ("guest-broken", "guest-stopped"), guest_of),
    Explanation(("storage-away",), ("statistics-hung",), _storage_on),
    Explanation(("ha-error",), ("guest-stopped", "guest-broken"), guest_of),
    Explanation(_GONE, ("record-differs",), _record_node_gone),
    Explanation(_NODES, ("ha-error", "guest-locked", "backup-failed"), guest_of),
    # The quorum goes with what takes nodes away, and much goes with the quorum: without it nobody
    # can say of a node why it is not seen.
    Explanation((*_PLACES, "node-partitioned"), ("quorum-lost",), hits_node),
    Explanation(("node-down",), ("quorum-lost",), _after),
    Explanation(("quorum-lost",), ("node-rebooted", "node-unseen"), hits_node),
    Explanation(("quorum-lost",), ("source-silent", "source-fails", "guest-stopped",
                                   "record-differs", "endpoint-silent", "source-late"), _after),
    Explanation(("node-rebooted",), ("guest-stopped",), guest_of),
    Explanation(("guest-stopped", "guest-broken", *_NODES, *_PLACES), ("source-silent",),
                _netbox_on),
    Explanation(("guest-stopped", "guest-broken"), ("record-differs",), guest_of),
    Explanation(("root-full",), ("backup-failed", "statistics-hung", "source-fails"), hits_node),
    Explanation(("storage-full", "storage-away"), ("backup-failed",), guest_of),
    Explanation(("login-refused", "identity-changed", "rights-missing"),
                ("source-fails", "source-forbids", "source-late"),
                lambda cause, effect, _sight: cause.subject.key == effect.subject.key),
    Explanation(("record-missing",), ("address-unrecorded",), guest_of),
    *HOST_EXPLANATIONS,
    *OVERLAY_EXPLANATIONS,
)  # fmt: skip


def forest(
    findings: Sequence[Finding],
    sight: Sight,
    explanations: Sequence[Explanation] = EXPLANATIONS,
) -> tuple[Tree, ...]:
    """The findings as trees, each exactly once; those that nothing explains are the roots."""
    by_rule: dict[str, list[Finding]] = {}
    for finding in findings:
        by_rule.setdefault(finding.rule, []).append(finding)
    parents: dict[str, str] = {}
    for effect in findings:
        cause = _cause(effect, by_rule, sight, explanations, parents)
        if cause is not None:
            parents[effect.id] = cause.id
    children: dict[str, list[Finding]] = {}
    for finding in findings:
        children.setdefault(parents.get(finding.id, ""), []).append(finding)

    def grown(finding: Finding) -> Tree:
        return Tree(finding, tuple(grown(each) for each in children.get(finding.id, ())))

    return tuple(grown(finding) for finding in children.get("", ()))


def _cause(
    effect: Finding,
    by_rule: dict[str, list[Finding]],
    sight: Sight,
    explanations: Sequence[Explanation],
    parents: dict[str, str],
) -> Finding | None:
    for explanation in explanations:
        if effect.rule not in explanation.effects:
            continue
        related = [
            cause
            for rule in explanation.causes
            for cause in by_rule.get(rule, ())
            if cause.id != effect.id
            and not _above(cause.id, effect.id, parents)
            and explanation.relates(cause, effect, sight)
        ]
        if related:
            # Of several the last before the effect is what tipped it.
            return max(related, key=lambda cause: (cause.since or 0.0, cause.id))
    return None


def _above(cause: str, effect: str, parents: dict[str, str]) -> bool:
    """True when the effect is itself a cause of the cause."""
    at: str | None = cause
    while at is not None:
        if at == effect:
            return True
        at = parents.get(at)
    return False
