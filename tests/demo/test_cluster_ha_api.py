"""High availability as the API has it: agents, groups, rules, resources, the manager's status."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from labtui.demo.cluster.ha_rules import Group, HaRules, Rule, nodes_text, parse_nodes
from tests.demo.cluster_api import ApiStage, api_stage


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
        stage.until(lambda: stage.resource("web-01").state == "started")
        gone = await stage.ask(f"/cluster/ha/resources/{guest.sid}", "DELETE")
        assert gone.status == 200
        missing = await stage.ask(f"/cluster/ha/resources/{guest.sid}")
        assert missing.message == f"no such resource '{guest.sid}'"


async def test_manager_status_names_nodes_and_services() -> None:
    async with api_stage() as stage:
        await stage.power("pve4", on=False)
        stage.wait(10.0)
        data = await stage.get("/cluster/ha/status/manager_status")
        assert data["quorum"] == {"node": "pve1", "quorate": "1"}
        assert data["manager_status"]["node_status"]["pve4"] == "unknown"
        assert data["manager_status"]["master_node"] == "pve1"
        assert set(data["lrm_status"]) == set(stage.state.nodes)
