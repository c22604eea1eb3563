"""Findings about labtui itself: what it only remembers, what it lacks, jobs that went wrong."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from labtui.findings.finding import Finding, Remedy, Severity, Subject, words
from labtui.findings.rule import Rule
from labtui.findings.sight import Sight
from labtui.locale import N_
from labtui.model.upkeep import Chore

_RECENT = 3600.0


def _memory(sight: Sight) -> Iterator[Finding]:
    at = sight.snapshot.remembered_at
    if at is not None:
        yield Finding(
            "from-memory",
            Subject("console", "memory", "labtui"),
            "console",
            "notice",
            words(N_("nothing was read yet: all of this is of an earlier start")),
            at,
            remedies=(
                Remedy(words(N_("wait for the first answers; who gives none stands there")),
                       view="sources"),
            ),
            as_of=at,
        )  # fmt: skip


def _jobs(sight: Sight) -> Iterator[Finding]:
    for job in sight.snapshot.jobs:
        recent = job.ended is not None and sight.now - job.ended < _RECENT
        if job.state not in ("failed", "unknown") or not recent:
            continue
        unknown = job.state == "unknown"
        severity: Severity = "warning" if unknown else "notice"
        says = words(N_("{title} failed: {why}"), title=job.title, why=job.note)
        if unknown:
            says = words(N_("nobody knows how {title} ended"), title=job.title)
        yield Finding(
            "job-failed",
            Subject("job", job.id, job.title, "jobs"),
            "console",
            severity,
            says,
            job.ended,
            remedies=(Remedy(words(N_("look at its log")), view="jobs", key=job.id),),
        )


class _Told(NamedTuple):
    """How one lapse is told; `says` has {path} and {why}."""

    severity: Severity
    says: str
    remedy: str


_LAPSES: dict[Chore, _Told] = {
    "memory": _Told(
        "notice",
        N_("the last state can't be kept in {path}: {why}"),
        N_("a console started in an outage begins with nothing: make room, or the folder writable"),
    ),
    "history": _Told(
        "warning",
        N_("the history {path} is not kept: {why}"),
        N_("what happens now is not written down: make room, or the folder writable"),
    ),
    "disk": _Told(
        "warning",
        N_("the disk of {path} is nearly full: {why}"),
        N_("history, jobs and log are kept there: make room"),
    ),
    "journal": _Told(
        "warning",
        N_("what is started from here can't be written down in {path}: {why}"),
        N_("nobody will find out who did what: make room, or the file writable"),
    ),
    "log": _Told(
        "notice",
        N_("the log {path} can't be written: {why}"),
        N_("a report of a fault would have nothing to tell: make room, or the file writable"),
    ),
    "config": _Told(
        "notice",
        N_("the configuration {path}: {why}"),
        N_("`labtui check` says whether it is right; the console takes it at its next start"),
    ),
}


def _lapses(chore: Chore, rule: str, sight: Sight) -> Iterator[Finding]:
    for lapse in sight.snapshot.lapses:
        if lapse.chore == chore:
            told = _LAPSES[chore]
            yield Finding(
                rule,
                Subject("console", chore, "labtui"),
                "console",
                told.severity,
                words(told.says, path=lapse.path, why=lapse.why),
                lapse.since,
                remedies=(Remedy(words(told.remedy)),),
            )


CONSOLE_RULES = (
    Rule("from-memory", "console", (), _memory),
    Rule("job-failed", "console", (), _jobs),
    Rule("memory-unkept", "console", (), partial(_lapses, "memory", "memory-unkept")),
    Rule("history-unkept", "console", (), partial(_lapses, "history", "history-unkept")),
    Rule("journal-unkept", "console", (), partial(_lapses, "journal", "journal-unkept")),
    Rule("log-unkept", "console", (), partial(_lapses, "log", "log-unkept")),
    Rule("own-disk-full", "console", (), partial(_lapses, "disk", "own-disk-full")),
    Rule("config-astray", "console", (), partial(_lapses, "config", "config-astray")),
)
