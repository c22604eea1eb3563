"""Taking a link away: off on both sides or not at all, then every part, looked at before each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from msgspec.structs import replace

from labtui.actions.action import NETBOX, Call, Outcome, Plan, Progress, Report, Wire
from labtui.actions.evacuation.book import Entry, KeepsBooks
from labtui.actions.link.removal import RemovalFacts, begun, draft, offs, removals, survey
from labtui.actions.overlay.course import Course, opened
from labtui.actions.overlay.desk import router_of, rows_or_none, why_of
from labtui.actions.overlay.resume import run as taken_back
from labtui.actions.overlay.undo import Image, decode, encode, menu_of
from labtui.locale import _
from labtui.model.errors import LabError, NotFound

_ROUNDS = 5
_PAUSE = 2.0
_SAME = ("name", "comment", "chain", "public-key", "interface", "address")


async def run(plan: Plan, wire: Wire, report: Report) -> Outcome:
    """Carry it out, or go on with one that was cut off."""
    if plan.book:
        return await _resumed(plan, wire, report)
    facts = replace(await survey(plan.subject, wire), id=dict(plan.stands_on)["job"])
    again = draft(facts, "", "")
    if not again.ready:
        return Outcome("failed", _("not begun: {why}").format(why="; ".join(again.blockers)))
    if again.calls != plan.calls:
        return Outcome("failed", _("not begun: the routers have changed since; plan again"))
    parts = _parts(facts)
    notes = [""] * len(offs(facts)) + [encode(image) for image in parts]
    book = await opened(wire, plan, plan.calls, facts.id, notes)
    course = Course(wire, book, "", report, len(plan.calls))
    try:
        for call in offs(facts):
            await course.send(call)
    except LabError as error:
        return await course.roll_back(why_of(error))
    return await course.finish(await _remove(parts, course.send, wire, report))


def _parts(facts: RemovalFacts) -> tuple[Image, ...]:
    """What is removed, each with the row as it was read."""
    known = {(half.router, row[".id"]): row for half in facts.halves for _menu, row in half.rows}
    return tuple(
        Image(call, row=known.get((router_of(call), str(dict(call.params).get(".id", ""))), {}))
        for call in removals(facts)
    )


async def _resumed(plan: Plan, wire: Wire, report: Report) -> Outcome:
    """Forward from the first removal on, before that back."""
    if not isinstance(wire, KeepsBooks):
        return Outcome("failed", _("there is no journal"))
    record, book = await wire.reopen(plan.book)
    if not begun(record):
        await book.close()
        return await taken_back(plan, wire, report)
    images = (decode(step.note) for step in record.header.steps)
    parts = tuple(image for image in images if image is not None)
    try:
        outcome = await _remove(parts, wire.call, wire, report)
        if outcome.state == "done":
            await book.write(Entry(wire.now(), "over", state="done", note=outcome.note[:300]))
    finally:
        await book.close()
    return outcome


async def _remove(
    parts: Sequence[Image], send: Callable[[Call], Awaitable[object]], wire: Wire, report: Report
) -> Outcome:
    """Every part, again and again until all are gone: from here there is only forward."""
    why = ""
    for round_ in range(_ROUNDS):
        why = await _round(parts, send, wire)
        if not why:
            return Outcome("done", _("off and away on both routers"))
        report(Progress(line=why, note=_("trying again: {why}").format(why=why)))
        await wire.sleep(_PAUSE * (round_ + 1))
    text = _("not everything is gone ({why}): `labtui jobs resume` goes on")
    return Outcome("unknown", text.format(why=why))


async def _round(
    parts: Sequence[Image], send: Callable[[Call], Awaitable[object]], wire: Wire
) -> str:
    """Remove what is still there; the last failure in words, or an empty text."""
    why = ""
    for part in parts:
        try:
            if await _there(part, wire):
                await send(part.call)
        except NotFound:
            continue
        except LabError as error:
            why = why_of(error)
    return why


async def _there(part: Image, wire: Wire) -> bool:
    """Whether what the call removes is still there, and still the same thing.

    An id is another row's after a restart, so the row is known again by what names it.
    """
    call = part.call
    if call.source == NETBOX:
        path, _slash, number = call.path.rpartition("/")
        return bool(await wire.read(NETBOX, path, id=number))
    menu, _verb = menu_of(call)
    ident = str(dict(call.params)[".id"])
    found = await rows_or_none(wire, router_of(call), menu, **{"?.id": ident})
    return any(all(row.get(n) == part.row.get(n) for n in _SAME) for row in found)
