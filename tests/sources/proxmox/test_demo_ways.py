"""The demo lab with a node that hangs, is cut off, or whose pveproxy is dead: who is believed."""

from __future__ import annotations

import asyncio
import time

import msgspec
import pytest

from labtui.config.file import load
from labtui.demo.listeners import Mode
from labtui.demo.service import RunningLab, start_lab
from labtui.model.cluster import Membership, Resources
from labtui.model.snapshot import Snapshot
from labtui.model.witnesses import alone, parties
from labtui.sources.proxmox import ProxmoxSource
from labtui.views.sources import disagreement


async def membership(source: ProxmoxSource) -> Membership:
    spec = next(spec for spec in source.feeds() if spec.feed.topic == "membership")
    part = (await spec.read(Snapshot())).part
    assert isinstance(part, Membership)
    return part


def source_of(running: RunningLab) -> ProxmoxSource:
    config = load(running.config)
    return ProxmoxSource(config.proxmox[0], ssh=config.ssh)


@pytest.mark.parametrize("mode", [Mode.HANG, Mode.BLACKHOLE, Mode.DRIP])
async def test_a_node_that_hangs_does_not_hold_up_the_first_rows(mode: Mode) -> None:
    async with start_lab(auth_delay=0.0, delay_scale=0.005) as running:
        await running.fault(running.lab.nodes[0].name, mode)
        source = source_of(running)
        specs = {spec.feed.topic: spec for spec in source.feeds()}
        try:
            # The whole limit of the call is twelve seconds.
            async with asyncio.timeout(6):
                resources, told = await asyncio.gather(
                    specs["resources"].read(Snapshot()), membership(source)
                )
        finally:
            began = time.monotonic()
            await source.close()
            assert time.monotonic() - began < 2
    assert isinstance(resources.part, Resources)
    assert len(resources.part.guests) == len(running.cluster.state.guests)
    assert told.quorate is True


async def test_a_node_that_is_cut_off_is_named() -> None:
    async with start_lab(auth_delay=0.0, delay_scale=0.005, speed=10.0) as running:
        names = [node.name for node in running.lab.nodes]
        source = source_of(running)
        try:
            assert (await membership(source)).online == set(names)
            await running.break_("node-partition", names[0])
            part = await membership(source)
            for _number in range(100):
                part = await membership(source)
                sides = parties(part.witnesses)
                told = all(one.speaks for one in part.witnesses)
                # At the moment of the change it may still say that all are there.
                if told and len(sides) == 2 and alone(sides[1]):
                    break
                await asyncio.sleep(0.05)
        finally:
            await source.close()
    assert disagreement(part) == (
        f"{names[0]} alone sees 1 of {len(names)}; {len(names) - 1} of {len(names)} agree on "
        + " ".join(names[1:])
    )
    assert part.quorate is True
    assert part.online == set(names[1:])


async def test_the_cluster_is_read_through_a_shell() -> None:
    async with start_lab(auth_delay=0.0, delay_scale=0.005) as running:
        config = load(running.config)
        assert running.ports is not None
        ports = [running.ports.ssh[node.name] for node in running.lab.nodes]
        hosts = tuple(f"root@127.0.0.1:{port}" for port in ports)
        for node in running.lab.nodes:
            await running.fault(node.name, Mode.REFUSE)
        cluster = msgspec.structs.replace(config.proxmox[0], ssh=hosts)
        source = ProxmoxSource(cluster, ssh=config.ssh)
        try:
            specs = {spec.feed.topic: spec for spec in source.feeds()}
            resources = await specs["resources"].read(Snapshot())
            told = await specs["membership"].read(Snapshot())
            tasks = await specs["tasks"].read(Snapshot())
        finally:
            await source.close()
    assert isinstance(resources.part, Resources)
    assert isinstance(told.part, Membership)
    assert len(resources.part.guests) == len(running.cluster.state.guests)
    assert told.part.online == {node.name for node in running.lab.nodes}
    assert {reading.via for reading in (resources, told, tasks)} == {"ssh 127.0.0.1 pvesh"}
