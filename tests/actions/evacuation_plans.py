"""Plans of an evacuation over a cluster in memory, and what they say of each guest."""

from __future__ import annotations

from typing import Any

from labtui.actions.action import Plan
from labtui.actions.evacuation.draft import draft
from labtui.actions.evacuation.survey import leaving
from labtui.model.guests import Guest
from tests.actions.fake_cluster import FakeCluster

PINNED = {"mapped-resource-info": {"hostpci0": {"name": "rtx"}}}


async def planned(
    *guests: Guest, mode: str = "", choice: str = "", **more: Any
) -> tuple[Plan, FakeCluster]:
    answers = more.pop("answers", {})
    cluster = FakeCluster(*guests, **more)
    cluster.answers = answers
    facts = await leaving("lab/pve1", cluster)
    return draft(facts, choice, mode), cluster


def goes(plan: Plan) -> dict[str, tuple[str, str]]:
    return {s.subject.split("/")[1]: (s.way, s.target) for s in plan.steps if s.target}


def stays(plan: Plan) -> dict[str, str]:
    return {s.subject.split("/")[1]: s.note for s in plan.steps if not s.target}
