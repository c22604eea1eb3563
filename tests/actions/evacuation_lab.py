"""A node to be emptied in memory: who is on it, the plan, its run, and whether all went well."""

from __future__ import annotations

from typing import Any

from labtui.actions.action import Outcome, Plan, Progress
from labtui.actions.evacuation.draft import draft
from labtui.actions.evacuation.order import Limits
from labtui.actions.evacuation.run import run
from labtui.actions.evacuation.survey import leaving
from tests.actions.fake_cluster import FakeCluster
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
