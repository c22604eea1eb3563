"""Editing, cloning, templates and deleting against the demo's cluster, as 9.2 and 8.4 answer."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from labtui.actions.edit.action import EDIT
from labtui.actions.life.action import CLONE, DELETE, TEMPLATE
from labtui.actions.power.action import REBOOT, SHUTDOWN
from labtui.actions.snapshots.action import SNAPSHOT
from tests.actions.stage_wire import StageWire, stage_wire


@pytest.fixture(params=["9.2", "8.4"])
async def wire(request: pytest.FixtureRequest) -> AsyncIterator[StageWire]:
    async with stage_wire(request.param) as made:
        yield made


@pytest.mark.parametrize("name", ["web-01", "mirror"])
async def test_an_edit_sends_what_has_changed_and_no_more(wire: StageWire, name: str) -> None:
    guest = wire.stage.guest(name)
    plan = await wire.plan(EDIT, name, tags="course spring", onboot="0", description="a\\nb")
    assert [key for key, _value in plan.calls[0].params] == [
        "description",
        "tags",
        "onboot",
        "digest",
    ]
    outcome, _news = await wire.run(EDIT, plan)
    assert (outcome.state, outcome.note) == ("done", "changed")
    assert (guest.config["tags"], guest.config["description"]) == ("course;spring", "a\nb")


async def test_what_waits_for_a_restart_is_said_and_comes_with_it(wire: StageWire) -> None:
    guest = wire.stage.guest("web-01")
    outcome = await wire.do(EDIT, "web-01", cores="6", memory="8192")
    assert outcome.note == "changed; after a restart: cores=6, memory=8192"
    wire.stage.wait(12)
    plan = await wire.plan(REBOOT, "web-01")
    assert ("applies", "cores=6, memory=8192") in [(f.label, f.text) for f in plan.facts]
    assert (await wire.run(REBOOT, plan))[0].state == "done"
    assert int(guest.config["cores"]) == 6


async def test_an_edit_on_top_of_anothers_is_refused(wire: StageWire) -> None:
    plan = await wire.plan(EDIT, "web-01", tags="mine")
    wire.stage.guest("web-01").config["tags"] = "theirs"
    outcome, _news = await wire.run(EDIT, plan)
    assert outcome.state == "failed"
    assert "somebody else changed it" in outcome.note


async def test_a_lost_answer_of_an_edit_is_looked_up(wire: StageWire) -> None:
    plan = await wire.plan(EDIT, "web-01", tags="mine")
    wire.lose_next_answer = True
    outcome, _news = await wire.run(EDIT, plan)
    assert (outcome.state, len(wire.calls)) == ("done", 1)


@pytest.mark.parametrize(
    ("answers", "word"),
    [
        ({"cores": "0"}, "a number from 1 on"),
        ({"cores": "999"}, "has 64 only"),
        ({"memory": "lots"}, "a number of MiB"),
        ({"tags": "ok not/ok"}, "no tag: not/ok"),
    ],
)
async def test_values_that_will_not_do(wire: StageWire, answers: dict[str, str], word: str) -> None:
    plan = await wire.plan(EDIT, "web-01", **answers)
    assert not plan.ready
    assert any(word in item.problem for item in plan.inputs)


async def test_a_guest_goes_after_all_that_kept_it(wire: StageWire) -> None:
    vmid = wire.stage.guest("web-01").vmid
    await wire.do(SNAPSHOT, "web-01", name="old")
    wire.stage.wait(12)
    await wire.do(EDIT, "web-01", protection="1")
    wire.stage.wait(12)
    plan = await wire.plan(DELETE, "web-01")
    assert [text.split(":")[0] for text in plan.blockers] == ["it runs", "it is protected"]
    assert plan.confirm == "web-01"
    assert any("its 1 snapshots go with it" in text for text in plan.warnings)
    await wire.do(SHUTDOWN, "web-01")
    wire.stage.wait(12)
    await wire.do(EDIT, "web-01", protection="0")
    wire.stage.wait(12)
    outcome = await wire.do(DELETE, "web-01")
    assert outcome.note == "it is gone"
    assert vmid not in wire.stage.state.guests


async def test_a_guest_of_ha_goes_with_its_references_only(wire: StageWire) -> None:
    await wire.do(SHUTDOWN, "gw-836")
    wire.stage.wait(25)
    plan = await wire.plan(DELETE, "gw-836")
    assert any("HA looks after it" in text for text in plan.blockers)
    assert (await wire.do(DELETE, "gw-836", mode="purge")).note == "it is gone"


@pytest.mark.parametrize(("name", "mode"), [("web-01", ""), ("tmpl-debian", "linked")])
async def test_a_clone_is_there_at_the_end(wire: StageWire, name: str, mode: str) -> None:
    if name == "tmpl-debian":
        name = next(g.name for g in wire.stage.state.guests.values() if g.template)
    outcome = await wire.do(CLONE, name, mode=mode, newid="9000", name="a-copy")
    assert outcome.note == "guest 9000 is there"
    assert wire.stage.guest("a-copy").vmid == 9000


async def test_numbers_and_names_of_a_clone(wire: StageWire) -> None:
    plan = await wire.plan(CLONE, "web-01", newid="110", name="not a name")
    problems = [item.problem for item in plan.inputs]
    assert problems == ["a guest has that number", "letters, digits and - only"]
    assert (await wire.plan(CLONE, "web-01")).ready
    assert not (await wire.plan(CLONE, "mirror")).ready


@pytest.mark.parametrize("name", ["web-01", "mirror"])
async def test_a_template_is_made_of_what_is_off(wire: StageWire, name: str) -> None:
    assert "it runs: shut it down first" in (await wire.plan(TEMPLATE, name)).blockers
    await wire.do(SHUTDOWN, name)
    wire.stage.wait(12)
    outcome = await wire.do(TEMPLATE, name)
    assert outcome.note == "it is a template"
    assert wire.stage.guest(name).template
