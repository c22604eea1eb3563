"""From an address to a connection that is logged in, within a time limit.

The TLS context ends the handshake when the router is not the one it should be, so that a password
never goes to the wrong one.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from labtui.config.schema import Address, Hop, Tls
from labtui.locale import _
from labtui.model.errors import LabError, Rejected, TimedOut, TlsFailed, Unexpected, Unreachable
from labtui.model.text import clean
from labtui.sources import classify
from labtui.sources.routeros import tls as tls_of
from labtui.sources.routeros.sentences import wired
from labtui.sources.routeros.traps import Trap, credentials, error_of, fatal
from labtui.sources.routeros.ways import Way
from labtui.sources.routeros.wire import Wire
from labtui.sources.ssh.forward import open_stream
from labtui.sources.threads import Threads

if TYPE_CHECKING:
    import asyncssh

Dial = Callable[[Sequence[Hop], float], Awaitable["asyncssh.SSHClientConnection"]]
"""Connects to the last of some SSH hosts within that many seconds."""
_LOGIN = "/login"
# A router that will not have us says so by ending the connection.
_CUT = ("reset", "tls-eof")
# An idle tunnel or a NAT in between drops a connection without a word; this finds out.
_KEEPALIVE = (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3))


@dataclass(frozen=True)
class Account:
    """Who logs in; the password is never shown."""

    username: str
    password: str

    def __repr__(self) -> str:
        return f"Account({self.username!r}, ***)"


@dataclass(frozen=True)
class Endpoint:
    """An address with its name looked up and its TLS context made, ready to be tried."""

    way: Way
    hosts: tuple[str, ...]
    tls: Tls
    context: ssl.SSLContext | None

    @property
    def what(self) -> str:
        """What is tried, for errors."""
        return _("connecting to the router")

    @property
    def where(self) -> str:
        return str(self.way)


async def look_up(way: Way, tls: Tls, threads: Threads[None], limit: float) -> Endpoint:
    """Look the name up and read the authorities, in a thread. Raises `LabError`.

    Behind a jump host the name is that host's to look up.
    """
    what, where, address = _("connecting to the router"), str(way), way.address

    def prepare(_client: None) -> Endpoint:
        if way.jump:
            return Endpoint(way, (), tls, _context(tls, address, what))
        try:
            found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise Unreachable(
                what,
                where=where,
                why=_("the name {host} is not known").format(host=clean(address.host)),
                remedy=_("correct the address in the configuration, or check DNS"),
            ) from error
        hosts = tuple(dict.fromkeys(str(entry[4][0]) for entry in found))
        return Endpoint(way, hosts, tls, _context(tls, address, what))

    return await threads.run(prepare, limit, what)


async def log_in(
    endpoint: Endpoint,
    account: Account,
    limit: float,
    dial: Dial | None = None,
) -> Wire:
    """Connect and log in, all within `limit` seconds. Raises `LabError`.

    `dial` gets to the jump host, for a way through one.
    """
    logging.getLogger("librouteros").disabled = True  # it writes every word, passwords too
    failures: list[LabError] = []
    try:
        async with asyncio.timeout(limit):
            if dial is not None and endpoint.way.jump:
                return await _through(endpoint, account, limit, dial)
            for host in endpoint.hosts:
                try:
                    return await _connect(endpoint, host, account, limit)
                except Unreachable as error:
                    failures.append(error)
    except TimeoutError:
        raise TimedOut(
            endpoint.what,
            where=endpoint.where,
            why=_("no answer in {seconds:g} s").format(seconds=limit),
            remedy=_("is the router up, and may this machine reach the port?"),
        ) from None
    raise failures[0]


async def _connect(endpoint: Endpoint, host: str, account: Account, limit: float) -> Wire:
    from librouteros import async_connect

    refusals: list[Exception] = []

    async def enter(api: Any, username: str, password: str) -> None:
        # The failure is kept, not raised: on its way out the library would wait for a hung
        # transport, and might replace it by that transport's own error.
        try:
            await _enter(api, username, password, endpoint)
        except Exception as error:  # noqa: BLE001 - turned into a LabError below
            refusals.append(error)

    try:
        api = await async_connect(
            host,
            wired(account.username),
            wired(account.password),
            port=endpoint.way.address.port,
            timeout=limit,
            encoding="latin-1",
            ssl_wrapper=endpoint.context,
            login_method=enter,
        )
    except Exception as error:
        raise failure(error, endpoint) from error
    if refusals:
        raise failure(refusals[0], endpoint) from refusals[0]
    return Wire(api, endpoint.where)


async def _through(endpoint: Endpoint, account: Account, limit: float, dial: Dial) -> Wire:
    """The same over a stream of an SSH connection, which ends with the connection made here."""
    from librouteros.api import AsyncApi
    from librouteros.connections import AsyncSocketTransport
    from librouteros.protocol import AsyncApiProtocol

    way = endpoint.way
    forward = await open_stream(await dial(way.jump, limit), way.address, endpoint.what)
    try:
        name = way.address.host if endpoint.context else None
        reader, writer = await asyncio.open_connection(
            sock=forward.socket, ssl=endpoint.context, server_hostname=name
        )
        transport = AsyncSocketTransport(reader, writer)
        protocol = AsyncApiProtocol(transport=transport, encoding="latin-1", timeout=limit)
        api = AsyncApi(protocol=protocol)
        await _enter(api, wired(account.username), wired(account.password), endpoint)
    except Exception as error:
        forward.close()
        raise failure(error, endpoint) from error
    except BaseException:
        forward.close()
        raise
    return Wire(api, endpoint.where)


async def _enter(api: Any, username: str, password: str, endpoint: Endpoint) -> None:
    """Log in on a fresh connection, or abort it, so that nobody waits for its orderly end."""
    transport = api.protocol.transport.writer.transport
    try:
        _keep_alive(transport)
        rows = [row async for row in api(_LOGIN, name=username, password=password)]
        _check_age(rows, endpoint)
    except BaseException:
        transport.abort()
        raise


def failure(error: Exception, endpoint: Endpoint) -> LabError:
    """The error of the model for whatever went wrong on the way in."""
    from librouteros.exceptions import ConnectionClosed, FatalError, MultiTrapError, TrapError

    if isinstance(error, LabError):
        return error
    if isinstance(error, TrapError | MultiTrapError):
        return _refusal(error, endpoint.where)
    if isinstance(error, FatalError):
        return fatal(str(error).removeprefix("=message="), endpoint.where)
    verdict = classify.of_exception(error, "routeros")
    if isinstance(error, ConnectionClosed) or (verdict and verdict.sign in _CUT):
        return _cut(endpoint)
    if verdict is not None and verdict.kind != "unexpected":
        return verdict.error(endpoint.what, endpoint.where)
    # On rubbish the library raises whatever it hits: ProtocolError, IndexError, TypeError ...
    return Unexpected(
        _("this is not the RouterOS API"),
        where=endpoint.where,
        why=type(error).__name__,
        remedy=_("check the port: 8728 for api, 8729 for api-ssl"),
    )


def _refusal(error: Exception, where: str) -> LabError:
    traps = getattr(error, "traps", (error,))
    told = [Trap(getattr(trap, "category", None), str(trap)) for trap in traps]
    found = error_of(told, _LOGIN, where)
    # Any no to a login is about the account, whatever its wording.
    return credentials(where, found.why)


def _cut(endpoint: Endpoint) -> Unreachable:
    return Unreachable(
        endpoint.what,
        where=endpoint.where,
        why=_("the router closed the connection"),
        remedy=_("check the allowed addresses and the certificate of the service in /ip/service"),
    )


def _check_age(rows: list[dict[str, Any]], endpoint: Endpoint) -> None:
    """A challenge as answer means that the router wants the old login."""
    if not any("ret" in row for row in rows):
        return
    raise Rejected(
        _("login not possible"),
        where=endpoint.where,
        why=_("the router only knows the login of before RouterOS 6.43"),
        remedy=_("update RouterOS"),
    )


def _context(tls: Tls, address: Address, what: str) -> ssl.SSLContext | None:
    try:
        return tls_of.context(tls, address.host)
    except TlsFailed as error:
        # Which file is at fault is in its `where`; here the address takes that place.
        why = f"{error.what} {error.where} ({error.why})" if error.where else error.what
        raise TlsFailed(what, where=str(address), why=why, remedy=error.remedy) from error


def _keep_alive(transport: asyncio.BaseTransport) -> None:
    raw = transport.get_extra_info("socket")
    if raw is None or raw.family not in (socket.AF_INET, socket.AF_INET6):
        return  # our end of a stream through SSH, which has a keepalive of its own
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEPALIVE:
        if hasattr(socket, name):
            raw.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
