"""Jobs: what was started from here (or found again), and how it went."""

from __future__ import annotations

import time
from collections.abc import Sequence

from labtui.locale import N_, _
from labtui.model.jobs import Job, JobState
from labtui.model.snapshot import Snapshot
from labtui.views.figures import bar, exact_span, percent, rate, span
from labtui.views.view import Cell, Column, Role, Section, Summary, View

_ROLES: dict[JobState, Role] = {
    "running": "info",
    "done": "good",
    "failed": "bad",
    "cancelled": "warn",
    "unknown": "warn",
}


def _state_text(state: JobState) -> str:
    return {
        "running": _("running"),
        "done": _("done"),
        "failed": _("FAILED"),
        "cancelled": _("cancelled"),
        "unknown": _("UNKNOWN"),
    }[state]


def _rows(snapshot: Snapshot, now: float) -> Sequence[Job]:
    return snapshot.jobs


def _state(job: Job, now: float) -> Cell:
    return Cell(_state_text(job.state), _ROLES[job.state])


def _progress(job: Job, now: float) -> Cell:
    if not job.running or job.progress is None:
        return Cell("")
    return Cell(f"{bar(job.progress)} {percent(job.progress):>4}")


def _left(job: Job, now: float) -> Cell:
    return Cell(span(job.left) if job.running and job.left is not None else "")


def _started(job: Job, now: float) -> Cell:
    return Cell(time.strftime("%H:%M:%S", time.localtime(job.started)))


def _took(job: Job, now: float) -> Cell:
    return Cell(span((job.ended if job.ended is not None else now) - job.started))


def _trouble(job: Job, now: float) -> int:
    return 1 if job.running else 0


def _summary(rows: Sequence[Job], now: float) -> Summary:
    running = sum(job.running for job in rows)
    failed = sum(job.state in ("failed", "unknown") for job in rows)
    text = _("{n} running").format(n=running)
    if failed:
        return Summary(text + _(", {n} failed").format(n=failed), "bad")
    return Summary(text)


def _details(job: Job, snapshot: Snapshot, now: float) -> tuple[Section, ...]:
    end = job.ended if job.ended is not None else now
    about = Section(
        _("Job"),
        (
            (_("what"), Cell(job.title)),
            (_("state"), _state(job, now)),
            (_("note"), Cell(job.note)),
            (_("started"), Cell(time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(job.started)))),
            (_("took"), Cell(exact_span(end - job.started))),
            (_("speed"), Cell(f"{rate(job.rate)}/s" if job.rate else "")),
            (_("task"), Cell(job.upid, "dim")),
        ),
    )
    # One with a journal has its steps first; whoever reads those adds the log.
    return (about, *(() if job.book else log_section(job)))


def log_section(job: Job) -> tuple[Section, ...]:
    """What was heard of it, the newest first; nothing where nothing was."""
    log = Section(_("Log"), tuple(("", Cell(line)) for line in reversed(job.log)))
    return (log,) if log.lines else ()


JOBS: View[Job] = View(
    id="jobs",
    key="9",
    title=N_("jobs"),
    noun="job",
    needs=(),
    columns=(
        Column(
            "started",
            N_("started"),
            8,
            _started,
            lambda j: j.started,
            descending=True,
            unit="time",
        ),
        Column("title", N_("what"), 24, lambda j, n: Cell(j.title), lambda j: j.title, grow=True),
        Column("state", N_("state"), 9, _state, lambda j: j.state),
        Column("progress", N_("progress"), 14, _progress, lambda j: j.progress, unit="share"),
        Column("left", N_("left"), 4, _left, lambda j: j.left, right=True, unit="seconds"),
        Column(
            "took",
            N_("took"),
            5,
            _took,
            lambda j: j.ended - j.started if j.ended is not None else None,
            right=True,
            priority=1,
            unit="seconds",
            timed=True,
        ),
        Column(
            "note", N_("note"), 24, lambda j, n: Cell(j.note, "dim"), lambda j: j.note, priority=2
        ),
    ),
    rows=_rows,
    row_key=lambda job: job.id,
    trouble=_trouble,
    summary=_summary,
    details=_details,
    empty=N_("Nothing was started from here yet. Press m on a guest to migrate it."),
    sort="started",
)
