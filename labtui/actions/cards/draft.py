"""The plan of a hand-over, drawn up from its facts. Pure.

Its steps are, in this order: whoever runs is shut down, those that lose cards are written, then the
one that gets them; it is started and asked whether it sees them; the others are started again.
Each write has its way back, which is what it was before, so that all or nothing of it stays.
"""

from __future__ import annotations

from collections.abc import Sequence

from labtui.actions.action import Choice, Plan
from labtui.actions.cards import checks
from labtui.actions.cards.changes import Change, getting, givings, taking, wanted_lines
from labtui.actions.cards.facts import NOBODY, HandFacts, Party
from labtui.actions.cards.fields import STOP, how_of, inputs_of, lease_of_answers
from labtui.actions.cards.steps import steps_of
from labtui.actions.cards.words import facts_of, title_of
from labtui.locale import _

GIVE, TAKE = "gpu.give", "gpu.take"


def draft(facts: HandFacts, choice: str, mode: str) -> Plan:
    """The plan for a target (its label, or `nobody`)."""
    target = _target(facts, choice)
    how = how_of(facts)
    off_too = facts.answers.get("others", "1") == "1"
    gives = givings(facts, target.guest.key if target else "", off_too=off_too)
    changes = taking(facts, gives)
    lease = lease_of_answers(facts.answers, facts.read_at)
    if target is not None:
        new = getting(target, wanted_lines(facts, target, how), lease)
        changes += [new] if new is not None else []
    steps = steps_of(facts, changes, target)
    blockers = list(dict.fromkeys(checks.against(facts, changes, target, how)))
    if not facts.only_away and target is None and choice != NOBODY:
        blockers.append(_("there is no guest on {node} to give it to").format(node=facts.node))
    stopping = [step.label for step in steps if step.way == STOP]
    return Plan(
        action=TAKE if facts.only_away else GIVE,
        subject=subject_of(facts, changes, target),
        title=title_of(facts, target, gives),
        made_at=facts.read_at,
        chosen=target.guest.label if target else "" if facts.only_away else NOBODY,
        choices=() if facts.only_away else _choices(facts),
        choice_label=_("to"),
        facts=tuple(facts_of(facts, changes, target)),
        calls=tuple(step.calls[0] for step in steps if step.calls),
        blockers=tuple(blockers),
        warnings=tuple(dict.fromkeys(checks.warned(facts, changes, target, how))),
        inputs=inputs_of(facts, changes, target),
        steps=steps,
        # Pulling a plug asks for more than a key.
        confirm=stopping[0].partition(" ")[2] if stopping else "",
    )


def subject_of(facts: HandFacts, changes: Sequence[Change], target: Party | None) -> str:
    """The cards and the guests that it works on: nobody else works on one of them meanwhile."""
    keys = [card.key for card in facts.cards]
    keys += [change.party.guest.key for change in changes]
    if target is not None:
        keys.append(target.guest.key)
    return ",".join(dict.fromkeys(keys))


def _target(facts: HandFacts, choice: str) -> Party | None:
    """The chosen guest; by default one that is off and names the cards, then the first."""
    if facts.only_away or choice == NOBODY:
        return None
    parties = list(facts.parties.values())
    named = next(
        (party for party in parties if choice in (party.guest.label, party.guest.key)), None
    )
    if named is not None:
        return named
    waiting = [p for p in parties if p.guest.key in facts.holders and not p.subject.running]
    others = [p for p in parties if p.guest.key not in facts.holders]
    return next(iter((*waiting, *others)), None)


def _choices(facts: HandFacts) -> tuple[Choice, ...]:
    found = []
    for party in facts.parties.values():
        words = []
        if party.guest.key in facts.holders:
            words.append(_("names it"))
        words.append(party.subject.state)
        if party.tenant:
            words.append(party.tenant)
        against = tuple(checks.blocked(party))
        found.append(Choice(party.guest.label, tuple(words), against))
    return (*found, Choice(NOBODY, (_("taken away, given to nobody"),)))
