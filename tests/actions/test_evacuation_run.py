"""The run of an evacuation over a cluster in memory: killed at every moment, paused, stopped."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

import msgspec
import pytest

from labtui.actions.action import Outcome, Plan, Progress
from labtui.actions.evacuation.action import EVACUATE, RETURN
from labtui.actions.evacuation.draft import draft
from labtui.actions.evacuation.order import Limits
from labtui.actions.evacuation.run import run
from labtui.actions.evacuation.survey import interrupted, leaving, pending
from tests.actions.fake_cluster import FakeCluster, Killed
from tests.snapshots import guest

PINNED = {"mapped-resource-info": {"hostpci0": {"name": "nic"}}}
GO = (101, 102, 103, 104, 105, 108)
TIED = {"local_resources": ["hostpci0"]}


def lab(**more: Any) -> FakeCluster:
    """Three live ones, a container, two that have to be stopped, one that is tied to its node."""
    return FakeCluster(
        guest(101, ha_state="started"),
        guest(102),
        guest(103),
        guest(104, kind="lxc"),
        guest(105),
        guest(106),
        guest(107, status="stopped"),
        guest(108, ha_state="started"),
        guest(201, "pve2"),
        checks={105: PINNED, 106: TIED, 108: PINNED},
        **more,
    )


async def plan_of(cluster: FakeCluster, mode: str = "", limit: int = 2) -> Plan:
    facts = await leaving("lab/pve1", cluster)
    return draft(facts, "", mode, Limits(limit, limit))


async def carried_out(cluster: FakeCluster, plan: Plan) -> tuple[Outcome, list[Progress]]:
    news: list[Progress] = []
    return await run(plan, cluster, news.append), news


def all_well(cluster: FakeCluster) -> list[str]:
    """What is not as it should be at the end."""
    wrong = []
    for vmid in GO:
        here = cluster.guests[vmid]
        if here.node == "pve1" or here.status != "running":
            wrong.append(f"{vmid} is {here.status} on {here.node}")
        paths = (f"/{vmid}/migrate", f":{vmid}/relocate")
        asked = sum(call.path.endswith(paths) for call in cluster.calls)
        if cluster.guests[vmid].ha_state and asked != 1:
            wrong.append(f"the HA manager was asked {asked} times")
        if len(cluster.migrations(vmid)) != 1:
            wrong.append(f"{vmid} was moved {len(cluster.migrations(vmid))} times")
    for vmid in (106, 107):
        if cluster.guests[vmid].node != "pve1" or cluster.migrations(vmid):
            wrong.append(f"{vmid} was moved")
    return wrong


async def test_everybody_leaves_who_can_and_the_rest_is_named() -> None:
    cluster = lab()
    outcome, _news = await carried_out(cluster, await plan_of(cluster))
    assert outcome.state == "done"
    assert outcome.note.startswith("6 of 6 moved; left: 106")
    assert "hostpci0" in outcome.note
    assert all_well(cluster) == []
    assert cluster.most_at_once == 2


async def test_no_more_go_at_a_time_than_the_limit() -> None:
    cluster = lab()
    await carried_out(cluster, await plan_of(cluster, limit=1))
    assert cluster.most_at_once == 1


async def _killed_at(moment: int) -> FakeCluster:
    """Kill the first console at that moment; the next ones take it up."""
    cluster = lab()
    cluster.die_at = moment
    try:
        await carried_out(cluster, await plan_of(cluster))
    except Killed:
        # Who is gone does not clean up: what the cluster does goes on.
        cluster.revive()
        cluster.time += 3
        await carried_out(cluster, await plan_of(cluster))
    return cluster


async def test_killed_at_every_moment_nobody_is_moved_twice_and_none_forgotten() -> None:
    whole = lab()
    await carried_out(whole, await plan_of(whole))
    assert whole.moments > 40
    for moment in range(1, whole.moments + 1):
        cluster = await _killed_at(moment)
        assert all_well(cluster) == [], moment


async def test_killed_twice_in_a_row() -> None:
    for first in range(3, 60, 7):
        cluster = lab()
        for die_at in (first, 5, 9):
            cluster.die_at = cluster.moments + die_at
            try:
                await carried_out(cluster, await plan_of(cluster))
                break
            except Killed:
                cluster.revive()
                cluster.time += 2
        else:
            await carried_out(cluster, await plan_of(cluster))
        assert all_well(cluster) == [], first


async def test_the_plan_after_a_kill_says_what_has_moved_and_what_is_left() -> None:
    cluster = lab()
    cluster.die_at = 30
    with pytest.raises(Killed):
        await carried_out(cluster, await plan_of(cluster))
    cluster.revive()
    plan = await plan_of(cluster)
    assert plan.book
    assert plan.title == "Go on: Empty pve1"
    assert plan.facts[0].text.endswith("of 6")
    record = await interrupted("lab/pve1", cluster)
    assert record is not None
    assert [str(call) for call in plan.calls][-1].startswith("POST /")
    alone = draft(await pending(record, cluster), "", "")
    assert (alone.book, alone.modes) == (plan.book, ("resume",))
    # It can be planned anew as well, which leaves that journal alone.
    assert plan.modes == ("resume", "running", "all", "unbroken")
    anew = await plan_of(cluster, "running")
    assert not anew.book
    assert {step.subject for step in anew.steps if step.target} <= {f"lab/{v}" for v in GO}


async def test_a_new_plan_names_whom_the_interrupted_one_has_shut_down() -> None:
    cluster = lab()
    plan = await plan_of(cluster, limit=1)
    for moment in range(2, 200):
        cluster = lab()
        cluster.die_at = moment
        with pytest.raises(Killed):
            await carried_out(cluster, plan)
        cluster.revive()
        cluster.time += 60
        await cluster.sleep(0)
        if cluster.guests[105].status == "stopped":
            break
    anew = await plan_of(cluster, "running")
    assert any("105" in text and "interrupted" in text for text in anew.warnings)


async def test_a_lost_answer_is_looked_up_and_not_sent_again() -> None:
    cluster = lab()
    cluster.lost = {101, 102, 103}
    outcome, _news = await carried_out(cluster, await plan_of(cluster))
    assert outcome.state == "done"
    assert all_well(cluster) == []


async def test_one_that_fails_is_named_and_can_be_tried_again() -> None:
    cluster = lab()
    cluster.fail = {102}
    plan = await plan_of(cluster)
    outcome, _news = await carried_out(cluster, plan)
    assert outcome.state == "failed"
    assert "102" in outcome.note
    assert "migration aborted" in outcome.note
    cluster.fail = set()
    again = msgspec.structs.replace(plan, book=next(iter(cluster.books)))
    outcome, _news = await carried_out(cluster, again)
    assert outcome.state == "done"
    assert all_well(cluster) == []


async def test_who_was_shut_down_for_it_and_does_not_move_runs_again() -> None:
    cluster = lab()
    cluster.fail = {105}
    plan = await plan_of(cluster)
    original = cluster._take

    def take(call: Any) -> str:
        if not call.path.endswith("105/migrate"):
            cluster.fail = set()
        else:
            cluster.fail = {105}
        return original(call)

    cluster._take = take  # type: ignore[method-assign]
    outcome, _news = await carried_out(cluster, plan)
    assert outcome.state == "failed"
    assert "started again where it was" in outcome.note
    assert (cluster.guests[105].node, cluster.guests[105].status) == ("pve1", "running")


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
