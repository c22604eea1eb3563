"""What a plan for a link rests on, read now, and what a person has said to it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import msgspec

from labtui.actions import interlock_routers
from labtui.actions.action import Scope, Wire
from labtui.actions.evacuation.book import Record
from labtui.actions.link.allocation import Place, look
from labtui.actions.link.end import End, read_end
from labtui.actions.overlay.course import new_id
from labtui.actions.overlay.desk import rules_of, why_of
from labtui.actions.overlay.resume import cut_off
from labtui.locale import _
from labtui.model.errors import LabError, NotFound
from labtui.model.link_rules import LinkRules
from labtui.model.links import links
from labtui.model.overlay import RouterFacts
from labtui.model.snapshot import Snapshot

MOST = 16
"""Routers that are read for a plan in which both ends can be chosen."""


class LinkFacts(msgspec.Struct, frozen=True):
    """All a draft needs. `ends` by name, of those that answered; `silent` says why others did not.

    `blockers` by router; `answers` are what a person has set; `cut` is a run that was cut off.
    """

    pair: tuple[str, str]
    ends: dict[str, End]
    place: Place
    rules: LinkRules
    read_at: float
    id: str
    silent: dict[str, str] = {}
    blockers: dict[str, tuple[str, ...]] = {}
    answers: dict[str, str] = {}
    cut: Record | None = None


def routers_in(subject: str, snapshot: Snapshot, now: float) -> tuple[str, ...]:
    """The routers that a subject names: `A,B`, or the key of a link. Empty for neither."""
    known = {router for router, _facts in snapshot.of(RouterFacts)}
    known |= set(snapshot.sources("routeros"))
    named = tuple(part for part in subject.split(",") if part)
    if named and all(part in known for part in named):
        return named[:2]
    link = next((one for one in links(snapshot, now) if one.key == subject), None)
    if link is None:
        return ()
    far = link.far.router if link.far is not None else link.far_router
    return (link.near.router, far) if far else (link.near.router,)


def scope(subject: str, snapshot: Snapshot, now: float = 0.0) -> Scope:
    """What the interlock has to look at."""
    routers = routers_in(subject, snapshot, now)
    return Scope("", " = ".join(routers) or subject, routers=routers or (subject,))


async def survey(subject: str, wire: Wire) -> LinkFacts:
    """Read both routers (or all, where a person may choose) and NetBox. Raises `NotFound`."""
    snapshot = wire.snapshot
    named = routers_in(subject, snapshot, wire.now())
    every = sorted(snapshot.sources("routeros"))
    if len(every) < 2 or not named:
        raise NotFound(_("a link needs two routers in the configuration"), where=subject)
    chosen = "," in subject
    wanted = named if chosen else tuple(dict.fromkeys((*named, *every)))[:MOST]
    ends, silent = await _ends(wanted, wire)
    blockers = dict(zip(wanted, await _standing(wanted, wire), strict=True))
    rules = rules_of(wire)
    publics = {name: end.public for name, end in ends.items()}
    place = await look(wire, rules, publics, asn=any(end.asn is None for end in ends.values()))
    first = named[0]
    # What is chosen in a pane has a link already: another far end is meant.
    other = named[1] if chosen else next(r for r in wanted if r != first and r not in named[1:])
    return LinkFacts(
        (first, other),
        ends,
        place,
        rules,
        wire.now(),
        new_id(),
        silent,
        blockers,
        cut=await _cut_off(wire, wanted),
    )


async def _ends(wanted: Iterable[str], wire: Wire) -> tuple[dict[str, End], dict[str, str]]:
    async def one(router: str) -> End | str:
        try:
            return await read_end(router, wire)
        except LabError as error:
            return why_of(error)

    names = tuple(wanted)
    found = dict(zip(names, await asyncio.gather(*(one(n) for n in names)), strict=True))
    ends = {name: end for name, end in found.items() if isinstance(end, End)}
    return ends, {name: why for name, why in found.items() if isinstance(why, str)}


async def _standing(wanted: Iterable[str], wire: Wire) -> list[tuple[str, ...]]:
    scopes = [Scope("", router, routers=(router,)) for router in wanted]
    return list(await asyncio.gather(*(interlock_routers.blockers(one, wire) for one in scopes)))


async def _cut_off(wire: Wire, routers: Iterable[str]) -> Record | None:
    """A run on one of these routers that was cut off."""
    names = set(routers)

    def fits(record: Record) -> bool:
        header = record.header
        return header.action.startswith("link.") and bool(names & set(header.subject.split(",")))

    return await cut_off(wire, fits)


def answer(facts: LinkFacts, field: str, value: str) -> LinkFacts:
    """The facts with a value that a person has set."""
    return msgspec.structs.replace(facts, answers={**facts.answers, field: value.strip()})
