"""Asking nodes side by side: one that hangs, one question that hangs, all that say no."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
import pytest

from labtui.model.errors import Unreachable
from labtui.model.node_facts import NodesBuild, NodesHealth
from labtui.sources.proxmox import lanes, node_feeds
from tests.sources.proxmox.server import Certificate, Reply
from tests.sources.proxmox.world import Lab, data, lab

pytestmark = pytest.mark.usefixtures("warm")
CLOCK = {"time": 1000, "localtime": 1000, "timezone": "Etc/UTC"}


def answer(world: Lab) -> None:
    """Both nodes tell what the recorded one did."""
    for node in ("pve3", "pve4"):
        base = f"/nodes/{node}"
        world.cluster.answers |= {
            f"{base}/status": Reply(data("node-status.pve3")),
            f"{base}/time": Reply(CLOCK),
            f"{base}/services": Reply(data("node-services")),
            f"{base}/replication": Reply([]),
            f"{base}/certificates/info": Reply(data("node-certificates-info")),
            f"{base}/apt/update": Reply(data("node-apt-update")),
            f"{base}/network": Reply(data("node-network")),
            f"{base}/disks/list": Reply([]),
        }


@contextmanager
def held(world: Lab, path: str) -> Iterator[threading.Event]:
    """That path waits until the event is set, at the latest at the end of the block."""
    event = threading.Event()
    world.cluster.held[path] = event
    try:
        yield event
    finally:
        event.set()


async def test_a_node_that_hangs_holds_up_nobody(
    certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "PATIENCE", 0.3)
    async with lab(certificate) as world:
        answer(world)
        await world.read("resources")
        await world.read("membership")
        with held(world, "/nodes/pve4/status") as event:
            first = await world.read("health")
            assert first.unfinished
            assert isinstance(first.part, NodesHealth)
            assert set(first.part.nodes) == {"pve3"}
            assert set(first.part.missing) == {"pve4"}
            clock = first.part.nodes["pve3"].clock
            assert clock is not None
            assert clock.ahead == pytest.approx(0.5)
            event.set()
            rest = await world.read("health")
        assert isinstance(rest.part, NodesHealth)
        assert set(rest.part.nodes) == {"pve3", "pve4"}
        assert rest.part.missing == {}


async def test_one_question_that_hangs_costs_its_answer_alone(
    certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = tuple(msgspec.structs.replace(ask, limit=0.4) for ask in node_feeds._BUILD)
    monkeypatch.setattr(node_feeds, "_BUILD", short)
    async with lab(certificate) as world:
        answer(world)
        await world.read("resources")
        await world.read("membership")
        with held(world, "/nodes/pve3/disks/list"):
            reading = await world.read("build")
            while reading.unfinished:
                reading = await world.read("build")
        assert isinstance(reading.part, NodesBuild)
        assert reading.part.missing == {}
        hung, well = reading.part.nodes["pve3"], reading.part.nodes["pve4"]
        assert hung.certificates
        assert hung.network
        assert hung.disks is None
        assert hung.problems["disks"].kind == "timed-out"
        assert well.disks == ()


async def test_what_was_said_before_stays_when_nobody_answers(certificate: Certificate) -> None:
    async with lab(certificate) as world:
        answer(world)
        for topic in ("resources", "membership", "health"):
            await world.read(topic)
        for path in tuple(world.cluster.answers):
            if path.endswith("/status"):
                world.cluster.answers[path] = Reply(status=595, reason="No route to host")
        with pytest.raises(Unreachable):
            await world.read("health")
        assert len(world.parts) == 3
