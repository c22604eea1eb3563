"""The source as a whole, against a server that replays recordings."""

from __future__ import annotations

import pytest

from labtui.model.cluster import HaStatus, Membership, Resources, Rights, Tasks
from labtui.model.devices import Hardware
from labtui.model.errors import LabError, NotFound, Unexpected
from labtui.model.feed import Feed
from labtui.model.guests import GuestConfigs
from labtui.sources.proxmox import ProxmoxSource, TaskStatus
from labtui.sources.source import Source
from tests.sources.proxmox.server import (
    SECRET,
    Certificate,
    Reply,
    serving,
    with_token,
)
from tests.sources.proxmox.world import TOPICS, UPID, Cluster, data, lab, many

LATER = ("health", "build", "safeguards", "ceph", "agents", "requests")


async def test_it_is_a_source(certificate: Certificate) -> None:
    async with lab(certificate) as world:
        source: Source = world.source
        specs = source.feeds()
        assert source.name == "lab"
        assert tuple(spec.feed.topic for spec in specs) == (*TOPICS, *LATER)
        assert all(spec.feed.backend == "proxmox" for spec in specs)
        assert all(spec.idle_pace >= spec.pace for spec in specs)
        assert [spec.pace for spec in specs] == [
            *(5, 5, 5, 10, 300, 120, 5, 60, 900, 300, 120, 10, 60),
        ]


async def test_every_feed_reads_its_part(certificate: Certificate) -> None:
    kinds: tuple[type, ...] = (
        *(Resources, Membership, Tasks, HaStatus, Rights, Hardware, GuestConfigs),
    )
    async with lab(certificate) as world:
        for topic, kind in zip(TOPICS, kinds, strict=True):
            reading = await world.read(topic)
            assert type(reading.part) is kind
            assert reading.complaints == ()
            assert reading.via == str(world.server.address)
        rights = world.parts[Feed("proxmox", "lab", "rights")]
        assert isinstance(rights, Rights)
        assert (rights.user, rights.version) == ("console@pve!t1", "9.2.11")
        assert rights.allows("VM.Audit", "/vms/100")


async def test_equal_readings_are_the_same_parts(certificate: Certificate) -> None:
    async with lab(certificate) as world:
        first = (await world.read("resources")).part
        assert (await world.read("resources")).part is first
        tasks = (await world.read("tasks")).part
        again = (await world.read("tasks")).part
        assert isinstance(tasks, Tasks)
        assert isinstance(again, Tasks)
        assert all(new is old for new, old in zip(again.tasks, tasks.tasks, strict=True))


@pytest.mark.parametrize("topic", ["resources", "membership", "tasks", "ha"])
async def test_one_request_a_reading(certificate: Certificate, topic: str) -> None:
    async with lab(certificate) as world:
        assert len(await world.asked(topic)) == 1


async def test_requests_do_not_grow_with_the_guests(certificate: Certificate) -> None:
    counts = []
    for guests in (120, 1200):
        async with lab(certificate) as world:
            world.cluster.answers["/cluster/resources"] = Reply(many(guests))
            await world.read("resources")
            await world.read("membership")
            world.cluster.answers["/cluster/backup-info/not-backed-up"] = Reply([])
            world.cluster.answers["/cluster/options"] = Reply({})
            world.cluster.config = {**world.cluster.config, "agent": "1"}
            counts.append([len(await world.asked(topic)) for topic in (*TOPICS, *LATER)])
    assert counts[0] == counts[1]
    # Configurations; then four questions a node, of which one takes a right that is missing.
    assert counts[0][6:] == [60, 8, 6, 3, 1, 2, 1]


async def test_a_task_is_asked_of_its_node(certificate: Certificate) -> None:
    async with lab(certificate) as world:
        base = f"/nodes/pve1/tasks/{UPID}"
        world.cluster.answers[f"{base}/status"] = Reply(data("task-status.live-shared"))
        lines = [{"n": n, "t": f"line {n}\x1b"} for n in range(1, 6)]
        world.cluster.answers[f"{base}/log"] = Reply(lines)
        assert await world.source.task_status(UPID) == TaskStatus(running=False, exit="OK")
        assert await world.source.task_log(UPID, 3) == [(4, "line 4�"), (5, "line 5�")]
        assert world.server.requests[-1].params == {"start": "3", "limit": "1000"}
        world.cluster.answers[f"{base}/log"] = Reply({"n": 1, "t": "unable to open file - x"})
        with pytest.raises(NotFound):
            await world.source.task_log(UPID, 0)
        before = len(world.server.requests)
        with pytest.raises(Unexpected):
            await world.source.task_status("UPID:../..:x")
        assert len(world.server.requests) == before


async def test_the_check(certificate: Certificate) -> None:
    async with lab(certificate) as world:
        (report,) = await world.source.probe()
    assert report.reached
    assert report.problem is None
    assert (report.version, report.user) == ("9.2.11", "console@pve!t1")
    assert report.latency is not None
    assert report.certificate is not None
    assert report.certificate.sha256 == certificate.fingerprint
    assert "pve1.lab" in report.certificate.subject
    missing = {(right.privilege, right.path) for right in report.missing}
    assert missing == {
        ("VM.Migrate", "/vms"),
        ("VM.PowerMgmt", "/vms"),
        ("Sys.PowerMgmt", "/nodes"),
        ("Sys.Syslog", "/nodes"),
    }
    assert all(right.lost for right in report.missing)


async def test_the_check_of_what_does_not_work(certificate: Certificate) -> None:
    cluster = Cluster()
    cluster.answers["/version"] = Reply(status=401, reason="Authentication failed!", body=b"")
    with serving(cluster, certificate) as refusing, serving(Cluster(), None) as gone:
        gone.stop()
        config = with_token(certificate.pin, refusing.address, gone.address)
        source = ProxmoxSource(config)
        first, second = await source.probe()
        await source.close()
    assert first.reached
    assert first.problem is not None
    assert first.problem.kind == "refused"
    assert first.certificate is not None
    assert not second.reached
    assert second.problem is not None
    assert second.problem.kind == "unreachable"
    assert SECRET not in repr((first, second))


async def test_rubbish_is_a_problem_not_a_crash(certificate: Certificate) -> None:
    async with lab(certificate) as world:
        await world.read("resources")
        for reply in (Reply(body=b"null"), Reply(body=b"<html>"), Reply(None), Reply(7)):
            for path in (
                *("/cluster/resources", "/cluster/status", "/cluster/tasks", "/version"),
                *("/cluster/ha/status/current",),
            ):
                world.cluster.answers[path] = reply
            for topic in ("resources", "membership", "tasks", "ha", "rights"):
                with pytest.raises(LabError) as caught:
                    await world.read(topic)
                assert caught.value.kind == "unexpected"
