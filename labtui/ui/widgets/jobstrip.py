"""The job strip: what is being carried out now and what ended a moment ago."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from labtui.locale import _
from labtui.model.jobs import Job, JobState
from labtui.ui.widgets.canvas import Canvas
from labtui.ui.widgets.cells import Line, Span
from labtui.ui.widgets.columns import metered
from labtui.views.figures import bar, percent, rate, span
from labtui.views.view import Role

_MOST = 3
_LINGER = 20.0
_SIGNS: dict[JobState, tuple[str, Role]] = {
    "running": ("▸", "info"),
    "done": ("✓", "good"),
    "failed": ("✗", "bad"),
    "cancelled": ("✗", "warn"),
    "unknown": ("?", "warn"),
}


class JobStrip(Canvas):
    """As many lines as there are jobs to show, three at most."""

    GROUND: ClassVar[str] = "bar"

    def __init__(self) -> None:
        super().__init__(id="jobs-strip")
        self._jobs: tuple[Job, ...] = ()
        self._now = 0.0
        self._height = 0

    def look(self, jobs: Sequence[Job], now: float) -> None:
        """Show these jobs at this time."""
        self._jobs, self._now = current(jobs, now), now
        lines = min(_MOST, len(self._jobs))
        if lines != self._height:
            # Each of these lays the whole screen out anew.
            self._height = lines
            self.display = bool(lines)
            self.styles.height = lines
        self.redraw()

    def draw(self, width: int, height: int) -> list[Line]:
        shown = self._jobs[:height]
        lines = [job_line(job, self._now) for job in shown]
        if rest := len(self._jobs) - len(shown):
            lines[-1] = (*lines[-1], Span(_("   and {n} more").format(n=rest), "dim"))
        return lines


def current(jobs: Sequence[Job], now: float) -> tuple[Job, ...]:
    """Running jobs, then those that ended a moment ago; the newest first."""
    wanted = [
        job for job in jobs if job.running or (job.ended is not None and now - job.ended < _LINGER)
    ]
    return tuple(sorted(wanted, key=lambda job: (not job.running, -job.started)))


def job_line(job: Job, now: float) -> Line:
    """One job: sign, title, bar, speed, what is left."""
    sign, role = _SIGNS[job.state]
    spans = [Span(f" {sign} ", role), Span(job.title, "strong"), Span("  ")]
    if not job.running:
        took = span((job.ended if job.ended is not None else now) - job.started)
        words = {
            "done": _("done in {span}"),
            "failed": _("FAILED after {span}"),
            "cancelled": _("cancelled after {span}"),
            "unknown": _("outcome unknown after {span}"),
        }[job.state]
        spans.append(Span(words.format(span=took), role))
    else:
        if job.progress is not None:
            spans.extend(metered(f"{bar(job.progress, 12)} {percent(job.progress):>4}", "info"))
        else:
            spans.append(Span(_("running {span}").format(span=span(now - job.started)), "info"))
        if job.rate:
            spans.append(Span(f"  {rate(job.rate)}/s"))
        if job.left is not None:
            spans.append(Span("  " + _("{span} left").format(span=span(job.left))))
    if job.note:
        spans.append(Span(f"  {job.note}", "dim"))
    return tuple(spans)
