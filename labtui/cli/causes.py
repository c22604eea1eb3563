"""The causes of what is wrong, in lines for a shell and as records for scripts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from labtui.config.safety import marks_file
from labtui.config.schema import Config
from labtui.findings import Cause, History, Mark, learn, triage
from labtui.findings.telling import asked, hit_by, mark_text, severity_word, sure_word
from labtui.locale import _
from labtui.model.errors import LabError
from labtui.model.snapshot import Snapshot
from labtui.model.spans import span

STYLES = {"critical": "bold red", "warning": "yellow", "notice": "dim"}


def causes(
    snapshot: Snapshot, now: float, marks: Sequence[Mark] = (), history: History | None = None
) -> tuple[Cause, ...]:
    """The causes, judged from this snapshot and what is remembered: the worst first, those put
    aside last.
    """
    return triage(snapshot, history or History(), now, marks=marks).causes


def remembered(config: Config, snapshot: Snapshot, now: float) -> History:
    """What a console or the recorder that runs has seen before, and this snapshot."""
    from labtui.live.history.opening import last_watch

    watch = last_watch(config, now)
    return learn(watch.history, snapshot, now) if watch is not None else History()


def marks_of(config: Config) -> tuple[tuple[Mark, ...], str]:
    """What people have put aside in their consoles, and what is wrong with the file of that."""
    from labtui.live.marks import read

    try:
        marks = read(marks_file(config))
    except LabError as error:
        return (), str(error)
    return marks.marks, marks.word


def lines_of(cause: Cause, now: float) -> list[str]:
    """What is wrong and since when; whom it hits; what helps first."""
    finding = cause.finding
    sure = sure_word(finding.sure)
    since = _("since {span}").format(span=span(now - finding.since)) if finding.since else ""
    more = ", ".join(word for word in (since, sure) if word)
    first = f"{severity_word(cause.severity)}  {finding.words.say()}"
    lines = [f"{first}  ({more})" if more else first]
    if cause.standing.mark is not None:
        return [*lines, "  " + mark_text(cause.standing.mark, now)]
    if hit := hit_by(cause.affected):
        lines.append("  " + _("hits {names}").format(names=hit))
    if cause.affected.contacts:
        lines.append("  " + _("ask or tell: {names}").format(names=asked(cause.affected)))
    if finding.remedies:
        lines.append("  " + _("try: {remedy}").format(remedy=finding.remedies[0].text.say()))
    return lines


def record_of(cause: Cause) -> dict[str, Any]:
    """A cause for JSON: stable ids, times in seconds since the epoch."""
    finding = cause.finding
    return {
        "id": finding.id,
        "rule": finding.rule,
        "severity": cause.severity,
        "layer": finding.layer,
        "noun": finding.subject.noun,
        "name": finding.subject.name,
        "says": finding.words.say(),
        "since": finding.since,
        "sure": finding.sure,
        "mark": msgspec.to_builtins(cause.standing.mark),
        "planned": finding.planned,
        "affected": msgspec.to_builtins(cause.affected),
        "effects": [each.id for each in cause.tree.all() if each.id != finding.id],
        "remedies": [remedy.text.say() for remedy in finding.remedies],
    }
