"""One SSH connection, through jump hosts if need be, within a time limit.

Host keys are strict at every hop: an unknown or changed one ends the attempt before any of our
keys is offered. Only public keys are used; nothing ever asks a person.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from labtui.config.address import hops_of, is_loopback
from labtui.config.schema import Hop, SshConfig
from labtui.locale import _
from labtui.model.errors import LabError, TimedOut, Unexpected
from labtui.sources import limits
from labtui.sources.classify import chain_of, late, shell, sockets
from labtui.sources.ssh.keys import Prepared, prepare
from labtui.sources.threads import Threads

if TYPE_CHECKING:
    import asyncssh

CONNECT_LIMIT = limits.SHELL.connect
"""Seconds for all hops together, with keys and logins."""
_KEEPALIVE = 15


def way_to(target: Hop, ssh: SshConfig) -> tuple[Hop, ...]:
    """The hops to a host, itself the last. This machine itself is never behind a jump host."""
    jumps = () if is_loopback(target.address.host) else hops_of(ssh.jump)
    return (*jumps, target)


async def connect(
    hops: Sequence[Hop], ssh: SshConfig, threads: Threads[None], limit: float = CONNECT_LIMIT
) -> asyncssh.SSHClientConnection:
    """A connection to the last hop through the others. Raises `LabError`.

    Closing or aborting it ends the connections to the hops before it as well.
    """
    what = _("connecting over SSH")
    where = str(hops[-1].address)
    connection: asyncssh.SSHClientConnection | None = None
    try:
        async with asyncio.timeout(limit):
            ready = await threads.run(
                lambda _client: prepare(ssh, hops[0].address, what), limit, what
            )
            for hop in hops:
                connection = await _next(hop, ssh, ready, connection, what)
    except TimeoutError:
        end(connection)
        verdict = late("ssh")
        raise TimedOut(what, where=where, why=verdict.why, remedy=verdict.remedy) from None
    except BaseException:
        end(connection)
        raise
    if connection is None:
        raise Unexpected(what, where=where, why=_("no host is configured"))
    return connection


def end(connection: asyncssh.SSHClientConnection | None) -> None:
    """End a connection at once, and those it goes through."""
    if connection is not None:
        connection.abort()
        through = connection.get_extra_info("labtui_through")
        end(through)


async def _next(
    hop: Hop,
    ssh: SshConfig,
    ready: Prepared,
    through: asyncssh.SSHClientConnection | None,
    what: str,
) -> asyncssh.SSHClientConnection:
    """The connection to the next hop."""
    import asyncssh

    options: dict[str, Any] = {
        "config": None,
        "username": hop.user or ssh.user or (),
        "known_hosts": ready.known,
        "client_keys": list(ready.own) or None,
        "agent_path": ready.agent,
        "preferred_auth": "publickey",
        "gss_host": None,
        "keepalive_interval": _KEEPALIVE,
        "keepalive_count_max": 2,
    }
    if ready.agent and not ready.own:
        # None would be no keys at all, and those of the agent are keys.
        options["client_keys"] = []
    host, port = hop.address.host, hop.address.port
    try:
        if through is None:
            sock = await _plain(ready.hosts, port)
            made = await asyncssh.connect(host, port, sock=sock, **options)
        else:
            made = await asyncssh.connect(host, port, tunnel=through, **options)
    except Exception as error:  # noqa: BLE001 - turned into a LabError
        raise _failure(error, hop, ready, what) from None
    made.set_extra_info(labtui_through=through)
    return made


async def _plain(hosts: tuple[str, ...], port: int) -> socket.socket:
    """A connection to the first address that takes one; the limit is the caller's."""
    loop = asyncio.get_running_loop()
    failure: OSError | None = None
    for host in hosts:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_STREAM)
        sock.settimeout(0)
        try:
            await loop.sock_connect(sock, (host, port))
        except OSError as error:
            sock.close()
            failure = error
        except BaseException:
            sock.close()
            raise
        else:
            return sock
    raise failure or OSError("no address")


def _failure(error: Exception, hop: Hop, ready: Prepared, what: str) -> LabError:
    if isinstance(error, LabError):
        return error
    where = str(hop.address)
    chain = tuple(chain_of(error))
    verdict = shell.of_exception(chain, ready.knows(hop.address)) or sockets.of_exception(
        chain, "ssh"
    )
    if verdict is None:
        return Unexpected(what, where=where, why=type(error).__name__)
    return verdict.error(what, where)
