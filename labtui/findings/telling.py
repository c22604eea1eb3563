"""A cause in plain words: for a chat, a mail, the clipboard, and line by line for the screen.

Everything is text and may hold names from outside, so whoever draws it must not take it as markup.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from labtui.findings.affected import Affected
from labtui.findings.causes import Tree
from labtui.findings.finding import Evidence, Finding, Severity, Sure
from labtui.findings.quiet import Mark
from labtui.findings.triage import Cause
from labtui.locale import _, ngettext
from labtui.model.spans import span

_MOST_NAMES = 4
_MOST_LABELS = 12


def severity_word(severity: Severity) -> str:
    """`CRITICAL`, `warning`, `notice`."""
    return {"critical": _("CRITICAL"), "warning": _("warning"), "notice": _("notice")}[severity]


def sure_word(sure: Sure) -> str:
    """How sure, empty when it is certain."""
    return {"certain": "", "likely": _("likely"), "possible": _("possibly")}[sure]


def since_of(cause: Cause) -> float | None:
    """Since when, as far as anybody here knows (epoch seconds)."""
    finding, standing = cause.finding, cause.standing
    return finding.since if finding.since is not None else standing.first


def moment(at: float, now: float) -> str:
    """The time of day, with the date when it is not today's."""
    then, today = time.localtime(at), time.localtime(now)
    return time.strftime("%H:%M" if then[:3] == today[:3] else "%Y-%m-%d %H:%M", then)


def hit_by(affected: Affected, *, named: bool = True) -> str:
    """Whom a cause hits: places and nodes by name, guests counted; people as well if not named."""
    parts = [*affected.sites, *affected.prefixes, *affected.nodes][:_MOST_NAMES]
    if count := len(affected.guests):
        parts.append(ngettext("{n} guest", "{n} guests", count).format(n=count))
    if count := len(affected.cards):
        parts.append(ngettext("{n} GPU", "{n} GPUs", count).format(n=count))
    if named:
        parts.extend(affected.people[:_MOST_NAMES])
    elif count := len(affected.people):
        parts.append(ngettext("{n} person", "{n} people", count).format(n=count))
    return ", ".join(parts)


def asked(affected: Affected) -> str:
    """Whom to ask or to tell, the first of them by name."""
    shown = affected.contacts[:_MOST_LABELS]
    more = len(affected.contacts) - len(shown)
    return ", ".join(shown) + (" " + _("and {n} more").format(n=more) if more else "")


def evidence_text(evidence: Evidence, now: float) -> str:
    """What was seen, by whom, how long ago."""
    age = span(now - evidence.at) if evidence.at is not None else ""
    ago = _("{span} ago").format(span=age) if age else ""
    where = ", ".join(part for part in (evidence.source, ago) if part)
    said = evidence.text.say()
    return f"{said} ({where})" if where else said


def mark_text(mark: Mark, now: float) -> str:
    """Who has put it aside, until when, why."""
    if mark.kind == "ack" and mark.until is None:
        text = _("seen by {user} until it is over")
    elif mark.kind == "ack":
        text = _("seen by {user} until {time}")
    else:
        text = _("put off by {user} until {time}")
    when = moment(mark.until, now) if mark.until is not None else ""
    said = text.format(user=mark.by or "?", time=when)
    return f"{said}: {mark.why}" if mark.why else said


def effects(cause: Cause) -> Iterator[tuple[int, Finding]]:
    """What follows from it, depth first; the depth of a direct effect is 0."""

    def below(tree: Tree, depth: int) -> Iterator[tuple[int, Finding]]:
        for each in tree.effects:
            yield depth, each.finding
            yield from below(each, depth + 1)

    yield from below(cause.tree, 0)


def cause_text(cause: Cause, lab: str, now: float) -> str:
    """All of a finding as lines of plain text, as somebody would paste it into a chat."""
    finding = cause.finding
    lines = [f"{severity_word(cause.severity)}: {finding.words.say()}", _header(cause, lab, now)]
    if cause.standing.mark is not None:
        lines.append(mark_text(cause.standing.mark, now))
    lines.extend(_whom(cause.affected))
    for each in finding.evidence:
        text = _("for: {what}") if each.speaks == "for" else _("against: {what}")
        lines.append(text.format(what=evidence_text(each, now)))
    for suspect in finding.suspects:
        said, how = suspect.text.say(), sure_word(suspect.sure)
        what = f"{suspect.name} {said}" + (f" ({how})" if how else "")
        lines.append(_("may be: {what}").format(what=what))
    follows = [f"{'  ' * depth}- {each.words.say()}" for depth, each in effects(cause)]
    if follows:
        lines.extend((_("follows from it:"), *follows))
    lines.extend(
        _("do {n}: {what}").format(n=number, what=remedy.text.say())
        for number, remedy in enumerate(finding.remedies, 1)
    )
    return "\n".join(lines)


def _header(cause: Cause, lab: str, now: float) -> str:
    at, finding = since_of(cause), cause.finding
    parts = [lab]
    if at is not None:
        text = _("since {time} ({span})")
        parts.append(text.format(time=moment(at, now), span=span(now - at)))
    parts.append(sure_word(finding.sure))
    if finding.as_of is not None:
        parts.append(_("as of {time}").format(time=moment(finding.as_of, now)))
    return ", ".join(part for part in parts if part)


def _whom(affected: Affected) -> Iterator[str]:
    if whom := hit_by(affected):
        yield _("hits {names}").format(names=whom)
    if affected.labels:
        shown = affected.labels[:_MOST_LABELS]
        more = len(affected.labels) - len(shown)
        text = _("guests: {names}").format(names=", ".join(shown))
        yield text + (" " + _("and {n} more").format(n=more) if more else "")
    if affected.contacts:
        yield _("ask or tell: {names}").format(names=asked(affected))
