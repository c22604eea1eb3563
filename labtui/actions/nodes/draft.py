"""The plan of rebooting, shutting down or waking a node, from the facts of its survey. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from labtui.actions.action import Call, Fact, Plan
from labtui.actions.nodes import votes as quorum
from labtui.actions.nodes.facts import NodeFacts
from labtui.actions.nodes.guests import Fate, Tenant, Verb, fate, fate_text
from labtui.locale import N_, _

_MOST_NAMED = 8
_TITLES: dict[Verb, str] = {
    "reboot": N_("Reboot {node}"),
    "shutdown": N_("Shut down {node}"),
    "wake": N_("Wake {node}"),
}
_ORDER: tuple[Fate, ...] = ("off", "failover", "frozen", "moved", "back", "starts")


def draft(facts: NodeFacts, choice: str, mode: str) -> Plan:
    """The plan; there is nothing to choose."""
    del choice, mode
    waking = facts.verb == "wake"
    return Plan(
        action=f"node.{facts.verb}",
        subject=f"{facts.cluster}/{facts.node}",
        title=_(_TITLES[facts.verb]).format(node=facts.node),
        made_at=facts.read_at,
        facts=tuple(_wake_facts(facts) if waking else _facts(facts)),
        calls=(_call(facts),),
        blockers=tuple(_blockers(facts)),
        warnings=facts.standing.warnings if waking else tuple(_warnings(facts)),
        confirm="" if waking or _harmless(facts) else facts.node,
        stands_on=(("online", "" if facts.online is None else str(int(facts.online))),),
    )


def _call(facts: NodeFacts) -> Call:
    path = f"/nodes/{facts.node}"
    if facts.verb == "wake":
        return Call(facts.cluster, "POST", f"{path}/wakeonlan")
    return Call(facts.cluster, "POST", f"{path}/status", (("command", facts.verb),))


def _blockers(facts: NodeFacts) -> Iterable[str]:
    yield from facts.standing.blockers
    if facts.verb == "wake" and facts.online:
        yield _("{node} is there already").format(node=facts.node)


def by_fate(facts: NodeFacts) -> dict[Fate, list[Tenant]]:
    """The guests that something becomes of, by what it is."""
    found: dict[Fate, list[Tenant]] = {}
    for tenant in facts.tenants:
        kind = fate(tenant, facts.verb, facts.policy or "conditional")
        if kind is not None:
            found.setdefault(kind, []).append(tenant)
    return {kind: found[kind] for kind in _ORDER if kind in found}


def _harmless(facts: NodeFacts) -> bool:
    """A reboot that stops nobody and leaves the quorum: it goes by a key alone."""
    nobody = not any(tenant.running for tenant in facts.tenants) and not facts.tasks
    known = facts.votes.expected > 0 and not facts.votes.lost
    return facts.verb == "reboot" and nobody and known and not facts.unread


def _facts(facts: NodeFacts) -> Iterable[Fact]:
    running = sum(tenant.running for tenant in facts.tenants)
    text = _("{n} run, {off} are off")
    yield Fact(_("guests"), text.format(n=running, off=len(facts.tenants) - running))
    for kind, tenants in by_fate(facts).items():
        yield Fact(_fate_label(kind), f"{_named(tenants)}: {fate_text(kind, facts.verb)}")
    yield Fact(_("HA"), _ha(facts))
    yield Fact(_("quorum"), quorum.told(facts.votes))
    if facts.has_ceph:
        yield Fact("Ceph", _ceph(facts))
    if running:
        text = _("empty it first: E, or `labtui evacuate {node}`; what can move is not interrupted")
        yield Fact(_("or"), text.format(node=facts.node))
    for note in facts.standing.notes:
        yield Fact(_("note"), note)


def _wake_facts(facts: NodeFacts) -> Iterable[Fact]:
    yield Fact(
        _("sends"),
        _("a magic packet, from the node that is asked, to the address in its configuration"),
    )
    yield Fact(
        _("needs"),
        _("wakeonlan=MAC in the configuration of {node}, wake-on-LAN in its firmware").format(
            node=facts.node
        ),
    )
    yield Fact(_("then"), _("it boots, joins and starts the guests that are on boot"))
    for note in facts.standing.notes:
        yield Fact(_("note"), note)


def _fate_label(kind: Fate) -> str:
    return {
        "frozen": _("frozen"),
        "failover": _("elsewhere"),
        "moved": _("moved"),
        "back": _("back"),
        "off": _("stay off"),
        "starts": _("start too"),
    }[kind]


def _named(tenants: list[Tenant]) -> str:
    names = [tenant.guest.label for tenant in tenants[:_MOST_NAMED]]
    if (rest := len(tenants) - len(names)) > 0:
        names.append(_("and {n} more").format(n=rest))
    return ", ".join(names)


def _ha(facts: NodeFacts) -> str:
    if facts.policy is None:
        return _("its policy could not be read; taken for `conditional`, the default")
    text = _("shutdown_policy={policy}")
    line = text.format(policy=facts.policy)
    maintained = _("the node is in maintenance mode")
    return f"{line}, {maintained}" if facts.maintenance else line


def _ceph(facts: NodeFacts) -> str:
    ceph = facts.ceph
    if ceph is None or not ceph.health:
        return _("there is one, and what it says is not known")
    if facts.node not in ceph.quorum:
        text = _("{health}; no monitor of it runs here")
        return text.format(health=ceph.health)
    text = _("{health}; {after} of {all} monitors without it, {needed} are needed")
    return text.format(
        health=ceph.health,
        after=len(ceph.quorum) - 1,
        all=ceph.monitors,
        needed=ceph.monitors // 2 + 1,
    )


def _warnings(facts: NodeFacts) -> Iterable[str]:
    yield from facts.standing.warnings
    yield from quorum.warnings(facts.votes, facts.node)
    yield from _ceph_warnings(facts)
    if facts.tasks:
        text = _("tasks that run on it would be cut off: {tasks}")
        told = ", ".join(f"{t.kind} {t.subject} ({t.user})".replace("  ", " ") for t in facts.tasks)
        yield text.format(tasks=told)
    found = by_fate(facts)
    if stay := found.get("off"):
        text = _("guests that are stopped and not started again by themselves: {n}")
        yield text.format(n=len(stay))
    if held := [t for t in found.get("moved", []) if t.cards]:
        text = _(
            "{guests}: their cards can't go along, so the node waits for them: stop them first"
        )
        yield text.format(guests=_named(held))
    if bound := [t for t in found.get("failover", []) if t.cards]:
        text = _("{guests}: another node has to have their cards, or they do not start there")
        yield text.format(guests=_named(bound))
    yield from facts.unread


def _ceph_warnings(facts: NodeFacts) -> Iterable[str]:
    if not facts.has_ceph:
        return
    ceph = facts.ceph
    here = ceph is not None and facts.node in ceph.quorum
    if ceph is not None and here and len(ceph.quorum) - 1 < ceph.monitors // 2 + 1:
        yield _("Ceph loses the majority of its monitors: every disk on it stands still")
    if ceph is not None and ceph.health and ceph.health != "HEALTH_OK":
        yield _("Ceph is not well ({health}): its data may be short of copies").format(
            health=ceph.health
        )
    if ceph is not None and ceph.osds:
        yield _("Ceph begins to copy after ten minutes, if disks of it are here: set noout first")
