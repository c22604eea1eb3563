"""A hand-over end to end over the demo's cluster, with a fault at each step."""

from __future__ import annotations

import pytest

from labtui.actions.action import Outcome, Plan
from labtui.actions.cards.action import GIVE, HAND_BACK, TAKE
from labtui.actions.cards.resume import draft, facts_of_book
from labtui.model.leases_held import assignments
from tests.actions.cards.hand_wire import FAULTS, HandWire, Killed, hand_wire
from tests.actions.stage_wire import LAB

VERSIONS = ("9.2", "8.4")
STEPS = 5
"""Calls of the plan: dora off, dora written, web-02 written, web-02 on, dora on."""


async def _go(wire: HandWire, plan: Plan) -> Outcome:
    assert plan.ready, (plan.blockers, plan.inputs)
    return await GIVE.run(plan, wire, lambda _news: None)


async def _plan(wire: HandWire, **answers: str) -> Plan:
    given = {"owner": "amy", "until": "2030-01-01", **answers}
    return await wire.hand_plan("41:00", "42:00", to="web-02", **given)


@pytest.mark.parametrize("version", VERSIONS)
async def test_two_guests_two_cards_one_server_in_one_plan(version: str) -> None:
    async with hand_wire(version) as wire:
        plan = await _plan(wire)
        assert len(plan.calls) == STEPS
        outcome = await _go(wire, plan)
        assert outcome.state == "done", outcome.note
        assert "it sees 2 NVIDIA" in outcome.note
        dora, web = wire.stage.guest("gpu-dora"), wire.stage.guest("web-02")
        assert dora.running
        assert not any(key.startswith("hostpci") for key in dora.config)
        assert web.running
        assert len(web.devices) == 2
        first, *rest = str(web.config["description"]).splitlines()
        assert first.startswith("labtui lease: owner=amy; until=2030-01-01")
        assert rest == ["owner: Ben Lin <ben@lab.example>"]
        # And back again by its lease: the notes are those of before, to the byte.
        wire.stage.wait(12)
        await wire.look(hardware=True)
        row = next(r for r in assignments(wire.snapshot).rows if r.lease is not None)
        facts = await HAND_BACK.survey(row.key, wire)
        back = HAND_BACK.draft(facts, "", "")
        outcome = await _go(wire, back)
        assert outcome.state == "done", outcome.note
        assert web.config["description"] == "owner: Ben Lin <ben@lab.example>"
        assert not any(key.startswith("hostpci") for key in web.config)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("step", range(STEPS))
async def test_no_guest_is_left_half_configured(step: int, fault: str) -> None:
    async with hand_wire() as wire:
        before, ran = wire.configs(), wire.running()
        plan = await _plan(wire)
        wire.calls.clear()
        wire.at, wire.fault = step, fault
        try:
            outcome = await _go(wire, plan)
        except Killed:
            # The next console goes on from the journal.
            book = next(iter(wire.books))
            again = draft(await facts_of_book(book, wire), "")
            outcome = await _go(wire, again)
        whole = _whole(wire)
        assert whole or wire.configs() == before, (outcome, wire.configs())
        if whole:
            # What comes after the receiver has its cards takes nothing back.
            assert outcome.state == ("failed" if fault in ("refused", "lost") else "done")
            assert wire.stage.guest("web-02").running
        else:
            assert outcome.state == "failed"
            assert "everything is as it was before" in outcome.note
            assert wire.running() == ran
        assert whole == (fault in ("unheard", "killed") or step == STEPS - 1)


def _whole(wire: HandWire) -> bool:
    dora, web = wire.stage.guest("gpu-dora"), wire.stage.guest("web-02")
    lines = [sum(key.startswith("hostpci") for key in guest.config) for guest in (dora, web)]
    return lines == [0, 2] and "labtui lease" in str(web.config["description"])


@pytest.mark.parametrize("step", range(STEPS - 1))
async def test_one_that_was_cut_off_can_be_taken_back(step: int) -> None:
    async with hand_wire() as wire:
        before, ran = wire.configs(), wire.running()
        plan = await _plan(wire)
        wire.calls.clear()
        wire.at, wire.fault = step, "killed"
        with pytest.raises(Killed):
            await _go(wire, plan)
        facts = await facts_of_book(next(iter(wire.books)), wire)
        outcome = await _go(wire, draft(facts, "back"))
        assert "everything is as it was before" in outcome.note
        assert (wire.configs(), wire.running()) == (before, ran)


async def test_a_receiver_that_does_not_start_leaves_all_as_it_was() -> None:
    async with hand_wire() as wire:
        before, ran = wire.configs(), wire.running()
        plan = await _plan(wire)
        # Somebody else takes a card between the plan and the start: dora can't have it back either.
        ben = wire.stage.guest("gpu-ben")
        ben.devices = ("0000:41:00.0",)
        outcome = await _go(wire, plan)
        assert outcome.state == "unknown"
        assert outcome.note.count("could not find a free device") == 2
        assert wire.configs() == before
        # It stays open, so that it can be taken back when the card is free again.
        ben.devices = ()
        facts = await facts_of_book(next(iter(wire.books)), wire)
        outcome = await _go(wire, draft(facts, "back"))
        assert "everything is as it was before" in outcome.note
        assert (wire.configs(), wire.running()) == (before, ran)


async def test_later_waits_in_both_and_is_taken_back_from_both() -> None:
    async with hand_wire() as wire:
        before = wire.configs()
        plan = await _plan(wire, way="later")
        assert [call.method for call in plan.calls] == ["PUT", "PUT"]
        wire.calls.clear()
        wire.at, wire.fault = 1, "refused"
        outcome = await _go(wire, plan)
        assert "everything is as it was before" in outcome.note
        assert wire.configs() == before
        wire.at = -1
        outcome = await _go(wire, await _plan(wire, way="later"))
        assert outcome.state == "done"
        dora = wire.stage.guest("gpu-dora")
        assert dora.running
        assert dora.pending == {"hostpci0": "", "hostpci1": ""}


async def test_somebody_who_writes_meanwhile_is_not_overwritten() -> None:
    async with hand_wire() as wire:
        plan = await _plan(wire)
        web = wire.stage.guest("web-02")
        web.config["cores"] = 7
        web.touch()
        before, ran = wire.configs(), wire.running()
        outcome = await _go(wire, plan)
        assert "somebody has changed it since the plan was made" in outcome.note
        assert (wire.configs(), wire.running()) == (before, ran)


async def test_a_stop_between_the_steps_takes_it_back() -> None:
    async with hand_wire() as wire:
        before = wire.configs()
        plan = await _plan(wire)

        def stop(news: object) -> None:
            for book in wire.books.values():
                if any(entry.event == "end" for entry in book.entries):
                    book.wanted = "stop"

        outcome = await GIVE.run(plan, wire, stop)
        assert outcome.note == "stopped; everything is as it was before"
        assert wire.configs() == before


async def test_what_is_for_root_alone_is_said_before() -> None:
    async with hand_wire() as wire:
        plan = await wire.hand_plan("02:00", to="gpu-ben")
        assert any("for root@pam alone" in text for text in plan.blockers)
        facts = await TAKE.survey(f"{LAB}/pve1/0000:02:00.0", wire)
        assert any("for root@pam alone" in text for text in TAKE.draft(facts, "", "").blockers)


async def test_what_waits_for_a_restart_is_not_written_over() -> None:
    async with hand_wire() as wire:
        wire.stage.guest("gpu-dora").pending["cores"] = 3
        plan = await _plan(wire)
        assert any("cores=3 waits for a restart" in text for text in plan.blockers)
