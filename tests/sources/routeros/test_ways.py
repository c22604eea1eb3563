"""Which way to a router: preferred, next best, through an SSH jump, and back again."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from labtui.config.address import hop_of
from labtui.config.schema import Address, RouterConfig, SshConfig, Tls
from labtui.config.secret import Secret
from labtui.model.errors import HostKeyFailed, LabError, TimedOut, TlsFailed, Unreachable
from labtui.model.snapshot import Snapshot
from labtui.sources.routeros import connect
from labtui.sources.routeros.source import RouterSource
from labtui.sources.routeros.ways import Way, ways_of
from labtui.sources.source import Reading
from tests.sources.proxmox.asking import closed_port
from tests.sources.routeros.fake import FakeRouter, Script, menus, running, until
from tests.sources.routeros.papers import papers
from tests.sources.ssh.server import Client, Host, silent
from tests.sources.ssh.server import serving as serving_ssh

MENUS = menus(
    system__identity=[{"name": "core-1"}],
    system__resource=[{"version": "7.20", "board-name": "CHR"}],
    ip__address=[],
)


async def facts(source: RouterSource) -> Reading:
    spec = next(spec for spec in source.feeds() if spec.feed.topic == "facts")
    return await spec.read(Snapshot())


@contextlib.asynccontextmanager
async def made(config: RouterConfig, ssh: SshConfig | None = None) -> AsyncIterator[RouterSource]:
    source = RouterSource(config, ssh=ssh)
    try:
        yield source
    finally:
        await source.close()


@contextlib.asynccontextmanager
async def at(port: int, script: Script) -> AsyncIterator[FakeRouter]:
    """A router on that very port."""
    router = FakeRouter(script)
    server = await asyncio.start_server(router.serve, "127.0.0.1", port)
    router.port = port
    try:
        yield router
    finally:
        server.close()
        router.end()
        await asyncio.sleep(0)


@pytest.fixture
def client(tmp_path: Path) -> Client:
    return Client(tmp_path)


def config(*addresses: str, jump: str = "") -> RouterConfig:
    ways = tuple(Address(address, 8729) for address in addresses)
    return RouterConfig("r", ways, Tls(), "u", Secret("plain", "p"), jump=jump)


def test_addresses_first_then_the_same_through_the_jump() -> None:
    ssh = SshConfig(jump="amy@jump.example,b.example")
    ways = ways_of(config("10.0.0.1", "192.0.2.1"), ssh)
    assert [str(way) for way in ways] == [
        "10.0.0.1:8729",
        "192.0.2.1:8729",
        "10.0.0.1:8729 ssh jump.example:22 b.example:22",
        "192.0.2.1:8729 ssh jump.example:22 b.example:22",
    ]


def test_a_jump_of_the_routers_own_goes_before_that_of_all() -> None:
    ways = ways_of(config("10.0.0.1", jump="pve1"), SshConfig(jump="other"))
    assert ways[1].jump == (hop_of("pve1"),)


def test_this_machines_own_address_means_another_behind_a_jump() -> None:
    assert ways_of(config("127.0.0.1"), SshConfig(jump="x")) == (Way(Address("127.0.0.1", 8729)),)
    assert len(ways_of(config("127.0.0.1", jump="x"), SshConfig())) == 2


async def test_the_preferred_way_is_taken_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connect, "RETURN_PACE", 0.02)
    monkeypatch.setattr("labtui.sources.breaker.FIRST_REST", 0.01)
    monkeypatch.setattr(connect, "_RETIRES", 0.05)
    gone = closed_port()
    async with running(MENUS) as second:
        ways = (gone, Address("127.0.0.1", second.port))
        async with made(second.config(addresses=ways)) as source:
            assert (await facts(source)).via == str(ways[1])
            async with at(gone.port, MENUS) as first:
                await until(lambda: first.logins > 0 and source._reader.via == str(gone))
                assert (await facts(source)).via == str(gone)
                assert first.received
                # The connection that is not needed any more ends.
                await until(lambda: second.sessions[0].writer.transport.is_closing())
                logins = first.logins
                await asyncio.sleep(0.1)
                assert first.logins == logins


async def test_looking_back_logs_nobody_in_while_it_is_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connect, "RETURN_PACE", 0.01)
    monkeypatch.setattr("labtui.sources.breaker.FIRST_REST", 0.01)
    async with running(MENUS) as second:
        ways = (closed_port(), Address("127.0.0.1", second.port))
        async with made(second.config(addresses=ways)) as source:
            await facts(source)
            await asyncio.sleep(0.1)
            assert second.logins == 1
            assert (await facts(source)).via == str(ways[1])


async def test_a_way_that_just_failed_is_tried_last() -> None:
    async with running(MENUS) as second:
        ways = (closed_port(), Address("127.0.0.1", second.port))
        async with made(second.config(addresses=ways)) as source:
            await facts(source)
            assert source._reader._in_order()[0] == Way(ways[1])


async def test_through_the_jump_when_no_address_answers(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    jump = Host(client.folder)
    async with running(MENUS) as router, serving_ssh(jump, client):
        far = Address("127.0.0.1", router.port)
        # The far side of the jump is this machine as well: only from there the router answers.
        ways = (Way(closed_port()), Way(far, (hop_of(jump.address),)))
        monkeypatch.setattr("labtui.sources.routeros.source.ways_of", lambda *_given: ways)
        async with made(router.config(), client.config(jump)) as source:
            reading = await facts(source)
            probe = await source.probe()
        assert reading.via == f"{far} ssh {jump.address}"
        assert jump.forwarded == [("127.0.0.1", router.port)] * 2
        assert router.logins == 2
        assert [found.reached for found in probe.addresses] == [False, True]
    await until(lambda: not jump.connections)


async def test_tls_is_the_same_through_the_jump(client: Client, tmp_path: Path) -> None:
    own, other = papers(tmp_path, "core-1"), papers(tmp_path, "stranger")
    async with running(MENUS, own.server) as router, serving_ssh(Host(tmp_path), client) as jump:
        for pin, good in ((own.fingerprint, True), (other.fingerprint, False)):
            found = await through(router, jump, client, Tls("pin", fingerprint=pin))
            assert (found is None) is good
            assert good or isinstance(found, TlsFailed)
        verify = Tls("verify", ca_file=own.path)
        assert await through(router, jump, client, verify) is None
        assert router.logins == 2


async def through(
    router: FakeRouter, jump: Host, client: Client, tls: Tls, known: bool = True
) -> LabError | None:
    """What becomes of an attempt that has only the way through the jump."""
    config = router.config(jump=jump.address, tls=tls)
    async with made(config, client.config(*((jump,) if known else ()))) as source:
        line = source._reader
        line._ways = line._ways[1:]
        try:
            await facts(source)
        except LabError as error:
            return error
    return None


async def test_an_unknown_jump_host_is_not_used(client: Client) -> None:
    async with running(MENUS) as router, serving_ssh(Host(client.folder), client) as jump:
        found = await through(router, jump, client, Tls("off"), known=False)
        assert isinstance(found, HostKeyFailed)
        assert router.connections == 0


async def test_a_jump_host_that_hangs(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connect, "CONNECT_LIMIT", 0.1)
    monkeypatch.setattr(connect, "SSH_LIMIT", 0.2)
    async with running(MENUS) as router, silent() as address:
        config = router.config(jump=address)
        async with made(config, client.config()) as source, asyncio.timeout(3):
            line = source._reader
            line._ways = line._ways[1:]
            with pytest.raises(TimedOut):
                await facts(source)
        assert router.connections == 0


async def test_a_router_that_the_jump_does_not_reach(client: Client) -> None:
    async with running(MENUS) as router, serving_ssh(Host(client.folder), client) as jump:
        jump.forwards = False
        assert isinstance(await through(router, jump, client, Tls("off")), Unreachable)


async def test_a_stream_that_breaks_off_ends_the_connection(client: Client) -> None:
    async with running(MENUS) as router, serving_ssh(Host(client.folder), client) as jump:
        config = router.config(jump=jump.address)
        async with made(config, client.config(jump)) as source:
            line = source._reader
            line._ways = line._ways[1:]
            await facts(source)
            for connection in tuple(jump.connections):
                connection.abort()
            await until(lambda: line._wire is not None and line._wire.closed)
            assert (await facts(source)).via.endswith(jump.address)
            assert router.logins == 2


async def test_a_better_way_that_refuses_the_account_is_asked_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connect, "RETURN_PACE", 0.01)
    monkeypatch.setattr("labtui.sources.breaker.FIRST_REST", 0.01)
    gone = closed_port()
    async with running(MENUS) as second:
        ways = (gone, Address("127.0.0.1", second.port))
        async with made(second.config(addresses=ways)) as source:
            await facts(source)
            async with at(gone.port, MENUS) as first:
                first.refuse_with = ["!trap", "=message=invalid user name or password (6)"]
                await until(lambda: first.logins > 0)
                await asyncio.sleep(0.15)
                assert first.logins == 1
                assert (await facts(source)).via == str(ways[1])
