"""The plan of an allocation: from which pool, what, under which description; or its taking back."""

from __future__ import annotations

from typing import Any

import msgspec

from labtui.actions import interlock_records
from labtui.actions.action import NETBOX, Call, Fact, Input, Outcome, Plan, Progress, Report, Wire
from labtui.actions.evacuation.book import KeepsBooks, Record
from labtui.actions.records.allocation import (
    ACTION,
    Given,
    allocate,
    forget,
    give_back,
    keep,
    left_over,
)
from labtui.actions.records.pools import ASN_RANGES, What, is_wide, next_free, take, take_number
from labtui.actions.records.run import reason
from labtui.locale import _
from labtui.model.errors import LabError, NotFound, OutcomeUnknown
from labtui.model.lookup import Query
from labtui.model.records import refs
from labtui.model.records.index import host_of, record_index
from labtui.model.records.refs import Ref
from labtui.model.snapshot import Snapshot

_LENGTH = 24
_HOLDERS = ("guest", "router", "node", "session")


class AllotFacts(msgspec.Struct, frozen=True):
    """All a draft needs. `free` is what NetBox would give next, by kind; it is not held. `wide` is
    the range of AS numbers where that is too wide for NetBox to choose. `used_by` is who of the lab
    has the next free address, `ranged` the range (DHCP pool) that it lies in.

    With a `record` it is one that was cut off: `given` is what it was given, if anything.
    """

    subject: str
    read_at: float
    pool: Ref
    free: dict[str, str] = {}
    values: dict[str, str] = {}
    blockers: tuple[str, ...] = ()
    allowed: bool = True
    record: Record | None = None
    given: Given | None = None
    wide: dict[str, Any] = {}
    used_by: str = ""
    ranged: str = ""


def applies(subject: str, snapshot: Snapshot) -> str:
    """Why nothing can be handed out of that."""
    path, _slash, number = subject.rpartition("/")
    if path == ASN_RANGES:
        return ""
    known = {each.id for each in record_index(snapshot).inventory.prefixes}
    if path != refs.PREFIXES or not number.isdecimal() or int(number) not in known:
        return _("only a prefix has addresses to hand out")
    return ""


async def survey(subject: str, wire: Wire) -> AllotFacts:
    """Read the pool and what it would give. Raises `LabError`."""
    path, _slash, number = subject.rpartition("/")
    rows = await wire.read(NETBOX, path, id=number)
    if not rows:
        raise NotFound(_("there is no such pool, or the token may not see it"), where=subject)
    row: dict[str, Any] = rows[0]
    name = str(row.get("prefix") or row.get("name") or subject)
    kinds: tuple[What, ...] = ("asn",) if path == ASN_RANGES else ("address", "prefix")
    free: dict[str, str] = {}
    for what in kinds:
        free[what] = await next_free(wire, subject, what, row)
    try:
        made = refs.ASNS if path == ASN_RANGES else refs.ADDRESSES
        allowed = "POST" in await wire.read(NETBOX, f"allowed/{made}")
    except LabError:
        # Not told by every server: the request itself will say so.
        allowed = True
    blockers = interlock_records.blockers(wire.snapshot, wire.now(), wire.max_age)
    pool = Ref(path, int(number), name)
    wide = row if path == ASN_RANGES and is_wide(row) else {}
    host = host_of(free.get("address", ""))
    return AllotFacts(
        subject, wire.now(), pool, free, {}, blockers, allowed, wide=wide,
        used_by=_user_of(host, wire.snapshot), ranged=_range_of(host, wire.snapshot),
    )  # fmt: skip


def _user_of(host: str, snapshot: Snapshot) -> str:
    """Who has that address in the lab, whatever NetBox knows; empty for nobody."""
    from labtui.model.lookup_names import lookup

    found = lookup(snapshot, Query("address", host)).answers if host else ()
    named = (each.name for each in found if each.what in _HOLDERS)
    return ", ".join(dict.fromkeys(named))


def _range_of(host: str, snapshot: Snapshot) -> str:
    """The recorded range that an address lies in: since 4.3 NetBox hands those out too."""
    from labtui.model.lookup_names import lookup

    found = lookup(snapshot, Query("address", host)).answers if host else ()
    for each in found:
        if each.what == "range":
            about = dict(each.lines).get("about", "")
            return f"{each.name} ({about})" if about else each.name
    return ""


async def resumed(book: str, wire: Wire) -> AllotFacts:
    """One that was cut off: what it was given is looked for. Raises `LabError`."""
    if not isinstance(wire, KeepsBooks):
        raise NotFound(_("no such journal"), where=book)
    record = next((each for each in await wire.records() if each.id == book), None)
    if record is None:
        raise NotFound(_("no such journal"), where=book)
    given = await left_over(wire, record.header)
    path, _slash, number = record.header.subject.rpartition("/")
    pool = Ref(path, int(number), record.header.steps[0].target)
    return AllotFacts(record.header.subject, wire.now(), pool, record=record, given=given)


def answer(facts: AllotFacts, name: str, value: str) -> AllotFacts:
    """The facts with what a person says."""
    return msgspec.structs.replace(facts, values={**facts.values, name: value.strip()})


def draft(facts: AllotFacts, choice: str, mode: str) -> Plan:
    """The plan: what is handed out is chosen by NetBox when it is asked, not before."""
    del choice
    if facts.record is not None:
        return _back(facts, facts.record)
    modes = tuple(facts.free)
    mode = mode if mode in modes else modes[0]
    about = facts.values.get("about", "")
    length = facts.values.get("length", "")
    blockers = [*facts.blockers]
    if not facts.free[mode]:
        blockers.append(_("nothing is free in {pool}").format(pool=facts.pool.name))
    if not facts.allowed:
        blockers.append(_("the token may not add anything there"))
    if mode == "address" and facts.used_by:
        text = _("NetBox would give {address}, which {who} has: record that first (:drift)")
        blockers.append(text.format(address=facts.free[mode], who=facts.used_by))
    ranged = _("{address} lies in the range {range}: a DHCP server may hand it out as well")
    warnings = (
        (ranged.format(address=facts.free[mode], range=facts.ranged),)
        if mode == "address" and facts.ranged
        else ()
    )
    inputs = [Input("about", _("for"), about, hint=_("what it is for: its description"))]
    if mode == "prefix":
        inputs.append(_length(facts, length))
    fields = {"prefix_length": inputs[-1].value} if mode == "prefix" else {}
    fields["description"] = f"{about} [labtui ...]".strip()
    return Plan(
        action=ACTION,
        subject=facts.subject,
        title=_("Allocate from {pool}").format(pool=facts.pool.name),
        made_at=facts.read_at,
        mode=mode,
        modes=modes,
        facts=(Fact(_("next free"), facts.free[mode]),) if facts.free[mode] else (),
        calls=(_call(facts, mode, fields),),
        blockers=tuple(blockers),
        warnings=warnings,
        inputs=tuple(inputs),
        chosen=facts.pool.name,
    )


def _call(facts: AllotFacts, mode: str, fields: dict[str, str]) -> Call:
    """What will be sent, but for the number in its description."""
    if facts.wide:
        return take_number(facts.wide, int(facts.free["asn"] or 0), fields)
    what: What = "asn" if mode == "asn" else "prefix" if mode == "prefix" else "address"
    return take(facts.subject, what, fields)


def _length(facts: AllotFacts, length: str) -> Input:
    own = int(facts.pool.name.rpartition("/")[2]) if "/" in facts.pool.name else 0
    most = 128 if ":" in facts.pool.name else 32
    value = length or str(max(_LENGTH, own + 1) if most == 32 else 64)
    fits = value.isdecimal() and own < int(value) <= most
    problem = "" if fits else _("a number from {low} to {high}").format(low=own + 1, high=most)
    return Input("length", _("mask"), value, "number", problem=problem)


def _back(facts: AllotFacts, record: Record) -> Plan:
    """What was given to one that was cut off goes back; where it was nothing, that is noted."""
    value = facts.given.value if facts.given is not None else _("nothing")
    calls = (
        (Call(NETBOX, "DELETE", f"{facts.given.ref.path}/{facts.given.ref.id}"),)
        if facts.given is not None
        else (Call(NETBOX, "-", facts.subject),)
    )
    return Plan(
        action=ACTION,
        subject=facts.subject,
        title=_("Give back what {pool} gave").format(pool=facts.pool.name),
        made_at=facts.read_at,
        facts=(Fact(_("found"), value), Fact(_("for"), record.header.title)),
        calls=calls,
        book=record.id,
    )


async def run(plan: Plan, wire: Wire, report: Report) -> Outcome:
    """Take it and say what it is; or give back what was left over."""
    try:
        if plan.book:
            return await _gave_back(plan, wire)
        path, _slash, number = plan.subject.rpartition("/")
        said = {item.id: item.value for item in plan.inputs}
        what: What = (
            "asn" if plan.mode == "asn" else "prefix" if plan.mode == "prefix" else "address"
        )
        length = int(said["length"]) if "length" in said else None
        pool = Ref(path, int(number), plan.chosen)
        given = await allocate(wire, pool, what, said.get("about", ""), length=length)
        await keep(wire, given)
    except OutcomeUnknown as error:
        return Outcome("unknown", f"{error}. {error.remedy}".rstrip(". "))
    except LabError as error:
        return Outcome("failed", reason(error))
    report(Progress(line=given.value))
    return Outcome("done", given.value)


async def _gave_back(plan: Plan, wire: Wire) -> Outcome:
    facts = await resumed(plan.book, wire)
    if facts.given is None:
        await forget(wire, plan.book)
        return Outcome("done", _("nothing was given"))
    await give_back(wire, facts.given)
    return Outcome("done", _("{value} given back").format(value=facts.given.value))
