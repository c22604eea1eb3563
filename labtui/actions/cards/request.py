"""Requests of cards: lines in the notes of the datacenter, added and taken out.

They stand where every administrator sees them, in the cluster and in its web page (Datacenter,
Notes). The API has no digest there, so the notes are read right before and right after each write.
"""

from __future__ import annotations

import msgspec

from labtui.actions import interlock
from labtui.actions.action import (
    Call,
    Fact,
    Input,
    Outcome,
    Plan,
    Report,
    Right,
    Scope,
    Wire,
    subjects,
)
from labtui.actions.cards.facts import cards_of
from labtui.actions.cards.fields import wrong
from labtui.actions.interlock import Standing
from labtui.actions.task_run import reason
from labtui.locale import N_, _
from labtui.model.card_places import parse_wish
from labtui.model.devices import short_model
from labtui.model.errors import LabError, NotFound
from labtui.model.leases import Request, day_of, exchanged, line_of, request_key, requests_in
from labtui.model.snapshot import Snapshot

ASK, WITHDRAW = "gpu.request", "request.withdraw"
PATH = "/cluster/options"
_MOST = 65_536
_FIELDS = (
    ("owner", N_("who")),
    ("want", N_("what")),
    ("since", N_("from")),
    ("until", N_("until")),
    ("project", N_("project")),
    ("purpose", N_("what for")),
)


class RequestFacts(msgspec.Struct, frozen=True):
    """The notes as they are now, what is filled in, and the request that goes, if one does."""

    subject: str
    cluster: str
    read_at: float
    notes: str
    standing: Standing
    answers: dict[str, str] = {}
    gone: Request | None = None


def scope(subject: str, snapshot: Snapshot) -> Scope:
    """The notes of the cluster, for which Sys.Modify on / is needed."""
    del snapshot
    cluster = subject.partition("/")[0]
    return Scope(cluster, _("the notes of {name}").format(name=cluster), (), (), (_RIGHT,))


_RIGHT = Right("Sys.Modify", "/")


async def survey(subject: str, wire: Wire) -> RequestFacts:
    """For cards that somebody wants such ones of. Raises `NotFound`, `LabError`."""
    cards = cards_of(subject, wire.snapshot)
    if not cards:
        raise NotFound(_("card not found"), where=subject)
    model = short_model(cards[0].device.model)
    facts = await _facts(subject, wire)
    now = wire.now()
    answers = {"want": f"{len(cards)} {model}", "since": day_of(now)}
    return msgspec.structs.replace(facts, answers=answers)


async def survey_gone(subject: str, wire: Wire) -> RequestFacts:
    """For a request that is withdrawn. Raises `NotFound`, `LabError`."""
    facts = await _facts(subject, wire)
    wanted = subjects(subject)[0]
    gone = next(
        (r for r in requests_in(facts.notes)[0] if request_key(facts.cluster, r) == wanted), None
    )
    if gone is None:
        raise NotFound(_("that request is not there any more"), where=facts.cluster)
    return msgspec.structs.replace(facts, gone=gone)


async def _facts(subject: str, wire: Wire) -> RequestFacts:
    cluster = subject.partition("/")[0]
    standing = await interlock.look(scope(subject, wire.snapshot), wire)
    return RequestFacts(subject, cluster, wire.now(), await _notes(cluster, wire), standing)


async def _notes(cluster: str, wire: Wire) -> str:
    told = await wire.read(cluster, PATH)
    return str(told.get("description") or "") if isinstance(told, dict) else ""


def answer(facts: RequestFacts, name: str, value: str) -> RequestFacts:
    """The facts with another value for a field."""
    return msgspec.structs.replace(facts, answers={**facts.answers, name: value})


def draft(facts: RequestFacts, choice: str, mode: str) -> Plan:
    """The plan with what is filled in."""
    inputs = () if facts.gone is not None else tuple(_inputs(facts))
    new = None
    if facts.gone is None and not any(item.problem for item in inputs):
        new = Request(**{name: facts.answers.get(name, "").strip() for name, _label in _FIELDS})
    entry = facts.gone or new
    notes = exchanged(facts.notes, facts.gone, new) if entry is not None else facts.notes
    blockers = list(facts.standing.blockers)
    if len(notes) > _MOST:
        blockers.append(_("the notes are full"))
    call = Call(
        facts.cluster,
        "PUT",
        PATH,
        (("description", notes),) if notes.strip() else (("delete", "description"),),
    )
    title = _("Withdraw a request") if facts.gone is not None else _("Request cards")
    return Plan(
        action=WITHDRAW if facts.gone is not None else ASK,
        subject=facts.subject,
        title=title,
        made_at=facts.read_at,
        facts=(Fact(_("line"), line_of(entry)),) if entry is not None else (),
        calls=(call,) if notes != facts.notes else (),
        blockers=tuple(blockers),
        warnings=facts.standing.warnings,
        stands_on=(("notes", facts.notes),),
        inputs=inputs,
    )


def _inputs(facts: RequestFacts) -> list[Input]:
    found = []
    for name, label in _FIELDS:
        value = facts.answers.get(name, "")
        problem = wrong(name, value)
        if name == "owner" and not value.strip():
            problem = _("who wants it?")
        if name == "want" and parse_wish(value) is None:
            problem = _("like 2 RTX 4090")
        found.append(Input(name, _(label), value, "text", problem=problem))
    since, until = (facts.answers.get(name, "").strip() for name in ("since", "until"))
    if since and until and since > until:
        found[3] = msgspec.structs.replace(found[3], problem=_("before it begins"))
    return found


async def run(plan: Plan, wire: Wire, report: Report) -> Outcome:
    """One write, if nobody has written meanwhile; then it is read."""
    call = plan.calls[0]
    wanted = str(dict(call.params).get("description", ""))
    why = ""
    try:
        if await _notes(call.source, wire) != dict(plan.stands_on)["notes"]:
            return Outcome("failed", _("somebody has changed the notes meanwhile: plan again"))
        try:
            await wire.call(call)
        except LabError as error:
            why = reason(error)
        found = await _notes(call.source, wire)
    except LabError as error:
        return Outcome("unknown", why or reason(error))
    if found.rstrip("\n") == wanted.rstrip("\n"):
        return Outcome("done", _("written"))
    if found.rstrip("\n") == dict(plan.stands_on)["notes"].rstrip("\n"):
        return Outcome("failed", why or _("it was not taken"))
    return Outcome("unknown", _("somebody has written at the same time: look at the notes"))
