"""High availability: fencing, the master's lock, watchdogs, failures, rules and maintenance."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from labtui.demo.cluster.ha_resource import Resource
from labtui.demo.cluster.ha_rules import Group, HaRules, Rule, nodes_text, parse_nodes
from tests.demo.cluster_api import ApiStage, api_stage
from tests.demo.cluster_stage import ClusterStage


def resource(stage: ClusterStage, name: str) -> Resource:
    return stage.world.ha.by_guest[stage.guest(name).vmid]


def test_guest_of_a_dead_node_is_fenced_and_recovered_in_two_minutes() -> None:
    stage = ClusterStage()
    dns, missed = resource(stage, "dns-835"), stage.state.nodes["pve3"]
    stage.world.set_power("pve3", on=False)
    stage.until(lambda: not missed.online)
    assert 60.0 <= stage.until(lambda: dns.state == "fence") <= 72.0
    assert 50.0 <= stage.until(lambda: dns.guest.node != "pve3") <= 70.0
    stage.until(lambda: dns.guest.running, limit=40.0)


def test_new_master_takes_the_lock_after_two_minutes_and_counts_anew() -> None:
    stage = ClusterStage()
    ha, netbox = stage.world.ha, resource(stage, "netbox")
    assert (ha.master, ha.manager.holder) == ("pve1", "pve1")
    stage.world.set_power("pve1", on=False)
    stage.wait(20.0)
    assert (ha.master, ha.manager.holder) == (None, "pve1")
    took = stage.until(lambda: ha.master is not None, limit=200.0)
    assert 95.0 <= took <= 125.0
    assert (ha.master, ha.manager.holder) == ("pve2", "pve2")
    assert netbox.guest.node == "pve1"
    assert 55.0 <= stage.until(lambda: netbox.guest.node != "pve1") <= 75.0


def test_node_without_quorum_is_reset_by_its_watchdog() -> None:
    stage = ClusterStage()
    node = stage.state.nodes["pve3"]
    cut = stage.state.part(["pve3"])
    stage.until(lambda: node.lost_quorum_at is not None)
    assert 59.0 <= stage.until(lambda: not node.powered) <= 61.0
    stage.until(lambda: node.powered, limit=60.0)
    stage.until(lambda: node.api_up, limit=60.0)
    assert stage.state.membership.view("pve3") in ({"pve3"}, frozenset())
    stage.wait(200.0)
    startall = [task for task in stage.state.tasks.by_node["pve3"] if task.kind == "startall"]
    assert startall[-1].exitstatus == "cluster not ready - no quorum?"
    guest, other = stage.guest("thesis-db"), stage.guest("scratch-eric")
    other.config.pop("onboot")
    assert not guest.running
    stage.state.join_side(cut)
    stage.until(lambda: guest.running, limit=120.0)
    assert not other.running
    stage.until(lambda: other.running, limit=120.0)


def test_node_without_managed_guests_is_left_alone() -> None:
    stage = ClusterStage()
    stage.state.part(["pve4"])
    stage.wait(200.0)
    assert stage.state.nodes["pve4"].powered
    assert stage.guest("nas-702").running


def test_mended_cut_saves_the_node() -> None:
    stage = ClusterStage()
    cut = stage.state.part(["pve3"])
    stage.wait(40.0)
    stage.state.join_side(cut)
    stage.wait(120.0)
    assert stage.state.nodes["pve3"].powered


def test_orderly_reboot_freezes_and_starts_again() -> None:
    stage = ClusterStage()
    dns = resource(stage, "dns-835")
    node = stage.state.nodes["pve3"]
    stage.world.power.reboot(node)
    stage.until(lambda: not node.powered, limit=300.0)
    assert not node.online
    stage.until(lambda: dns.state == "freeze", limit=30.0)
    stage.until(lambda: dns.guest.running, limit=300.0)
    assert dns.guest.node == "pve3"
    stage.until(lambda: dns.state == "started")


def test_orderly_shutdown_fails_over_without_fencing() -> None:
    stage = ClusterStage()
    dns = resource(stage, "dns-835")
    node = stage.state.nodes["pve3"]
    stage.world.power.shutdown(node)
    stage.until(lambda: not node.powered, limit=300.0)
    assert stage.until(lambda: dns.guest.node != "pve3", limit=60.0) <= 20.0


def test_guest_that_cannot_start_ends_in_error() -> None:
    stage = ClusterStage()
    ldap = resource(stage, "ldap")
    stage.state.storage_health.away["ceph-vm", ""] = stage.state.now
    ldap.guest.set_running(running=False, now=stage.state.now)
    stage.until(lambda: ldap.state == "error", limit=400.0)
    assert not ldap.guest.running
    stage.state.storage_health.away.clear()
    stage.wait(60.0)
    assert ldap.state == "error"
    ldap.wanted = "disabled"
    stage.until(lambda: ldap.state == "disabled")
    ldap.wanted = "started"
    stage.until(lambda: ldap.guest.running)


def test_guest_with_a_local_disk_is_stranded_and_goes_home() -> None:
    stage = ClusterStage()
    guest = stage.guest("nas-702")
    found = stage.world.ha.add(guest)
    stage.until(lambda: found.state == "started")
    stage.world.set_power("pve4", on=False)
    stage.until(lambda: guest.node != "pve4", limit=200.0)
    stage.until(lambda: found.state == "error", limit=300.0)
    tasks = [task for task in stage.state.tasks.by_node[guest.node] if task.kind == "qmstart"]
    volume = f"tank/vm/vm-{guest.vmid}-disk-0"
    assert tasks[-1].exitstatus == f"cannot open '{volume}': dataset does not exist"
    stage.world.set_power("pve4", on=True)
    stage.wait(60.0)
    guest.node = "pve4"
    stage.finish(stage.world.operations.start(guest, "root@pam"))
    assert guest.running


def test_relocation_stops_moves_and_starts() -> None:
    stage = ClusterStage()
    netbox = resource(stage, "netbox")
    netbox.move_to, netbox.stop_first = "pve2", True
    stage.until(lambda: netbox.state == "relocate")
    stage.until(lambda: not netbox.guest.running, limit=60.0)
    stage.until(lambda: netbox.guest.node == "pve2", limit=60.0)
    stage.until(lambda: netbox.guest.running, limit=60.0)
    stage.until(lambda: netbox.state == "started")


def test_maintenance_sends_guests_away_and_brings_them_back() -> None:
    stage = ClusterStage()
    netbox = resource(stage, "netbox")
    stage.world.ha.set_maintenance("pve1", on=True)
    stage.until(lambda: netbox.guest.node != "pve1")
    stage.until(lambda: netbox.state == "started")
    stage.wait(60.0)
    stage.world.ha.set_maintenance("pve1", on=False)
    stage.until(lambda: netbox.guest.node == "pve1")


def test_rules_choose_prefer_and_forbid() -> None:
    rules = HaRules()
    everywhere = ["pve1", "pve2", "pve3"]
    rules.rules["pin"] = Rule("pin", "node-affinity", ("vm:1",), (("pve2", 2), ("pve3", 1)), True)
    assert rules.candidates("vm:1", everywhere, {}) == ["pve2"]
    assert rules.candidates("vm:1", ["pve1", "pve3"], {}) == ["pve3"]
    assert rules.candidates("vm:1", ["pve1"], {}) == []
    assert rules.blocking("vm:1", "pve1", {}) == [("vm:1", "node-affinity")]
    rules.rules["apart"] = Rule("apart", "resource-affinity", ("vm:2", "vm:3"), positive=False)
    assert rules.candidates("vm:2", everywhere, {"vm:3": "pve1"}) == ["pve2", "pve3"]
    assert rules.blocking("vm:2", "pve1", {"vm:3": "pve1"}) == [("vm:3", "resource-affinity")]


def test_unrestricted_group_is_a_wish() -> None:
    rules = HaRules(groups={"east": Group("east", (("pve3", 0),))}, members={"vm:1": "east"})
    assert rules.candidates("vm:1", ["pve1", "pve3"], {}) == ["pve3"]
    assert rules.candidates("vm:1", ["pve1"], {}) == ["pve1"]


def test_node_lists_keep_their_text() -> None:
    assert nodes_text(parse_nodes("pve1:2,pve2")) == "pve1:2,pve2"


@given(st.text(max_size=16))
def test_any_text_is_a_node_list_or_a_value_error(text: str) -> None:
    try:
        found = parse_nodes(text)
    except ValueError:
        return
    assert parse_nodes(nodes_text(found)) == found


async def agents(stage: ApiStage, node: str = "pve1") -> dict[str, str]:
    rows = await stage.get("/cluster/ha/status/current", node)
    return {row["node"]: row["status"] for row in rows if row["type"] == "lrm"}


async def test_agent_of_a_dead_node_has_an_old_time_stamp() -> None:
    async with api_stage() as stage:
        found = await agents(stage)
        assert found["pve3"].startswith("pve3 (active, watchdog active, ")
        assert found["pve4"].startswith("pve4 (idle, watchdog standby, ")
        await stage.power("pve3", on=False)
        stage.wait(35.0)
        assert (await agents(stage))["pve3"].startswith("pve3 (old timestamp - dead?, ")
        stage.world.ha.set_maintenance("pve2", on=True)
        assert (await agents(stage))["pve2"].startswith("pve2 (maintenance mode, ")
        row = await stage.row("/cluster/resources", "id", "node/pve2")
        assert row["hastate"] == "maintenance"


async def test_clock_of_a_node_shows_as_drift() -> None:
    async with api_stage() as stage:
        stage.state.nodes["pve2"].clock_offset = 90.0
        assert (await agents(stage))["pve2"].startswith("pve2 (detected time drift!, ")
        stage.state.nodes["pve2"].clock_offset = -90.0
        assert (await agents(stage))["pve2"].startswith("pve2 (old timestamp - dead?, ")


async def test_groups_are_for_one_release_and_rules_for_the_other() -> None:
    async with api_stage("8.4") as stage:
        reply = await stage.ask("/cluster/ha/groups", "POST", group="east", nodes="pve3:1,pve4")
        assert reply.status == 200
        sid = stage.guest("netbox").sid
        reply = await stage.ask(f"/cluster/ha/resources/{sid}", "PUT", group="east")
        assert reply.status == 200
        row = await stage.row("/cluster/ha/groups", "group", "east")
        assert (row["nodes"], row["type"]) == ("pve3:1,pve4", "group")
        row = await stage.row("/cluster/ha/status/current", "sid", sid)
        assert row["group"] == "east"
        assert "failback" not in row
        reply = await stage.ask("/cluster/ha/groups/east", "DELETE")
        assert reply.message == "ha group is in use"
        assert (await stage.ask("/cluster/ha/rules")).status == 501


async def test_rules_are_written_and_block_a_move() -> None:
    async with api_stage() as stage:
        reply = await stage.ask("/cluster/ha/groups")
        text = "cannot index groups: ha groups have been migrated to rules"
        assert (reply.status, reply.message) == (500, text)
        guest = stage.guest("netbox")
        reply = await stage.ask(
            "/cluster/ha/rules",
            "POST",
            rule="pin",
            type="node-affinity",
            resources=guest.sid,
            nodes="pve1,pve2",
            strict=1,
        )
        assert reply.status == 200
        row = await stage.row("/cluster/ha/rules", "rule", "pin")
        assert (row["nodes"], row["strict"], row["order"]) == ("pve1,pve2", 1, 1)
        moved = await stage.ask(f"/cluster/ha/resources/{guest.sid}/migrate", "POST", node="pve3")
        cause = {"sid": guest.sid, "cause": "node-affinity"}
        assert moved.data["blocking-resources"] == [cause]
        check = await stage.get(f"/nodes/pve1/qemu/{guest.vmid}/migrate")
        assert check["not_allowed_nodes"]["pve3"]["blocking-ha-resources"] == [cause]
        assert check["not_allowed_nodes"]["pve2"] == {}
        moved = await stage.ask(f"/cluster/ha/resources/{guest.sid}/migrate", "POST", node="pve2")
        assert moved.data == {"sid": guest.sid, "requested-node": "pve2"}
        stage.until(lambda: guest.node == "pve2")
        assert (await stage.ask("/cluster/ha/rules/pin", "DELETE")).status == 200
        assert await stage.get("/cluster/ha/rules") == []


async def test_resources_come_and_go() -> None:
    async with api_stage() as stage:
        guest = stage.guest("web-01")
        made = await stage.ask("/cluster/ha/resources", "POST", sid=str(guest.vmid), comment="mine")
        assert made.status == 200
        row = await stage.row("/cluster/ha/resources", "sid", guest.sid)
        assert (row["state"], row["comment"]) == ("started", "mine")
        again = await stage.ask("/cluster/ha/resources", "POST", sid=guest.sid)
        assert again.message == f"resource ID '{guest.sid}' already defined"
        row = await stage.row("/cluster/ha/status/current", "sid", guest.sid)
        assert row["state"] == "queued"
        stage.until(lambda: resource(stage, "web-01").state == "started")
        gone = await stage.ask(f"/cluster/ha/resources/{guest.sid}", "DELETE")
        assert gone.status == 200
        missing = await stage.ask(f"/cluster/ha/resources/{guest.sid}")
        assert missing.message == f"no such resource '{guest.sid}'"


async def test_disarmed_manager_fences_nothing() -> None:
    async with api_stage() as stage:
        path = "/cluster/ha/status"
        mode: dict[str, Any] = {"resource-mode": "freeze"}
        reply = await stage.ask(f"{path}/disarm-ha", "POST", **mode)
        assert reply.status == 200
        row = await stage.row(f"{path}/current", "type", "fencing")
        assert (row["armed-state"], row["resource_mode"]) == ("disarmed", "freeze")
        cut = stage.state.part(["pve3"])
        stage.wait(200.0)
        assert stage.state.nodes["pve3"].powered
        assert resource(stage, "netbox").state == "freeze"
        stage.state.join_side(cut)
        assert (await stage.ask(f"{path}/arm-ha", "POST")).status == 200
        stage.wait(15.0)
        assert resource(stage, "netbox").state == "started"


def test_request_for_a_dead_node_is_dropped() -> None:
    stage = ClusterStage()
    netbox = resource(stage, "netbox")
    stage.world.set_power("pve4", on=False)
    stage.wait(10.0)
    netbox.move_to = "pve4"
    stage.until(lambda: netbox.move_to is None, limit=15.0)
    stage.wait(30.0)
    assert (netbox.state, netbox.guest.node) == ("started", "pve1")


async def test_manager_status_names_nodes_and_services() -> None:
    async with api_stage() as stage:
        await stage.power("pve4", on=False)
        stage.wait(10.0)
        data = await stage.get("/cluster/ha/status/manager_status")
        assert data["quorum"] == {"node": "pve1", "quorate": "1"}
        assert data["manager_status"]["node_status"]["pve4"] == "unknown"
        assert data["manager_status"]["master_node"] == "pve1"
        assert set(data["lrm_status"]) == set(stage.state.nodes)
