"""An SSH server on the loopback: scripted commands, forwarding, and hosts that hang or refuse."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncssh

from labtui.config.schema import SshConfig

Answer = tuple[int, bytes, bytes]
"""Status, output, complaints."""
Script = Callable[[str], Answer]


def nothing(_command: str) -> Answer:
    return 0, b"", b""


@dataclass
class Host:
    """A running server: what it was asked, and how it behaves."""

    folder: Path
    script: Script = nothing
    hang: bool = False
    forwards: bool = True
    key: asyncssh.SSHKey = field(default_factory=lambda: _key())
    commands: list[str] = field(default_factory=list)
    users: list[str] = field(default_factory=list)
    forwarded: list[tuple[str, int]] = field(default_factory=list)
    port: int = 0
    connections: set[Any] = field(default_factory=set)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def known_hosts(self) -> str:
        """Its line in a file of known keys."""
        public = self.key.export_public_key().decode().strip()
        return f"[127.0.0.1]:{self.port} {public}\n"


def _key() -> asyncssh.SSHKey:
    return asyncssh.generate_private_key("ssh-ed25519")


class _Server(asyncssh.SSHServer):
    def __init__(self, host: Host, client: asyncssh.SSHKey) -> None:
        self._host = host
        self._client = client.convert_to_public()

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._host.connections.add(conn)
        self._conn = conn

    def connection_lost(self, exc: Exception | None) -> None:
        self._host.connections.discard(self._conn)

    async def begin_auth(self, username: str) -> bool:
        self._host.users.append(username)
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return key.public_data == self._client.public_data

    def connection_requested(
        self, dest_host: str, dest_port: int, orig_host: str, orig_port: int
    ) -> bool:
        self._host.forwarded.append((dest_host, dest_port))
        return self._host.forwards


@dataclass
class Client:
    """Our side: a key of ours in a file, and the file of known host keys."""

    folder: Path
    key: asyncssh.SSHKey = field(default_factory=_key)

    def config(self, *hosts: Host, jump: str = "") -> SshConfig:
        """`[ssh]` for those hosts; their present keys are written to known_hosts."""
        identity = self.folder / "id_ed25519"
        identity.write_bytes(self.key.export_private_key())
        identity.chmod(0o600)
        known = self.folder / "known_hosts"
        known.write_text("".join(host.known_hosts() for host in hosts))
        return SshConfig("root", jump, str(known), str(identity))


@contextlib.asynccontextmanager
async def serving(host: Host, client: Client) -> AsyncIterator[Host]:
    """The server for the time of the block."""

    async def process(process: asyncssh.SSHServerProcess[bytes]) -> None:
        command = process.command or ""
        host.commands.append(command)
        if host.hang:
            await process.wait_closed()
            return
        status, out, err = host.script(command)
        process.stdout.write(out)
        process.stderr.write(err)
        process.exit(status)

    acceptor = await asyncssh.listen(
        "127.0.0.1",
        0,
        server_factory=lambda: _Server(host, client.key),
        server_host_keys=[host.key],
        process_factory=process,
        encoding=None,
        gss_host=None,
    )
    host.port = acceptor.get_port()
    try:
        yield host
    finally:
        acceptor.close()
        for connection in tuple(host.connections):
            connection.abort()
        await acceptor.wait_closed()


async def until(condition: Callable[[], bool]) -> None:
    """Wait until it holds, two seconds at most."""
    for _number in range(200):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came to that")


@contextlib.asynccontextmanager
async def silent() -> AsyncIterator[str]:
    """An address that takes connections and never says a word."""
    listener = socket.create_server(("127.0.0.1", 0))
    try:
        yield f"127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.close()
        await asyncio.sleep(0)
