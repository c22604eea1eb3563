"""The plan of an evacuation from its facts: who goes where, how, in what order. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from labtui.actions.action import Step
from labtui.actions.evacuation import ways as ways
from labtui.actions.evacuation.board import Host, Unit
from labtui.actions.evacuation.facts import EvacuationFacts, Place
from labtui.actions.evacuation.order import OVERHEAD, Limits, duration, ordered
from labtui.actions.evacuation.place import place, survives
from labtui.actions.evacuation.ways import Way
from labtui.actions.migration.speed import ASSUMED_SPEED
from labtui.actions.migration.wishes import limit_of
from labtui.locale import _

_OFF_WEIGHT = 0.05


class Draft(msgspec.Struct, frozen=True):
    """What was found: `steps` that go, in order, and `stays` with the reason; bytes and seconds.

    `off` are left because they are off. `fragile` is a node that the others could not stand in for
    afterwards, empty when any may fail. `after` is how full each node gets (0 to 1).
    """

    steps: tuple[Step, ...]
    stays: tuple[Step, ...]
    off: tuple[Step, ...]
    ways: dict[str, Way]
    copied: float
    seconds: float
    fragile: str = ""
    after: dict[str, float] = {}
    notes: tuple[str, ...] = ()


def drafted(facts: EvacuationFacts, mode: str, limits: Limits, only: Sequence[str] = ()) -> Draft:
    """The plan. `only`: the nodes that may be used, all of them when empty."""
    places = [p for p in facts.places if not only or p.host.name in only]
    found = [ways.way_of(charge, mode) for charge in facts.charges]
    going = [way for way in found if way.way]
    units, members, reasons = _units(going, places, facts)
    hosts = [p.host for p in places if not p.against]
    where = place(units, hosts)
    # With its guests back nobody but the node itself has changed.
    fragile = "" if facts.back or facts.several else survives(units, hosts, where)
    if fragile:
        packed = place(units, hosts, pack=True)
        if len(packed) == len(where) and not survives(units, hosts, packed):
            where, fragile = packed, ""
    target = {
        way.charge.guest.key: where.get(unit, "") for unit, ws in members.items() for way in ws
    }
    steps = [
        _step(way, target[way.charge.guest.key], facts)
        for way in going
        if target[way.charge.guest.key]
    ]
    stays = [
        _stays(way, reasons.get(way.charge.guest.key, way.why)) for way in found if not way.off
    ]
    stays = [step for step in stays if not target.get(step.subject)]
    copied = sum(_copied(way) for way in going if target[way.charge.guest.key])
    return Draft(
        ordered(steps, limits),
        tuple(stays),
        tuple(_stays(way, way.why) for way in found if way.off),
        {way.charge.guest.key: way for way in found},
        copied,
        duration(ordered(steps, limits), limits, copied / speed_of(facts)),
        fragile,
        _after(hosts, units, where),
        tuple(_notes(going, target, places, facts)),
    )


def speed_of(facts: EvacuationFacts) -> float:
    """Bytes per second that are counted on, within the limit."""
    return _limited(facts.speeds.of("live")[0] or ASSUMED_SPEED, facts)


def _limited(speed: float, facts: EvacuationFacts) -> float:
    limit = limit_of(facts.wishes)
    return min(speed, limit) if limit else speed


def _units(
    going: Sequence[Way], places: Sequence[Place], facts: EvacuationFacts
) -> tuple[list[Unit], dict[str, list[Way]], dict[str, str]]:
    """What moves as one, its members by its key, and why a guest can go nowhere."""
    leaving = {way.charge.guest.sid for way in going}
    by_sid = {way.charge.guest.sid: way for way in going}
    members: dict[str, list[Way]] = {}
    unit_of: dict[str, str] = {}
    for sid, way in by_sid.items():
        if sid not in unit_of:
            together = sorted({sid, *(facts.rules.with_it(sid) & leaving)})
            members[way.charge.guest.key] = [by_sid[other] for other in together]
            unit_of.update(dict.fromkeys(together, way.charge.guest.key))
    reasons: dict[str, str] = {}
    units = []
    for key, ways_of in members.items():
        hosts = _hosts(ways_of, places, facts, leaving, reasons)
        away = {unit_of[o] for w in ways_of for o in _apart(w, facts) if o in unit_of}
        units.append(
            Unit(
                key,
                sum(ways.memory_of(way) for way in ways_of),
                hosts,
                sum(_cpu(way) for way in ways_of),
                _needs(ways_of),
                frozenset(away - {key}),
                sum(1.0 if w.charge.facts.running else _OFF_WEIGHT for w in ways_of),
            )
        )
    return units, members, reasons


def _hosts(
    group: Sequence[Way],
    places: Sequence[Place],
    facts: EvacuationFacts,
    leaving: set[str],
    reasons: dict[str, str],
) -> dict[str, float]:
    """The nodes that all of them may go to, with the cost; why not goes to `reasons`."""
    shut: set[str] = set()
    for way in group:
        told: dict[str, list[str]] = {}
        own = way.charge.guest.node
        shut.add(own)
        for known in places:
            if known.host.name == own:
                continue
            if why := ways.against(way, known, facts, leaving):
                told.setdefault(why, []).append(known.host.name)
        here = {name for names in told.values() for name in names}
        words = "; ".join(f"{', '.join(names)}: {why}" for why, names in told.items())
        full = _("no node has room for it beside the others")
        if len(here) < sum(known.host.name != own for known in places):
            words = f"{full} ({words})" if words else full
        there = [known for known in places if known.host.name == own]
        nowhere = _("it is there already") if there else _("there is no node to go to")
        reasons[way.charge.guest.key] = words or nowhere
        shut |= here
    return {
        known.host.name: sum(ways.pair_cost(way, known, facts) for way in group)
        for known in places
        if known.host.name not in shut
    }


def _apart(way: Way, facts: EvacuationFacts) -> frozenset[str]:
    return facts.rules.away_from(way.charge.guest.sid)


def _cpu(way: Way) -> float:
    """Cores that it uses."""
    guest = way.charge.guest
    return (guest.cpu or 0.0) * (guest.cpus or 0.0) if way.charge.facts.running else 0.0


def _needs(group: Sequence[Way]) -> dict[str, int]:
    needs: dict[str, int] = {}
    for way in group:
        for name, count in way.charge.needs.items():
            needs[name] = needs.get(name, 0) + count
    return needs


def _copied(way: Way) -> float:
    """Bytes that go over: memory of what moves live, local disks."""
    guest = way.charge.guest
    memory = (guest.memory or guest.memory_max or 0) if way.way in ("live", "ha") else 0
    return float(memory) + way.charge.copies


def _step(way: Way, target: str, facts: EvacuationFacts) -> Step:
    guest = way.charge.guest
    overhead = OVERHEAD[way.way]
    if way.charge.facts.managed and way.way not in ("ha", "relocate"):
        overhead += 15.0
    copied = _copied(way)
    if target in way.charge.replicas:
        # Only what changed since the last run of the replication goes over.
        copied -= way.charge.copies
    return Step(
        guest.key,
        guest.label,
        way.way,
        guest.node,
        target,
        estimate=overhead + copied / _speed(way, target, facts),
        running=way.charge.facts.running,
        parts=ways.PARTS[way.way],
    )


def _speed(way: Way, target: str, facts: EvacuationFacts) -> float:
    mode = {"ha": "live", "cold": "offline", "relocate": "offline"}.get(way.way, way.way)
    found = facts.speeds.of(mode, way.charge.guest.node, target)[0]
    speed = found or ASSUMED_SPEED
    return speed if way.charge.facts.managed else _limited(speed, facts)


def _stays(way: Way, why: str) -> Step:
    guest = way.charge.guest
    return Step(
        guest.key, guest.label, "stays", guest.node, note=why, running=way.charge.facts.running
    )


def _after(hosts: Sequence[Host], units: Sequence[Unit], where: dict[str, str]) -> dict[str, float]:
    added: dict[str, float] = {}
    for unit in units:
        if unit.key in where:
            added[where[unit.key]] = added.get(where[unit.key], 0.0) + unit.memory
    return {
        host.name: (host.used + added.get(host.name, 0.0)) / host.memory
        for host in hosts
        if host.memory
    }


def _notes(
    going: Sequence[Way], target: dict[str, str], places: Sequence[Place], facts: EvacuationFacts
) -> list[str]:
    """What should be known of the pairs that were found."""
    by_name = {known.host.name: known for known in places}
    found = []
    old: set[str] = set()
    for way in going:
        known = by_name.get(target[way.charge.guest.key])
        if known is None:
            continue
        if ways.other_processor(way, known, facts):
            text = _("cpu type of {guest} is host and {node} has another processor")
            found.append(text.format(guest=way.charge.guest.label, node=known.host.name))
        if ways.older(way, known, facts):
            old.add(known.host.name)
    for name in sorted(old):
        text = _("{node} has an older Proxmox VE ({version}): a move to it may be refused")
        found.append(text.format(node=name, version=by_name[name].version))
    if facts.rules.unread:
        text = _("the HA rules can't be read ({why}): the manager may refuse some")
        found.append(text.format(why=facts.rules.unread))
    return found
