"""The survey of a plan that ends differences: every record it is about is read anew."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from labtui.actions import interlock_records
from labtui.actions.action import Wire, subjects
from labtui.actions.records.changing import changed
from labtui.actions.records.creating import created
from labtui.actions.records.desk import Desk
from labtui.actions.records.facts import Item, KnowsWho, MendFacts
from labtui.actions.records.lab import deeds_for
from labtui.actions.records.moving import counterpart
from labtui.actions.records.request import Piece
from labtui.locale import _
from labtui.model.drift.difference import Difference, Mend
from labtui.model.drift.whole import drift
from labtui.model.errors import Forbidden, LabError, NotFound
from labtui.model.records.refs import Ref
from labtui.model.snapshot import Snapshot


def found_in(snapshot: Snapshot) -> dict[str, Difference]:
    """The differences by key, those that are meant as well: a person may mend what he likes."""
    found = drift(snapshot)
    return {each.key: each for each in (*found.ignored, *found.differences)}


async def survey(subject: str, wire: Wire) -> MendFacts:
    """Read what a plan needs. Raises `NotFound`, `LabError`."""
    known, keys = found_in(wire.snapshot), subjects(subject)
    chosen = [known[key] for key in keys if key in known]
    if not chosen:
        why = _("it does not differ any more")
        raise NotFound(_("there is nothing to mend"), where=subject, why=why)
    desk = Desk(wire)
    blockers = interlock_records.blockers(wire.snapshot, wire.now(), wire.max_age)
    await desk.fetch(_refs(chosen))
    items = [await _item(each, keys, known, desk) for each in chosen]
    return MendFacts(
        subject,
        wire.now(),
        tuple(await deeds_for(items, wire)),
        gone=tuple(key for key in keys if key not in known),
        version=desk.version,
        who=wire.who if isinstance(wire, KnowsWho) else "",
        allowed=await _allowed(items, desk),
        blockers=blockers,
    )


def answer(facts: MendFacts, name: str, value: str) -> MendFacts:
    """The facts with what a person says of it."""
    return msgspec.structs.replace(facts, why=value) if name == "why" else facts


def _refs(chosen: Iterable[Difference]) -> list[Ref]:
    return [mend.ref for each in chosen for mend in each.mends if mend.ref is not None]


async def _item(
    about: Difference, keys: Sequence[str], known: dict[str, Difference], desk: Desk
) -> Item:
    if why := _not_touched(about):
        return Item(about, against=why)
    pieces = [await _piece(about, mend, desk) for mend in about.mends if mend.direction == "record"]
    other = counterpart(about, tuple(known.values()))
    with_it = other.name if other is not None and other.key not in keys else ""
    return Item(about, tuple(pieces), with_it=with_it)


def _not_touched(about: Difference) -> str:
    """Why labtui leaves it alone: only what it can name for sure is changed."""
    if about.sure == "ambiguous" or about.kind == "ambiguous":
        text = _("several records would do ({names}): say in NetBox which one it is")
        return text.format(names=", ".join(f"{r.name} #{r.id}" for r in about.candidates))
    if about.hidden:
        return _("the token sees only a part of that list: it may be recorded already")
    return "" if about.mends else _("there is nothing that labtui could write: decide it yourself")


async def _piece(about: Difference, mend: Mend, desk: Desk) -> Piece:
    try:
        if mend.deed == "create":
            return await created(about, mend, desk)
        return await changed(about, mend, desk)
    except (Forbidden, NotFound) as error:
        # Only this one needs what the token may not see.
        why = f"{error.why}. {error.remedy}".strip(". ")
        return Piece((about.key,), about.name, mend.ref or Ref("", 0), blockers=(why,))


async def _allowed(items: Iterable[Item], desk: Desk) -> dict[str, frozenset[str]]:
    """What the token may do in the lists that would be written to."""
    paths = {request.list for item in items for piece in item.pieces for request in piece.requests}
    found: dict[str, frozenset[str]] = {}
    for path in sorted(paths):
        try:
            found[path] = await desk.allowed(path)
        except LabError:
            # Not told by every server: the write itself will say so.
            continue
    return found
