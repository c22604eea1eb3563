"""The causes of what is wrong, in lines for a shell and as records for scripts."""

from __future__ import annotations

from typing import Any

import msgspec

from labtui.findings import Affected, Cause, History, triage
from labtui.locale import _, ngettext
from labtui.model.snapshot import Snapshot
from labtui.views.figures import span

STYLES = {"critical": "bold red", "warning": "yellow", "notice": "dim"}
_MOST_NAMES = 4


def causes(snapshot: Snapshot, now: float) -> tuple[Cause, ...]:
    """The causes, the worst first, judged from this snapshot alone."""
    return triage(snapshot, History(), now).causes


def lines_of(cause: Cause, now: float) -> list[str]:
    """What is wrong and since when; whom it hits; what helps first."""
    finding = cause.finding
    sure = {"certain": "", "likely": _("likely"), "possible": _("possibly")}[finding.sure]
    since = _("since {span}").format(span=span(now - finding.since)) if finding.since else ""
    more = ", ".join(word for word in (since, sure) if word)
    word = {"critical": _("CRITICAL"), "warning": _("warning"), "notice": _("notice")}
    first = f"{word[cause.severity]}  {finding.words.say()}"
    lines = [f"{first}  ({more})" if more else first]
    if hit := hit_by(cause.affected):
        lines.append("  " + _("hits {names}").format(names=hit))
    if finding.remedies:
        lines.append("  " + _("try: {remedy}").format(remedy=finding.remedies[0].text.say()))
    return lines


def hit_by(affected: Affected) -> str:
    """Whom a cause hits: places and nodes by name, guests and people counted."""
    parts = [*affected.sites, *affected.prefixes, *affected.nodes][:_MOST_NAMES]
    if count := len(affected.guests):
        parts.append(ngettext("{n} guest", "{n} guests", count).format(n=count))
    if count := len(affected.cards):
        parts.append(ngettext("{n} GPU", "{n} GPUs", count).format(n=count))
    parts.extend(affected.people[:_MOST_NAMES])
    return ", ".join(parts)


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
        "affected": msgspec.to_builtins(cause.affected),
        "effects": [each.id for each in cause.tree.all() if each.id != finding.id],
        "remedies": [remedy.text.say() for remedy in finding.remedies],
    }
