"""The readings about nodes, safeguards and agents, against the demo lab of both releases."""

from __future__ import annotations

import asyncio
import time

import msgspec
import pytest

from labtui.findings import Watch
from labtui.findings.finding import Finding
from labtui.model.cluster import Membership, Rights
from labtui.model.feed import Freshness
from labtui.model.guests import GuestConfigs
from labtui.model.node_facts import NodeHealth, NodesBuild, NodesHealth
from labtui.model.safeguards import Agents, AgentWord, Ceph, Safeguards
from labtui.model.snapshot import Part
from tests.sources.proxmox.test_demo import Console, config_of, console, lab

FIRST = ("resources", "membership", "tasks", "rights", "configs")


async def read(view: Console, *topics: str) -> None:
    for topic in topics:
        reading = await view.read(topic)
        for _again in range(3):
            if reading.unfinished:
                reading = await view.read(topic)
        assert reading.complaints == ()


def put(view: Console, part: Part) -> None:
    """Have the console believe another part of that kind."""
    feed = next(feed for feed, known in view.parts.items() if type(known) is type(part))
    view.parts[feed] = part


def health(view: Console) -> dict[str, NodeHealth]:
    part = view.part(NodesHealth)
    assert isinstance(part, NodesHealth)
    return part.nodes


def agents(view: Console) -> dict[int, AgentWord]:
    part = view.part(Agents)
    assert isinstance(part, Agents)
    return part.guests


@pytest.mark.parametrize("version", ["8.4", "9.2"])
async def test_every_node_tells_of_itself(version: str) -> None:
    async with lab(version) as running, console(config_of(running)) as view:
        await read(view, *FIRST, "health", "build", "safeguards", "ceph")
        names = {node.name for node in running.lab.nodes}
        assert set(health(view)) == names
        for fact in health(view).values():
            assert fact.problems == {}
            assert fact.status is not None
            assert fact.clock is not None
            assert fact.services
            assert fact.status.version.startswith(version)
            assert abs(fact.clock.ahead) < 3
        build = view.part(NodesBuild)
        assert isinstance(build, NodesBuild)
        assert set(build.nodes) == names
        for built in build.nodes.values():
            assert built.problems == {}
            assert built.certificates
            assert built.updates
            assert built.disks
            assert built.network
        safe, ceph = view.part(Safeguards), view.part(Ceph)
        assert isinstance(safe, Safeguards)
        assert isinstance(ceph, Ceph)
        assert (safe.problems, safe.rules) == ({}, ())
        assert safe.not_backed_up
        assert (ceph.health, ceph.osds_up) == ("HEALTH_OK", 8)


async def test_what_a_node_says_when_something_is_wrong_with_it() -> None:
    async with lab() as running, console(config_of(running)) as view:
        await running.break_("node-clock-off", "pve2", seconds="400")
        await running.break_("node-certificate-ending", "pve3", days="9")
        await read(view, *FIRST, "health", "build")
        clock = health(view)["pve2"].clock
        assert clock is not None
        assert clock.ahead == pytest.approx(400, abs=3)
        build = view.part(NodesBuild)
        assert isinstance(build, NodesBuild)
        first = (build.nodes["pve3"].certificates or ())[0]
        assert first.name == "pve-ssl.pem"
        assert first.ends - running.cluster.state.now < 9.1 * 86400


async def test_ceph_and_nodes_when_one_is_away() -> None:
    async with lab() as running, console(config_of(running)) as view:
        await read(view, *FIRST, "health")
        await running.power("pve4", on=False)
        known = view.part(Membership)
        assert isinstance(known, Membership)
        members = tuple(
            msgspec.structs.replace(member, online=member.name != "pve4")
            for member in known.members
        )
        put(view, msgspec.structs.replace(known, members=members))
        before = health(view)["pve4"]
        await read(view, "health")
        part = view.part(NodesHealth)
        assert isinstance(part, NodesHealth)
        assert set(part.missing) == {"pve4"}
        # What it said last stays, with the time when it said so.
        assert part.nodes["pve4"] == before


async def test_rights_that_are_missing_are_not_asked_for() -> None:
    async with lab() as running, console(config_of(running)) as view:
        await read(view, *FIRST)
        rights = view.part(Rights)
        assert isinstance(rights, Rights)
        held = {"/": rights.privileges["/"] - {"Sys.Modify", "VM.GuestAgent.Audit"}}
        put(view, msgspec.structs.replace(rights, privileges=held))
        await read(view, "build", "agents")
        build, heard = view.part(NodesBuild), view.part(Agents)
        assert isinstance(build, NodesBuild)
        assert isinstance(heard, Agents)
        for built in build.nodes.values():
            assert built.updates is None
            assert built.problems["updates"].kind == "forbidden"
            assert "Sys.Modify" in built.problems["updates"].why
        assert heard.guests == {}
        assert heard.problem is not None
        assert "VM.GuestAgent.Audit" in heard.problem.why


async def test_agents_are_asked_by_turns() -> None:
    async with lab() as running, console(config_of(running)) as view:
        await read(view, *FIRST)
        configs = view.part(GuestConfigs)
        assert isinstance(configs, GuestConfigs)
        assert sum(config.agent for config in configs.configs.values()) > 10
        counts = []
        for _turn in range(3):
            await read(view, "agents")
            counts.append(len(agents(view)))
        assert counts == [2, 4, 6]
        assert all(word.answers and word.disks and word.nics for word in agents(view).values())


async def test_an_agent_that_has_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labtui.sources.proxmox.safeguard_feeds.AGAIN", 0.0)
    monkeypatch.setattr("labtui.sources.proxmox.safeguard_feeds.AT_ONCE", 100)
    async with lab() as running, console(config_of(running)) as view:
        await read(view, *FIRST, "agents")
        vmid, word = next(iter(agents(view).items()))
        assert word.answers
        await running.break_("guest-agent-gone", running.cluster.state.guests[vmid].name)
        heard = word.read_at
        async with asyncio.timeout(20):
            # A node that is slower than the others is told of by a later reading.
            while (gone := agents(view)[vmid]).answers:
                heard = gone.read_at
                await read(view, "agents")
        assert gone.heard_at == heard
        assert gone.why


async def test_faults_of_the_lab_become_findings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labtui.sources.proxmox.safeguard_feeds.AT_ONCE", 100)
    monkeypatch.setattr("labtui.sources.proxmox.safeguard_feeds.AGAIN", 0.0)
    async with lab(speed=200.0) as running, console(config_of(running)) as view:
        guests = running.cluster.state.guests
        job = next(iter(running.cluster.replication.jobs.values()))
        await running.break_("node-clock-off", "pve2", seconds="400")
        await running.break_("node-certificate-ending", "pve3", days="9")
        await running.break_("replication-late", guests[job.vmid].name)
        await running.break_("guest-disk-filling", "netbox")
        await read(view, *FIRST, "build", "safeguards", "ceph")
        rules: set[str] = set()
        async with asyncio.timeout(20):
            while not {"replication-late", "guest-disk"} <= rules:
                await read(view, "resources", "health", "agents")
                rules = {finding.rule for finding in findings(view)}
                await asyncio.sleep(0.1)
        assert {"node-clock", "certificate-ends", "backup-missing"} <= rules
        assert not rules & {"ceph-health", "agent-gone", "service-dead", "release-mix"}


def findings(view: Console) -> tuple[Finding, ...]:
    """What the rules make of it now, of things that are a little unsure too."""
    now = time.time()
    fresh = {feed: Freshness(pace=3600.0, read_at=now, sequence=1) for feed in view.parts}
    snapshot = msgspec.structs.replace(view.snapshot, freshness=fresh)
    watch, _first = Watch().look(snapshot, now)
    return watch.look(snapshot, now + 10)[1].findings
