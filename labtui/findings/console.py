"""Findings about labtui itself: what it only remembers, and jobs that did not end well."""

from __future__ import annotations

from collections.abc import Iterator

from labtui.findings.finding import Finding, Remedy, Severity, Subject, words
from labtui.findings.rule import Rule
from labtui.findings.sight import Sight
from labtui.locale import N_

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


CONSOLE_RULES = (
    Rule("from-memory", "console", (), _memory),
    Rule("job-failed", "console", (), _jobs),
)
