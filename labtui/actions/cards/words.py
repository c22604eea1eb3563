"""A hand-over in words: its title, and what is said of it above the calls. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from labtui.actions.action import Fact
from labtui.actions.cards import checks, parts
from labtui.actions.cards.changes import Change
from labtui.actions.cards.facts import HandFacts, Party
from labtui.actions.cards.lines import mapping_of
from labtui.locale import _
from labtui.model.devices import short_model


def title_of(facts: HandFacts, target: Party | None, gives: Mapping[str, object]) -> str:
    models: dict[str, int] = {}
    for card in facts.cards:
        name = short_model(card.device.model)
        models[name] = models.get(name, 0) + 1
    what = ", ".join(f"{n} {name}" if n > 1 else name for name, n in models.items())
    labels = [facts.parties[key].guest.label for key in gives if key in facts.parties]
    if target is None:
        text = _("Take {cards} away from {guests}")
        return text.format(cards=what, guests=", ".join(labels) or "-")
    if labels:
        text = _("Hand {cards} over from {guests} to {target}")
        return text.format(cards=what, guests=", ".join(labels), target=target.guest.label)
    return _("Give {cards} to {target}").format(cards=what, target=target.guest.label)


def facts_of(facts: HandFacts, changes: Sequence[Change], target: Party | None) -> list[Fact]:
    found = []
    for card in facts.cards:
        whose = ", ".join(claim.guest.label for claim in card.claims) or _("nobody's")
        text = f"{short_model(card.device.model)}, {whose}"
        found.append(Fact(f"{facts.node} {card.device.slot.removeprefix('0000:')}", text))
    for change in changes:
        told = [
            f"{key}: {change.before[key] or '-'} > {value or '-'}"
            for key, value in change.values.items()
            if key != "description"
        ]
        if told:
            found.append(Fact(change.party.guest.label, "; ".join(told)))
    if target is not None:
        found.extend(parts.facts_of(facts))
        size = checks.memory_of(target) >> 30
        text = _("all {n} GiB locked, no ballooning, no snapshots with memory").format(n=size)
        found.append(Fact(_("memory"), text))
        named = [
            v for c in changes if not c.gives for k, v in c.values.items() if k != "description"
        ]
        pinned = any(not mapping_of(line) for line in named)
        text = _("stays on {node}").format(node=facts.node)
        if not pinned:
            text = _("moves while it is off, to nodes with the same mapping")
            if named and all(_moves_live(facts, mapping_of(line)) for line in named):
                text = _("moves live too, to nodes with the same mapping, as far as the driver can")
        found.append(Fact(_("moving"), text))
    return found


def _moves_live(facts: HandFacts, name: str) -> bool:
    return any(mapping.name == name and mapping.live_capable for mapping in facts.mappings)
