"""Mappings over the demo's cluster of both releases: made, added to, mended, deleted, refused."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from labtui.actions.action import Action, Plan
from labtui.actions.mappings.action import DELETE_MAPPING, MAP_CARD, MEND_MAPPING
from tests.actions.stage_wire import LAB, StageWire, stage_wire


@pytest.fixture(params=["9.2", "8.4"])
async def wire(request: pytest.FixtureRequest) -> AsyncIterator[StageWire]:
    async with stage_wire(request.param) as made:
        await made.look(hardware=True)
        yield made


async def plan(wire: StageWire, action: Action, subject: str, **answers: str) -> Plan:
    await wire.look(hardware=True)
    facts = await action.survey(subject, wire)
    for name, value in answers.items():
        assert action.answer is not None
        facts = action.answer(facts, name, value)
    return action.draft(facts, "", "")


def a_card(wire: StageWire, node: str) -> str:
    """The key of the first card of that node."""
    devices = wire.stage.state.nodes[node].devices
    device = next(d for d in devices if d.vendor == "0x10de" and d.pci_class[:4] == "0x03")
    return f"{LAB}/{node}/{device.id}"


async def test_a_mapping_is_made_of_a_card_and_fits(wire: StageWire) -> None:
    made = await plan(wire, MAP_CARD, a_card(wire, "pve1"), name="two")
    assert made.ready, made.blockers
    assert [call.method for call in made.calls] == ["POST"]
    assert dict(made.calls[0].params)["id"] == "two"
    outcome, _news = await wire.run(MAP_CARD, made)
    assert outcome.note == "mapping two fits on all its nodes"
    assert "two" in wire.stage.state.mappings


async def test_a_card_of_another_node_is_added_with_every_line_and_the_digest(
    wire: StageWire,
) -> None:
    before = wire.stage.state.mappings["a100"].lines
    made = await plan(wire, MAP_CARD, a_card(wire, "pve1"), name="a100", slot="0")
    assert any("another model" in text for text in made.warnings)
    params = made.calls[0].params
    assert made.calls[0].method == "PUT"
    assert [value for name, value in params if name == "map"][:-1] == list(before)
    assert dict(params)["digest"] == wire.stage.state.mapping_digest
    outcome, _news = await wire.run(MAP_CARD, made)
    assert outcome.state == "done", outcome.note
    assert len(wire.stage.state.mappings["a100"].lines) == len(before) + 1
    again = await plan(wire, MAP_CARD, a_card(wire, "pve1"), name="a100", slot="0")
    assert again.inputs[0].problem == "this card is in it already"
    assert not again.ready


async def test_a_mapping_is_mended_after_the_groups_were_numbered_anew(wire: StageWire) -> None:
    state = wire.stage.state
    node = next(entry[0] for entry in state.mappings["a100"].lab.entries)
    old = state.nodes[node]
    old.devices = tuple(replace(d, iommu_group=d.iommu_group + 40) for d in old.devices)
    made = await plan(wire, MEND_MAPPING, f"{LAB}/a100")
    assert made.ready, (made.blockers, made.inputs)
    assert any("use it" in text for text in made.warnings)
    outcome, _news = await wire.run(MEND_MAPPING, made)
    assert outcome.note == "mapping a100 fits on all its nodes"
    await wire.look(hardware=True)
    assert MEND_MAPPING.applies(f"{LAB}/a100", wire.snapshot)


async def test_what_leaves_a_doubt_is_kept_until_a_person_says(wire: StageWire) -> None:
    state = wire.stage.state
    node = next(entry[0] for entry in state.mappings["a100"].lab.entries)
    place = state.mappings["a100"].lab.entries[0][1]
    first = place if "." in place else f"{place}.0"
    old = state.nodes[node]
    old.devices = tuple(replace(d, device="0xffff") if d.id == first else d for d in old.devices)
    made = await plan(wire, MEND_MAPPING, f"{LAB}/a100")
    item = made.inputs[0]
    assert (item.value, made.calls) == ("keep", ())
    assert set(item.options) >= {"keep", "drop", place}
    chosen = await plan(wire, MEND_MAPPING, f"{LAB}/a100", entry0=place)
    assert "id=10de:ffff" in str(chosen.calls[0].params[0][1])


async def test_only_what_nobody_uses_is_deleted_and_after_its_name(wire: StageWire) -> None:
    refused = await plan(wire, DELETE_MAPPING, f"{LAB}/a100")
    assert any("llm-a100" in text and "use it" in text for text in refused.blockers)
    await wire.run(MAP_CARD, await plan(wire, MAP_CARD, a_card(wire, "pve1"), name="spare"))
    made = await plan(wire, DELETE_MAPPING, f"{LAB}/spare")
    assert (made.confirm, made.blockers) == ("spare", ())
    outcome, _news = await wire.run(DELETE_MAPPING, made)
    assert outcome.note == "mapping spare is gone"
    assert "spare" not in wire.stage.state.mappings


async def test_a_lost_answer_is_looked_up_and_nothing_is_sent_twice(wire: StageWire) -> None:
    made = await plan(wire, MAP_CARD, a_card(wire, "pve1"), name="lost")
    wire.lose_next_answer = True
    outcome, _news = await wire.run(MAP_CARD, made)
    assert outcome.state == "done"
    assert len(wire.calls) == 1


async def test_mappings_that_changed_meanwhile_are_not_overwritten(wire: StageWire) -> None:
    made = await plan(wire, MAP_CARD, a_card(wire, "pve1"), name="late")
    await wire.run(MAP_CARD, await plan(wire, MAP_CARD, a_card(wire, "pve1"), name="other"))
    outcome, _news = await wire.run(MAP_CARD, made)
    assert (outcome.state, len(wire.calls)) == ("failed", 1)
    assert "changed meanwhile" in outcome.note


@pytest.mark.parametrize("name", ["", "1x", "a b", "x"])
async def test_names_that_the_server_would_refuse(wire: StageWire, name: str) -> None:
    made = await plan(wire, MAP_CARD, a_card(wire, "pve1"), name=name)
    assert made.inputs[0].problem
    assert made.calls == ()
