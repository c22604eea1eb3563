"""The surveys of an evacuation and of the way back, with what their journals say."""

from __future__ import annotations

import msgspec

from labtui.actions import interlock
from labtui.actions.action import Wire, subjects
from labtui.actions.evacuation.book import KeepsBooks, Record
from labtui.actions.evacuation.facts import EvacuationFacts, marked, scope_of
from labtui.actions.evacuation.read import survey, with_pools
from labtui.actions.maintenance.offer import offer
from labtui.locale import _
from labtui.model.errors import NotFound
from labtui.model.presence import seen_guests


async def leaving(subject: str, wire: Wire) -> EvacuationFacts:
    """For emptying a node, with the journal of one that was interrupted. Raises as `survey`."""
    facts = with_pools(await survey(subject, wire), wire.snapshot)
    if (record := await interrupted(subject, wire)) is None:
        return facts
    if record.header.back:
        return await pending(record, wire)
    return msgspec.structs.replace(facts, pending=msgspec.json.encode(record).decode())


def offered(facts: EvacuationFacts, wire: Wire) -> EvacuationFacts:
    """With HA maintenance as a step, where HA has a say in it, also when it is gone on with."""
    if facts.several or not (_managed(facts) or (facts.pending and _managed_of(facts, wire))):
        return facts
    found = offer(wire, facts.cluster, facts.node, on=not facts.back)
    return msgspec.structs.replace(facts, offer=found)


def _managed(facts: EvacuationFacts) -> bool:
    return any(charge.facts.managed for charge in facts.charges)


def _managed_of(facts: EvacuationFacts, wire: Wire) -> bool:
    """Whether HA has one of those that the journal is about."""
    record = msgspec.json.decode(facts.pending, type=Record)
    seen = seen_guests(wire.snapshot)
    keys = (step.subject for step in record.header.steps)
    return any(key in seen and seen[key].guest.ha_state not in ("", "ignored") for key in keys)


async def several(subject: str, wire: Wire) -> EvacuationFacts:
    """For guests that were marked; those of one that was interrupted may be gone on with.

    Raises as `survey`.
    """
    facts = with_pools(await survey(subject, wire), wire.snapshot)
    others = {key.partition("/")[0] for key in subjects(subject)} - {facts.cluster}
    if others:
        text = _("guests of several clusters are marked: mark those of one")
        standing = msgspec.structs.replace(
            facts.standing, blockers=(*facts.standing.blockers, text)
        )
        return msgspec.structs.replace(facts, standing=standing)
    if (record := await interrupted(subject, wire)) is None:
        return facts
    return msgspec.structs.replace(facts, pending=msgspec.json.encode(record).decode())


async def returning(subject: str, wire: Wire) -> EvacuationFacts:
    """For bringing back who left by the last evacuation of that node. Raises as `survey`.

    Who has been moved on since then, by whomever, stays where it is.
    """
    if (record := await interrupted(subject, wire)) is not None:
        return await pending(record, wire)
    records = await wire.records(subject) if isinstance(wire, KeepsBooks) else ()
    last = next((r for r in records if not r.header.back), None)
    keys = _still_there(last, wire) if last is not None else []
    if not keys:
        raise NotFound(
            _("there is nobody to bring back"),
            where=subject,
            why=_("no evacuation from here has moved a guest of it that is still there"),
        )
    return with_pools(await survey(subject, wire, keys, back=True), wire.snapshot)


async def pending(record: Record, wire: Wire) -> EvacuationFacts:
    """The facts for going on with a journal: its own lines, and how it stands now."""
    subject = record.header.subject
    cluster, _slash, node = subject.partition("/")
    facts = EvacuationFacts(
        cluster,
        "" if marked(subject) else node,
        wire.now(),
        await interlock.look(scope_of(subject), wire),
        back=record.header.back,
        pending=msgspec.json.encode(record).decode(),
        subject=subject,
    )
    return offered(facts, wire)


async def pending_of(book: str, wire: Wire) -> EvacuationFacts:
    """The facts for going on with the journal of that name. Raises `NotFound`, `Rejected`."""
    records = await wire.records() if isinstance(wire, KeepsBooks) else ()
    record = next((r for r in records if r.id == book), None)
    if record is None:
        raise NotFound(_("no such job"), where=book)
    return await pending(record, wire)


async def interrupted(subject: str, wire: Wire) -> Record | None:
    """The newest of that node, if it was cut off."""
    records = await wire.records(subject) if isinstance(wire, KeepsBooks) else ()
    newest = next(iter(records), None)
    return newest if newest is not None and newest.interrupted else None


def _still_there(record: Record, wire: Wire) -> list[str]:
    seen = seen_guests(wire.snapshot)
    standings = record.standings()
    found = []
    for number in record.moved:
        key = record.header.steps[number].subject
        if key in seen and seen[key].guest.node == standings[number].target:
            found.append(key)
    return found


async def stop(subject: str, wire: Wire) -> None:
    """Have the one that runs on that node begin nothing more. Raises `LabError`."""
    records = await wire.records(subject) if isinstance(wire, KeepsBooks) else ()
    running = next((r for r in records if r.over is None), None)
    if running is None or not isinstance(wire, KeepsBooks):
        raise NotFound(_("nothing to stop"), where=subject)
    await wire.give(running.id, "stop")
