"""Leases edited and cards requested over the demo's cluster: nothing else of the notes changes."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from labtui.actions.action import Action, Outcome, Plan
from labtui.actions.cards.paper_action import EDIT_LEASE, REQUEST, WITHDRAW
from labtui.model.leases import request_key, requests_in
from labtui.model.leases_held import assignments
from tests.actions.cards.hand_wire import HandWire, hand_wire
from tests.actions.stage_wire import LAB

NOTES = "# Lab\n\nRing the bell twice.\n"
CARD = f"{LAB}/pve1/0000:01:00.0"


@pytest.fixture(params=["9.2", "8.4"])
async def wire(request: pytest.FixtureRequest) -> AsyncIterator[HandWire]:
    async with hand_wire(request.param) as made:
        made.stage.guest("gpu-dora").config["description"] = NOTES
        _center(made)["description"] = NOTES
        await made.look(hardware=True)
        yield made


def _center(wire: HandWire) -> dict[str, object]:
    return wire.stage.world.works.datacenter.options


async def _plan(wire: HandWire, action: Action, subject: str, **answers: str) -> Plan:
    await wire.look(hardware=True)
    facts = await action.survey(subject, wire)
    for name, value in answers.items():
        assert action.answer is not None
        facts = action.answer(facts, name, value)
    return action.draft(facts, "", "")


async def _do(wire: HandWire, action: Action, subject: str, **answers: str) -> Outcome:
    plan = await _plan(wire, action, subject, **answers)
    assert plan.ready, (plan.blockers, plan.inputs)
    return await action.run(plan, wire, lambda _news: None)


def _row(wire: HandWire) -> str:
    return next(r.key for r in assignments(wire.snapshot).rows if r.guest.name == "gpu-dora")


async def test_a_lease_is_made_changed_and_ended(wire: HandWire) -> None:
    dora = wire.stage.guest("gpu-dora")
    outcome = await _do(wire, EDIT_LEASE, _row(wire), owner="dora", until="2030-01-01")
    assert outcome.state == "done", outcome.note
    line, *rest = str(dora.config["description"]).split("\n", 1)
    assert line.endswith("cards=hostpci0,hostpci1")
    assert rest == [NOTES]
    await wire.look(hardware=True)
    assert (await _do(wire, EDIT_LEASE, _row(wire), purpose="a paper")).state == "done"
    assert "purpose=a paper" in str(dora.config["description"])
    await wire.look(hardware=True)
    fields = {"owner": "", "until": "", "purpose": "", "project": ""}
    assert (await _do(wire, EDIT_LEASE, _row(wire), **fields)).state == "done"
    assert dora.config["description"] == NOTES


async def test_mistakes_of_a_lease_are_said_at_their_field(wire: HandWire) -> None:
    plan = await _plan(wire, EDIT_LEASE, _row(wire), until="soon", purpose="a;b")
    problems = {item.id: item.problem for item in plan.inputs if item.problem}
    assert set(problems) == {"owner", "until", "purpose"}
    assert not plan.ready


async def test_notes_that_somebody_changed_meanwhile_are_not_written_over(wire: HandWire) -> None:
    plan = await _plan(wire, EDIT_LEASE, _row(wire), owner="dora")
    dora = wire.stage.guest("gpu-dora")
    dora.config["description"] = "of somebody else\n"
    outcome = await EDIT_LEASE.run(plan, wire, lambda _news: None)
    assert outcome.state == "failed"
    assert dora.config["description"] == "of somebody else\n"


async def test_a_request_is_added_and_withdrawn(wire: HandWire) -> None:
    outcome = await _do(wire, REQUEST, CARD, owner="ben", until="2030-01-01")
    assert outcome.state == "done", outcome.note
    notes = str(_center(wire)["description"])
    assert notes.endswith(NOTES)
    (request,), broken = requests_in(notes)
    assert (request.owner, request.want, broken) == ("ben", "1 RTX 4090", ())
    assert (await _do(wire, WITHDRAW, request_key(LAB, request))).state == "done"
    assert _center(wire)["description"] == NOTES


async def test_two_who_ask_at_once_do_not_lose_one(wire: HandWire) -> None:
    plan = await _plan(wire, REQUEST, CARD, owner="ben")
    await _do(wire, REQUEST, CARD, owner="amy")
    outcome = await REQUEST.run(plan, wire, lambda _news: None)
    assert "somebody has changed the notes meanwhile" in outcome.note
    assert [each.owner for each in requests_in(str(_center(wire)["description"]))[0]] == ["amy"]


async def test_a_lost_answer_is_looked_up(wire: HandWire) -> None:
    plan = await _plan(wire, REQUEST, CARD, owner="ben")
    wire.lose_next_answer = True
    assert (await REQUEST.run(plan, wire, lambda _news: None)).state == "done"
