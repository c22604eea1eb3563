"""Findings about leases of cards: soon over, over, and lines that nobody can understand."""

from __future__ import annotations

from collections.abc import Iterator

from labtui.findings.finding import Evidence, Finding, Hits, Remedy, Subject, words
from labtui.findings.rule import Rule
from labtui.findings.sight import Sight
from labtui.locale import N_
from labtui.model.cluster import Resources
from labtui.model.devices import Hardware
from labtui.model.guests import GuestConfigs
from labtui.model.leases import line_of
from labtui.model.leases_held import Assignment, assignments
from labtui.model.spans import span

SOON = 3 * 86400.0
_NEEDS = (GuestConfigs, Hardware, Resources)


def _subject(row: Assignment) -> Subject:
    return Subject("lease", row.key, row.guest.label, "leases", row.key)


def _hits(row: Assignment) -> Hits:
    cards = tuple(f"{card.device.node}/{card.device.slot}" for card in row.cards)
    return Hits(guests=(row.guest.key,), cards=cards)


def _evidence(row: Assignment) -> tuple[Evidence, ...]:
    if row.lease is None:
        return ()
    text = words(N_("its notes say: {line}"), line=line_of(row.lease))
    return (Evidence(text, source=row.guest.cluster),)


def _ended(sight: Sight) -> Iterator[Finding]:
    """The last day has passed, and the guest has the cards still."""
    for row in assignments(sight.snapshot).rows:
        if row.lease is None or row.ends is None or not row.cards or row.ends > sight.now:
            continue
        yield Finding(
            "lease-over",
            _subject(row),
            "gpu",
            "warning",
            words(
                N_("the lease of {guest} is over since {day} ({owner}); it has {n} cards still"),
                guest=row.guest.label,
                day=row.lease.until,
                owner=row.lease.owner,
                n=len(row.cards),
            ),
            since=row.ends,
            evidence=_evidence(row),
            remedies=(
                Remedy(words(N_("hand the cards back")), "lease.back", "leases", row.key),
                Remedy(words(N_("or give it longer")), "lease.edit", "leases", row.key),
            ),
            hits=_hits(row),
            as_of=sight.as_of("configs", row.guest.cluster),
        )


def _ending(sight: Sight) -> Iterator[Finding]:
    """The last day comes within three days."""
    for row in assignments(sight.snapshot).rows:
        if row.lease is None or row.ends is None or not row.cards:
            continue
        rest = row.ends - sight.now
        if not 0 < rest <= SOON:
            continue
        yield Finding(
            "lease-ends",
            _subject(row),
            "gpu",
            "notice",
            words(
                N_("the lease of {guest} ends on {day} ({owner}, {span} left)"),
                guest=row.guest.label,
                day=row.lease.until,
                owner=row.lease.owner,
                span=span(rest),
            ),
            evidence=_evidence(row),
            remedies=(
                Remedy(words(N_("give it longer")), "lease.edit", "leases", row.key),
                Remedy(words(N_("or hand the cards back")), "lease.back", "leases", row.key),
            ),
            hits=_hits(row),
            as_of=sight.as_of("configs", row.guest.cluster),
        )


def _unreadable(sight: Sight) -> Iterator[Finding]:
    """A line that begins like a lease and is none, so that nobody is warned by it."""
    told: set[str] = set()
    for row in assignments(sight.snapshot).rows:
        if not row.broken or row.guest.key in told:
            continue
        told.add(row.guest.key)
        yield Finding(
            "lease-unreadable",
            _subject(row),
            "gpu",
            "notice",
            words(
                N_("a lease in the notes of {guest} can't be understood: {why}"),
                guest=row.guest.label,
                why=row.broken[0].why,
            ),
            evidence=tuple(
                Evidence(words(N_("its notes say: {line}"), line=each.line)) for each in row.broken
            ),
            remedies=(
                Remedy(words(N_("mend the line in its notes")), view="guests", key=row.guest.key),
            ),
            hits=Hits(guests=(row.guest.key,)),
            as_of=sight.as_of("configs", row.guest.cluster),
        )


LEASE_RULES = (
    Rule("lease-over", "gpus", _NEEDS, _ended),
    Rule("lease-ends", "gpus", _NEEDS, _ending),
    Rule("lease-unreadable", "gpus", _NEEDS, _unreadable),
)
