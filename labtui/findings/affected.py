"""Who is hit by a cause: places, machines and the people whose they are."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from labtui.findings.contacts import contacts
from labtui.findings.finding import Finding
from labtui.findings.sight import Sight


class Affected(msgspec.Struct, frozen=True):
    """Sorted names. Guests are keys (`cluster/vmid`), `labels` what people call them; `people`
    are NetBox's tenants of those guests, `contacts` whom to ask or tell about guests, nodes, sites.
    """

    sites: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    nodes: tuple[str, ...] = ()
    guests: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    cards: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()

    @property
    def breadth(self) -> int:
        """One number to order by: how much is hit."""
        return (
            10 * len(self.sites)
            + 5 * len(self.nodes)
            + 3 * len(self.cards)
            + 2 * len(self.prefixes)
            + 2 * len(self.people)
            + len(self.guests)
        )


def affected(sight: Sight, findings: Iterable[Finding]) -> Affected:
    """All that these findings hit together."""
    sites: set[str] = set()
    prefixes: set[str] = set()
    nodes: set[str] = set()
    guests: set[str] = set()
    cards: set[str] = set()
    for finding in findings:
        hits = finding.hits
        sites.update(hits.sites)
        prefixes.update(hits.prefixes)
        nodes.update(hits.nodes)
        guests.update(hits.guests)
        cards.update(hits.cards)
    labels, people, known = [], set(), contacts(sight.snapshot)
    asked = known.of_place([key.partition("/")[2] for key in nodes], sites)
    for key in sorted(guests):
        seen = sight.guests.get(key)
        if seen is None:
            labels.append(key.rpartition("/")[2])
            continue
        labels.append(seen.guest.label)
        owned = sight.registry.of_guest(seen.guest)
        if owned is not None:
            people.update({owned.record.tenant} - {""})
            asked.update(known.of_machine(owned.record.id, owned.record.tenant))
    return Affected(
        tuple(sorted(sites)),
        tuple(sorted(prefixes)),
        tuple(sorted(key.partition("/")[2] for key in nodes)),
        tuple(sorted(guests)),
        tuple(labels),
        tuple(sorted(cards)),
        tuple(sorted(people)),
        tuple(sorted(asked)),
    )
