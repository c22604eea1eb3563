"""Connections over SSH: strict host keys, jumps, limits; commands bounded in time and size."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncssh
import pytest

from labtui.config.address import hop_of, hops_of
from labtui.config.schema import SshConfig
from labtui.model.errors import (
    HostKeyFailed,
    Refused,
    TimedOut,
    Unexpected,
    Unreachable,
)
from labtui.sources.ssh import run as run_module
from labtui.sources.ssh.connect import connect, end, way_to
from labtui.sources.ssh.run import Finished, run
from labtui.sources.threads import Threads
from tests.sources.proxmox.asking import closed_port
from tests.sources.ssh.server import Client, Host, serving, silent, until


@pytest.fixture
def threads() -> Iterator[Threads[None]]:
    pool: Threads[None] = Threads("ssh", lambda: None, size=1)
    yield pool
    pool.close()


@asynccontextmanager
async def connected(
    target: str, ssh: SshConfig, threads: Threads[None], limit: float = 4.0
) -> AsyncIterator[asyncssh.SSHClientConnection]:
    connection = await connect((*hops_of(ssh.jump), hop_of(target)), ssh, threads, limit)
    try:
        yield connection
    finally:
        end(connection)
        await connection.wait_closed()


def damage(known_hosts: str) -> None:
    """Put lines in front that nobody can read."""
    path = Path(known_hosts)
    path.write_text(f"rubbish\n@what x y z\n|1|bad|bad ssh-rsa x\n{path.read_text()}")


def replace(file: str, content: str | None) -> None:
    """Other content for a file, or no file at all."""
    Path(file).unlink()
    if content is not None:
        Path(file).write_text(content)


async def test_a_command_and_its_end(client: Client, threads: Threads[None]) -> None:
    host = Host(client.folder, lambda command: (3, command.encode(), b"oh"))
    async with (
        serving(host, client),
        connected(host.address, client.config(host), threads) as connection,
    ):
        done = await run(connection, "echo x", "asking", "h", 2)
        assert done == Finished(3, b"echo x", b"oh")
    assert host.users == ["root"]


async def test_the_user_of_the_hop_goes_first(client: Client, threads: Threads[None]) -> None:
    host = Host(client.folder)
    async with (
        serving(host, client),
        connected(f"amy@{host.address}", client.config(host), threads),
    ):
        assert host.users == ["amy"]


async def test_an_unknown_host_key_ends_it(client: Client, threads: Threads[None]) -> None:
    host = Host(client.folder)
    async with serving(host, client):
        with pytest.raises(HostKeyFailed) as caught:
            async with connected(host.address, client.config(), threads):
                pass
        assert "not known" in caught.value.why
    assert host.users == []


async def test_a_changed_host_key_is_told_apart(client: Client, threads: Threads[None]) -> None:
    host, old = Host(client.folder), Host(client.folder)
    async with serving(host, client):
        old.port = host.port
        with pytest.raises(HostKeyFailed) as caught:
            async with connected(host.address, client.config(old), threads):
                pass
        assert "not the known one" in caught.value.why
    assert host.users == []


async def test_no_file_of_known_keys(client: Client, threads: Threads[None]) -> None:
    host = Host(client.folder)
    async with serving(host, client):
        ssh = SshConfig(known_hosts=str(client.folder / "absent"))
        with pytest.raises(HostKeyFailed, match="absent"):
            async with connected(host.address, ssh, threads):
                pass


async def test_damaged_lines_of_known_hosts_hide_no_others(
    client: Client, threads: Threads[None]
) -> None:
    host = Host(client.folder)
    async with serving(host, client):
        ssh = client.config(host)
        damage(ssh.known_hosts)
        async with connected(host.address, ssh, threads):
            pass


async def test_a_key_that_is_not_accepted(client: Client, threads: Threads[None]) -> None:
    host = Host(client.folder)
    async with serving(host, client):
        stranger = Client(client.folder / "other")
        stranger.folder.mkdir()
        with pytest.raises(Refused):
            async with connected(host.address, stranger.config(host), threads):
                pass


@pytest.mark.parametrize("content", [None, "rubbish"])
async def test_a_key_that_cannot_be_read(
    client: Client, threads: Threads[None], content: str | None
) -> None:
    host = Host(client.folder)
    async with serving(host, client):
        ssh = client.config(host)
        replace(ssh.identity_file, content)
        with pytest.raises(Refused):
            async with connected(host.address, ssh, threads):
                pass


async def test_nobody_there(client: Client, threads: Threads[None]) -> None:
    with pytest.raises(Unreachable, match="refused"):
        async with connected(str(closed_port()), client.config(), threads):
            pass


async def test_a_host_that_says_nothing(client: Client, threads: Threads[None]) -> None:
    async with silent() as address, asyncio.timeout(3):
        with pytest.raises(TimedOut):
            async with connected(address, client.config(), threads, 0.3):
                pass


async def test_through_a_jump_host(client: Client, threads: Threads[None]) -> None:
    jump, host = Host(client.folder), Host(client.folder, lambda _c: (0, b"far", b""))
    async with serving(jump, client), serving(host, client):
        ssh = client.config(jump, host, jump=f"hop@{jump.address}")
        async with connected(host.address, ssh, threads) as connection:
            assert (await run(connection, "x", "asking", "h", 2)).out == b"far"
        assert jump.forwarded == [("127.0.0.1", host.port)]
        assert (jump.users, host.users) == (["hop"], ["root"])
        await until(lambda: not jump.connections and not host.connections)


async def test_the_host_behind_a_jump_must_be_known_too(
    client: Client, threads: Threads[None]
) -> None:
    jump, host = Host(client.folder), Host(client.folder)
    async with serving(jump, client), serving(host, client):
        ssh = client.config(jump, jump=jump.address)
        with pytest.raises(HostKeyFailed):
            async with connected(host.address, ssh, threads):
                pass
        await until(lambda: not jump.connections)


async def test_a_jump_host_that_does_not_forward(client: Client, threads: Threads[None]) -> None:
    jump = Host(client.folder, forwards=False)
    async with serving(jump, client):
        ssh = client.config(jump, jump=jump.address)
        with pytest.raises(Unreachable, match="jump"):
            async with connected("127.0.0.1:1", ssh, threads):
                pass


def test_this_machine_is_never_behind_a_jump_host() -> None:
    ssh = SshConfig(jump="a@jump.example,b.example:23")
    assert way_to(hop_of("127.0.0.1:2222"), ssh) == (hop_of("127.0.0.1:2222"),)
    assert [str(hop) for hop in way_to(hop_of("pve1"), ssh)] == [
        "a@jump.example:22",
        "b.example:23",
        "pve1:22",
    ]


async def test_a_command_that_hangs(client: Client, threads: Threads[None]) -> None:
    host = Host(client.folder, hang=True)
    async with (
        serving(host, client),
        connected(host.address, client.config(host), threads) as connection,
    ):
        with pytest.raises(TimedOut):
            await run(connection, "x", "asking", "h", 0.2)


async def test_a_command_without_end(
    client: Client, threads: Threads[None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_module, "MOST_OUT", 1000)
    host = Host(client.folder, lambda _c: (0, b"x" * 5000, b""))
    async with (
        serving(host, client),
        connected(host.address, client.config(host), threads) as connection,
    ):
        with pytest.raises(Unexpected, match="end"):
            await run(connection, "x", "asking", "h", 2)


async def test_a_connection_that_breaks_off(client: Client, threads: Threads[None]) -> None:
    host = Host(client.folder, hang=True)
    async with (
        serving(host, client),
        connected(host.address, client.config(host), threads) as connection,
    ):
        asking = asyncio.create_task(run(connection, "x", "asking", "h", 3))
        await until(lambda: bool(host.commands))
        for each in tuple(host.connections):
            each.abort()
        with pytest.raises(Unreachable, match="lost"):
            await asking


def test_asyncssh_is_loaded_only_when_something_connects() -> None:
    code = (
        "import sys, labtui.sources.ssh.connect, labtui.sources.ssh.run,"
        " labtui.sources.ssh.forward,"
        " labtui.sources.proxmox, labtui.sources.routeros.source;"
        "print('asyncssh' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
