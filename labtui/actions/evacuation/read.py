"""The survey of an evacuation: the nodes and the guests that it is about, reads only.

One request per target and two per guest, a few at a time: a server has three workers for everybody
(`PVE/Service/pveproxy.pm`). The rest is taken from the snapshot.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import msgspec

from labtui.actions import interlock
from labtui.actions.action import Wire, subjects
from labtui.actions.evacuation.facts import EvacuationFacts, guests_on, marked, scope_of
from labtui.actions.evacuation.guest import Base, Reader
from labtui.actions.migration.around import strangers
from labtui.actions.migration.cards import free_entries
from labtui.actions.migration.facts import speeds_of
from labtui.locale import _
from labtui.model.cluster import Resources
from labtui.model.errors import NotFound
from labtui.model.guests import Guest
from labtui.model.presence import seen_guests
from labtui.model.snapshot import Snapshot

_AT_ONCE = 3


async def survey(
    subject: str,
    wire: Wire,
    only: Iterable[str] | None = None,
    *,
    back: bool = False,
) -> EvacuationFacts:
    """Read what a plan for that node needs; `only` are the keys of the guests that move.

    Raises `NotFound` when the node is not there; what can't be read is in the facts.
    """
    cluster, _slash, node = subject.partition("/")
    snapshot = wire.snapshot
    resources = snapshot.one(Resources, cluster)
    if marked(subject):
        node, only = "", subjects(subject)
    if resources is None or (node and not any(n.name == node for n in resources.nodes)):
        raise NotFound(_("node not found"), where=subject, remedy=_("press r to read again"))
    standing = await interlock.look(scope_of(subject), wire)
    facts = EvacuationFacts(
        cluster,
        node,
        wire.now(),
        standing,
        strangers=strangers(snapshot, cluster),
        speeds=await speeds_of(cluster, wire),
        back=back,
        subject=subject,
    )
    wanted = _wanted(snapshot, subject, only)
    if standing.blockers or not wanted:
        return facts
    read = Reader(wire, cluster, asyncio.Semaphore(_AT_ONCE))
    places, rules, replicas = await asyncio.gather(
        read.places(resources), read.rules(), read.replicas()
    )
    base = Base(snapshot, resources, places, wire.now(), facts, subject)
    charges = await asyncio.gather(*(read.charge(guest, base, replicas) for guest in wanted))
    return msgspec.structs.replace(
        facts,
        charges=tuple(charges),
        places=tuple(p for p in places if not node or back == (p.host.name == node)),
        rules=rules,
        here={place.host.name: (place.processor, place.version) for place in places},
    )


def _wanted(snapshot: Snapshot, subject: str, only: Iterable[str] | None) -> list[Guest]:
    if only is None:
        return [seen.guest for seen in guests_on(snapshot, subject)]
    seen = seen_guests(snapshot)
    return [seen[key].guest for key in only if key in seen]


def with_pools(facts: EvacuationFacts, snapshot: Snapshot) -> EvacuationFacts:
    """The facts with the free cards of every place for the mappings that are needed."""
    names = {name for charge in facts.charges for name in charge.needs}
    if not names:
        return facts
    source = {name: c.guest.node for c in facts.charges for name in c.needs}
    places = []
    for place in facts.places:
        free = {
            name: free_entries(snapshot, facts.cluster, name, place.host.name, source[name])
            for name in names
        }
        pools = {name: count for name, count in free.items() if count is not None}
        host = msgspec.structs.replace(place.host, pools=pools)
        places.append(msgspec.structs.replace(place, host=host))
    return msgspec.structs.replace(facts, places=tuple(places))
