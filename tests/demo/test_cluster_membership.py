"""Who sees whom: cuts, quorum, `pvecm expected`, and what the API of each side says."""

from __future__ import annotations

import pytest

from labtui.demo.cluster.membership import Membership
from labtui.demo.cluster.scheduler import Scheduler
from tests.demo.cluster_api import api_stage
from tests.demo.cluster_stage import ClusterStage

NODES = ["pve1", "pve2", "pve3", "pve4"]


def membership() -> tuple[Membership, Scheduler]:
    scheduler = Scheduler(1_000.0)
    return Membership(scheduler, NODES), scheduler


def test_cut_is_seen_by_both_sides_after_seven_seconds() -> None:
    found, scheduler = membership()
    found.split(["pve4"])
    scheduler.advance(1_006.0)
    assert found.online("pve1", "pve4")
    assert found.online("pve4", "pve1")
    scheduler.advance(1_008.0)
    assert found.view("pve1") == {"pve1", "pve2", "pve3"}
    assert found.view("pve4") == {"pve4"}
    assert found.quorate_at("pve1")
    assert not found.quorate_at("pve4")
    assert found.main == {"pve1", "pve2", "pve3"}


def test_mended_cut_is_one_membership_after_two_seconds() -> None:
    found, scheduler = membership()
    cut = found.split(["pve4"])
    scheduler.advance(1_100.0)
    found.mend(cut)
    assert found.connected("pve1", "pve4")
    scheduler.advance(1_103.0)
    assert found.view("pve4") == set(NODES)
    assert not found.parted


def test_two_cuts_make_three_sides_and_mend_one_by_one() -> None:
    found, scheduler = membership()
    first = found.split(["pve4"])
    second = found.split(["pve3", "pve4"])
    scheduler.advance(1_010.0)
    assert found.view("pve3") == {"pve3"}
    assert not found.connected("pve3", "pve4")
    found.mend(first)
    scheduler.advance(1_020.0)
    assert found.view("pve3") == {"pve3", "pve4"}
    assert not found.quorate_at("pve3")
    found.mend(second)
    scheduler.advance(1_030.0)
    assert found.view("pve1") == set(NODES)


def test_half_is_no_quorum_and_no_side_counts_more() -> None:
    found, scheduler = membership()
    found.split(["pve3", "pve4"])
    scheduler.advance(1_010.0)
    assert not any(found.quorate_at(name) for name in NODES)
    assert found.leader == "pve1"


def test_expected_votes_lift_the_quorum_but_not_what_is_told() -> None:
    found, scheduler = membership()
    found.leave("pve3")
    found.leave("pve4")
    scheduler.advance(1_010.0)
    assert not found.quorate
    found.set_expected("pve1", 2)
    assert found.quorate_at("pve1")
    assert not found.told_quorate("pve1")
    found.join("pve3")
    assert found.told_quorate("pve1")
    assert found.expected("pve1") == 4


def test_fewer_expected_votes_than_members_are_refused() -> None:
    found, _ = membership()
    with pytest.raises(ValueError, match="CS_ERR_INVALID_PARAM"):
        found.set_expected("pve1", 1)


def test_orderly_end_is_known_at_once() -> None:
    found, _ = membership()
    found.leave("pve2", orderly=True)
    assert found.view("pve1") == {"pve1", "pve3", "pve4"}


def test_figures_beyond_a_cut_stand_still_on_each_side() -> None:
    stage = ClusterStage()
    stage.wait(15.0)
    far, near = stage.guest("nas-702"), stage.guest("web-01")
    cut = stage.state.part(["pve4"])
    frozen = (far.figures, near.figures)
    stage.wait(60.0)
    assert stage.state.figures(far, "pve1") == frozen[0]
    assert stage.state.figures(near, "pve4") == frozen[1]
    live = stage.state.figures(far, "pve4")
    assert live is not None
    assert frozen[0] is not None
    assert live.at > frozen[0].at
    stage.wait(300.0)
    assert stage.state.figures(far, "pve1") is None
    assert stage.state.figures(far, "pve4") is not None
    stage.state.join_side(cut)
    assert stage.state.figures(far, "pve1") == far.figures


async def test_each_side_answers_by_its_own_view() -> None:
    async with api_stage() as stage:
        stage.wait(12.0)
        cut = stage.state.part(["pve4"])
        stage.wait(10.0)
        for node, quorate, seen in (("pve1", 1, 3), ("pve4", 0, 1)):
            rows = await stage.get("/cluster/status", node)
            assert next(r["quorate"] for r in rows if r["type"] == "cluster") == quorate
            assert sum(row.get("online", 0) for row in rows) == seen
            rows = await stage.get("/nodes", node)
            assert sum(row["status"] == "online" for row in rows) == seen
            rows = await stage.get("/cluster/resources", node, type="node")
            assert sum(row["status"] == "online" for row in rows) == seen
            ha = await stage.row("/cluster/ha/status/current", "type", "quorum", node)
            assert ha["quorate"] == quorate
        stage.state.join_side(cut)
        stage.wait(3.0)
        rows = await stage.get("/cluster/status", "pve4")
        assert sum(row.get("online", 0) for row in rows) == 4


async def test_calls_across_a_cut_end_in_595() -> None:
    async with api_stage() as stage:
        stage.state.part(["pve4"])
        reply = await stage.ask("/nodes/pve4/status")
        assert (reply.status, reply.reason, reply.body) == (595, "Connection timed out", b"")
        stage.wait(60.0)
        reply = await stage.ask("/nodes/pve1/status", via="pve4")
        assert (reply.status, reply.reason, reply.body) == (595, "No route to host", b"")
        assert (await stage.ask("/nodes/pve4/status", via="pve4")).status == 200


@pytest.mark.parametrize(
    ("mode", "status", "reason"),
    [
        ("refuse", 595, "Connection refused"),
        ("blackhole", 595, "Connection timed out"),
        ("hang", 596, "Connection timed out"),
        ("truncate", 597, "Unexpected end-of-file"),
        ("slow", 200, "OK"),
    ],
)
async def test_faults_of_a_server_are_seen_by_its_neighbours(
    mode: str, status: int, reason: str
) -> None:
    async with api_stage() as stage:
        stage.site.faults["pve2"] = mode
        reply = await stage.ask("/nodes/pve2/status")
        assert (reply.status, reply.reason) == (status, reason)
        assert (reply.body == b"") is (status != 200)


async def test_minority_refuses_what_it_would_have_to_write() -> None:
    async with api_stage() as stage:
        stage.state.part(["pve4"])
        stage.wait(10.0)
        guest = stage.guest("radeon")
        path = f"/nodes/pve4/qemu/{guest.vmid}"
        start = await stage.ask(f"{path}/status/start", "POST", via="pve4")
        assert (start.status, start.message) == (500, "cluster not ready - no quorum?")
        config = await stage.ask(f"{path}/config", "PUT", via="pve4", description="x")
        assert config.status == 500
        assert config.message.startswith(f"unable to open file '/etc/pve/{guest.config_path}.tmp.")
        assert config.message.endswith("' - Permission denied")
        job = await stage.ask(
            "/cluster/backup", "POST", via="pve4", all=1, schedule="03:00", storage="cephfs"
        )
        assert job.message == "cfs-lock 'file-jobs_cfg' error: no quorum!"
        made = await stage.ask(
            "/cluster/backup", "POST", via="pve1", all=1, schedule="03:00", storage="cephfs"
        )
        assert made.status == 200


async def test_what_only_ends_works_without_quorum() -> None:
    async with api_stage() as stage:
        stage.state.part(["pve4"])
        stage.wait(10.0)
        guest = stage.guest("nas-702")
        reply = await stage.ask(f"/nodes/pve4/qemu/{guest.vmid}/status/stop", "POST", via="pve4")
        assert reply.status == 200
        stage.until(lambda: not guest.running, limit=20.0)


async def test_expected_votes_reach_the_manager_before_the_status() -> None:
    async with api_stage() as stage:
        for name in ("pve2", "pve3", "pve4"):
            await stage.power(name, on=False)
        stage.wait(10.0)
        stage.state.membership.set_expected("pve1", 1)
        ha = await stage.row("/cluster/ha/status/current", "type", "quorum")
        assert (ha["quorate"], ha["status"]) == (1, "OK")
        cluster = await stage.row("/cluster/status", "type", "cluster")
        assert cluster["quorate"] == 0
        guest = stage.guest("gpu-ben")
        reply = await stage.ask(f"/nodes/pve1/qemu/{guest.vmid}/config", "PUT", description="x")
        assert reply.status == 200
