"""Configurations and hardware: what is asked, and what stays when it cannot be."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator

import pytest

from labtui.model.devices import Hardware
from labtui.model.errors import Unreachable
from labtui.model.feed import Feed
from labtui.model.guests import GuestConfigs
from labtui.sources.proxmox import hardware_feed, lanes
from labtui.sources.proxmox.configs import AFTERWARDS
from tests.sources.proxmox.server import Certificate, Reply
from tests.sources.proxmox.world import data, lab, many


async def test_configs_are_read_once_then_a_few_at_a_time(certificate: Certificate) -> None:
    async with lab(certificate) as world:
        world.cluster.answers["/cluster/resources"] = Reply(many(70))
        await world.read("resources")
        assert len(await world.asked("configs")) == 60
        assert len(await world.asked("configs")) == 60
        world.now += 5
        before = await world.read("configs")
        assert isinstance(before.part, GuestConfigs)
        assert len(before.part.configs) == 70
        world.now += 5
        asked = await world.asked("configs")
        assert len(asked) == AFTERWARDS
        changed = many(70)
        changed[-1]["lock"] = "backup"
        world.cluster.answers["/cluster/resources"] = Reply(changed)
        await world.read("resources")
        assert (await world.asked("configs"))[0] == "/nodes/pve3/qemu/169/config"


async def test_a_config_that_cannot_be_read_stays_as_it_was(certificate: Certificate) -> None:
    async with lab(certificate) as world:
        world.cluster.answers["/cluster/resources"] = Reply(many(3))
        await world.read("resources")
        before = await world.read("configs")
        path = "/nodes/pve3/qemu/100/config"
        reason = "Configuration file 'nodes/pve3/qemu-server/100.conf' does not exist"
        world.cluster.answers[path] = Reply(status=500, reason=reason)
        world.now += 5
        after = await world.read("configs")
        assert isinstance(before.part, GuestConfigs)
        assert isinstance(after.part, GuestConfigs)
        assert after.part.configs[100] is before.part.configs[100]
        assert after.part.configs[101].read_at == 1005.0
        assert len(after.complaints) == 1
        assert "100 is not on pve3" in after.complaints[0]


async def test_a_guest_that_is_gone_is_dropped(certificate: Certificate) -> None:
    async with lab(certificate) as world:
        world.cluster.answers["/cluster/resources"] = Reply(many(3))
        await world.read("resources")
        await world.read("configs")
        world.cluster.answers["/cluster/resources"] = Reply(many(2))
        await world.read("resources")
        part = (await world.read("configs")).part
        assert isinstance(part, GuestConfigs)
        assert set(part.configs) == {100, 101}


async def test_a_dead_node_is_asked_once_and_its_configs_stay(certificate: Certificate) -> None:
    async with lab(certificate) as world:
        await world.read("resources")
        before = (await world.read("configs")).part
        assert isinstance(before, GuestConfigs)
        dead = Reply(status=595, reason="No route to host", body=b"")
        for row in data("cluster-resources"):
            if row["type"] == "qemu" and row["node"] == "pve4":
                world.cluster.answers[f"/nodes/pve4/qemu/{row['vmid']}/config"] = dead
        earlier = len(world.server.requests)
        for _number in range(6):
            world.now += 4
            assert not (await world.read("configs")).complaints
        part = world.parts[Feed("proxmox", "lab", "configs")]
        assert isinstance(part, GuestConfigs)
        assert set(part.configs) == set(before.configs)
        assert len([path for path in world.server.paths()[earlier:] if "/pve4/" in path]) == 1
        with pytest.raises(Unreachable, match="pve4"):
            for _number in range(40):
                world.now += 4
                assert all("pve4" in each for each in (await world.read("configs")).complaints)


async def test_a_lab_of_one_dead_node_is_a_problem(certificate: Certificate) -> None:
    async with lab(certificate) as world:
        world.cluster.answers["/cluster/resources"] = Reply(many(5))
        await world.read("resources")
        dead = Reply(status=595, reason="No route to host", body=b"")
        for number in range(5):
            world.cluster.answers[f"/nodes/pve3/qemu/{100 + number}/config"] = dead
        with pytest.raises(Unreachable):
            await world.read("configs")
        assert len([path for path in world.server.paths() if path.endswith("/config")]) == 1


async def test_hardware_of_a_node_that_left_is_dropped(certificate: Certificate) -> None:
    async with lab(certificate) as world:
        await world.read("resources")
        await world.read("hardware")
        world.cluster.answers["/cluster/resources"] = Reply(many(1))
        await world.read("resources")
        part = (await world.read("hardware")).part
        assert isinstance(part, Hardware)
        assert set(part.devices) == set(part.read_at) == {"pve3"}
        assert part.missing == {}


async def test_configs_without_a_server_are_a_problem(certificate: Certificate) -> None:
    async with lab(certificate) as world:
        await world.read("resources")
        world.server.stop()
        with pytest.raises(Unreachable):
            await world.read("configs")
        with pytest.raises(Unreachable):
            await world.read("hardware")


async def test_hardware_of_a_dead_node_stays(certificate: Certificate) -> None:
    async with lab(certificate) as world:
        await world.read("resources")
        before = (await world.read("hardware")).part
        assert isinstance(before, Hardware)
        assert set(before.devices) == {"pve3", "pve4"}
        assert len(before.mappings) == 6
        world.now += 120
        world.cluster.answers["/nodes/pve4/hardware/pci"] = Reply(
            status=595, reason="No route to host", body=b""
        )
        world.cluster.answers["/cluster/mapping/pci"] = Reply(
            status=403, reason="Permission check failed"
        )
        reading = await world.read("hardware")
        after = reading.part
        assert isinstance(after, Hardware)
        assert after.devices["pve4"] is before.devices["pve4"]
        assert after.devices["pve3"] is before.devices["pve3"]
        assert after.read_at == {"pve3": 1120.0, "pve4": 1000.0}
        assert set(after.missing) == {"pve4"}
        assert "No route to host" in after.missing["pve4"]
        assert after.mappings is before.mappings
        assert len(reading.complaints) == 1


async def test_a_node_known_to_be_off_is_not_asked(certificate: Certificate) -> None:
    async with lab(certificate) as world:
        status = data("cluster-status")
        for row in status:
            row["online"] = 0 if row["name"] == "pve4" else 1
        world.cluster.answers["/cluster/status"] = Reply(status)
        await world.read("resources")
        await world.read("membership")
        asked = await world.asked("hardware")
        assert "/nodes/pve4/hardware/pci" not in asked
        part = world.parts[Feed("proxmox", "lab", "hardware")]
        assert isinstance(part, Hardware)
        assert set(part.missing) == {"pve4"}
        assert not any("/pve4/" in path for path in await world.asked("configs"))


async def test_the_cards_do_not_wait_for_a_node_that_hangs(
    certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "PATIENCE", 0.1)
    async with lab(certificate) as world:
        await world.read("resources")
        hung = world.cluster.held["/nodes/pve3/hardware/pci"] = threading.Event()
        async with asyncio.timeout(5):
            reading = await world.read("hardware")
        early = reading.part
        assert isinstance(early, Hardware)
        assert reading.unfinished
        assert set(early.devices) == {"pve4"}
        assert early.missing == {"pve3": "no answer yet"}
        assert early.mappings
        waiting = asyncio.create_task(world.asked("hardware"))
        await asyncio.sleep(0.05)
        hung.set()
        # What comes later is only waited for: nobody is asked a second time.
        assert await waiting == ["/cluster/mapping/pci"], "the check of its mappings comes after"
        late = world.parts[Feed("proxmox", "lab", "hardware")]
        assert isinstance(late, Hardware)
        assert set(late.devices) == {"pve3", "pve4"}
        assert late.missing == {}
        assert late.mappings == early.mappings
        # The devices of two nodes and the check of each, and both kinds of mappings.
        assert len(await world.asked("hardware")) == 6


async def test_a_node_that_hangs_for_good_is_missing_with_its_reason(
    certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "PATIENCE", 0.05)
    monkeypatch.setattr(hardware_feed, "_NODE_LIMIT", 0.4)
    async with lab(certificate) as world:
        await world.read("resources")
        world.cluster.answers["/nodes/pve3/hardware/pci"] = Reply(hang=True)
        readings = [await world.read("hardware")]
        for _number in range(3):
            if not readings[-1].unfinished:
                break
            readings.append(await world.read("hardware"))
        assert [reading.unfinished for reading in readings] == [True, False]
        part = readings[-1].part
        assert isinstance(part, Hardware)
        assert set(part.devices) == {"pve4"}
        assert "no answer" in part.missing["pve3"]


async def test_configs_do_not_wait_for_a_node_that_hangs(
    certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "PATIENCE", 0.1)
    async with lab(certificate) as world:
        await world.read("resources")
        rows = [row for row in data("cluster-resources") if row["type"] == "qemu"]
        there = {int(row["vmid"]) for row in rows if row["node"] == "pve4"}
        hung = threading.Event()
        for row in rows:
            if row["node"] == "pve3":
                world.cluster.held[f"/nodes/pve3/qemu/{row['vmid']}/config"] = hung
        async with asyncio.timeout(5):
            part = (await world.read("configs")).part
        assert isinstance(part, GuestConfigs)
        assert set(part.configs) == there
        # The node that owes an answer is not asked again, and holds up no other reading.
        async with asyncio.timeout(5):
            assert not any("/pve3/" in path for path in await world.asked("configs"))
        hung.set()
        for _number in range(100):
            part = (await world.read("configs")).part
            assert isinstance(part, GuestConfigs)
            if len(part.configs) == len(rows):
                break
            await asyncio.sleep(0.01)
        assert set(part.configs) == {int(row["vmid"]) for row in rows}


async def test_a_node_that_hangs_takes_one_thread_of_the_endpoint_that_forwards(
    certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both sweeps wait for pve3, and both have room left for pve4."""
    monkeypatch.setattr(lanes, "PATIENCE", 0.1)
    async with lab(certificate) as world:
        await world.read("resources")
        hung = threading.Event()
        rows = [row for row in data("cluster-resources") if row["type"] == "qemu"]
        paths = [f"/nodes/pve3/qemu/{row['vmid']}/config" for row in rows if row["node"] == "pve3"]
        for path in ("/nodes/pve3/hardware/pci", *paths):
            world.cluster.held[path] = hung
        there = {int(row["vmid"]) for row in rows if row["node"] == "pve4"}
        async with asyncio.timeout(20):
            read, nodes = set[int](), set[str]()
            while read != there:
                configs = (await world.read("configs")).part
                assert isinstance(configs, GuestConfigs)
                read = set(configs.configs)
            while not nodes:
                hardware = (await world.read("hardware")).part
                assert isinstance(hardware, Hardware)
                nodes = set(hardware.devices)
        asked = [path for path in world.server.paths() if "/pve3/" in path]
        hung.set()
    assert nodes == {"pve4"}
    assert len(asked) == 1


async def test_a_lab_that_is_closed_waits_for_no_lane(
    certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "PATIENCE", 0.05)
    async with asyncio.timeout(5):
        async with lab(certificate) as world:
            await world.read("resources")
            world.cluster.answers["/nodes/pve3/hardware/pci"] = Reply(hang=True)
            await world.read("hardware")


async def test_a_fault_in_a_lane_is_not_lost() -> None:
    async def broken() -> AsyncIterator[int]:
        yield 1
        raise KeyError("x")

    made: lanes.Lanes[int] = lanes.Lanes()
    made.start("a", broken())
    with pytest.raises(KeyError):
        await made.collect()
    with pytest.raises(ValueError, match="b"):
        made.start("b", broken())
        made.start("b", broken())
    await made.close()
