"""Several marked guests moved by one plan, over the demo's cluster."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from labtui.actions.action import Plan
from labtui.actions.migration.action import MIGRATE
from tests.actions.stage_wire import StageWire, stage_wire

MARKED = ("web-01", "web-02", "db-01", "gpu-amy", "jump")


@pytest.fixture(params=["9.2", "8.4"])
async def wire(request: pytest.FixtureRequest) -> AsyncIterator[StageWire]:
    async with stage_wire(request.param) as made:
        yield made


class Looking(StageWire):
    """A wire whose snapshot is as fresh as its clock, as the feeds keep it."""

    def __init__(self, inner: StageWire) -> None:
        super().__init__(inner.stage)
        self.snapshot = inner.snapshot
        self._read_at = self.now()

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds)
        if self.now() - self._read_at >= 5:
            self._read_at = self.now()
            await self.look()


def goes(plan: Plan) -> dict[str, str]:
    return {step.label.split()[1]: step.target for step in plan.steps if step.target}


async def test_one_plan_has_a_place_for_each(wire: StageWire) -> None:
    plan = await wire.plan(MIGRATE, *MARKED)
    assert plan.title == "Migrate 5 guests"
    assert set(goes(plan)) == {"web-01", "web-02", "db-01", "jump"}
    assert goes(plan)["db-01"] != "pve2"
    stays = {step.label: step.note for step in plan.steps if not step.target}
    assert "tie it to pve1" in stays["104 gpu-amy"]
    assert plan.modes == ("all", "unbroken")
    unbroken = await wire.plan(MIGRATE, *MARKED, mode="unbroken")
    assert "jump" not in goes(unbroken)


async def test_all_to_one_node_and_who_is_there_stays(wire: StageWire) -> None:
    plan = await wire.plan(MIGRATE, "web-01", "db-01", choice="pve2")
    assert goes(plan) == {"web-01": "pve2"}
    assert [s.note for s in plan.steps if not s.target] == ["it is there already"]


async def test_a_guest_of_another_cluster_can_not_be_in_it(wire: StageWire) -> None:
    facts = await MIGRATE.survey(f"{wire.key('web-01')},other/1", wire)
    plan = MIGRATE.draft(facts, "", "")
    assert any("several clusters" in text for text in plan.blockers)


async def test_it_is_carried_out_by_waves(wire: StageWire) -> None:
    looking = Looking(wire)
    plan = await looking.plan(MIGRATE, "web-01", "web-02", "db-01", "jump")
    outcome, news = await looking.run(MIGRATE, plan)
    assert outcome.state == "done", outcome.note
    assert outcome.note == "4 of 4 moved"
    for name, target in goes(plan).items():
        assert wire.stage.guest(name).node == target
        assert wire.stage.guest(name).running
    assert any(each.book for each in news)
    moves = [call for call in looking.calls if call.path.endswith("/migrate")]
    assert len(moves) == 4
