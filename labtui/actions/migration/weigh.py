"""One node as a target: what speaks for it, what forbids it, what should be known. Pure.

The server's own check looks at neither free memory nor processors nor bridges nor free space nor
whether a card is free (qemu-server `API2/Qemu.pm`, `migrate_vm_precondition`); these are here.
"""

from __future__ import annotations

from collections.abc import Iterable

from labtui.actions.action import Choice
from labtui.actions.migration import disks
from labtui.actions.migration.answers import MigrationFacts, Target
from labtui.locale import _

_MEMORY_FULL, _MEMORY_TIGHT = 1.0, 0.9
_REPLICATED = 0.5
# The first word of a processor's name is its maker's, after which come marks like (R).
_MAKERS = ("amd", "intel")


def weigh(facts: MigrationFacts, target: Target) -> Choice:
    """The node as a choice of the plan."""
    name = target.node.name
    if not target.online:
        return Choice(name, (), (_("not online"),))
    reasons, score, full, tight = _load(facts, target)
    if name in facts.replicas:
        reasons.append(_("replicated there"))
        score += _REPLICATED
    return Choice(
        name,
        tuple(reasons),
        (*_forbidden(facts, target), *full),
        (*tight, *_warned(facts, target)),
        score,
    )


def _load(
    facts: MigrationFacts, target: Target
) -> tuple[list[str], float, tuple[str, ...], tuple[str, ...]]:
    """How full it gets: the reasons, the score, what forbids it, what should be known."""
    node = target.node
    reasons: list[str] = []
    full = tight = ""
    score = 0.5
    if node.memory is not None and node.memory_max:
        added = facts.guest.memory_max or 0 if facts.running else 0
        after = (node.memory + added) / node.memory_max
        reasons.append(_("{percent:.0f}% memory after").format(percent=after * 100))
        score = 1.0 - after
        if after > _MEMORY_FULL:
            full = _("not enough memory ({percent:.0f}%)").format(percent=after * 100)
        elif after > _MEMORY_TIGHT:
            tight = _("memory of {node} gets tight ({percent:.0f}%)").format(
                node=node.name, percent=after * 100
            )
    if node.cpu is not None:
        reasons.append(_("{percent:.0f}% cpu").format(percent=node.cpu * 100))
        score -= 0.5 * node.cpu
    return reasons, score, (full,) if full else (), (tight,) if tight else ()


def _forbidden(facts: MigrationFacts, target: Target) -> Iterable[str]:
    name = target.node.name
    yield from target.forbidden
    if facts.managed:
        yield from _ruled(facts, target)
    missing = () if target.bridges is None else sorted(facts.bridges - target.bridges)
    if plain := [bridge for bridge in missing if bridge not in facts.vnets]:
        yield _("no bridge {names}").format(names=" ".join(plain))
    if vnets := [bridge for bridge in missing if bridge in facts.vnets]:
        yield _("no VNet {names}: its zone is not there").format(names=" ".join(vnets))
    yield from disks.against(facts, target)
    if facts.running and facts.replicas and name not in facts.replicas:
        yield _("it is replicated elsewhere ({nodes}), and runs: only there").format(
            nodes=" ".join(sorted(facts.replicas))
        )
    if facts.running and not target.forbidden:
        yield from _cards(facts, target)


def _ruled(facts: MigrationFacts, target: Target) -> Iterable[str]:
    """What the HA manager would refuse; 9.x tells some of it in its check, 8.4 nothing."""
    name, sid = target.node.name, facts.guest.sid
    if target.node.ha_state == "maintenance":
        yield _("in maintenance")
    if target.forbidden:
        return
    only = facts.rules.only.get(sid)
    if only is not None and name not in only:
        yield _("an HA rule holds it to {nodes}").format(nodes=" ".join(sorted(only)))
    for other in sorted(facts.rules.away_from(sid)):
        if facts.strangers.get(other) == name:
            yield _("an HA rule keeps it away from {sid}, which is there").format(sid=other)


def _warned(facts: MigrationFacts, target: Target) -> Iterable[str]:
    name = target.node.name
    if target.cpu_model and facts.source_cpu and target.cpu_model != facts.source_cpu:
        text = _("cpu type is host and {node} has another processor")
        makers = _maker(target.cpu_model), _maker(facts.source_cpu)
        if all(makers) and makers[0] != makers[1]:
            text = _("cpu type is host and the processor of {node} is of another maker: it may die")
        yield text.format(node=name)
    if not facts.running:
        # Off it may go; whether it can be started there is another matter.
        yield from (f"{name}: {text}" for text in _cards(facts, target))
        if facts.replicas and name not in facts.replicas:
            yield _("it has no copy on {node}: all of its disks go over").format(node=name)


def _cards(facts: MigrationFacts, target: Target) -> Iterable[str]:
    """Cards of the same kind that are not free there."""
    for mapping, wanted in sorted(facts.needs.items()):
        free = target.cards.get(mapping)
        if mapping in target.cards and free is None:
            yield _("nobody can say whether a card of {mapping} is free").format(mapping=mapping)
        elif free is not None and free < wanted:
            yield _("no free card of {mapping}").format(mapping=mapping)


def _maker(model: str) -> str:
    words = model.lower().replace("(", " ").split()
    return words[0] if words and words[0] in _MAKERS else ""
