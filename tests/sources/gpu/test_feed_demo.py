"""What cards do, asked of the demo's guests: by their agents and over SSH, on both releases."""

from __future__ import annotations

from typing import cast

import msgspec
import pytest

from labtui.config.file import load
from labtui.config.schema import Address, Config, GpuConfig, Hop
from labtui.demo.service import RunningLab
from labtui.model.claims import card_table
from labtui.model.cluster import Rights
from labtui.model.errors import Rejected
from labtui.model.feed import Feed
from labtui.model.snapshot import Part, Snapshot
from labtui.model.use import CardUses
from labtui.model.use_join import use_table
from labtui.sources.gpu.feed import UseFeed
from labtui.sources.gpu.ways import AgentAsker, Said
from labtui.sources.proxmox import ProxmoxSource
from labtui.sources.source import Reading
from tests.sources.proxmox.test_demo import lab

FIRST = ("resources", "membership", "rights", "hardware", "configs")


class View:
    """A source that asks for the use of cards, with the parts it has read."""

    def __init__(self, config: Config, gpu: GpuConfig, held: str = "") -> None:
        cluster = config.proxmox[0]
        self.held = held
        self.source = ProxmoxSource(cluster, ssh=config.ssh, gpu=gpu, held=self.why)
        self.parts: dict[Feed, Part] = {}

    async def read(self, topic: str) -> Reading:
        spec = next(spec for spec in self.source.feeds() if spec.feed.topic == topic)
        reading = await spec.read(Snapshot(parts=dict(self.parts)))
        self.parts[spec.feed] = reading.part
        return reading

    async def why(self) -> str:
        return self.held

    async def uses(self) -> CardUses:
        for topic in FIRST:
            for _again in range(4):
                if not (await self.read(topic)).unfinished:
                    break
        for _again in range(20):
            reading = await self.read("use")
            assert isinstance(reading.part, CardUses)
            if not reading.unfinished:
                return reading.part
        raise AssertionError("it never ended")

    @property
    def snapshot(self) -> Snapshot:
        return Snapshot(parts=dict(self.parts))


async def view_of(running: RunningLab, gpu: GpuConfig, held: str = "") -> View:
    return View(load(running.config), gpu, held)


@pytest.mark.parametrize("version", ["8.4", "9.2"])
async def test_by_the_agents_of_the_guests_that_run_with_a_card(version: str) -> None:
    async with lab(version, speed=20.0) as running:
        view = await view_of(running, GpuConfig("agent"))
        try:
            found = await view.uses()
            facts = {guest.name: guest for guest in running.lab.guests}
            amy, eric = facts["gpu-amy"].vmid, facts["gpu-eric"].vmid
            assert f"guest/{facts['gpu-ben'].vmid}" not in found.reports, "it is off"
            report = found.reports[f"guest/{amy}"]
            assert report.problem is None, report.problem
            assert (report.tool, len(report.cards)) == ("nvidia-smi", 2)
            assert any(each.user == "amy" for card in report.cards for each in card.processes)
            assert found.reports[f"guest/{eric}"].problem is None
            # By the place in the guest, each card of the line is the one on the node.
            seen = use_table(view.snapshot).of
            mine = [c for c in card_table(view.snapshot).cards if c.device.node == "pve1"]
            joined = {c.device.address for c in mine if c.key in seen}
            assert joined >= {"0000:01:00.0", "0000:02:00.0"}
            assert {seen[c.key].how for c in mine if c.key in seen} == {"place"}
            assert set(found.rest) >= {card.uuid for card in report.cards}
        finally:
            await view.source.close()


async def test_over_ssh_nodes_tell_of_the_cards_that_nobody_has() -> None:
    async with lab("9.2", speed=20.0) as running:
        config = load(running.config)
        hosts = tuple(
            (f"guest:{guest.name}", (Hop(Address(guest.address, 0), "root"),))
            for guest in running.lab.guests
            if guest.hostpci and guest.address
        )
        ssh = msgspec.structs.replace(config.ssh, hosts=hosts)
        view = View(msgspec.structs.replace(config, ssh=ssh), GpuConfig("ssh"))
        try:
            found = await view.uses()
            told = [r for r in found.reports.values() if r.problem is None and r.cards]
            assert {bool(report.vmid) for report in told} == {True, False}, found.reports
            # A node's driver has the very addresses of its cards.
            seen = use_table(view.snapshot).of
            free = [c.key for c in card_table(view.snapshot).cards if c.state == "free"]
            assert any(key in seen and not seen[key].report.vmid for key in free)
        finally:
            await view.source.close()


async def test_a_right_that_is_missing_is_said_and_nothing_is_sent() -> None:
    async with lab("9.2", speed=20.0) as running:
        view = await view_of(running, GpuConfig("agent"))
        try:
            for topic in FIRST:
                await view.read(topic)
            feed = next(feed for feed in view.parts if feed.topic == "rights")
            rights = view.parts[feed]
            assert isinstance(rights, Rights)
            view.parts[feed] = msgspec.structs.replace(rights, privileges={"/": frozenset()})
            part = (await view.read("use")).part
            assert isinstance(part, CardUses)
            whys = {r.problem.why for r in part.reports.values() if r.problem is not None}
            assert any("VM.GuestAgent.Unrestricted" in why for why in whys)
            assert all(report.at is None for report in part.reports.values())
        finally:
            await view.source.close()


async def test_a_console_that_is_read_only_asks_nobody() -> None:
    async with lab("9.2") as running:
        view = await view_of(running, GpuConfig("agent"), "this console is read-only")
        try:
            part = (await view.read("use")).part
            assert isinstance(part, CardUses)
            assert part.problem is not None
            assert "allow_in_read_only" in part.problem.why
        finally:
            await view.source.close()


async def test_a_freeze_stops_it_at_once_and_what_was_seen_stays() -> None:
    async with lab("9.2", speed=20.0) as running:
        view = await view_of(running, GpuConfig("agent"))
        try:
            before = await view.uses()
            assert any(report.cards for report in before.reports.values())
            view.held = "frozen by amy on desk"
            part = (await view.read("use")).part
            assert isinstance(part, CardUses)
            assert part.reports == before.reports
            assert part.problem is not None
            assert "frozen by amy" in part.problem.why
            assert "allow_in_read_only" in part.problem.why
            view.held = ""
            part = (await view.read("use")).part
            assert isinstance(part, CardUses)
            assert part.problem is None
        finally:
            await view.source.close()


async def test_a_freeze_between_two_commands_stops_the_second() -> None:
    asked: list[tuple[str, ...]] = []

    async def held() -> str:
        return "frozen" if asked else ""

    async def run(command: tuple[str, ...]) -> Said:
        asked.append(command)
        return Said(0, "")

    feed = UseFeed("lab", cast("AgentAsker", None), lambda: 0.0, held)
    guarded = feed._guarded(run)
    await guarded(("nvidia-smi", "-q", "-x"))
    with pytest.raises(Rejected, match="frozen"):
        await guarded(("ps", "-o", "pid=,user=", "-p", "1"))
    assert len(asked) == 1


async def test_who_allows_it_is_never_held_back() -> None:
    async with lab("9.2", speed=20.0) as running:
        view = await view_of(
            running, GpuConfig("agent", allow_in_read_only=True), "this console is read-only"
        )
        try:
            assert any(report.cards for report in (await view.uses()).reports.values())
        finally:
            await view.source.close()


async def test_nobody_is_asked_without_the_wish() -> None:
    async with lab("9.2") as running:
        view = await view_of(running, GpuConfig())
        try:
            assert "use" not in {spec.feed.topic for spec in view.source.feeds()}
        finally:
            await view.source.close()
