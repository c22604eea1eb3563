"""High availability: fencing, the master's lock, watchdogs, failures and maintenance."""

from __future__ import annotations

from typing import Any

from tests.demo.cluster_api import api_stage
from tests.demo.cluster_stage import ClusterStage


def test_guest_of_a_dead_node_is_fenced_and_recovered_in_two_minutes() -> None:
    stage = ClusterStage()
    dns, missed = stage.resource("dns-835"), stage.state.nodes["pve3"]
    stage.world.set_power("pve3", on=False)
    stage.until(lambda: not missed.online)
    assert 60.0 <= stage.until(lambda: dns.state == "fence") <= 72.0
    assert 50.0 <= stage.until(lambda: dns.guest.node != "pve3") <= 70.0
    stage.until(lambda: dns.guest.running, limit=40.0)


def test_new_master_takes_the_lock_after_two_minutes_and_counts_anew() -> None:
    stage = ClusterStage()
    ha, netbox = stage.world.ha, stage.resource("netbox")
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
    dns = stage.resource("dns-835")
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
    dns = stage.resource("dns-835")
    node = stage.state.nodes["pve3"]
    stage.world.power.shutdown(node)
    stage.until(lambda: not node.powered, limit=300.0)
    assert stage.until(lambda: dns.guest.node != "pve3", limit=60.0) <= 20.0


def test_guest_that_cannot_start_ends_in_error() -> None:
    stage = ClusterStage()
    ldap = stage.resource("ldap")
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
    netbox = stage.resource("netbox")
    netbox.move_to, netbox.stop_first = "pve2", True
    stage.until(lambda: netbox.state == "relocate")
    stage.until(lambda: not netbox.guest.running, limit=60.0)
    stage.until(lambda: netbox.guest.node == "pve2", limit=60.0)
    stage.until(lambda: netbox.guest.running, limit=60.0)
    stage.until(lambda: netbox.state == "started")


def test_maintenance_sends_guests_away_and_brings_them_back() -> None:
    stage = ClusterStage()
    netbox = stage.resource("netbox")
    stage.world.ha.set_maintenance("pve1", on=True)
    stage.until(lambda: netbox.guest.node != "pve1")
    stage.until(lambda: netbox.state == "started")
    stage.wait(60.0)
    stage.world.ha.set_maintenance("pve1", on=False)
    stage.until(lambda: netbox.guest.node == "pve1")


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
        assert stage.resource("netbox").state == "freeze"
        stage.state.join_side(cut)
        assert (await stage.ask(f"{path}/arm-ha", "POST")).status == 200
        stage.wait(15.0)
        assert stage.resource("netbox").state == "started"


def test_request_for_a_dead_node_is_dropped() -> None:
    stage = ClusterStage()
    netbox = stage.resource("netbox")
    stage.world.set_power("pve4", on=False)
    stage.wait(10.0)
    netbox.move_to = "pve4"
    stage.until(lambda: netbox.move_to is None, limit=15.0)
    stage.wait(30.0)
    assert (netbox.state, netbox.guest.node) == ("started", "pve1")
