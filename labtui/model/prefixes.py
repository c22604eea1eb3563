"""Who announces what: prefixes with their origins, and what NetBox says of them. Pure.

An origin is the router that is set to announce a network and has it, or the last AS of a path that
some router has learnt. Peers whose AS is none of ours are outside; what they announce is kept
apart and counted, not listed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

from labtui.model.derived import Derived
from labtui.model.inventory import Inventory, PrefixRecord
from labtui.model.networks import Inside, Network, network_of, within
from labtui.model.overlay import Bgp, RouterFacts
from labtui.model.routes import Routes
from labtui.model.snapshot import Snapshot
from labtui.model.systems import Systems, systems

Verdict = Literal["known", "unrecorded", "missing", "double", "foreign", "leaking", "outside"]
# A smaller network joins two routers; nobody announces it, and nobody lives there.
_SMALLEST = {4: 29, 6: 64}


class Origin(msgspec.Struct, frozen=True, order=True):
    """Who announces a prefix: a site of ours with its AS, or an AS outside (`site` empty)."""

    site: str
    asn: int | None = None
    router: str = ""
    realm: str = ""

    @property
    def outside(self) -> bool:
        return not self.site


class Prefix(msgspec.Struct, frozen=True):
    """A prefix. `heard` are the routers that have learnt it, `leaks` the connections to outside
    peers over which it goes out unfiltered.

    Of a peer outside, all that it announces is one row: `peer` is its AS, `count` how many, and
    `some` a few of them.
    """

    prefix: str
    verdict: Verdict
    origins: tuple[Origin, ...] = ()
    heard: tuple[str, ...] = ()
    record: PrefixRecord | None = None
    exact: bool = False
    leaks: tuple[str, ...] = ()
    peer: int | None = None
    count: int = 1
    some: tuple[str, ...] = ()

    @property
    def site(self) -> str:
        """Where it is: of whom announces it, else as NetBox has it."""
        inside = [origin.site for origin in self.origins if origin.site]
        return " ".join(dict.fromkeys(inside)) or (self.record.site if self.record else "")

    @property
    def outside(self) -> bool:
        return self.verdict == "outside"


class PrefixTable(msgspec.Struct, frozen=True):
    """All prefixes. `partial`: routers with too many routes to be read, and how many."""

    prefixes: tuple[Prefix, ...] = ()
    partial: dict[str, int | None] = {}


class _Heap(msgspec.Struct):
    """What is found on the way, by prefix."""

    origins: dict[str, set[Origin]] = {}
    heard: dict[str, set[str]] = {}
    peers: dict[int, dict[str, set[str]]] = {}


def _table(snapshot: Snapshot) -> PrefixTable:
    tables = dict(snapshot.of(Routes))
    sites = {router: facts.site or router for router, facts in snapshot.of(RouterFacts)}
    known_as = systems(snapshot)
    heap = _Heap({}, {}, {})
    for router, routes in tables.items():
        site = sites.get(router) or router
        asn = next((number for number, at in known_as.sites.items() if at == site), None)
        for prefix in routes.own:
            heap.origins.setdefault(prefix, set()).add(Origin(site, asn, router))
    records = [each for _source, part in snapshot.of(Inventory) for each in part.prefixes]
    inside = Inside(_networks(heap.origins, records))
    for router, routes in tables.items():
        for route in routes.learnt:
            _learn(heap, router, route.prefix, route.path, known_as, inside)
    leaks = _leaks(snapshot, known_as)
    known = _Records(records)
    found = [
        _judged(prefix, tuple(sorted(_merged(origins))), heap, known, leaks)
        for prefix, origins in heap.origins.items()
    ]
    found += _unannounced(snapshot, tables, sites, records, heap.origins)
    found += [_abroad(peer, known_as.realm(peer), there) for peer, there in heap.peers.items()]
    found.sort(key=lambda each: (each.outside, _order(each.prefix)))
    partial = {router: routes.count for router, routes in tables.items() if not routes.whole}
    return PrefixTable(tuple(found), partial)


def _learn(
    heap: _Heap,
    router: str,
    prefix: str,
    path: tuple[int, ...],
    known: Systems,
    inside: Inside,
) -> None:
    if not path:
        return
    origin = path[-1]
    site = known.site(origin)
    if site or inside.covers(prefix):
        heap.origins.setdefault(prefix, set()).add(
            Origin(site, origin, "", "" if site else known.realm(origin))
        )
        heap.heard.setdefault(prefix, set()).add(router)
        return
    peer = next((number for number in path if known.outside(number)), origin)
    heap.peers.setdefault(peer, {}).setdefault(prefix, set()).add(router)


def _abroad(peer: int, realm: str, there: dict[str, set[str]]) -> Prefix:
    """All that one peer outside announces, as one row."""
    return Prefix(
        f"AS{peer}",
        "outside",
        (Origin("", peer, "", realm),),
        tuple(sorted(_all(there.values()))),
        peer=peer,
        count=len(there),
        some=tuple(sorted(there, key=_order)[:20]),
    )


def _merged(origins: set[Origin]) -> Iterable[Origin]:
    """One per site: that with its router's name, where its own router was read."""
    named = {origin.site for origin in origins if origin.router}
    return [o for o in origins if o.router or not o.site or o.site not in named]


def _all(sets: Iterable[set[str]]) -> set[str]:
    return {each for one in sets for each in one}


def _networks(origins: Iterable[str], records: Iterable[PrefixRecord]) -> list[Network]:
    """Networks that are ours: announced by a router of ours, or recorded for a site."""
    wanted = [*origins, *(record.prefix for record in records if record.site)]
    return [net for net in map(network_of, wanted) if net is not None]


class _Records:
    """NetBox's prefixes, the narrowest that covers a network first."""

    def __init__(self, records: Iterable[PrefixRecord]) -> None:
        pairs = [(network_of(record.prefix), record) for record in records]
        self._pairs = [(net, record) for net, record in pairs if net is not None]
        self._pairs.sort(key=lambda pair: -pair[0].prefixlen)

    @property
    def none(self) -> bool:
        """Nothing is recorded, or nothing was read: then a lack says nothing."""
        return not self._pairs

    def of(self, prefix: str) -> tuple[PrefixRecord | None, bool]:
        """The record, and whether it is of exactly that prefix."""
        net = network_of(prefix)
        if net is not None:
            for other, record in self._pairs:
                if within(net, other):
                    return record, net == other
        return None, False


def _judged(
    prefix: str,
    origins: tuple[Origin, ...],
    heap: _Heap,
    known: _Records,
    leaks: dict[str, str],
) -> Prefix:
    record, exact = known.of(prefix)
    inside = [origin for origin in origins if not origin.outside]
    usual: Verdict = "known" if record is not None or known.none else "unrecorded"
    verdict = usual
    if len(inside) < len(origins):
        verdict = "foreign"
    elif len(inside) > 1:
        verdict = "double"
    elif leaks:
        verdict = "leaking"
    heard = tuple(sorted(heap.heard.get(prefix, ())))
    holders = {*heard, *(origin.router for origin in origins)}
    out = tuple(sorted(key for key, router in leaks.items() if router in holders))
    if verdict == "leaking" and not out:
        verdict = usual
    return Prefix(prefix, verdict, origins, heard, record, exact, out)


def _leaks(snapshot: Snapshot, known: Systems) -> dict[str, str]:
    """Connection to an outside peer that is up without an output filter -> its router.

    Without a chain RouterOS announces all that is eligible.
    """
    found = {}
    for router, bgp in snapshot.of(Bgp):
        up = {session.remote_address for session in bgp.sessions if session.established}
        for connection in bgp.connections:
            outside = known.outside(connection.remote_as)
            if outside and not connection.output_filter and connection.remote_address in up:
                found[connection.key] = router
    return found


def _unannounced(
    snapshot: Snapshot,
    tables: dict[str, Routes],
    sites: dict[str, str],
    records: list[PrefixRecord],
    announced: Iterable[str],
) -> Iterable[Prefix]:
    """Recorded for a site whose router was read, and neither announced nor part of what is."""
    nets = [net for net in map(network_of, announced) if net is not None]
    speaking = {sites.get(name) or name for name, routes in tables.items() if routes.whole}
    speaking &= {sites.get(name) or name for name, bgp in snapshot.of(Bgp) if bgp.connections}
    for record in records:
        net = network_of(record.prefix)
        if net is None or record.site not in speaking or record.status != "active":
            continue
        if net.prefixlen > _SMALLEST[net.version]:
            continue
        if not any(within(net, other) or within(other, net) for other in nets):
            yield Prefix(record.prefix, "missing", record=record, exact=True)


def _order(prefix: str) -> tuple[int, int, int, str]:
    net = network_of(prefix)
    if net is None:
        return 9, 0, 0, prefix
    return net.version, int(net.network_address), net.prefixlen, ""


prefix_table = Derived((Routes, Bgp, RouterFacts, Inventory), _table, figures=False)
"""All prefixes of the newest readings."""
