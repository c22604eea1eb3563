"""The survey of an evacuation: the nodes and the guests that it is about, reads only.

One request per target and two per guest, a few at a time: a server has three workers for everybody
(`PVE/Service/pveproxy.pm`). The rest is taken from the snapshot.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import msgspec

from labtui.actions import interlock
from labtui.actions.action import Wire
from labtui.actions.evacuation.cards import free_entries
from labtui.actions.evacuation.facts import EvacuationFacts, guests_on, scope_of
from labtui.actions.evacuation.guest import Base, Reader
from labtui.locale import _
from labtui.model.cluster import Resources
from labtui.model.errors import NotFound
from labtui.model.guests import Guest
from labtui.model.presence import SeenGuest, seen_guests
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
    if resources is None or not any(known.name == node for known in resources.nodes):
        raise NotFound(_("node not found"), where=subject, remedy=_("press r to read again"))
    standing = await interlock.look(scope_of(subject), wire)
    rates = sorted(job.rate for job in snapshot.jobs if job.state == "done" and job.rate)
    facts = EvacuationFacts(
        cluster,
        node,
        wire.now(),
        standing,
        speed=rates[len(rates) // 2] if rates else None,
        moves_measured=len(rates),
        strangers={s.guest.sid: s.guest.node for s in _of(snapshot, cluster)},
        back=back,
    )
    wanted = _wanted(snapshot, subject, only)
    if standing.blockers or not wanted:
        return facts
    read = Reader(wire, cluster, asyncio.Semaphore(_AT_ONCE))
    places, rules, replicas = await asyncio.gather(
        read.places(resources), read.rules(), read.replicas()
    )
    base = Base(snapshot, resources, places, wire.now(), facts)
    charges = await asyncio.gather(*(read.charge(guest, base, replicas) for guest in wanted))
    here = next((place for place in places if place.host.name == node), None)
    return msgspec.structs.replace(
        facts,
        charges=tuple(charges),
        places=tuple(place for place in places if back == (place.host.name == node)),
        rules=rules,
        processor=here.processor if here else "",
        version=here.version if here else "",
    )


def _of(snapshot: Snapshot, cluster: str) -> Iterable[SeenGuest]:
    return (seen for seen in seen_guests(snapshot).values() if seen.guest.cluster == cluster)


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
