"""The plan that ends differences: pure, from what the survey found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from labtui.actions.action import Call, Choice, Fact, Input, Plan, Step
from labtui.actions.records.facts import LAB, RECORD, Deed, Item, MendFacts
from labtui.actions.records.lab import title_of
from labtui.actions.records.moving import moved
from labtui.actions.records.request import (
    ETAGS,
    IF_MATCH,
    JOURNAL,
    MESSAGE,
    MESSAGES,
    TYPES,
    Piece,
    Request,
    call_of,
    etag,
)
from labtui.locale import _

_LONGEST = 200
Left = tuple[str, str]
"""What is left out, and why."""


def draft(facts: MendFacts, choice: str, mode: str) -> Plan:
    """The plan in that direction: `record` writes to NetBox, `lab` changes the lab."""
    modes = _modes(facts)
    mode = mode if mode in modes else modes[0]
    only = facts.items[0] if len(facts.items) == 1 else None
    choices = _choices(only) if only is not None and mode == RECORD else ()
    chosen = _chosen(only, choices, choice)
    steps, left = _lab(facts) if mode == LAB else _record(facts, chosen)
    blockers = [*facts.blockers]
    if not steps:
        blockers += [why if only is not None else f"{name}: {why}" for name, why in left]
    return Plan(
        action="difference.mend",
        subject=facts.subject,
        title=_title(facts, only),
        made_at=facts.read_at,
        mode=mode,
        modes=modes,
        chosen=chosen,
        choices=choices,
        facts=tuple(_facts(steps, left if steps else [])),
        calls=tuple(call for step in steps for call in step.calls),
        blockers=tuple(dict.fromkeys(blockers)),
        warnings=tuple(dict.fromkeys(note for step in steps for note in step.parts)),
        confirm=_confirm(facts, steps),
        stands_on=_stamps(facts, steps) if mode == RECORD else (),
        inputs=(_why(facts),) if mode == RECORD else (),
        steps=tuple(steps),
    )


def _title(facts: MendFacts, only: Item | None) -> str:
    if only is not None:
        return _("Mend {name}").format(name=f"{only.about.name} {only.about.field}".strip())
    return _("Mend {n} differences").format(n=len(facts.items))


def _modes(facts: MendFacts) -> tuple[str, ...]:
    found = tuple(
        mode
        for mode, there in (
            (RECORD, any(item.pieces for item in facts.items)),
            (LAB, any(item.deeds for item in facts.items)),
        )
        if there
    )
    return found or (RECORD,)


def _why(facts: MendFacts) -> Input:
    hint = _("stands in NetBox's change log and journal")
    return Input("why", _("why"), facts.why, hint=hint)


def _choices(only: Item) -> tuple[Choice, ...]:
    """Where there are several ways in NetBox, or several records to take out."""
    if len(only.pieces) < 2:
        return ()
    return tuple(
        Choice(f"{number} {_way(piece)}", reasons=piece.notes, blockers=piece.blockers)
        for number, piece in enumerate(only.pieces, 1)
    )


def _way(piece: Piece) -> str:
    verb = piece.requests[0].method if piece.requests else "-"
    return f"{verb} {piece.ref.path}/{piece.ref.id}"


def _chosen(only: Item | None, choices: Sequence[Choice], choice: str) -> str:
    """The one that was chosen; by itself the first, unless that would be a guess."""
    if any(each.id == choice for each in choices):
        return choice
    if not choices or (only is not None and only.about.kind == "twice"):
        return ""
    return choices[0].id


def _record(facts: MendFacts, chosen: str) -> tuple[list[Step], list[Left]]:
    left: list[Left] = [(key, _("it does not differ any more")) for key in facts.gone]
    pieces: list[Piece] = []
    for item in facts.items:
        piece, why = _piece_of(item, chosen)
        if piece is None or why:
            left.append((item.about.name, why))
        else:
            pieces.append(piece)
    steps = []
    for piece in moved(merged(pieces)):
        if against := _forbidden(facts, piece):
            left.append((piece.label, against))
        else:
            steps.append(_step(facts, piece))
    return steps, left


def _piece_of(item: Item, chosen: str) -> tuple[Piece | None, str]:
    """What is done for that one, or why nothing."""
    if item.against:
        return None, item.against
    if not item.pieces:
        return None, _("only the lab can be changed for it")
    if item.with_it:
        text = _("mark {name} as well: it is the same record, and is moved then")
        return None, text.format(name=item.with_it)
    piece = item.pieces[0]
    if len(item.pieces) > 1:
        number = int(chosen.partition(" ")[0]) if chosen else 0
        if not number and item.about.kind == "twice":
            return None, _("say which one is to go: choose it by itself")
        piece = item.pieces[max(number, 1) - 1]
    return piece, "; ".join(piece.blockers)


def merged(pieces: Sequence[Piece]) -> list[Piece]:
    """Changes of one record are one request: a second one would find another ETag."""
    found: dict[object, Piece] = {}
    for number, piece in enumerate(pieces):
        alone = len(piece.requests) != 1 or piece.requests[0].method != "PATCH"
        place: object = number if alone else piece.requests[0].path
        before = found.get(place)
        if before is None:
            found[place] = piece
            continue
        values = dict((*before.requests[0].values, *piece.requests[0].values))
        request = msgspec.structs.replace(before.requests[0], values=tuple(values.items()))
        found[place] = msgspec.structs.replace(
            before, keys=(*before.keys, *piece.keys), requests=(request,),
            label=f"{before.label}, {piece.label}", now=(*before.now, *piece.now),
        )  # fmt: skip
    return list(found.values())


def _forbidden(facts: MendFacts, piece: Piece) -> str:
    """What the token may not do, as far as NetBox says that in advance."""
    needed = {"POST": "POST", "PATCH": "PUT"}
    for request in piece.requests:
        held = facts.allowed.get(request.list)
        if held is None or needed.get(request.method, "") in held:
            continue
        if request.method == "DELETE" and held:
            # Nobody says in advance who may delete, unless nothing may be written at all.
            continue
        text = _("the token may not {verb} in {path}: give its user that permission")
        verbs = {"POST": _("add"), "PATCH": _("change"), "DELETE": _("delete")}
        return text.format(verb=verbs[request.method], path=request.list)
    return ""


def message_of(facts: MendFacts, piece: Piece) -> str:
    """What stands in the change log: what, who, why."""
    why = facts.why or _("NetBox and the lab differed")
    who = f" ({facts.who})" if facts.who else ""
    return f"labtui: {piece.label}: {why}{who}"[:_LONGEST]


def _step(facts: MendFacts, piece: Piece) -> Step:
    """The calls of a piece, with what is said along, and its entry in the journal."""
    text = message_of(facts, piece)
    calls: list[Call] = []
    for request in piece.requests:
        more = {MESSAGE: text} if facts.version >= MESSAGES else {}
        mine = request.path == f"{piece.ref.path}/{piece.ref.id}"
        if mine and piece.stamp and facts.version >= ETAGS and (match := etag(piece.stamp)):
            more[IF_MATCH] = match
        calls.append(call_of(request, **more))
    if (kind := TYPES.get(piece.ref.path)) and not piece.deletes:
        entry = (
            *(("assigned_object_type", kind), ("assigned_object_id", piece.ref.id or "<1>")),
            *(("kind", "info"), ("comments", text)),
        )
        calls.append(call_of(Request("POST", JOURNAL, entry)))
    return Step(
        ",".join(piece.keys), piece.label, RECORD, source=_before(piece), note=_after(piece),
        target=f"{piece.ref.path}/{piece.ref.id}", calls=tuple(calls), parts=piece.notes,
    )  # fmt: skip


def _before(piece: Piece) -> str:
    return ", ".join(f"{name}={value}" for name, value in piece.now)


def _after(piece: Piece) -> str:
    """What becomes of it, in short: the requests themselves stand below it in the plan."""
    now = dict(piece.now)
    changes = [
        f"{name} {_short(now.get(name, '-'))} > {_short(str(value))}"
        for each in piece.requests
        if each.method == "PATCH" and "<" not in each.path
        for name, value in each.values
    ]
    made = {"POST": _("new in {list}"), "DELETE": _("deleted from {list}")}
    others = [
        made[each.method].format(list=each.list) for each in piece.requests if each.method in made
    ]
    return ", ".join((*changes, *dict.fromkeys(others)))


def _short(value: str) -> str:
    """A number as people write it: NetBox has processors as 8.0."""
    return value.removesuffix(".0")


def _lab(facts: MendFacts) -> tuple[list[Step], list[Left]]:
    left: list[Left] = [(key, _("it does not differ any more")) for key in facts.gone]
    deeds: dict[tuple[str, ...], Deed] = {}
    for item in facts.items:
        if not item.deeds:
            left.append((item.about.name, _("only NetBox can be changed for it")))
        for deed in item.deeds:
            if deed.blockers:
                left.append((deed.label, "; ".join(deed.blockers)))
            else:
                deeds[deed.keys] = deed
    steps = [
        Step(
            ",".join(deed.keys), deed.label, LAB, source=deed.action, target=deed.choice,
            calls=deed.calls, parts=deed.warnings,
        )
        for deed in deeds.values()
    ]  # fmt: skip
    return steps, list(dict.fromkeys(left))


def _facts(steps: Sequence[Step], left: Iterable[Left]) -> Iterable[Fact]:
    for step in steps:
        yield Fact(step.label, step.note if step.way == RECORD else title_of(step.source))
    for name, why in left:
        yield Fact(_("left out"), f"{name}: {why}")


def _confirm(facts: MendFacts, steps: Sequence[Step]) -> str:
    """What is typed before anything is deleted: a name, or how many."""
    gone = [step for step in steps if any(call.method == "DELETE" for call in step.calls)]
    if not gone or steps[0].way == LAB:
        return ""
    return facts.items[0].about.name if len(facts.items) == 1 else str(len(gone))


def _stamps(facts: MendFacts, steps: Sequence[Step]) -> tuple[tuple[str, str], ...]:
    """When each record that is changed was saved last."""
    known = {
        f"{piece.ref.path}/{piece.ref.id}": piece.stamp
        for item in facts.items
        for piece in item.pieces
        if piece.stamp
    }
    return tuple((step.target, known[step.target]) for step in steps if step.target in known)
