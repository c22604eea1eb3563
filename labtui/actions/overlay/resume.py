"""A run on routers that was cut off: what it did is taken back, from its journal."""

from __future__ import annotations

from collections.abc import Callable

from labtui.actions.action import Fact, Outcome, Plan, Report, Wire
from labtui.actions.evacuation.book import Entry, KeepsBooks, Record
from labtui.actions.overlay.course import back, holds_of, images_of, told_back
from labtui.locale import _
from labtui.model.errors import LabError, NotFound


def draft(record: Record, read_at: float, blockers: tuple[str, ...]) -> Plan:
    """The plan that takes it back; shown are the calls that were sent."""
    images = images_of(record)
    header = record.header
    text = _("{n} of {all} calls were sent, the last of them perhaps not heard")
    return Plan(
        action=header.action,
        subject=header.subject,
        title=_("Take back: {title}").format(title=header.title),
        made_at=read_at,
        facts=(
            Fact(_("cut off"), text.format(n=len(images), all=len(header.steps))),
            Fact(_("undo"), _("everything that carries its mark, on both routers and in NetBox")),
        ),
        calls=tuple(image.call for image in reversed(images)) or header.steps[0].calls,
        blockers=blockers,
        warnings=(_("the calls are shown as they were sent; what is sent now is their way back"),),
        book=record.id,
    )


async def cut_off(wire: Wire, fits: Callable[[Record], bool]) -> Record | None:
    """A run that was cut off and has to be taken back before anything else."""
    if not isinstance(wire, KeepsBooks):
        return None
    try:
        found = await wire.records()
    except LabError:
        return None
    return next((record for record in found if record.interrupted and fits(record)), None)


async def subject_of(book: str, wire: Wire) -> str:
    """What a journal is about. Raises `LabError`; `NotFound` when it is gone."""
    found = await wire.records() if isinstance(wire, KeepsBooks) else ()
    for record in found:
        if record.id == book:
            return record.header.subject
    raise NotFound(_("its journal is gone"), where=book)


async def run(plan: Plan, wire: Wire, report: Report) -> Outcome:
    """Take it back. `unknown` when something is left; then its journal stays open."""
    if not isinstance(wire, KeepsBooks):
        return Outcome("failed", _("there is no journal"))
    record, book = await wire.reopen(plan.book)
    images = images_of(record)
    try:
        left = await back(wire, images, holds_of(images), report)
        why = _("it was cut off")
        outcome = told_back(why, left, record.id)
        if not left:
            outcome = Outcome("done", outcome.note)
            await book.write(Entry(wire.now(), "over", state="cancelled", note=outcome.note[:300]))
    finally:
        await book.close()
    return outcome
