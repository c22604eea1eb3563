"""The details of a finding: what to do, whom it hits, why it is believed, what follows from it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from labtui.findings import Cause
from labtui.findings.telling import effects, evidence_text, mark_text, moment, sure_word
from labtui.locale import _
from labtui.model.cluster import Task, Tasks
from labtui.model.events import Event, put_together
from labtui.model.snapshot import Snapshot
from labtui.ui.panes.findings_steps import Step, steps
from labtui.ui.panes.findings_view import ROLES, KeyOf, level, role, since_of
from labtui.views.figures import exact_span, span
from labtui.views.view import Cell, Role, Section

_MOST_NAMES, _MOST_TRIED, _MOST_EFFECTS = 24, 8, 40
_LOOKED_BACK = 3600.0
_WEIGHTS: dict[str, Role] = {"": "", "good": "good", "warn": "warn", "bad": "bad"}
Lines = tuple[tuple[str, Cell], ...]


def sections(
    cause: Cause, snapshot: Snapshot, now: float, key_of: KeyOf, jobs: Sequence[Event] = ()
) -> tuple[Section, ...]:
    """All that is known of it; what says nothing is left out. `jobs` are those of all consoles."""
    made = (
        (_("Finding"), _finding(cause, now)),
        (
            _("What to do ({key} chooses)").format(key=key_of("details")),
            tuple(_to_do(steps(cause), key_of)),
        ),
        (_("Whom it hits"), _whom(cause)),
        (_("What speaks for it"), _evidence(cause, now)),
        (_("May be behind it"), _suspects(cause)),
        (_("What follows from it"), _effects(cause)),
        (_("Tried already"), _tried(cause, snapshot, now, jobs)),
    )
    return tuple(Section(title, lines) for title, lines in made if lines)


def _finding(cause: Cause, now: float) -> Lines:
    finding, standing, at = cause.finding, cause.standing, since_of(cause)
    lines = [(level(cause), Cell(finding.words.say(), role(cause)))]
    if at is not None:
        clock = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at))
        ago = exact_span(now - at)
        lines.append((_("since"), Cell(_("{time}, for {span}").format(time=clock, span=ago))))
    lines.append((_("how sure"), Cell(sure_word(finding.sure) or _("certain"))))
    if finding.as_of is not None:
        old = moment(finding.as_of, now)
        lines.append(
            (_("as of"), Cell(_("{time}: nothing newer was read").format(time=old), "warn"))
        )
    if standing.flapping:
        often = _("{n} times within a quarter of an hour").format(n=standing.comings)
        lines.append((_("comes and goes"), Cell(often, "warn")))
    if standing.clearing and standing.last is not None:
        gone = _("not seen for {span}").format(span=span(now - standing.last))
        lines.append((_("may be over"), Cell(gone, "good")))
    if finding.planned:
        lines.append((_("planned"), Cell(_("somebody wants it so"), "dim")))
    if standing.mark is not None:
        lines.append((_("put aside"), Cell(mark_text(standing.mark, now), "info")))
    return tuple(lines)


def _to_do(found: tuple[Step, ...], key_of: KeyOf) -> Iterator[tuple[str, Cell]]:
    """Each step; below it the key that does it, or the place that it is about."""
    for number, step in enumerate(found, 1):
        yield f"{number}", Cell(step.text)
        key = key_of(step.action) if step.action else ""
        if key:
            how = _("{key} does it with {name}") if step.name else _("{key} does it")
            how = how.format(key=key, name=step.name)
        elif step.view:
            where = f"{step.view}: {step.name}" if step.name else step.view
            how = _("in {where}").format(where=where)
        else:
            continue
        yield "", Cell(how, "info")


def _whom(cause: Cause) -> Lines:
    hit = cause.affected
    each = (
        (_("sites"), hit.sites),
        (_("prefixes"), hit.prefixes),
        (_("nodes"), hit.nodes),
        (_("guests"), hit.labels),
        (_("GPUs"), hit.cards),
        (_("people"), hit.people),
        (_("ask or tell"), hit.contacts),
    )
    return tuple(
        (f"{title} {len(names)}" if len(names) > 1 else title, Cell(_listed(names)))
        for title, names in each
        if names
    )


def _listed(names: tuple[str, ...]) -> str:
    text = ", ".join(names[:_MOST_NAMES])
    more = len(names) - _MOST_NAMES
    return text + " " + _("and {n} more").format(n=more) if more > 0 else text


def _evidence(cause: Cause, now: float) -> Lines:
    words = {"for": _("for it"), "against": _("against it")}
    roles: dict[str, Role] = {"for": "", "against": "warn"}
    return tuple(
        (words[each.speaks], Cell(evidence_text(each, now), roles[each.speaks]))
        for each in cause.finding.evidence
    )


def _suspects(cause: Cause) -> Lines:
    return tuple(
        (sure_word(each.sure) or _("certain"), Cell(f"{each.name}: {each.text.say()}"))
        for each in cause.finding.suspects
    )


def _effects(cause: Cause) -> Lines:
    found = list(effects(cause))
    lines = [
        ("", Cell(f"{'  ' * depth}└ {each.words.say()}", ROLES[each.severity]))
        for depth, each in found[:_MOST_EFFECTS]
    ]
    if more := len(found) - len(lines):
        lines.append(("", Cell(_("and {n} more").format(n=more), "dim")))
    return tuple(lines)


def _tried(cause: Cause, snapshot: Snapshot, now: float, jobs: Sequence[Event]) -> Lines:
    """Jobs of consoles, and tasks of anybody, on what it is about or hits, since it began."""
    keys = {each.subject.row or each.subject.key for each in cause.tree.all()}
    keys |= {*cause.affected.guests, *(step.key for step in steps(cause) if step.key)}
    at = since_of(cause)
    least = max(now - _LOOKED_BACK, at - 60.0 if at is not None else 0.0)
    found: list[tuple[float, str, str, Role]] = []
    for job in snapshot.jobs:
        if keys & set(job.subject.split(",")) and job.started >= least:
            bad: Role = "bad" if job.state in ("failed", "unknown") else ""
            said = f"{job.title}: {job.note}" if job.note else f"{job.title}: {job.state}"
            found.append((job.started, said, _("from here"), bad))
    upids = {job.upid for job in snapshot.jobs if job.upid}
    for cluster, part in snapshot.of(Tasks):
        for task in part.tasks:
            mine = f"{cluster}/{task.subject}" in keys and task.upid not in upids
            if mine and task.subject and task.started >= least:
                found.append((task.started, *_task(task)))
    own = {(job.id, job.title) for job in snapshot.jobs}
    for event in jobs:
        here = (event.key.rpartition("/")[2], event.name) in own
        if event.row in keys and event.at >= least and not here:
            said = put_together(event.said, _)
            found.append((event.at, said, _("from a console"), _WEIGHTS[event.weight]))
    found.sort(key=lambda each: -each[0])
    return tuple(
        (_("{span} ago").format(span=span(now - began)), Cell(f"{said} ({who})", how))
        for began, said, who, how in found[:_MOST_TRIED]
    )


def _task(task: Task) -> tuple[str, str, Role]:
    status = task.status or _("running")
    failed = task.status is not None and not task.status.startswith(("OK", "WARNINGS"))
    return f"{task.kind} {task.subject}: {status}", task.user, "bad" if failed else ""
