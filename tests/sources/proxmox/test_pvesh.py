"""The same reads through pvesh over SSH, when no endpoint answers."""

from __future__ import annotations

import asyncio
import json
import shlex
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from labtui.config.schema import Address, SshConfig, Tls
from labtui.model.cluster import Membership, Resources
from labtui.model.errors import (
    Forbidden,
    LabError,
    TlsFailed,
    Unreachable,
)
from labtui.model.snapshot import Snapshot
from labtui.sources.proxmox import ProxmoxSource
from tests.sources.proxmox.asking import always, closed_port
from tests.sources.proxmox.server import Certificate, Reply, Request, serving, with_token
from tests.sources.proxmox.world import TOPICS, Cluster
from tests.sources.ssh.server import Answer, Client, Host
from tests.sources.ssh.server import serving as serving_ssh

pytestmark = pytest.mark.usefixtures("warm")


class Shell:
    """A node's shell: pvesh over the recorded cluster."""

    def __init__(self) -> None:
        self.cluster = Cluster()

    def __call__(self, line: str) -> Answer:
        words = shlex.split(line)
        assert words[:2] == ["pvesh", "get"]
        assert words[3:5] == ["--output-format", "json"]
        reply = self.cluster(Request("GET", words[2], {}, {}))
        if reply.status != 200:
            return 255, b"", f"{reply.reason}\n".encode()
        return 0, json.dumps(reply.data).encode() + b"\n", b""


@pytest.fixture
def client(tmp_path: Path) -> Client:
    return Client(tmp_path)


@asynccontextmanager
async def console(
    certificate: Certificate, ssh: SshConfig, hosts: tuple[str, ...], *ways: Address
) -> AsyncIterator[ProxmoxSource]:
    config = with_token(certificate.pin, *(ways or (closed_port(), closed_port())))
    source = ProxmoxSource(msgspec.structs.replace(config, ssh=hosts), ssh=ssh)
    try:
        yield source
    finally:
        await source.close()


@pytest.mark.parametrize("topic", TOPICS)
async def test_every_feed_reads_as_ever(
    certificate: Certificate, client: Client, topic: str
) -> None:
    host = Host(client.folder, Shell())
    async with (
        serving_ssh(host, client),
        console(certificate, client.config(host), (host.address,)) as source,
    ):
        spec = next(spec for spec in source.feeds() if spec.feed.topic == topic)
        reading = await spec.read(Snapshot())
    assert reading.via == "ssh 127.0.0.1 pvesh"
    if isinstance(reading.part, Resources):
        assert reading.part.guests
    if isinstance(reading.part, Membership):
        assert reading.part.witnesses[0].endpoint == reading.via
        assert all(witness.problem for witness in reading.part.witnesses[1:])


async def test_one_connection_for_many_reads(certificate: Certificate, client: Client) -> None:
    host = Host(client.folder, Shell())
    async with (
        serving_ssh(host, client),
        console(certificate, client.config(host), (host.address,)) as source,
    ):
        await asyncio.gather(*(source.get("/cluster/tasks") for _number in range(5)))
    assert len(host.commands) == 5
    assert len(host.users) == 1


async def test_an_endpoint_that_is_back_goes_first(
    certificate: Certificate, client: Client
) -> None:
    host = Host(client.folder, Shell())
    with serving(always(Reply("by https")), certificate) as server:
        async with (
            serving_ssh(host, client),
            console(certificate, client.config(host), (host.address,), server.address) as source,
        ):
            assert await source.get("/version") == "by https"
    assert host.commands == []


async def test_hung_endpoints_leave_time_for_it(certificate: Certificate, client: Client) -> None:
    host = Host(client.folder, Shell())
    with serving(always(Reply(hang=True)), certificate) as server:
        async with (
            serving_ssh(host, client),
            console(certificate, client.config(host), (host.address,), server.address) as source,
        ):
            for _number in range(3):
                assert await source.get("/cluster/tasks", 1.0)
            # Two time-outs, and the endpoint rests.
            assert len(server.requests) == 2


async def test_the_next_host_when_one_is_dead(certificate: Certificate, client: Client) -> None:
    host = Host(client.folder, Shell())
    async with serving_ssh(host, client):
        hosts = (str(closed_port()), host.address)
        async with console(certificate, client.config(host), hosts) as source:
            assert await source.get("/cluster/tasks")


async def test_a_write_never_goes_that_way(certificate: Certificate, client: Client) -> None:
    host = Host(client.folder, Shell())
    async with (
        serving_ssh(host, client),
        console(certificate, client.config(host), (host.address,)) as source,
    ):
        with pytest.raises(Unreachable):
            await source.call("POST", "/nodes/pve3/qemu/100/status/start", {})
    assert host.commands == []


async def test_a_write_goes_to_an_endpoint_that_rests(
    certificate: Certificate, client: Client
) -> None:
    """Reads take the shell meanwhile; a write has no other way."""
    host = Host(client.folder, Shell())
    fault = [Reply(status=502, reason="Bad Gateway", body=b"")]
    with serving(lambda _request: fault[0], certificate) as server:
        async with (
            serving_ssh(host, client),
            console(certificate, client.config(host), (host.address,), server.address) as source,
        ):
            endpoint = source._endpoints.all[-1]
            for _number in range(2):
                endpoint.failed(Unreachable("x"))
            assert await source.get("/cluster/tasks")
            assert server.requests == []
            fault[0] = Reply("UPID")
            path = "/nodes/pve3/qemu/100/status/start"
            assert await source.call("POST", path, {}) == "UPID"


async def test_when_the_shell_fails_too_those_that_rest_are_asked(
    certificate: Certificate, client: Client
) -> None:
    dead = str(closed_port())
    with serving(always(Reply("by https")), certificate) as server:
        async with console(certificate, client.config(), (dead,), server.address) as source:
            for endpoint in source._endpoints.all:
                for _number in range(2):
                    endpoint.failed(Unreachable("x"))
            with pytest.raises(LabError, match="SSH"):
                await source.get("/version")
            assert await source.get("/version") == "by https"


async def test_a_strange_certificate_is_no_reason_to_go_round_it(
    certificate: Certificate, client: Client
) -> None:
    host = Host(client.folder, Shell())
    with serving(always(Reply("x")), certificate) as server:
        config = with_token(Tls("pin", fingerprint="0" * 64), server.address)
        async with serving_ssh(host, client):
            config = msgspec.structs.replace(config, ssh=(host.address,))
            source = ProxmoxSource(config, ssh=client.config(host))
            for _number in range(4):
                with pytest.raises(TlsFailed):
                    await source.get("/version")
            await source.close()
    assert host.commands == []


async def test_both_ways_are_named_when_both_are_dead(
    certificate: Certificate, client: Client
) -> None:
    dead = str(closed_port())
    async with console(certificate, client.config(), (dead,)) as source:
        for _number in range(3):
            with pytest.raises(Unreachable) as caught:
                await source.get("/version")
            assert "refused" in caught.value.why
            assert "SSH" in caught.value.why


async def test_a_host_that_is_not_known_is_said(certificate: Certificate, client: Client) -> None:
    host = Host(client.folder, Shell())
    async with (
        serving_ssh(host, client),
        console(certificate, client.config(), (host.address,)) as source,
    ):
        with pytest.raises(LabError, match="host key"):
            await source.get("/version")
    assert host.commands == []


async def test_a_shell_that_hangs(certificate: Certificate, client: Client) -> None:
    host = Host(client.folder, hang=True)
    async with (
        serving_ssh(host, client),
        console(certificate, client.config(host), (host.address,)) as source,
        asyncio.timeout(4),
    ):
        with pytest.raises(LabError):
            await source.get("/version", 0.6)


async def test_refusals_of_the_far_side(certificate: Certificate, client: Client) -> None:
    shell = Shell()
    shell.cluster.answers["/cluster/tasks"] = Reply(
        status=403, reason="Permission check failed (/, Sys.Audit)"
    )
    host = Host(client.folder, shell)
    async with (
        serving_ssh(host, client),
        console(certificate, client.config(host), (host.address,)) as source,
    ):
        with pytest.raises(Forbidden):
            await source.get("/cluster/tasks")
