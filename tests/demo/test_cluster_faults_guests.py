"""Faults of storages, guests and cards: their begin is seen in the API, their end mends it."""

from __future__ import annotations

import pytest

from tests.demo.cluster_api import api_stage
from tests.demo.fault_stage import fault, guest_row


async def test_storage_away_fails_starts_until_it_is_back() -> None:
    async with api_stage() as stage:
        await stage.begin(fault("storage-away"), "ceph-vm", node="pve1")
        row = await stage.row("/cluster/resources", "id", "storage/pve1/ceph-vm")
        assert row["status"] == "available"
        row = await stage.row("/cluster/resources", "id", "storage/pve2/ceph-vm")
        assert row["status"] == "available"
        row = await stage.row("/nodes/pve1/storage", "storage", "ceph-vm")
        assert (row["active"], row["total"]) == (0, 0)
        stage.wait(301.0)
        row = await stage.row("/cluster/resources", "id", "storage/pve1/ceph-vm")
        assert row["status"] == "unknown"
        assert "disk" not in row
        guest = stage.guest("web-01")
        guest.set_running(running=False, now=stage.state.now)
        path = f"/nodes/pve1/qemu/{guest.vmid}/status/start"
        upid = (await stage.ask(path, "POST")).data
        stage.wait(5.0)
        status = await stage.get(f"/nodes/pve1/tasks/{upid}/status")
        assert status["exitstatus"] == "rbd error: rbd: couldn't connect to the cluster!"
        await stage.end(fault("storage-away"), "ceph-vm")
        await stage.ask(path, "POST")
        stage.until(lambda: guest.running, limit=20.0)


async def test_storage_options_are_checked() -> None:
    async with api_stage() as stage:
        with pytest.raises(ValueError, match="no node"):
            await stage.begin(fault("storage-away"), "ceph-vm", node="pve9")
        with pytest.raises(ValueError, match="no storage"):
            await stage.begin(fault("storage-full"), "local-zfs", node="pve1")


async def test_storage_full_stops_those_who_write_to_a_thin_pool() -> None:
    async with api_stage() as stage:
        stage.wait(5.0)
        await stage.begin(fault("storage-full"), "local-lvm")
        stage.wait(11.0)
        row = await stage.row("/nodes/pve2/storage", "storage", "local-lvm")
        assert (row["avail"], row["used_fraction"]) == (0, 1.0)
        assert (await guest_row(stage, "build-cache"))["status"] == "io-error"
        await stage.end(fault("storage-full"), "local-lvm")
        stage.wait(11.0)
        assert (await guest_row(stage, "build-cache"))["status"] == "running"


async def test_guest_stopped() -> None:
    async with api_stage() as stage:
        await stage.begin(fault("guest-stopped"), "web-01")
        stage.wait(11.0)
        assert (await guest_row(stage, "web-01"))["status"] == "stopped"
        await stage.end(fault("guest-stopped"), "web-01")
        stage.wait(20.0)
        assert (await guest_row(stage, "web-01"))["status"] == "running"


async def test_guest_that_was_down_stays_down() -> None:
    async with api_stage() as stage:
        await stage.begin(fault("guest-stopped"), "gpu-ben")
        await stage.end(fault("guest-stopped"), "gpu-ben")
        stage.wait(20.0)
        assert not stage.guest("gpu-ben").running


async def test_guest_locked() -> None:
    async with api_stage() as stage:
        await stage.begin(fault("guest-locked"), "web-01", lock="snapshot")
        assert (await guest_row(stage, "web-01"))["lock"] == "snapshot"
        with pytest.raises(ValueError, match="lock must be one of"):
            await stage.begin(fault("guest-locked"), "web-02", lock="padlock")
        await stage.end(fault("guest-locked"), "web-01")
        assert "lock" not in await guest_row(stage, "web-01")


async def test_guest_agent_gone() -> None:
    async with api_stage() as stage:
        vmid = stage.guest("web-01").vmid
        await stage.begin(fault("guest-agent-gone"), "web-01")
        assert vmid in stage.state.silent_agents
        await stage.end(fault("guest-agent-gone"), "web-01")
        assert vmid not in stage.state.silent_agents


async def test_guest_memory_pressure() -> None:
    async with api_stage() as stage:
        await stage.begin(fault("guest-memory-pressure"), "web-01")
        stage.wait(140.0)
        row = await guest_row(stage, "web-01")
        assert row["mem"] / row["maxmem"] > 0.98
        path = f"/nodes/pve1/qemu/{row['vmid']}/rrddata"
        assert (await stage.get(path, timeframe="hour"))[-1]["pressurememorysome"] > 0
        await stage.end(fault("guest-memory-pressure"), "web-01")
        stage.wait(11.0)
        row = await guest_row(stage, "web-01")
        assert row["mem"] / row["maxmem"] < 0.95


async def test_guest_disk_filling() -> None:
    async with api_stage() as stage:
        await stage.begin(fault("guest-disk-filling"), "dns-835")
        stage.wait(700.0, step=10.0)
        row = await guest_row(stage, "dns-835")
        assert row["disk"] == row["maxdisk"]
        await stage.end(fault("guest-disk-filling"), "dns-835")
        stage.wait(11.0)
        row = await guest_row(stage, "dns-835")
        assert row["disk"] < row["maxdisk"] / 2


async def test_gpu_claimed_twice() -> None:
    async with api_stage() as stage:
        guest, holder = stage.guest("web-01"), stage.guest("gpu-amy")
        await stage.begin(fault("gpu-claimed-twice"), "web-01")
        config = await stage.get(f"/nodes/pve1/qemu/{guest.vmid}/config")
        slot = config["hostpci0"].partition(",")[0]
        assert any(device.startswith(slot) for device in holder.devices)
        guest.set_running(running=False, now=stage.state.now)
        task = stage.world.operations.start(guest, "root@pam")
        stage.finish(task)
        assert task.exitstatus is not None
        assert task.exitstatus.endswith(f"already in use by VMID '{holder.vmid}'")
        await stage.end(fault("gpu-claimed-twice"), "web-01")
        assert "hostpci0" not in await stage.get(f"/nodes/pve1/qemu/{guest.vmid}/config")


async def test_mapping_broken() -> None:
    async with api_stage() as stage:
        await stage.begin(fault("mapping-broken"), "a100")
        rows = await stage.get("/cluster/mapping/pci", **{"check-node": "pve3"})
        check = next(row for row in rows if row["id"] == "a100")["checks"][0]
        text = "Invalid configuration: 'id' does not match for 'a100' (10de:20b2 != 10de:1eb8)\n"
        assert check == {"severity": "error", "message": text}
        await stage.end(fault("mapping-broken"), "a100")
        rows = await stage.get("/cluster/mapping/pci", **{"check-node": "pve3"})
        assert next(row for row in rows if row["id"] == "a100")["checks"] == []


async def test_gpu_fallen_off() -> None:
    async with api_stage() as stage:
        before = await stage.get("/nodes/pve3/hardware/pci")
        await stage.begin(fault("gpu-fallen-off"), "pve3/0000:17:00")
        rows = await stage.get("/nodes/pve3/hardware/pci")
        assert "0000:17:00.0" not in {row["id"] for row in rows}
        guest = stage.guest("llm-a100")
        guest.set_running(running=False, now=stage.state.now)
        task = stage.world.operations.start(guest, "root@pam")
        stage.finish(task)
        assert task.exitstatus is not None
        assert "pci device '0000:17:00.0' not found" in task.exitstatus
        await stage.end(fault("gpu-fallen-off"), "pve3/0000:17:00")
        rows = await stage.get("/nodes/pve3/hardware/pci")
        assert {row["id"] for row in rows} == {row["id"] for row in before}
