"""The listener of one host: who gets in, and what connections are forwarded to."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

import asyncssh

from labtui.demo.ssh.hosts import CLIENT, Host, SshLab, opened
from labtui.demo.ssh.login import serve_process

SSH_PORT = 22
NO_ANSWER_SECONDS = 30.0
"""World seconds until a host that is off is given up."""

_LOGIN_SECONDS = 120.0
_VERSIONS = {True: "OpenSSH_10.0p2 Debian-7", False: "OpenSSH_9.2p1 Debian-2+deb12u7"}


@dataclass
class SshServer:
    """A host that listens."""

    acceptor: asyncssh.SSHAcceptor
    lab: SshLab
    host: Host

    @property
    def port(self) -> int:
        """Its port on the address it was started with."""
        return self.acceptor.get_port()

    def close(self) -> None:
        """Stop listening and cut what is open."""
        self.lab.rekey.pop(self.host.name, None)
        self.acceptor.close()
        for close in tuple(self.host.closers):
            close()

    async def wait_closed(self) -> None:
        """Return when it is closed."""
        await self.acceptor.wait_closed()


class _Connection(asyncssh.SSHServer):
    """One client. Nobody gets in with a password."""

    def __init__(self, lab: SshLab, host: Host) -> None:
        self._lab, self._host = lab, host
        self._connection: asyncssh.SSHServerConnection | None = None
        self._ended = asyncio.Event()

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn
        self._host.closers.add(self._cut)
        if not self._lab.alive(self._host):
            conn.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._host.closers.discard(self._cut)
        self._ended.set()

    def _cut(self) -> None:
        if self._connection is not None:
            self._connection.abort()

    async def begin_auth(self, username: str) -> bool:
        if self._host.hangs == "login":
            await opened(self._host.flowing, self._ended.wait())
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        if self._host.refuses_key or username not in self._lab.users(self._host):
            return False
        known = asyncssh.import_public_key(self._lab.keys.public(CLIENT))
        return key.public_data == known.public_data

    async def _forward(self, dest_host: str, dest_port: int) -> asyncssh.SSHTCPSession[Any]:
        target = self._lab.resolve(dest_host)
        code = asyncssh.OPEN_CONNECT_FAILED
        if target is None:
            raise asyncssh.ChannelOpenError(code, "Name or service not known")
        if not self._lab.alive(target):
            await self._lab.site.pause(NO_ANSWER_SECONDS)
            raise asyncssh.ChannelOpenError(code, "No route to host")
        if not self._lab.reached(self._lab.stands_on(target)):
            await self._lab.site.pause(NO_ANSWER_SECONDS)
            raise asyncssh.ChannelOpenError(code, "Connection timed out")
        if dest_port != SSH_PORT or self._connection is None:
            raise asyncssh.ChannelOpenError(code, "Connection refused")
        port = await _port(self._lab, target)
        forwarder = await self._connection.forward_connection("127.0.0.1", port)
        # A forwarder has the callbacks of a session, without being declared as one.
        return cast("asyncssh.SSHTCPSession[Any]", forwarder)

    def connection_requested(
        self, dest_host: str, dest_port: int, orig_host: str, orig_port: int
    ) -> Awaitable[asyncssh.SSHTCPSession[Any]]:
        """Forward to a name of the lab (`ssh -J`)."""
        return self._forward(dest_host, dest_port)


async def listen(lab: SshLab, host: Host, address: str) -> SshServer:
    """Serve a host on a free port of an address."""
    acceptor = await asyncssh.listen(
        address,
        0,
        server_factory=partial(_Connection, lab, host),
        server_host_keys=[asyncssh.import_private_key(lab.keys.private(host.key_name))],
        process_factory=partial(serve_process, lab, host),
        server_version=_VERSIONS[lab.state.modern],
        login_timeout=_LOGIN_SECONDS,
        encoding="utf-8",
        errors="replace",
        agent_forwarding=False,
        allow_scp=False,
        gss_host=None,
        line_history=100,
    )

    def rekey() -> None:
        key = asyncssh.import_private_key(lab.keys.private(host.key_name))
        acceptor.update(server_host_keys=[key])

    lab.rekey[host.name] = rekey
    return SshServer(acceptor, lab, host)


async def _port(lab: SshLab, host: Host) -> int:
    """Where a host listens: behind its front if it has one, else on a listener of its own."""
    if host.name in lab.ports:
        return lab.ports[host.name]
    if host.name not in lab.inner:
        lab.inner[host.name] = asyncio.ensure_future(_begin(lab, host))
    return await asyncio.shield(lab.inner[host.name])


async def _begin(lab: SshLab, host: Host) -> int:
    server = await listen(lab, host, "127.0.0.1")
    lab.on_close.append(server.close)
    return server.port
