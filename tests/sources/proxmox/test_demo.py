"""The source against the demo lab: another implementation of the other side, over real TLS."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import struct
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import msgspec
import pytest

from labtui.config.file import load
from labtui.config.schema import ProxmoxConfig
from labtui.config.secret import Secret
from labtui.demo.listeners import Mode
from labtui.demo.service import RunningLab, start_lab
from labtui.model.cluster import HaStatus, Membership, Resources, Rights, Tasks
from labtui.model.devices import Hardware
from labtui.model.errors import Forbidden, LabError, Refused, Rejected, TimedOut, Unreachable
from labtui.model.feed import Feed
from labtui.model.guests import GuestConfigs
from labtui.model.snapshot import Part, Snapshot
from labtui.sources.proxmox import ProxmoxSource
from labtui.sources.source import Reading


def config_of(running: RunningLab) -> ProxmoxConfig:
    return load(running.config).proxmox[0]


class Console:
    """A source on the lab with the parts it has read."""

    def __init__(self, config: ProxmoxConfig, totp: Callable[[], str] | None = None) -> None:
        self.source = ProxmoxSource(config, totp)
        self.parts: dict[Feed, Part] = {}

    async def read(self, topic: str) -> Reading:
        spec = next(spec for spec in self.source.feeds() if spec.feed.topic == topic)
        reading = await spec.read(self.snapshot)
        self.parts[spec.feed] = reading.part
        return reading

    @property
    def snapshot(self) -> Snapshot:
        return Snapshot(parts=dict(self.parts))

    def part(self, kind: type[Part]) -> Part:
        found = self.snapshot.one(kind, self.source.name)
        assert found is not None
        return found


@asynccontextmanager
async def console(
    config: ProxmoxConfig, totp: Callable[[], str] | None = None
) -> AsyncIterator[Console]:
    made = Console(config, totp)
    try:
        yield made
    finally:
        await made.source.close()


@asynccontextmanager
async def lab(version: str = "9.2", speed: float = 1.0) -> AsyncIterator[RunningLab]:
    async with start_lab(
        version=version, speed=speed, auth_delay=0.0, delay_scale=0.005
    ) as running:
        yield running


@pytest.mark.parametrize("version", ["8.4", "9.2"])
async def test_all_feeds(version: str) -> None:
    async with lab(version) as running, console(config_of(running)) as view:
        for topic in ("resources", "membership", "tasks", "ha", "rights", "hardware", "configs"):
            reading = await view.read(topic)
            assert reading.complaints == ()
        resources = view.part(Resources)
        assert isinstance(resources, Resources)
        facts = running.lab
        assert {guest.vmid for guest in resources.guests} == {guest.vmid for guest in facts.guests}
        assert {guest.name for guest in resources.guests} == {guest.name for guest in facts.guests}
        assert {node.name for node in resources.nodes} == {node.name for node in facts.nodes}
        membership = view.part(Membership)
        assert isinstance(membership, Membership)
        assert membership.quorate is True
        assert len(membership.online) == len(facts.nodes)
        rights = view.part(Rights)
        assert isinstance(rights, Rights)
        assert rights.version.startswith(version)
        assert rights.allows("VM.Migrate", "/vms/100")
        ha = view.part(HaStatus)
        assert isinstance(ha, HaStatus)
        assert ha.quorate is True
        assert len(ha.services) == sum(guest.ha for guest in facts.guests)
        assert isinstance(view.part(Tasks), Tasks)


async def test_passthrough_as_it_was_configured() -> None:
    async with lab() as running, console(config_of(running)) as view:
        for topic in ("resources", "hardware", "configs"):
            await view.read(topic)
        facts = running.lab
        configs = view.part(GuestConfigs)
        hardware = view.part(Hardware)
        assert isinstance(configs, GuestConfigs)
        assert isinstance(hardware, Hardware)
        assert set(configs.configs) == {guest.vmid for guest in facts.guests}
        for guest in facts.guests:
            read = configs.configs[guest.vmid]
            assert len(read.hostpci) == len(guest.hostpci)
            assert read.memory == guest.memory
            assert read.disks
            assert [net.mac for net in read.nets] == [guest.mac]
        for node in facts.nodes:
            slots = {device.slot for device in hardware.devices[node.name] if device.is_gpu}
            # A board has a display controller of its own.
            assert slots >= {card.slot for card in node.cards}
        assert {mapping.name for mapping in hardware.mappings} == {m.name for m in facts.mappings}


async def test_a_guest_is_moved_and_the_task_followed() -> None:
    async with lab() as running, console(config_of(running)) as view:
        guest = next(g for g in running.lab.guests if g.name == "web-01")
        base = f"/nodes/{guest.node}/qemu/{guest.vmid}"
        before = await view.source.get(f"{base}/migrate")
        assert before["running"] == 1
        target = next(node for node in before["allowed_nodes"] if node != guest.node)
        upid = await view.source.call("POST", f"{base}/migrate", {"target": target, "online": True})
        status = await view.source.task_status(upid)
        assert status.running or status.succeeded
        lines = await view.source.task_log(upid)
        assert all(text.isprintable() for _number, text in lines)
        with pytest.raises(Rejected):
            await view.source.call("POST", f"{base}/migrate", {"target": guest.node})


async def test_rights_that_are_missing() -> None:
    async with lab() as running:
        token = "auditor@pve!watch"
        secret = Secret("plain", running.accounts.token_secret(token))
        config = msgspec.structs.replace(config_of(running), token_id=token, token_secret=secret)
        async with console(config) as view:
            with pytest.raises(Forbidden) as caught:
                await view.source.call("POST", "/nodes/pve1/qemu/110/status/stop", {})
            assert (caught.value.privilege, caught.value.path) == ("VM.PowerMgmt", "/vms/110")
            reports = await view.source.probe()
            assert len(reports) == len(running.lab.nodes)
            for report in reports:
                assert report.reached
                missing = {right.privilege for right in report.missing}
                assert {"VM.Migrate", "VM.PowerMgmt"} <= missing
                assert report.certificate is not None


async def test_a_wrong_token() -> None:
    async with lab() as running:
        config = msgspec.structs.replace(
            config_of(running), token_secret=Secret("plain", "wrong-wrong")
        )
        async with console(config) as view:
            with pytest.raises(Refused) as caught:
                await view.read("resources")
            assert "wrong-wrong" not in str(caught.value)


async def test_password_and_second_factor() -> None:
    async with lab() as running:
        users = running.accounts.as_json()["proxmox"]["users"]
        dora = users["dora@pve"]

        def code() -> str:
            key = base64.b32decode(dora["totp_secret"])
            count = struct.pack(">Q", int(running.cluster.clock.now()) // 30)
            mac = hmac.new(key, count, hashlib.sha1).digest()
            at = mac[-1] & 15
            return f"{(struct.unpack('>I', mac[at : at + 4])[0] & 0x7FFFFFFF) % 10**6:06d}"

        base = config_of(running)
        config = ProxmoxConfig(
            base.name,
            base.endpoints,
            base.tls,
            username="dora@pve",
            password=Secret("plain", dora["password"]),
            totp=True,
        )
        async with console(config, code) as view:
            reading = await view.read("resources")
            assert isinstance(reading.part, Resources)
            assert reading.part.guests
            with pytest.raises(Forbidden):
                await view.source.call("POST", "/nodes/pve1/qemu/110/status/stop", {})
        async with console(config) as blind:
            with pytest.raises(Refused):
                await blind.read("resources")


@pytest.mark.parametrize("mode", [Mode.REFUSE, Mode.RESET, Mode.RUBBISH])
async def test_another_node_answers_for_a_broken_one(mode: Mode) -> None:
    async with lab() as running, console(config_of(running)) as view:
        first = (await view.read("membership")).via
        port = int(first.rsplit(":", 1)[1])
        name = next(name for name, p in running.ports.proxmox.items() if p == port)
        await running.fault(name, mode)
        second = (await view.read("membership")).via
        assert second != first


async def test_all_nodes_broken_and_mended() -> None:
    async with lab() as running, console(config_of(running)) as view:
        await view.read("resources")
        await running.fault("*", Mode.REFUSE)
        with pytest.raises(Unreachable):
            await view.read("resources")
        await running.fault("*", Mode.HANG)
        with pytest.raises(TimedOut):
            await view.source.get("/version", 0.2)
        await running.fault("*", Mode.OK)
        for _number in range(20):
            try:
                await view.read("resources")
                break
            except LabError:
                await asyncio.sleep(0.05)
        else:
            pytest.fail("never came back")


async def test_a_dead_node_keeps_its_hardware_and_configs() -> None:
    async with lab(speed=30) as running, console(config_of(running)) as view:
        for topic in ("resources", "hardware", "configs"):
            await view.read(topic)
        known = view.part(GuestConfigs)
        await running.power("pve2", on=False)
        running.cluster.advance()
        ends = time.monotonic() + 20
        while time.monotonic() < ends:
            part = (await view.read("membership")).part
            assert isinstance(part, Membership)
            if "pve2" not in part.online:
                break
            await asyncio.sleep(0.1)
        hardware = (await view.read("hardware")).part
        assert isinstance(hardware, Hardware)
        assert "pve2" in hardware.missing
        assert hardware.devices["pve2"]
        configs = (await view.read("configs")).part
        assert isinstance(configs, GuestConfigs)
        assert isinstance(known, GuestConfigs)
        assert set(configs.configs) == set(known.configs)
