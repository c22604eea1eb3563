"""Parts of cards (mdev) handed over end to end over the demo's cluster, on both releases."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labtui.actions.action import Outcome, Plan
from labtui.actions.cards.action import GIVE, HAND_BACK, TAKE
from labtui.actions.cards.parts import Kind, kinds_in
from labtui.actions.mappings.action import MAP_CARD
from labtui.model.claims import Card, card_table
from labtui.model.leases_held import assignments
from tests.actions.cards.hand_wire import HandWire, hand_wire
from tests.actions.stage_wire import LAB
from tests.demo.cluster_api import PASSWORD

CARD = f"{LAB}/pve2/0000:41:00.0"
SIX, TWELVE = "nvidia-661", "nvidia-663"


async def _look(wire: HandWire) -> None:
    wire.stage.wait(12)
    await wire.look(hardware=True)


async def _mapped(wire: HandWire, name: str = "vgpu", card: str = CARD) -> None:
    """A mapping of the card, made by the action."""
    facts = await MAP_CARD.survey(card, wire)
    assert MAP_CARD.answer is not None
    plan = MAP_CARD.draft(MAP_CARD.answer(facts, "name", name), "", "")
    assert plan.ready, plan.blockers
    outcome = await MAP_CARD.run(plan, wire, lambda _news: None)
    assert outcome.state == "done", outcome.note
    await _look(wire)


async def _plan(wire: HandWire, to: str, card: str = CARD, **answers: str) -> Plan:
    facts = await GIVE.survey(card, wire)
    assert GIVE.answer is not None
    for name, value in answers.items():
        facts = GIVE.answer(facts, name, value)
    return GIVE.draft(facts, wire.key(to), "")


async def _go(wire: HandWire, plan: Plan) -> Outcome:
    assert plan.ready, (plan.blockers, plan.inputs)
    outcome = await GIVE.run(plan, wire, lambda _news: None)
    await _look(wire)
    return outcome


def _card(wire: HandWire) -> Card:
    return next(card for card in card_table(wire.snapshot).cards if card.key == CARD)


@pytest.mark.parametrize("version", ["9.2", "8.4"])
async def test_a_part_is_given_its_guest_sees_it_and_it_is_handed_back(version: str) -> None:
    async with hand_wire(version) as wire:
        await _mapped(wire)
        row = wire.stage.state.mappings["vgpu"]
        assert row.mdev
        assert "path=0000:41:00.0," in f"{row.lines[0]},", "of one function, not of the slot"
        plan = await _plan(wire, "db-01", part=SIX, owner="dora", until="2030-01-01")
        assert any(f"hostpci0: - > mapping=vgpu,mdev={SIX}" in fact.text for fact in plan.facts)
        assert any("4 left on 0000:41:00" in fact.text for fact in plan.facts)
        outcome = await _go(wire, plan)
        assert outcome.state == "done", outcome.note
        assert "it sees 1 NVIDIA" in outcome.note
        db = wire.stage.guest("db-01")
        assert db.parts == (("0000:41:00.0", SIX),)
        card = _card(wire)
        assert (card.state, [claim.mdev for claim in card.claims]) == ("used", [SIX])
        lease = next(r for r in assignments(wire.snapshot).rows if r.lease is not None)
        back = HAND_BACK.draft(await HAND_BACK.survey(lease.key, wire), "", "")
        outcome = await _go(wire, back)
        assert outcome.state == "done", outcome.note
        assert not any(key.startswith("hostpci") for key in db.config)
        assert _card(wire).state == "free"


async def test_one_card_serves_several_until_none_is_left() -> None:
    async with hand_wire() as wire:
        await _mapped(wire)
        for guest in ("db-01", "ci-runner"):
            outcome = await _go(wire, await _plan(wire, guest, part=TWELVE))
            assert outcome.state == "done", outcome.note
        assert _card(wire).state == "used", "parts beside one another are no conflict"
        # Of a divided card a part is meant; of the same kind there is none left.
        plan = await _plan(wire, "build-cache", part=TWELVE)
        assert plan.blockers == (f"0000:41:00 has no {TWELVE} left",)
        # The driver offers parts of one kind at a time.
        plan = await _plan(wire, "build-cache", part=SIX)
        assert plan.blockers == (f"0000:41:00 has no {SIX} left",)


async def test_whole_and_parts_of_one_card_do_not_mix() -> None:
    async with hand_wire() as wire:
        await _mapped(wire)
        await _go(wire, await _plan(wire, "db-01", part=SIX))
        # As a whole it is taken from all who have parts of it, in the same plan.
        plan = await _plan(wire, "ci-runner", part="whole")
        assert plan.ready, plan.blockers
        db, runner = wire.stage.guest("db-01"), wire.stage.guest("ci-runner")
        outcome = await _go(wire, plan)
        assert outcome.state == "done", outcome.note
        assert (db.parts, runner.devices) == ((), ("0000:41:00.0",))
        assert not any(key.startswith("hostpci") for key in db.config)
        # Whoever has the whole can't have a part besides; the driver offers none now.
        facts = await GIVE.survey(CARD, wire)
        assert facts.kinds.of[CARD] == ()
        # A part for the one who has it all, were it offered: the card is taken away first.
        db.config["hostpci0"] = f"0000:41:00.0,mdev={SIX}"
        db.touch()
        runner.set_running(running=False, now=wire.stage.state.now)
        await _look(wire)
        plan = await _plan(wire, "ci-runner", part=SIX)
        assert any("as a whole: take that away first" in text for text in plan.blockers)
        plan = await _plan(wire, "db-01", part="whole")
        assert any("has a part of 0000:41:00: take" in text for text in plan.blockers)


async def test_a_running_guest_with_the_whole_clashes_with_one_that_has_a_part() -> None:
    async with hand_wire() as wire:
        await _mapped(wire)
        await _go(wire, await _plan(wire, "db-01", part=SIX))
        wire.stage.guest("ci-runner").config["hostpci0"] = "0000:41:00.0"
        wire.stage.guest("ci-runner").touch()
        await _look(wire)
        assert _card(wire).state == "clash"


async def test_of_which_card_of_a_pool_a_part_is_nobody_tells() -> None:
    async with hand_wire() as wire:
        await _mapped(wire)
        await _mapped(wire, card=CARD.replace("41", "42"))
        await _go(wire, await _plan(wire, "db-01", part=SIX))
        plan = await _plan(wire, "ci-runner", part="whole")
        assert any("of which is not told" in text for text in plan.blockers)
        take = TAKE.draft(await TAKE.survey(CARD, wire), "", "")
        assert any("of which is not told" in text for text in take.blockers)
        # Of the one guest that is named it can be taken, whichever it was.
        assert (await _plan(wire, "ci-runner", part=SIX)).ready
        row = next(r for r in assignments(wire.snapshot).rows if r.guest.name == "db-01")
        back = HAND_BACK.draft(await HAND_BACK.survey(row.key, wire), "", "")
        outcome = await _go(wire, back)
        assert outcome.state == "done", outcome.note
        assert not any(key.startswith("hostpci") for key in wire.stage.guest("db-01").config)


async def test_a_part_that_somebody_else_took_meanwhile_leaves_all_as_it_was() -> None:
    async with hand_wire() as wire:
        await _mapped(wire)
        before, ran = wire.configs(), wire.running()
        plan = await _plan(wire, "db-01", part=SIX)
        wire.stage.guest("ci-runner").parts = (("0000:41:00.0", TWELVE),)
        outcome = await GIVE.run(plan, wire, lambda _news: None)
        assert outcome.state == "failed"
        assert "everything is as it was before" in outcome.note
        assert (wire.configs(), wire.running()) == (before, ran)


async def test_who_is_off_and_wants_the_last_one_is_told_of() -> None:
    async with hand_wire() as wire:
        await _mapped(wire)
        await _go(wire, await _plan(wire, "db-01", part=TWELVE))
        off = wire.stage.guest("ci-runner")
        off.set_running(running=False, now=wire.stage.state.now)
        off.config["hostpci0"] = f"mapping=vgpu,mdev={TWELVE}"
        off.touch()
        await _look(wire)
        plan = await _plan(wire, "build-cache", part=TWELVE)
        assert plan.ready
        assert any("off now, and in want of one" in text for text in plan.warnings)


async def test_it_goes_by_address_for_root_with_its_function() -> None:
    async with hand_wire() as wire:
        await wire.sign_in("root@pam", PASSWORD)
        await _look(wire)
        outcome = await _go(wire, await _plan(wire, "db-01", part=SIX))
        assert outcome.state == "done", outcome.note
        db = wire.stage.guest("db-01")
        assert str(db.config["hostpci0"]).startswith(f"0000:41:00.0,mdev={SIX}")
        assert db.parts == (("0000:41:00.0", SIX),)


async def test_a_live_capable_mapping_says_that_it_moves_live() -> None:
    async with hand_wire() as wire:
        await _mapped(wire)
        assert "while it is off" in _moving(await _plan(wire, "db-01", part=SIX))
        made = wire.stage.state.mappings["vgpu"]
        wire.stage.state.mappings["vgpu"] = replace(made, live=True)
        await _look(wire)
        assert "moves live too" in _moving(await _plan(wire, "db-01", part=SIX))


def _moving(plan: Plan) -> str:
    return next(fact.text for fact in plan.facts if fact.label == "moving")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(("type", "available", "name", "description")) | st.text(max_size=4),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@given(_JSON)
def test_whatever_the_server_says_of_parts_is_read_or_left_out(told: object) -> None:
    for kind in kinds_in(told):
        assert kind.id
        assert kind.left >= 0
        assert not re.search(r"[,;=\s\x00-\x1f]", kind.id), "it goes into a property string"


def test_the_rows_of_the_server_are_read() -> None:
    rows = [
        {"type": "nvidia-35", "available": 4, "description": "x", "name": "GRID T4-4Q"},
        {"type": "i915-GVTg_V5_4", "available": 0, "description": "low_gm_size: 128MB\n"},
        {"type": "", "available": 1},
        {"available": 1},
        "rubbish",
    ]
    assert kinds_in(rows) == (
        Kind("nvidia-35", 4, "GRID T4-4Q"),
        Kind("i915-GVTg_V5_4", 0, "low_gm_size: 128MB"),
    )
