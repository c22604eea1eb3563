"""An evacuation that is stopped, paused or held up, and what others do meanwhile; the way back."""

from __future__ import annotations

import asyncio
import itertools

import msgspec

from labtui.actions.action import Outcome, Progress
from labtui.actions.evacuation.action import EVACUATE, RETURN
from labtui.actions.evacuation.run import run
from tests.actions.evacuation_lab import GO, all_well, carried_out, lab, plan_of
from tests.actions.fake_cluster import FakeCluster


async def _with_order(order: str, after: int) -> tuple[FakeCluster, Outcome, list[Progress]]:
    """Say that once so many have moved; a pause is ended by `go` some time later."""
    cluster = lab()
    plan = await plan_of(cluster, limit=1)
    news: list[Progress] = []
    job = asyncio.create_task(run(plan, cluster, news.append))
    said = 0.0
    for _turn in range(4000):
        await asyncio.sleep(0)
        book = next(iter(cluster.books.values()), None)
        moved = sum(g.node != "pve1" for g in cluster.guests.values()) - 1
        if book is not None and moved >= after and not said:
            book.wanted = order  # type: ignore[assignment]
            said = cluster.time
        if book is not None and said and order == "pause" and cluster.time > said + 60:
            book.wanted = ""
        if job.done():
            break
    return cluster, await job, news


async def test_stopped_after_the_present_ones() -> None:
    cluster, outcome, _news = await _with_order("stop", 2)
    assert outcome.state == "cancelled"
    moved = sum(bool(cluster.migrations(vmid)) for vmid in GO)
    assert 2 <= moved < 6
    assert "not begun" in outcome.note
    assert not any(guest.lock for guest in cluster.guests.values())


async def test_paused_and_gone_on_with() -> None:
    cluster, outcome, news = await _with_order("pause", 1)
    assert outcome.state == "done"
    assert any("paused" in (each.note or "") for each in news)
    assert all_well(cluster) == []
    begins = sorted(task.began for task in cluster.tasks if task.target)
    assert max(b - a for a, b in itertools.pairwise(begins)) > 50


async def test_nothing_begins_without_quorum_and_it_goes_on_when_that_is_back() -> None:
    cluster = lab()
    plan = await plan_of(cluster)
    cluster.quorate = False
    job = asyncio.create_task(run(plan, cluster, lambda news: None))
    began = cluster.time
    for _turn in range(2000):
        await asyncio.sleep(0)
        if cluster.time > began + 100 or job.done():
            break
    assert not any(call.path.endswith("migrate") for call in cluster.calls)
    cluster.quorate = True
    assert (await job).state == "done"
    assert all_well(cluster) == []


async def test_who_was_moved_by_somebody_else_meanwhile_is_left_there() -> None:
    cluster = lab()
    plan = await plan_of(cluster)
    step = next(step for step in plan.steps if step.subject == "lab/103")
    other = "pve3" if step.target == "pve2" else "pve2"
    cluster.guests[103] = msgspec.structs.replace(cluster.guests[103], node=other)
    outcome, _news = await carried_out(cluster, plan)
    assert outcome.state == "done"
    assert cluster.guests[103].node == other
    assert not cluster.migrations(103)


async def test_a_target_that_is_gone_is_replaced_by_another_that_was_planned() -> None:
    cluster = lab()
    plan = await plan_of(cluster)
    assert {step.target for step in plan.steps if step.target} == {"pve2", "pve3"}
    cluster.online["pve3"] = False
    outcome, _news = await carried_out(cluster, plan)
    assert outcome.state == "done"
    assert all(cluster.guests[vmid].node == "pve2" for vmid in GO)


async def test_the_way_back() -> None:
    cluster = lab()
    await carried_out(cluster, await plan_of(cluster))
    facts = await RETURN.survey("lab/pve1", cluster)
    plan = RETURN.draft(facts, "", "")
    assert {step.subject for step in plan.steps if step.target} == {f"lab/{vmid}" for vmid in GO}
    outcome = await RETURN.run(plan, cluster, lambda news: None)
    assert outcome.state == "done"
    assert all(guest.node == "pve1" for vmid, guest in cluster.guests.items() if vmid < 200)


async def test_in_the_app_it_is_stopped_by_the_key_that_cancels_jobs() -> None:
    cluster = lab()
    plan = await plan_of(cluster, limit=1)
    job = asyncio.create_task(run(plan, cluster, lambda news: None))
    for _turn in range(2000):
        await asyncio.sleep(0)
        if cluster.calls:
            break
    assert EVACUATE.cancel is not None
    await EVACUATE.cancel("lab/pve1", "", cluster)
    assert (await job).state == "cancelled"
