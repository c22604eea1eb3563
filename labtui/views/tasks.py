"""Tasks: what the clusters are doing and did lately, whoever started it."""

from __future__ import annotations

import time
from collections.abc import Sequence

from labtui.locale import N_, _
from labtui.model.cluster import Task, Tasks
from labtui.model.snapshot import Snapshot
from labtui.views import aging
from labtui.views.figures import exact_span, span
from labtui.views.view import Cell, Column, Section, Summary, View


def _rows(snapshot: Snapshot, now: float) -> Sequence[Task]:
    return [task for _source, part in snapshot.of(Tasks) for task in part.tasks]


def succeeded(status: str | None) -> bool:
    """`OK`, and `WARNINGS: n`, which Proxmox VE counts as success."""
    return status is not None and (status == "OK" or status.startswith("WARNINGS"))


def _state(task: Task, now: float) -> Cell:
    if task.running:
        return Cell(_("running"), "info")
    if succeeded(task.status):
        return Cell(task.status or "", "good" if task.status == "OK" else "warn")
    return Cell(task.status or _("ended"), "bad" if task.status else "dim")


def _took(task: Task, now: float) -> Cell:
    return Cell(span((task.ended if task.ended is not None else now) - task.started))


def _when(task: Task, now: float) -> Cell:
    return Cell(time.strftime("%m-%d %H:%M:%S", time.localtime(task.started)))


def _aged(task: Task, snapshot: Snapshot, now: float) -> float | None:
    return aging.age_of(snapshot, now, (Tasks, task.cluster))


def _summary(rows: Sequence[Task], now: float) -> Summary:
    running = sum(task.running for task in rows)
    return Summary(_("{n} running").format(n=running))


def _details(task: Task, snapshot: Snapshot, now: float) -> tuple[Section, ...]:
    end = task.ended if task.ended is not None else now
    return (
        aging.section(
            _("Task"),
            (
                (_("kind"), Cell(task.kind)),
                (_("of"), Cell(task.subject)),
                (_("node"), Cell(f"{task.node} ({task.cluster})")),
                (_("by"), Cell(task.user)),
                (_("state"), _state(task, now)),
                (
                    _("started"),
                    Cell(time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(task.started))),
                ),
                (_("took"), Cell(exact_span(end - task.started))),
                ("UPID", Cell(task.upid, "dim")),
            ),
            _aged(task, snapshot, now),
        ),
    )


TASKS: View[Task] = View(
    id="tasks",
    key="",
    title=N_("tasks"),
    noun="task",
    needs=(Tasks,),
    columns=(
        Column(
            "started",
            N_("started"),
            14,
            _when,
            lambda t: t.started,
            descending=True,
            unit="time",
        ),
        Column("kind", N_("kind"), 12, lambda t, n: Cell(t.kind), lambda t: t.kind),
        Column("of", N_("of"), 8, lambda t, n: Cell(t.subject), lambda t: t.subject),
        Column("node", N_("node"), 8, lambda t, n: Cell(t.node), lambda t: t.node),
        Column("state", N_("state"), 16, _state, lambda t: t.status or "", grow=True),
        Column(
            "took",
            N_("took"),
            5,
            _took,
            lambda t: t.ended - t.started if t.ended is not None else None,
            right=True,
            priority=1,
            unit="seconds",
            timed=True,
        ),
        Column(
            "user", N_("by"), 20, lambda t, n: Cell(t.user, "dim"), lambda t: t.user, priority=2
        ),
    ),
    rows=_rows,
    row_key=lambda task: task.upid,
    trouble=lambda task, now: 1 if task.running else 0,
    summary=_summary,
    details=_details,
    empty=N_("No tasks. Without Sys.Audit on / only this account's own are listed."),
    sort="started",
    aged=_aged,
)
