"""What a person may set in a hand-over: how, whom to start, and the lease. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from labtui.actions.action import Input
from labtui.actions.cards import checks, parts
from labtui.actions.cards.changes import Change
from labtui.actions.cards.facts import HandFacts, Party
from labtui.locale import N_, _
from labtui.model.leases import Lease, day_of, problem

SHUTDOWN, STOP, LATER = "shutdown", "stop", "later"
WAYS = (SHUTDOWN, STOP, LATER)
_FORTNIGHT = 14 * 86400
_LEASE = (
    ("owner", N_("whose")),
    ("until", N_("until")),
    ("project", N_("project")),
    ("purpose", N_("what for")),
)


def way_of(facts: HandFacts) -> str:
    """How those that run are brought to take it: shut down, stopped hard, or later."""
    wanted = facts.answers.get("way", SHUTDOWN)
    return wanted if wanted in WAYS else SHUTDOWN


def on(facts: HandFacts, name: str) -> bool:
    """Whether that is wanted."""
    return facts.answers.get(name, "1") == "1"


def how_of(facts: HandFacts) -> dict[str, str]:
    """Card -> how it is named: as it was asked for, else by its mapping."""
    wanted = facts.answers.get("how", "mapping")
    found = {}
    for card in facts.cards:
        ways = checks.ways_of(facts, card)
        found[card.key] = ways.get(wanted) or next(iter(ways.values()), "")
    return found


def lease_of_answers(answers: Mapping[str, str], now: float) -> Lease | None:
    """The lease that was filled in, from today on; None without an owner or with a mistake."""
    values = {name: answers.get(name, "").strip() for name, _label in _LEASE}
    if not values["owner"] or any(problem(name, value) for name, value in values.items()):
        return None
    return Lease(
        values["owner"],
        values["until"],
        day_of(now),
        project=values["project"],
        purpose=values["purpose"],
    )


def inputs_of(
    facts: HandFacts, changes: Sequence[Change], target: Party | None
) -> tuple[Input, ...]:
    found = []
    runs = any(change.party.subject.running for change in changes)
    if runs:
        hint = _("later: it counts from the next start of each")
        found.append(Input("way", _("how"), way_of(facts), "choice", WAYS, hint))
    if target is not None and way_of(facts) != LATER:
        found.append(Input("start", _("start it"), facts.answers.get("start", "1"), "flag"))
    if runs and way_of(facts) != LATER and any(c.gives for c in changes):
        label = _("then others")
        hint = _("start again who ran before")
        found.append(Input("again", label, facts.answers.get("again", "1"), "flag", hint=hint))
    if any(not claim.running for card in facts.cards for claim in card.claims):
        hint = _("those that are off lose it too")
        found.append(Input("others", _("all"), facts.answers.get("others", "1"), "flag", hint=hint))
    if target is not None:
        how_much = parts.input_of(facts)
        found += [how_much] if how_much is not None else []
        ways = [set(checks.ways_of(facts, card)) for card in facts.cards]
        both = sorted(set.intersection(*ways), reverse=True) if ways else []
        if len(both) > 1:
            value = facts.answers.get("how", both[0])
            found.append(Input("how", _("named by"), value, "choice", tuple(both)))
        found.extend(lease_inputs(facts.answers, facts.read_at, target.tenant))
    return tuple(found)


def lease_inputs(answers: Mapping[str, str], now: float, tenant: str) -> list[Input]:
    """The fields of a lease; without an owner none is written."""
    found = []
    for name, label in _LEASE:
        value = answers.get(name, "")
        hint = ""
        if name == "owner":
            hint = _("tenant: {name}").format(name=tenant) if tenant else _("none: no lease")
        if name == "until":
            hint = _("a day: {day}").format(day=day_of(now + _FORTNIGHT))
        found.append(Input(name, _(label), value, "text", hint=hint, problem=wrong(name, value)))
    owner = answers.get("owner", "").strip()
    if not owner and any(answers.get(name, "").strip() for name, _label in _LEASE):
        found[0] = msgspec.structs.replace(found[0], problem=_("whose is it?"))
    return found


def wrong(name: str, value: str) -> str:
    """Why a value can't stand in a lease, in words."""
    return {
        "": "",
        "day": _("a day is written 2026-12-31"),
        "sign": _("no ; and no line ends"),
        "long": _("too long"),
    }[problem(name, value.strip())]
