"""Agents of guests: who is asked, who answered, and what it means when nobody did."""

from __future__ import annotations

import pytest

from labtui.model.errors import Unreachable
from tests.sources.proxmox.server import Certificate, Reply
from tests.sources.proxmox.world import Lab, lab, many


def two_with_agents(world: Lab) -> None:
    world.cluster.answers["/cluster/resources"] = Reply(many(2))
    world.cluster.config = {**world.cluster.config, "agent": "1"}
    for vmid in (100, 101):
        agent = f"/nodes/pve3/qemu/{vmid}/agent/get-fsinfo"
        world.cluster.answers[agent] = Reply({"result": []})


async def test_agents_without_a_server_are_a_problem_and_asked_again(
    certificate: Certificate,
) -> None:
    async with lab(certificate) as world:
        two_with_agents(world)
        for topic in ("resources", "configs"):
            await world.read(topic)
        world.server.stop()
        for _again in range(3):
            with pytest.raises(Unreachable):
                await world.read("agents")


async def test_who_had_nobody_to_ask_says_so(certificate: Certificate) -> None:
    async with lab(certificate) as world:
        two_with_agents(world)
        await world.read("resources")
        assert not (await world.read("agents")).heard
        assert (await world.read("configs")).heard
        assert (await world.read("agents")).heard
        assert await world.asked("agents") == []
        assert not (await world.read("agents")).heard
