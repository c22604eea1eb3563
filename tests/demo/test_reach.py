"""What the console reaches, and that the cluster falls apart as its sites do."""

from __future__ import annotations

import pytest

from labtui.demo.listeners import Mode
from tests.demo.whole_stage import WholeStage


def online(stage: WholeStage) -> set[str]:
    return {name for name, node in stage.lab.cluster.state.nodes.items() if node.online}


async def cut_off(stage: WholeStage) -> None:
    await stage.lab.break_("link-cut", "2")
    await stage.lab.break_("link-cut", "5")


async def test_a_site_without_tunnels_leaves_the_cluster_and_comes_back() -> None:
    stage = WholeStage()
    await cut_off(stage)
    await stage.wait(20)
    assert online(stage) == {"pve1", "pve2", "pve3"}
    assert stage.lab.reach.without("pve4", "inside") is Mode.BLACKHOLE
    assert stage.lab.reach.without("rt-702", "inside") is Mode.BLACKHOLE
    assert stage.lab.reach.without("rt-702", "outside") is None
    assert stage.lab.reach.without("pve3", "inside") is None
    await stage.lab.mend_all()
    await stage.wait(120)
    assert online(stage) == {"pve1", "pve2", "pve3", "pve4"}
    assert stage.unwell() == []


@pytest.mark.parametrize("first", ["partition", "cut"])
@pytest.mark.parametrize("ends_first", ["partition", "cut"])
async def test_a_cut_holds_until_the_last_reason_is_gone(first: str, ends_first: str) -> None:
    stage = WholeStage()
    if first == "cut":
        await cut_off(stage)
        await stage.wait(20)
    await stage.lab.break_("node-partition", "pve4")
    await stage.wait(20)
    if first == "partition":
        await cut_off(stage)
        await stage.wait(20)
    assert online(stage) == {"pve1", "pve2", "pve3"}
    await stage.lab.mend("node-partition" if ends_first == "partition" else "link-cut")
    await stage.wait(150)
    assert online(stage) == {"pve1", "pve2", "pve3"}
    await stage.lab.mend_all()
    await stage.wait(240)
    assert stage.unwell() == []


async def test_one_lost_tunnel_is_gone_round_after_the_hold_timer() -> None:
    stage = WholeStage()
    await stage.lab.break_("link-cut", "2")
    await stage.wait(20)
    assert not stage.lab.reach.site("702")
    await stage.wait(240)
    assert stage.lab.reach.site("702")
    assert "pve4" in online(stage)


async def test_netbox_is_a_guest_and_goes_where_it_goes() -> None:
    stage = WholeStage()
    assert stage.lab.reach.without("netbox", "inside") is None
    await stage.lab.break_("node-power-off", "pve1")
    assert stage.lab.reach.without("netbox", "inside") is Mode.DEAD
    await stage.wait(240)
    assert stage.lab.reach.without("netbox", "inside") is None
    assert stage.lab.cluster.state.guests[101].node != "pve1"


async def test_a_node_that_boots_refuses() -> None:
    stage = WholeStage()
    await stage.lab.power("pve4", on=False)
    assert stage.lab.reach.without("pve4", "inside") is Mode.DEAD
    await stage.wait(20)
    await stage.lab.power("pve4", on=True)
    assert stage.lab.reach.without("pve4", "inside") is Mode.REFUSE
    assert stage.lab.reach.without("ssh:pve4", "inside") is Mode.REFUSE


async def test_looking_changes_nothing() -> None:
    one, other = WholeStage(), WholeStage()
    for stage in (one, other):
        await stage.lab.break_("link-loss", "1", percent=40)
    for _ in range(50):
        one.lab.reach.tell_cluster()
    await one.wait(60)
    await other.wait(60)
    router = one.lab.overlay.routers["rt-836"], other.lab.overlay.routers["rt-836"]
    assert one.lab.overlay.probe(router[0], "10.121.251.1") == other.lab.overlay.probe(
        router[1], "10.121.251.1"
    )
