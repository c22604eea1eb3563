"""What a person may set in a plan for several guests, and how its journal keeps that. Pure.

It is the same as for one guest (`migration.wishes`), but each is for all whom it concerns: where no
storage is named, every guest's disks go where they fit best at its own target.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from labtui.actions.action import Input
from labtui.actions.evacuation.facts import Charge, EvacuationFacts
from labtui.actions.maintenance import offer
from labtui.actions.migration import disks
from labtui.actions.migration.answers import MigrationFacts, Wishes
from labtui.actions.migration.wishes import (
    STORAGE,
    copies,
    limit_of,
    offers_conntrack,
    wished,
)
from labtui.locale import _

BEST = "-"
"""No storage is named: each guest's disks go where they fit best."""


def answer(facts: EvacuationFacts, name: str, value: str) -> EvacuationFacts:
    """The facts with that wish for every guest, or with HA maintenance wanted or not."""
    taken = msgspec.structs.replace(facts, offer=offer.answered(facts.offer, name, value))
    return given(taken, wished(facts.wishes, name, "" if value == BEST else value))


def given(facts: EvacuationFacts, wishes: Wishes) -> EvacuationFacts:
    """The facts with those wishes, for every guest."""
    replace = msgspec.structs.replace
    charges = tuple(
        replace(charge, facts=replace(charge.facts, wishes=wishes)) for charge in facts.charges
    )
    return replace(facts, wishes=wishes, charges=charges)


def inputs(facts: EvacuationFacts) -> tuple[Input, ...]:
    """The fields of the plan, HA maintenance first; only what concerns one of its guests."""
    found = [*offer.inputs(facts.offer)]
    media = [charge for charge in facts.charges if charge.facts.media]
    if media:
        names = ", ".join(charge.guest.label for charge in media)
        label, hint = _("eject local CDs"), _("of {names}").format(names=names)
        found.append(Input("eject", label, facts.wishes.eject, "flag", hint=hint))
    # What is asked of the HA manager takes neither of these.
    free = [charge for charge in facts.charges if not charge.facts.managed]
    found += _storages(facts, free)
    if any(copies(charge.facts) for charge in free):
        problem = "" if limit_of(facts.wishes) is not None else _("a number of MiB/s")
        hint = _("MiB/s for each; empty: as the cluster has it")
        value = facts.wishes.limit
        found.append(Input("limit", _("limit"), value, "number", hint=hint, problem=problem))
    if any(offers_conntrack(charge.facts) for charge in free):
        value = facts.wishes.conntrack or "1"
        found.append(Input("conntrack", _("connections"), value, "flag"))
    return tuple(found)


def _storages(facts: EvacuationFacts, free: Sequence[Charge]) -> list[Input]:
    """A field for each storage whose disks have to be copied: where they may all go."""
    options: dict[str, set[str]] = {}
    counts: dict[str, int] = {}
    for charge in free:
        plain = msgspec.structs.replace(charge.facts, wishes=Wishes())
        for source in disks.sources(plain):
            counts[source.name] = counts.get(source.name, 0) + 1
        for target in plain.targets:
            for fit in disks.fits(plain, target):
                options.setdefault(fit.source.name, set()).update(fit.options)
    return [
        _storage(facts, name, options.get(name, set()), n) for name, n in sorted(counts.items())
    ]


def _storage(facts: EvacuationFacts, name: str, options: set[str], count: int) -> Input:
    known = (BEST, *sorted(options))
    value = facts.wishes.storages.get(name) or BEST
    problem = ""
    if value not in known:
        text = _("no such storage; there are: {names}")
        problem = text.format(names=", ".join(known[1:]) or "-")
    label = _("{storage} to").format(storage=name)
    hint = _("for {n}; -: where each fits best").format(n=count)
    return Input(STORAGE + name, label, value, "choice", known, hint, problem)


def kept(fields: Sequence[Input]) -> dict[str, str]:
    """What the journal has of them: those that are no default."""
    return {
        field.id: field.value
        for field in fields
        if field.id != offer.FIELD and field.value not in ("", BEST)
    }


def taken_up(facts: MigrationFacts, fields: Mapping[str, str]) -> MigrationFacts:
    """The facts of one guest with what the journal has."""
    wishes = Wishes(strict=True)
    for name, value in fields.items():
        wishes = wished(wishes, name, value)
    return msgspec.structs.replace(facts, wishes=wishes)
