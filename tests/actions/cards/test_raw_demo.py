"""Cards by their address, handed over as root@pam over the demo's cluster, with every fault."""

from __future__ import annotations

import pytest

from labtui.actions.cards.action import GIVE, TAKE
from labtui.actions.cards.resume import draft, facts_of_book
from labtui.model.cluster import Rights
from labtui.model.snapshot import Snapshot
from tests.actions.cards.hand_wire import FAULTS, HandWire, Killed, hand_wire
from tests.actions.stage_wire import LAB
from tests.demo.cluster_api import PASSWORD

STEPS = 4
"""Calls of the plan: amy off, amy written, ben on, amy on; ben names the card already."""


async def _root(wire: HandWire) -> None:
    await wire.sign_in("root@pam", PASSWORD)
    wire.stage.guest("gpu-ben").config["agent"] = "1"
    wire.stage.guest("gpu-ben").touch()
    await wire.look(hardware=True)


@pytest.mark.parametrize("version", ["9.2", "8.4"])
async def test_one_of_two_cards_of_a_line_goes_to_another_guest(version: str) -> None:
    async with hand_wire(version) as wire:
        await _root(wire)
        plan = await wire.hand_plan("02:00", to="gpu-ben")
        assert plan.ready, plan.blockers
        assert len(plan.calls) == STEPS
        outcome = await GIVE.run(plan, wire, lambda _news: None)
        assert outcome.state == "done", outcome.note
        assert "it sees 1 NVIDIA" in outcome.note
        amy, ben = wire.stage.guest("gpu-amy"), wire.stage.guest("gpu-ben")
        assert amy.config["hostpci0"] == "0000:01:00,pcie=1", "the other card stays in its line"
        assert set(amy.devices) == {"0000:01:00.0", "0000:01:00.1"}
        assert set(ben.devices) == {"0000:02:00.0", "0000:02:00.1"}
        assert (amy.running, ben.running) == (True, True)


async def test_a_free_card_is_given_by_address_and_taken_away_again() -> None:
    async with hand_wire() as wire:
        await _root(wire)
        subject = f"{LAB}/pve2/0000:41:00.0"
        plan = GIVE.draft(await GIVE.survey(subject, wire), wire.key("db-01"), "")
        outcome = await GIVE.run(plan, wire, lambda _news: None)
        assert outcome.state == "done", outcome.note
        db = wire.stage.guest("db-01")
        assert str(db.config["hostpci0"]).startswith("0000:41:00")
        wire.stage.wait(12)
        await wire.look(hardware=True)
        plan = TAKE.draft(await TAKE.survey(subject, wire), "", "")
        outcome = await TAKE.run(plan, wire, lambda _news: None)
        assert outcome.state == "done", outcome.note
        assert not any(key.startswith("hostpci") for key in db.config)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("step", range(STEPS))
async def test_no_guest_is_left_half_configured(step: int, fault: str) -> None:
    async with hand_wire() as wire:
        await _root(wire)
        before, ran = wire.configs(), wire.running()
        plan = await wire.hand_plan("02:00", to="gpu-ben")
        wire.calls.clear()
        wire.at, wire.fault = step, fault
        try:
            outcome = await GIVE.run(plan, wire, lambda _news: None)
        except Killed:
            again = draft(await facts_of_book(next(iter(wire.books)), wire), "")
            outcome = await GIVE.run(again, wire, lambda _news: None)
        amy, ben = wire.stage.guest("gpu-amy"), wire.stage.guest("gpu-ben")
        whole = amy.config["hostpci0"] == "0000:01:00,pcie=1" and ben.running
        assert whole == (fault in ("unheard", "killed") or step == STEPS - 1), outcome
        if not whole:
            assert "everything is as it was before" in outcome.note
            assert (wire.configs(), wire.running()) == (before, ran)


async def test_a_token_of_root_is_not_root() -> None:
    async with hand_wire() as wire:
        await wire.look(hardware=True)
        wire.user = "root@pam!console"
        plan = await wire.hand_plan("02:00", to="gpu-ben")
        assert any("for root@pam alone" in text for text in plan.blockers)


async def test_a_server_that_refuses_after_all_leaves_everything_as_it_was() -> None:
    """Where the rights were not read, the plan goes through and the server says no."""
    async with hand_wire() as wire:
        await wire.look(hardware=True)
        before, ran = wire.configs(), wire.running()
        parts = {f: p for f, p in wire.snapshot.parts.items() if not isinstance(p, Rights)}
        known = wire.snapshot
        wire.snapshot = Snapshot(parts=parts, freshness=known.freshness)
        subject = f"{LAB}/pve1/0000:02:00.0"
        plan = GIVE.draft(await GIVE.survey(subject, wire), wire.key("gpu-ben"), "")
        assert plan.ready, plan.blockers
        outcome = await GIVE.run(plan, wire, lambda _news: None)
        assert outcome.state == "failed"
        assert "can be set by root@pam only" in outcome.note
        assert "everything is as it was before" in outcome.note
        assert (wire.configs(), wire.running()) == (before, ran)
