"""The run of an evacuation over a cluster in memory: to its end, killed at every moment."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from labtui.actions.evacuation.draft import draft
from labtui.actions.evacuation.survey import interrupted, pending
from tests.actions.evacuation_lab import GO, all_well, carried_out, lab, plan_of
from tests.actions.fake_cluster import FakeCluster, Killed


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
