"""Several marked guests over a cluster in memory: killed on the way, taken up, stopped."""

from __future__ import annotations

import asyncio

from labtui.actions.action import Plan
from labtui.actions.evacuation.draft import draft
from labtui.actions.evacuation.survey import interrupted, pending_of, several
from labtui.actions.migration.action import MIGRATE
from tests.actions.fake_cluster import FakeCluster, Killed
from tests.snapshots import guest

MARKED = "lab/101,lab/102,lab/103,lab/104"
GO = (101, 102, 103, 104)


def lab() -> FakeCluster:
    """Two that run, one under HA, one that is off on another node; one that nobody marked."""
    return FakeCluster(
        guest(101, ha_state="started"),
        guest(102),
        guest(103),
        guest(104, "pve2", "stopped"),
        guest(105),
    )


async def plan_of(cluster: FakeCluster) -> Plan:
    return draft(await several(MARKED, cluster), "", "")


def wrong(cluster: FakeCluster) -> list[str]:
    """Who was not moved exactly once."""
    found = [
        f"{vmid}: {len(cluster.migrations(vmid))}"
        for vmid in (102, 103, 104)
        if len(cluster.migrations(vmid)) != 1
    ]
    found += [str(v) for v in (101, 102, 103) if cluster.guests[v].node == "pve1"]
    if cluster.guests[104].node == "pve2" or cluster.guests[105].node != "pve1":
        found.append("104 or 105")
    return found


async def test_those_that_are_marked_move_and_nobody_else() -> None:
    cluster = lab()
    plan = await plan_of(cluster)
    assert (plan.action, plan.subject) == ("guest.migrate", MARKED)
    assert (await MIGRATE.run(plan, cluster, lambda news: None)).state == "done"
    assert wrong(cluster) == []


async def test_killed_on_the_way_it_goes_on_where_it_was() -> None:
    whole = lab()
    await MIGRATE.run(await plan_of(whole), whole, lambda news: None)
    for moment in range(2, whole.moments + 1, 3):
        cluster = lab()
        cluster.die_at = moment
        try:
            await MIGRATE.run(await plan_of(cluster), cluster, lambda news: None)
        except Killed:
            cluster.revive()
            cluster.time += 3
            record = await interrupted(MARKED, cluster)
            if record is None:
                # Killed after its last line, or before its first.
                continue
            again = draft(await pending_of(record.id, cluster), "", "")
            assert again.book == record.id
            await MIGRATE.run(again, cluster, lambda news: None)
        assert wrong(cluster) == [], moment


async def test_it_is_stopped_after_the_present_ones() -> None:
    cluster = lab()
    job = asyncio.ensure_future(MIGRATE.run(await plan_of(cluster), cluster, lambda news: None))
    for _turn in range(2000):
        await asyncio.sleep(0)
        if cluster.calls:
            break
    assert MIGRATE.cancel is not None
    await MIGRATE.cancel(MARKED, "", cluster)
    assert (await job).state in ("cancelled", "done")
    assert len({v for v in GO if cluster.migrations(v)}) <= 3
