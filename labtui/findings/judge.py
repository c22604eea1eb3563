"""The judgement: every rule looks at the lab; what it finds, in an order that does not change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from labtui.findings.finding import SEVERITIES, Evidence, Finding, Hits, Subject, words
from labtui.findings.rule import Rule
from labtui.findings.sight import Sight
from labtui.locale import N_

_NAMED = 5


def judged(sight: Sight, rules: Sequence[Rule]) -> tuple[Finding, ...]:
    """All findings by id. Planned work is marked; of too many of a kind only the number is told."""
    found: dict[str, Finding] = {}
    there = {type(part) for part in sight.snapshot.parts.values()}
    busy = {job.subject for job in sight.snapshot.jobs if job.running}
    for rule in rules:
        if rule.needs and not any(part in there for part in rule.needs):
            continue
        for finding in _crowded(rule, rule.look(sight)):
            if finding.subject.key in busy and not finding.planned:
                finding = msgspec.structs.replace(finding, planned=True, severity="notice")
            found.setdefault(finding.id, finding)
    return tuple(found[key] for key in sorted(found))


def _crowded(rule: Rule, findings: Iterable[Finding]) -> list[Finding]:
    """The findings of one rule, or one that stands for all of them when they are many."""
    each = list({finding.id: finding for finding in findings}.values())
    if len(each) <= rule.most:
        return each
    each.sort(key=lambda finding: (SEVERITIES.index(finding.severity), finding.id))
    first = each[0]
    hits = Hits(
        *(
            tuple(dict.fromkeys(key for finding in each for key in getattr(finding.hits, field)))
            for field in ("nodes", "guests", "cards", "sites", "prefixes")
        )
    )
    says = words(N_("{n} like this: {first}"), n=len(each), first=first.words)
    since = [finding.since for finding in each if finding.since is not None]
    crowd = Finding(
        rule.id,
        Subject(first.subject.noun, "*", str(len(each)), first.subject.view),
        first.layer,
        first.severity,
        says,
        min(since, default=None),
        first.sure,
        tuple(Evidence(finding.words) for finding in each[:_NAMED]),
        first.remedies,
        sites=tuple(sorted({site for finding in each for site in finding.sites})),
        hits=hits,
        count=len(each),
    )
    return [crowd]
