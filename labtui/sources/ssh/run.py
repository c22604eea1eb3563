"""Commands over one SSH connection: bounded in time and in what they may say."""

from __future__ import annotations

import asyncio
import errno
from subprocess import DEVNULL
from typing import TYPE_CHECKING, Any, NamedTuple

from labtui.locale import _
from labtui.model.errors import TimedOut, Unexpected
from labtui.sources.classify import of_exception

if TYPE_CHECKING:
    import asyncssh

MOST_OUT = 32 << 20
_MOST_ERR = 64 << 10
_CHUNK = 64 << 10


class Finished(NamedTuple):
    """How a command ended. `status` is -1 when it was killed by a signal."""

    status: int
    out: bytes
    err: bytes


class _TooMuch(Exception):
    """More came than is taken."""


async def run(
    connection: asyncssh.SSHClientConnection, command: str, what: str, where: str, limit: float
) -> Finished:
    """Run a command to its end, at most `limit` seconds. Raises `LabError`.

    After any failure the connection is not to be used again: the caller ends it.
    """
    try:
        async with asyncio.timeout(limit):
            return await _run(connection, command)
    except TimeoutError:
        raise TimedOut(
            what, where=where, why=_("no answer in {seconds:.0f} s").format(seconds=limit)
        ) from None
    except _TooMuch:
        raise Unexpected(what, where=where, why=_("an answer without end")) from None
    except Exception as error:  # noqa: BLE001 - turned into a LabError
        verdict = of_exception(error, "ssh")
        if verdict is None:
            raise Unexpected(what, where=where, why=type(error).__name__) from None
        raise verdict.error(what, where) from None


async def _run(connection: asyncssh.SSHClientConnection, command: str) -> Finished:
    process: Any = await connection.create_process(command, encoding=None, stdin=DEVNULL)
    try:
        out, err = await asyncio.gather(
            _all(process.stdout, MOST_OUT), _all(process.stderr, _MOST_ERR, cut=True)
        )
        await process.wait_closed()
    finally:
        process.close()
    status = process.exit_status
    if status is None and process.exit_signal is None:
        raise ConnectionResetError(errno.ECONNRESET, "ended without a status")
    return Finished(-1 if status is None else int(status), out, err)


async def _all(stream: Any, most: int, cut: bool = False) -> bytes:
    """Everything until the end; beyond `most` bytes it is cut, or `_TooMuch` is raised."""
    parts: list[bytes] = []
    size = 0
    while part := await stream.read(_CHUNK):
        size += len(part)
        if size > most:
            if not cut:
                raise _TooMuch
            continue
        parts.append(part)
    return b"".join(parts)
