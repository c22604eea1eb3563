"""Faults of nodes, HA, backups, replication: their begin is seen in the API, their end mends it."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from tests.demo.cluster_api import PASSWORD, api_stage
from tests.demo.fault_stage import FAULTS, fault, guest_row


@pytest.mark.parametrize("name", sorted(FAULTS))
async def test_begin_and_end_twice_leave_the_world_healthy(name: str) -> None:
    async with api_stage() as stage:
        stage.wait(12.0)
        targets = fault(name).targets(cast("Any", stage))
        assert targets
        assert len(set(targets)) == len(targets)
        target = targets[0]
        for _ in range(2):
            await stage.begin(fault(name), target)
        stage.wait(400.0, step=10.0)
        assert target in fault(name).targets(cast("Any", stage))
        for _ in range(2):
            await stage.end(fault(name), target)
        stage.wait(1_200.0, step=10.0)
        state = stage.state
        assert state.quorate
        assert all(node.online and node.figures is not None for node in state.nodes.values())
        assert not any(guest.lock for guest in state.guests.values())
        assert not any(state.fault_memory.values())
        assert not state.storage_health.away
        assert not state.storage_health.full
        assert all(not job.error for job in stage.world.replication.jobs.values())
        assert all(r.state == r.wanted for r in stage.world.ha.resources.values())
        spec = {guest.vmid: guest for guest in state.lab.guests}
        down = [g.name for g in state.guests.values() if spec[g.vmid].running and not g.running]
        assert down == []


@pytest.mark.parametrize("name", sorted(FAULTS))
async def test_unknown_target_is_a_key_error(name: str) -> None:
    async with api_stage() as stage:
        with pytest.raises(KeyError, match="there is no"):
            await stage.begin(fault(name), "nobody")


async def test_node_power_off() -> None:
    async with api_stage() as stage:
        await stage.begin(fault("node-power-off"), "pve4")
        stage.wait(10.0)
        assert (await stage.row("/nodes", "node", "pve4"))["status"] == "offline"
        await stage.end(fault("node-power-off"), "pve4")
        stage.wait(40.0)
        assert (await stage.row("/nodes", "node", "pve4"))["status"] == "online"


async def test_node_partition_takes_its_side_along() -> None:
    async with api_stage() as stage:
        await stage.begin(fault("node-partition"), "pve4", side="pve3")
        stage.wait(10.0)
        rows = await stage.get("/nodes", "pve4")
        assert {r["node"] for r in rows if r["status"] == "online"} == {"pve3", "pve4"}
        with pytest.raises(ValueError, match="both sides"):
            await stage.begin(fault("node-partition"), "pve1", side="pve2,pve3,pve4")
        with pytest.raises(ValueError, match="no node 'pve9'"):
            await stage.begin(fault("node-partition"), "pve1", side="pve9")
        await stage.end(fault("node-partition"), "pve4")
        stage.wait(3.0)
        rows = await stage.get("/nodes", "pve4")
        assert {r["status"] for r in rows} == {"online"}


async def test_node_pvestatd_hung() -> None:
    async with api_stage() as stage:
        await stage.begin(fault("node-pvestatd-hung"), "pve2")
        stage.wait(310.0)
        assert (await guest_row(stage, "db-01"))["status"] == "unknown"
        await stage.end(fault("node-pvestatd-hung"), "pve2")
        stage.wait(11.0)
        assert (await guest_row(stage, "db-01"))["status"] == "running"


async def test_node_clock_off_refuses_tickets_of_others() -> None:
    async with api_stage() as stage:
        given = {"username": "root@pam", "password": PASSWORD}
        made = await stage.ask("/access/ticket", "POST", headers={}, **given)
        cookie = {"Cookie": f"PVEAuthCookie={made.data['ticket']}"}
        assert (await stage.ask("/version", via="pve2", headers=cookie)).status == 200
        await stage.begin(fault("node-clock-off"), "pve2", seconds=-400.0)
        reply = await stage.ask("/version", via="pve2", headers=cookie)
        assert (reply.status, reply.reason) == (401, "Authentication failed!")
        assert (await stage.get("/nodes/pve2/time"))["time"] == int(stage.state.now) - 400
        assert (await stage.ask("/version", via="pve2")).status == 200
        await stage.end(fault("node-clock-off"), "pve2")
        assert (await stage.ask("/version", via="pve2", headers=cookie)).status == 200


async def test_node_root_full() -> None:
    async with api_stage() as stage:
        await stage.begin(fault("node-root-full"), "pve1")
        stage.wait(11.0)
        row = await stage.row("/nodes", "node", "pve1")
        assert row["disk"] == row["maxdisk"]
        local = await stage.row("/nodes/pve1/storage", "storage", "local")
        assert local["avail"] == 0
        path = f"/nodes/pve1/qemu/{stage.guest('web-01').vmid}/config"
        reply = await stage.ask(path, "PUT", description="x")
        assert reply.status == 500
        assert reply.message.endswith("' - Input/output error")
        reply = await stage.ask("/pools", "POST", poolid="more")
        text = "create pool failed: cfs-lock 'file-user_cfg' error: got lock request timeout"
        assert reply.message == text
        assert (await stage.ask("/pools", "POST", via="pve2", poolid="more")).status == 200
        await stage.end(fault("node-root-full"), "pve1")
        assert (await stage.ask(path, "PUT", description="x")).status == 200


async def test_node_workers_busy() -> None:
    async with api_stage() as stage:
        await stage.begin(fault("node-workers-busy"), "pve2")
        waiting = asyncio.create_task(stage.ask("/version", via="pve2"))
        done, _ = await asyncio.wait({waiting}, timeout=0.2)
        assert not done
        assert (await stage.ask("/version")).status == 200
        forwarded = await stage.ask("/nodes/pve2/status")
        assert (forwarded.status, forwarded.reason) == (596, "Connection timed out")
        await stage.end(fault("node-workers-busy"), "pve2")
        assert (await asyncio.wait_for(waiting, 5.0)).status == 200


async def test_node_certificate_ending() -> None:
    async with api_stage() as stage:
        path = "/nodes/pve3/certificates/info"
        usual = (await stage.row(path, "filename", "pve-ssl.pem"))["notafter"]
        await stage.begin(fault("node-certificate-ending"), "pve3", days=3.0)
        ends = (await stage.row(path, "filename", "pve-ssl.pem"))["notafter"]
        assert ends == int(stage.state.now + 3 * 86_400)
        await stage.end(fault("node-certificate-ending"), "pve3")
        assert (await stage.row(path, "filename", "pve-ssl.pem"))["notafter"] == usual


async def test_ha_error() -> None:
    async with api_stage() as stage:
        await stage.begin(fault("ha-error"), "netbox")
        stage.wait(30.0)
        row = await guest_row(stage, "netbox")
        assert (row["hastate"], row["status"]) == ("error", "stopped")
        sid = stage.guest("netbox").sid
        service = await stage.row("/cluster/ha/status/current", "sid", sid)
        assert service["status"] == f"{sid} (pve1, error)"
        await stage.end(fault("ha-error"), "netbox")
        stage.wait(40.0)
        row = await guest_row(stage, "netbox")
        assert (row["hastate"], row["status"]) == ("started", "running")
        with pytest.raises(KeyError, match="not under high availability"):
            await stage.begin(fault("ha-error"), "web-01")


async def test_backup_failed() -> None:
    async with api_stage() as stage:
        vmid = stage.guest("netbox").vmid
        await stage.begin(fault("backup-failed"), "netbox", reason="no such luck")
        stage.wait(400.0, step=10.0)
        task = (await stage.get("/nodes/pve1/tasks", typefilter="vzdump"))[0]
        assert (task["status"], task["id"]) == ("job errors", str(vmid))
        log = await stage.get(f"/nodes/pve1/tasks/{task['upid']}/log", limit=0)
        assert f"ERROR: Backup of VM {vmid} failed - no such luck" in {row["t"] for row in log}
        await stage.end(fault("backup-failed"), "netbox")
        stage.wait(400.0, step=10.0)
        assert (await stage.get("/nodes/pve1/tasks", typefilter="vzdump"))[0]["status"] == "OK"


async def test_backup_missing() -> None:
    async with api_stage() as stage:
        vmid = stage.guest("netbox").vmid
        count = sum(volume.vmid == vmid for volume in stage.state.backups)
        await stage.begin(fault("backup-missing"), "netbox")
        rows = await stage.get("/cluster/backup-info/not-backed-up")
        assert vmid in {row["vmid"] for row in rows}
        assert not any(volume.vmid == vmid for volume in stage.state.backups)
        await stage.end(fault("backup-missing"), "netbox")
        rows = await stage.get("/cluster/backup-info/not-backed-up")
        assert vmid not in {row["vmid"] for row in rows}
        assert sum(volume.vmid == vmid for volume in stage.state.backups) == count


async def test_replication_late() -> None:
    async with api_stage() as stage:
        await stage.begin(fault("replication-late"), "nas-702")
        stage.wait(400.0, step=10.0)
        (row,) = await stage.get("/nodes/pve4/replication")
        assert row["fail_count"] == 2
        assert row["error"].endswith("failed: got timeout")
        await stage.end(fault("replication-late"), "nas-702")
        stage.wait(1.0)
        (row,) = await stage.get("/nodes/pve4/replication")
        assert row["fail_count"] == 0
        assert "error" not in row
