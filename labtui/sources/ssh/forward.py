"""A stream through an SSH connection (direct-tcpip), as a plain socket of this process.

No port is opened for it: nobody else on this machine can take that way.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import TYPE_CHECKING, Any

from labtui.config.schema import Address
from labtui.sources.classify import of_exception
from labtui.sources.ssh.connect import end

if TYPE_CHECKING:
    import asyncssh

_CHUNK = 64 << 10


class Forward:
    """A stream to `target` on the far side; `socket` is our end of it.

    It owns the connection: when either end closes, all of it ends.
    """

    def __init__(self, connection: asyncssh.SSHClientConnection, ours: socket.socket) -> None:
        self.socket = ours
        self._connection = connection
        self._task: asyncio.Task[None] | None = None

    def close(self) -> None:
        """End it at once."""
        if self._task is not None:
            self._task.cancel()
        end(self._connection)

    def carry(self, reader: Any, writer: Any, inner: socket.socket) -> None:
        """Begin to pass bytes both ways."""
        self._task = asyncio.create_task(self._carry(reader, writer, inner), name="ssh forward")

    async def _carry(self, reader: Any, writer: Any, inner: socket.socket) -> None:
        loop = asyncio.get_running_loop()

        async def there() -> None:
            while part := await loop.sock_recv(inner, _CHUNK):
                writer.write(part)
                await writer.drain()

        async def back() -> None:
            while part := await reader.read(_CHUNK):
                await loop.sock_sendall(inner, part)

        ways = [asyncio.create_task(there()), asyncio.create_task(back())]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            # Their failures are the end of the stream, which its user sees by himself.
            await asyncio.gather(*ways, return_exceptions=True)
            inner.close()
            end(self._connection)


async def open_stream(
    connection: asyncssh.SSHClientConnection, target: Address, what: str
) -> Forward:
    """A stream to that address as the far host sees it; the time limit is the caller's.

    Raises `LabError`. The connection belongs to the stream from here on.
    """
    try:
        reader, writer = await connection.open_connection(target.host, target.port, encoding=None)
    except Exception as error:
        end(connection)
        verdict = of_exception(error, "ssh")
        if verdict is None:
            raise
        raise verdict.error(what, str(target)) from None
    ours, inner = socket.socketpair()
    for each in (ours, inner):
        each.settimeout(0)
    forward = Forward(connection, ours)
    with contextlib.ExitStack() as stack:
        stack.callback(inner.close)
        forward.carry(reader, writer, inner)
        stack.pop_all()
    return forward
