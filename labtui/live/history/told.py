"""Causes that were told, became worse and are over: what of a triage is new to the file. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from labtui.findings import Cause, Finding, Triage, Words
from labtui.findings.finding import SEVERITIES, Severity
from labtui.live.history.compare import Change, Key, Known
from labtui.locale import N_
from labtui.model.events import Event, Said, Weight

CAUSE = "cause"
OVER = "over"
News = Literal["new", "worse", "over"]
_WEIGHTS: dict[str, Weight] = {"critical": "bad", "warning": "warn", "notice": ""}
_TEXTS = {
    "new": "{said}",
    "worse": N_("worse: {said}"),
    "milder": N_("less bad now: {said}"),
    "over": N_("over: {said}"),
}


class Notice(NamedTuple):
    """What a person should hear, and how bad it is. `cause` is None when it is over."""

    news: News
    key: str
    severity: Severity
    said: Said
    since: float
    at: float
    cause: Cause | None = None


class Told(NamedTuple):
    """What is to be written of causes, and what is to be told of them."""

    changes: tuple[Change, ...] = ()
    notices: tuple[Notice, ...] = ()


def said_of(words: Words) -> Said:
    """The same words as an event has them."""
    values = (
        (name, said_of(value) if isinstance(value, Words) else value)
        for name, value in words.values
    )
    return Said(words.text, tuple(values))


def told(
    known: Mapping[Key, Known],
    texts: Mapping[str, Said],
    triage: Triage,
    now: float,
    seen: frozenset[str],
) -> Told:
    """What this triage changes; nothing in the first minute, in which it may not know all yet.

    `texts` are the words in which causes were told. `seen` are the findings that this watch has had
    itself: of others (an earlier start's) nothing is over while a source is still unread. What has
    become the effect of another cause is neither new nor over, and what is left of one that is over
    is new only when it lasts: when a building has power again, its lines come up one by one.
    """
    if triage.settling:
        return Told()
    changes: list[Change] = []
    notices: list[Notice] = []
    for cause in triage.causes:
        entry = known.get((CAUSE, cause.finding.id))
        if cause.finding.id in triage.left and (entry is None or entry.value == OVER):
            continue
        fresh, heard = _cause(known, cause, now)
        changes.extend(fresh)
        notices.extend(heard)
    there = {finding.id for finding in triage.findings}
    for (kind, key), entry in known.items():
        if kind != CAUSE or entry.value == OVER or key in there:
            continue
        if key not in seen and triage.unread:
            continue
        words = texts.get(key, Said("{said}", (("said", entry.name),)))
        change, notice = _over(key, entry, words, now)
        changes.append(change)
        notices.append(notice)
    return Told(tuple(changes), tuple(notices))


def _cause(
    known: Mapping[Key, Known], cause: Cause, now: float
) -> tuple[list[Change], list[Notice]]:
    finding, severity = cause.finding, cause.severity
    before = known.get((CAUSE, finding.id))
    was = before.value if before is not None else OVER
    if was == severity:
        return [], []
    since = finding.since if finding.since is not None else cause.standing.first or now
    words = said_of(finding.words)
    if before is None or was == OVER:
        news = "new"
    else:
        news = "worse" if _rank(severity) < _rank(was) else "milder"
        since = before.since
    change = _change(finding, severity, "" if was == OVER else was, news, words, since, now)
    if news == "milder" or cause.quiet:
        return [change], []
    heard: News = "new" if news == "new" else "worse"
    return [change], [Notice(heard, finding.id, severity, words, since, now, cause)]


def _change(
    finding: Finding,
    severity: str,
    before: str,
    news: str,
    words: Said,
    since: float,
    now: float,
) -> Change:
    view, row = finding.subject.at
    name = finding.subject.name
    source = finding.rule
    known = Known(source, name, severity, since, now, view, row)
    text = Said(_TEXTS[news], (("said", words),))
    event = Event(
        0,
        now,
        CAUSE,
        source,
        finding.id,
        name,
        before,
        severity,
        _WEIGHTS[severity],
        text,
        view,
        row,
    )
    return Change((CAUSE, finding.id), known, event)


def _over(key: str, entry: Known, words: Said, now: float) -> tuple[Change, Notice]:
    after = entry._replace(value=OVER, at=now)
    text = Said(_TEXTS[OVER], (("said", words),))
    event = Event(
        0, now, CAUSE, entry.source, key, entry.name, entry.value, OVER, "good", text,
        entry.view, entry.row,
    )  # fmt: skip
    severity: Severity = next((each for each in SEVERITIES if each == entry.value), "notice")
    return (
        Change((CAUSE, key), after, event),
        Notice("over", key, severity, words, entry.since, now),
    )


def _rank(severity: str) -> int:
    return next((n for n, each in enumerate(SEVERITIES) if each == severity), len(SEVERITIES))
