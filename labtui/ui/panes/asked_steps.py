"""The steps of a job that has a journal: who has moved, who is on the way, who waits, who stays."""

from __future__ import annotations

from collections.abc import AsyncIterator

from labtui.actions.action import Step, Wire
from labtui.actions.evacuation.book import KeepsBooks, Record, Standing
from labtui.locale import _
from labtui.model.jobs import Job
from labtui.ui.panes.query import Look, Query, Told
from labtui.views import emptiness
from labtui.views.jobs import log_section
from labtui.views.view import Cell, Section

_AGAIN = 1.0


def of_job(job: Job) -> Query:
    """How far each step is, then the log, for as long as the job runs."""

    async def read(wire: Wire, _look: Look) -> AsyncIterator[Told]:
        while True:
            now = next((each for each in wire.snapshot.jobs if each.id == job.id), job)
            records = await wire.records() if isinstance(wire, KeepsBooks) else ()
            record = next((each for each in records if each.id == now.book), None)
            steps = (section(record),) if record is not None else ()
            yield Told((*steps, *log_section(now)), _AGAIN if now.running else None)

    return Query("steps", _("Steps"), read)


def section(record: Record) -> Section:
    """The steps in the order of the plan, with how far each is."""
    pairs = zip(record.header.steps, record.standings(), strict=True)
    lines = tuple((step.label, _told(step, standing, record)) for step, standing in pairs)
    return emptiness.section(_("Steps"), lines)


def _told(step: Step, standing: Standing, record: Record) -> Cell:
    if not step.target:
        return Cell(_("stays: {why}").format(why=step.note or "?"), "dim")
    where = f"{step.source} > {standing.target}" if step.source else standing.target
    if standing.state == "done":
        return Cell(f"✓ {where}  {standing.note}".rstrip(), "good")
    if standing.state != "running":
        return Cell(f"✗ {where}  {standing.note}".rstrip(), "bad")
    part = standing.sending.part if standing.sending is not None else ""
    if part and record.over is None:
        return Cell(_("{where}  {part}, under way").format(where=where, part=_part(part)), "info")
    if standing.begun:
        done = ", ".join(map(_part, standing.done)) or _part(part)
        return Cell(_("{where}  begun ({done})").format(where=where, done=done), "warn")
    return Cell(_("{where}  waits").format(where=where), "dim")


def _part(part: str) -> str:
    """A part of a step in words."""
    texts = {
        "migrate": _("being moved"),
        "shutdown": _("being shut down"),
        "start": _("being started"),
        "relocate": _("moved by the HA manager"),
    }
    return texts.get(part, part)
