"""A lease changed, made or ended by itself: one line of a guest's notes, and nothing else."""

from __future__ import annotations

from typing import Any

import msgspec

from labtui.actions.action import Fact, Outcome, Plan, Report, Step, Wire
from labtui.actions.cards.changes import change_of
from labtui.actions.cards.facts import OPTIONS, Party, path_of
from labtui.actions.cards.fields import lease_inputs, lease_of_answers
from labtui.actions.cards.steps import write_step
from labtui.actions.cards.write import write
from labtui.actions.guest_facts import look_at
from labtui.actions.task_run import reason
from labtui.locale import _
from labtui.model.errors import LabError, NotFound
from labtui.model.leases import Lease, exchanged, leases_in, line_of
from labtui.model.leases_held import Assignment, assignments
from labtui.model.owners import registry

EDIT = "lease.edit"


class LeaseFacts(msgspec.Struct, frozen=True):
    """The guest, what its notes say now, and what was filled in."""

    key: str
    party: Party
    read_at: float
    lease: Lease | None = None
    lines: tuple[str, ...] = ()
    answers: dict[str, str] = {}


async def survey(subject: str, wire: Wire) -> LeaseFacts:
    """Of an assignment. Raises `NotFound`, `LabError`."""
    row = _row(subject, wire)
    found = (await look_at(row.guest.key, wire, OPTIONS, config=False, pending=True))[0]
    owned = registry(wire.snapshot).of_guest(row.guest)
    config: dict[str, Any] = {}
    if not found.blockers:
        told = await wire.read(row.guest.cluster, f"{path_of(row.guest)}/config")
        config = told if isinstance(told, dict) else {}
    party = Party(found, config, tenant=owned.record.tenant if owned else "")
    written = leases_in(str(config.get("description") or ""))[0]
    lease = row.lease if row.lease in written else None
    if config and row.lease is not None and lease is None:
        why = _("somebody has changed the lease meanwhile")
        raise NotFound(why, where=row.guest.label, remedy=_("press r to read again"))
    taken = {card for each in written for card in each.cards}
    lines = {
        f"hostpci{claim.line}"
        for card in row.cards
        for claim in card.claims
        if claim.guest.key == row.guest.key
    }
    answers = {} if lease is None else _answers(lease)
    return LeaseFacts(subject, party, wire.now(), lease, tuple(sorted(lines - taken)), answers)


def _row(subject: str, wire: Wire) -> Assignment:
    parts = subject.split(",")
    row = next((r for r in assignments(wire.snapshot).rows if r.key in parts), None)
    if row is None:
        raise NotFound(_("lease not found"), where=subject, remedy=_("press r to read again"))
    return row


def _answers(lease: Lease) -> dict[str, str]:
    names = ("owner", "until", "project", "purpose")
    return {name: getattr(lease, name) for name in names}


def answer(facts: LeaseFacts, name: str, value: str) -> LeaseFacts:
    """The facts with another value for a field."""
    return msgspec.structs.replace(facts, answers={**facts.answers, name: value})


def draft(facts: LeaseFacts, choice: str, mode: str) -> Plan:
    """The plan with the values as they are now; without an owner the lease goes."""
    guest, notes = facts.party.guest, str(facts.party.config.get("description") or "")
    new = lease_of_answers(facts.answers, facts.read_at)
    if new is not None:
        since = facts.lease.since if facts.lease is not None else new.since
        cards = facts.lease.cards if facts.lease is not None else facts.lines
        new = msgspec.structs.replace(new, since=since, cards=cards)
    inputs = tuple(lease_inputs(facts.answers, facts.read_at, facts.party.tenant))
    change = None
    if not any(item.problem for item in inputs):
        written = exchanged(notes, facts.lease, new)
        change = change_of(facts.party, {"description": written}, gives=False)
    blockers = [*facts.party.subject.blockers, facts.party.subject.lock_text]
    steps = (write_step(change, later=False),) if change is not None else ()
    told = [Fact(_("now"), line_of(facts.lease) if facts.lease else _("no lease"))]
    if change is not None:
        told.append(Fact(_("then"), line_of(new) if new else _("no lease; the cards stay its")))
    return Plan(
        action=EDIT,
        # By the guest too, so that nobody else works on it meanwhile.
        subject=f"{facts.key},{guest.key}",
        title=_("Lease of {guest}").format(guest=guest.label),
        made_at=facts.read_at,
        facts=tuple(told),
        calls=tuple(step.calls[0] for step in steps),
        blockers=tuple(text for text in blockers if text),
        warnings=facts.party.subject.warnings,
        inputs=inputs,
        steps=steps,
    )


async def run(plan: Plan, wire: Wire, report: Report) -> Outcome:
    """One write, looked at before and after."""

    async def sends() -> None:
        """One call needs no journal: what became of it is read."""

    try:
        outcome = await write(_step(plan), wire, sends)
    except LabError as error:
        return Outcome("unknown", reason(error))
    return Outcome("done", _("the lease is written")) if outcome.state == "done" else outcome


def _step(plan: Plan) -> Step:
    return plan.steps[0]
