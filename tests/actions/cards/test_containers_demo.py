"""Containers that use cards by device nodes, seen by a hand-over over the demo's cluster."""

from __future__ import annotations

import pytest

from labtui.actions.cards.action import HAND_BACK, TAKE
from labtui.model.claims import Card, card_table
from labtui.model.leases_held import assignments
from tests.actions.cards.hand_wire import HandWire, hand_wire
from tests.actions.stage_wire import LAB


async def _use(wire: HandWire, *paths: str) -> None:
    """`jump`, a container of pve1, is let use these."""
    jump = wire.stage.guest("jump")
    jump.config.update({f"dev{number}": path for number, path in enumerate(paths)})
    jump.touch()
    wire.stage.wait(12)
    await wire.look(hardware=True)


def _cards(wire: HandWire) -> list[Card]:
    return [card for card in card_table(wire.snapshot).cards if card.device.node == "pve1"]


@pytest.mark.parametrize("version", ["9.2", "8.4"])
async def test_a_card_that_a_running_container_uses_is_not_taken_from_it(version: str) -> None:
    async with hand_wire(version) as wire:
        await _use(wire, *(f"/dev/nvidia{number},mode=0660" for number in range(4)))
        assert all(any(c.path for c in card.claims) for card in _cards(wire))
        # dora runs with two of them, amy with the others: the driver has lost them all.
        assert {card.state for card in _cards(wire)} == {"clash", "used"}
        plan = await wire.hand_plan("02:00", to="web-02")
        told = [text for text in plan.blockers if "take that line out of it first" in text]
        assert len(told) == 1
        assert "/dev/nvidia0" in told[0]
        jump = wire.stage.guest("jump")
        jump.set_running(running=False, now=wire.stage.state.now)
        await _use(wire)
        plan = await wire.hand_plan("02:00", to="web-02")
        assert not any("take that line out" in text for text in plan.blockers)


async def test_one_of_several_is_no_reason_against_a_hand_over() -> None:
    async with hand_wire() as wire:
        await _use(wire, "/dev/nvidia0")
        before = dict(wire.stage.guest("jump").config)
        plan = await wire.hand_plan("41:00", "42:00", to="web-02")
        assert plan.ready, plan.blockers
        outcome, _news = await wire.run(TAKE, plan)
        assert outcome.state == "done", outcome.note
        assert wire.stage.guest("jump").config == before, "nobody writes in a container"


async def test_nothing_is_handed_back_for_a_container() -> None:
    async with hand_wire() as wire:
        await _use(wire, *(f"/dev/nvidia{number}" for number in range(4)))
        key = f"{LAB}/{wire.stage.guest('jump').vmid}/-1"
        assert key in [row.key for row in assignments(wire.snapshot).rows]
        plan = HAND_BACK.draft(await HAND_BACK.survey(key, wire), "", "")
        assert not plan.ready
        assert "there is no line in a configuration that could be taken out" in plan.blockers
