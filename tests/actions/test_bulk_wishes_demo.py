"""What a person sets in a plan for several guests: storages, a limit, CD images, also resumed."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from labtui.actions.action import Plan
from labtui.actions.evacuation.book import Header, Record
from labtui.actions.evacuation.run import header_of
from labtui.actions.evacuation.survey import pending
from labtui.actions.evacuation.wishes import taken_up
from labtui.actions.migration.action import MIGRATE
from tests.actions.stage_wire import StageWire, stage_wire
from tests.actions.test_bulk_demo import Looking

NAMES = ("build-cache", "web-01")


@pytest.fixture(params=["9.2", "8.4"])
async def wire(request: pytest.FixtureRequest) -> AsyncIterator[StageWire]:
    async with stage_wire(request.param) as made:
        yield made


def moves(plan: Plan) -> dict[str, dict[str, str | int]]:
    """The parameters of the migration of each guest, by its number."""
    return {c.path.split("/")[4]: dict(c.params) for c in plan.calls if c.path.endswith("migrate")}


def value(plan: Plan, name: str) -> str:
    return next(item.value for item in plan.inputs if item.id == name)


async def test_a_storage_and_a_limit_are_for_all_of_them(wire: StageWire) -> None:
    plan = await wire.plan(MIGRATE, *NAMES)
    assert value(plan, "storage.local-lvm") == "-"
    assert all("bwlimit" not in params for params in moves(plan).values())
    options = next(i.options for i in plan.inputs if i.id == "storage.local-lvm")
    other = next(o for o in options if o not in ("-", "local-lvm"))
    answers = {"storage.local-lvm": other, "limit": "50"}
    plan = await wire.plan(MIGRATE, *NAMES, **answers)
    told = moves(plan)
    assert {params["bwlimit"] for params in told.values()} == {50 * 1024}
    assert told["114"]["targetstorage"] == f"local-lvm:{other}"
    assert "targetstorage" not in told["110"]
    header = header_of(plan, 0.0)
    assert header.wishes["storage.local-lvm"] == other
    assert header.wishes["limit"] == "50"
    facts = taken_up(await MIGRATE.survey(wire.key("build-cache"), wire), header.wishes)
    assert dict(MIGRATE.draft(facts, "", "").calls[-1].params)["bwlimit"] == 50 * 1024


async def test_a_wish_that_can_not_be_is_told_and_nobody_goes_elsewhere(wire: StageWire) -> None:
    plan = await wire.plan(MIGRATE, *NAMES, **{"storage.local-lvm": "nowhere", "limit": "fast"})
    assert not plan.ready
    problems = {item.id: item.problem for item in plan.inputs if item.problem}
    assert problems["limit"] == "a number of MiB/s"
    assert "no such storage" in problems["storage.local-lvm"]
    stays = {step.label: step.note for step in plan.steps if not step.target}
    assert "nowhere is not there for it, or has no room" in stays["114 build-cache"]


async def test_cd_images_are_ejected_first_where_that_is_wanted(wire: StageWire) -> None:
    names = ("win-license", "web-01")
    plan = await wire.plan(MIGRATE, *names)
    assert any("eject it" in step.note for step in plan.steps if not step.target)
    assert value(plan, "eject") == "0"
    looking = Looking(wire)
    plan = await looking.plan(MIGRATE, *names, eject="1")
    assert [c.method for c in plan.calls if c.path.endswith("/config")] == ["PUT"]
    outcome, _news = await looking.run(MIGRATE, plan)
    assert outcome.state == "done", outcome.note
    assert outcome.note.startswith("2 of 2 moved")
    assert str(wire.stage.guest("win-license").config["ide2"]).startswith("none")


async def test_what_was_set_is_told_when_it_is_gone_on_with(wire: StageWire) -> None:
    plan = await wire.plan(MIGRATE, *NAMES, limit="50")
    made = header_of(plan, 0.0)
    facts = await pending(Record(made), wire)
    told = [fact.text for fact in MIGRATE.draft(facts, "", "").facts]
    assert "limit=50" in " ".join(told)


def test_journals_of_before_have_no_wishes() -> None:
    assert Header("abcdef", 0.0, "node.evacuate", "lab/pve1", "Empty pve1", ()).wishes == {}
