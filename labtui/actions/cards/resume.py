"""Going on with a hand-over that was cut off, or putting all of it back: by its journal."""

from __future__ import annotations

import msgspec

from labtui.actions import interlock
from labtui.actions.action import Fact, Plan, Wire
from labtui.actions.cards.facts import CONFIG, OPTIONS, POWER, HandFacts, guests_of
from labtui.actions.cards.run import BACK
from labtui.actions.evacuation.book import KeepsBooks, Record
from labtui.actions.guest_facts import scope_of
from labtui.locale import _
from labtui.model.errors import NotFound

RESUME = "resume"


async def facts_of_book(book: str, wire: Wire) -> HandFacts:
    """The journal of that name and how it stands. Raises `NotFound`, `LabError`."""
    records = await wire.records() if isinstance(wire, KeepsBooks) else ()
    record = next((each for each in records if each.id == book), None)
    if record is None:
        raise NotFound(_("no such job"), where=book)
    subject = record.header.subject
    guests = ",".join(guests_of(subject))
    scope = scope_of(guests, wire.snapshot, CONFIG, OPTIONS, POWER)
    standing = await interlock.look(scope, wire)
    node = record.header.steps[0].source if record.header.steps else ""
    return HandFacts(
        scope.cluster,
        node,
        wire.now(),
        problems=standing.blockers,
        book=msgspec.json.encode(record).decode(),
    )


def draft(facts: HandFacts, mode: str) -> Plan:
    """What is left of it, to be done or taken back."""
    record = msgspec.json.decode(facts.book, type=Record)
    steps, standings = record.header.steps, record.standings()
    back = mode == BACK
    told = []
    for step, standing in zip(steps, standings, strict=True):
        state = standing.note or (_("under way") if standing.begun else _("not begun"))
        told.append(Fact(step.label, f"{step.way}: {state}"))
    left = [
        step
        for step, standing in zip(steps, standings, strict=True)
        if standing.state != ("cancelled" if back else "done")
    ]
    place = 1 if back else 0
    calls = [step.calls[place] for step in left if len(step.calls) > place]
    return Plan(
        action=record.header.action,
        subject=record.header.subject,
        title=record.header.title,
        made_at=facts.read_at,
        mode=BACK if back else RESUME,
        modes=(RESUME, BACK),
        facts=tuple(told),
        calls=tuple(calls) or tuple(call for step in left for call in step.calls[:1]),
        blockers=facts.problems,
        steps=steps,
        book=record.id,
    )
