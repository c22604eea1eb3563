"""Consoles of guests and nodes: a termproxy, and the websocket to it.

The port that termproxy opens is one of the node that was ASKED, which reaches the guest's node by
SSH by itself (there is no `proxyto` for these calls), so the websocket goes to the same endpoint as
the POST. It waits ten seconds for its client. TLS and credential are those of every other call.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import msgspec

from labtui.config.schema import Tls
from labtui.config.tls import client_context
from labtui.locale import _
from labtui.model.errors import LabError, Refused, TimedOut, Unreachable
from labtui.sources import limits
from labtui.sources.classify import late, of_exception
from labtui.sources.proxmox.client import Client
from labtui.sources.proxmox.connect import Endpoints
from labtui.sources.proxmox.console_frames import PING, Welcome, hello, sized, typed
from labtui.sources.proxmox.decode import plain
from labtui.sources.proxmox.endpoint import Endpoint
from labtui.sources.proxmox.errors import Question, from_status, unexpected

if TYPE_CHECKING:
    import ssl

    from aiohttp import ClientSession, ClientWebSocketResponse

OPENING = 10.0
"""Seconds from the POST's answer to the first `OK`: so long the port waits."""
SILENCE = 15.0
"""Seconds without anything until the server is asked for a sign of life, and until it is given up.

Not aiohttp's heartbeat: that gives up while nobody reads because our own terminal is slow.
"""
_CLOSING = 2.0
_MOST = 1 << 20


class _Opened(msgspec.Struct):
    """The answer of termproxy."""

    port: int
    ticket: str
    user: str


class Console:
    """One open console. `where` is the endpoint that it goes through."""

    def __init__(
        self, session: ClientSession, socket: ClientWebSocketResponse, where: str, first: bytes
    ) -> None:
        self._session = session
        self._socket = socket
        self._first = first
        self.where = where

    async def read(self) -> bytes:
        """What the screen shows next; empty at the end. Raises `LabError` when it broke off."""
        if self._first:
            first, self._first = self._first, b""
            return first
        asked = False
        while True:
            try:
                data = await _received(self._socket, self.where, SILENCE)
            except TimeoutError:
                if asked:
                    raise late("proxmox").error(_("the console"), self.where) from None
                asked = True
                # The front end answers the one, the terminal server knows the other.
                await self._guarded(self._socket.ping())
                await self._send(PING)
                continue
            if data is None:
                return b""
            asked = False
            if data:
                return data

    async def send(self, data: bytes) -> None:
        """Type. Raises `LabError`."""
        for frame in typed(data):
            await self._send(frame)

    async def resize(self, columns: int, rows: int) -> None:
        """Tell the size of our terminal. Raises `LabError`."""
        await self._send(sized(columns, rows))

    async def close(self) -> None:
        """End it; never waits long."""
        try:
            async with asyncio.timeout(_CLOSING):
                await self._socket.close()
        except TimeoutError:
            pass
        finally:
            await self._session.close()

    async def _send(self, data: bytes) -> None:
        await self._guarded(self._socket.send_bytes(data))

    async def _guarded(self, sending: Awaitable[None]) -> None:
        try:
            await sending
        except (OSError, RuntimeError) as error:
            # A RuntimeError is how aiohttp says that it is closed.
            raise _lost(self.where, error) from None


async def open_console(endpoints: Endpoints, path: str, tls: Tls) -> Console:
    """A console of the guest or node whose termproxy is under `path`. Raises `LabError`.

    The POST is sent once; a port that nobody comes to closes by itself.
    """
    what = _("opening the console")
    answer = await endpoints.write("POST", f"{path}/termproxy", what, plain, limits.WRITE.whole, {})
    endpoint = next((each for each in endpoints.all if each.where == answer.via), None)
    question = Question(what, answer.via, path)
    try:
        opened = msgspec.convert(answer.value, _Opened, strict=False)
        line = hello(opened.user, opened.ticket)
    except (msgspec.ValidationError, ValueError):
        raise unexpected(question, _("the answer lacks parts, or has others")) from None
    if endpoint is None:
        raise Unreachable(what, where=answer.via, why=_("this endpoint is not asked any more"))
    headers, context = await _credential(endpoint, question, tls)
    url = (
        f"https://{endpoint.address}/api2/json{path}/vncwebsocket"
        f"?port={opened.port}&vncticket={quote(opened.ticket, safe='')}"
    )
    return await _connected(url, headers, context, line, question)


async def _credential(
    endpoint: Endpoint, question: Question, tls: Tls
) -> tuple[dict[str, str], ssl.SSLContext]:
    """Headers that sign the request in, and the context; both block, so in the thread."""
    limit = limits.LOGIN.whole

    def prepare(client: Client) -> tuple[dict[str, str], ssl.SSLContext]:
        # Slow to load, too: when it is wanted on the event loop, it is there.
        importlib.import_module("aiohttp")
        return client.headers(question, limit), client_context(tls)

    return await endpoint.run(prepare, limit, question.what)


async def _connected(
    url: str,
    headers: dict[str, str],
    context: ssl.SSLContext,
    line: bytes,
    question: Question,
) -> Console:
    import aiohttp
    from yarl import URL

    session = aiohttp.ClientSession(headers=headers, cookie_jar=aiohttp.DummyCookieJar())
    try:
        async with asyncio.timeout(OPENING):
            socket = await session.ws_connect(
                URL(url, encoded=True),
                ssl=context,
                protocols=("binary",),
                autoping=False,
                max_msg_size=_MOST,
            )
            await socket.send_bytes(line)
            first = await _welcomed(socket, question)
    except BaseException as error:
        await session.close()
        if isinstance(error, Exception):
            raise _failure(error, question) from None
        raise
    return Console(session, socket, question.where, first)


async def _welcomed(socket: ClientWebSocketResponse, question: Question) -> bytes:
    welcome = Welcome()
    shown = b""
    while welcome.seen is None:
        data = await _received(socket, question.where, OPENING)
        if data is None:
            break
        shown = welcome.take(data)
    if welcome.seen:
        return shown
    raise Refused(
        question.what,
        where=question.where,
        why=_("the terminal server did not let us in"),
        remedy=_("an API token needs Proxmox VE 8.4.19 or 9.1.9; else sign in with a password"),
    )


async def _received(socket: ClientWebSocketResponse, where: str, limit: float) -> bytes | None:
    """The next bytes, empty for a sign of life, None at the end. `TimeoutError`, `LabError`."""
    from aiohttp import WSMsgType

    message: Any = await socket.receive(limit)
    if message.type is WSMsgType.BINARY:
        return bytes(message.data)
    if message.type is WSMsgType.TEXT:
        return str(message.data).encode()
    if message.type is WSMsgType.PING:
        await socket.pong(message.data)
        return b""
    if message.type is WSMsgType.PONG:
        return b""
    if message.type is WSMsgType.ERROR:
        raise _lost(where, message.data)
    # Closed in order, or without a word, which is how the front end does it when a terminal ends.
    return None


def _lost(where: str, error: BaseException) -> LabError:
    verdict = of_exception(error, "proxmox")
    what = _("the console")
    if verdict is not None:
        return verdict.error(what, where)
    return Unreachable(what, where=where, why=_("the connection broke off"))


def _failure(error: Exception, question: Question) -> LabError:
    import aiohttp

    if isinstance(error, LabError):
        return error
    if isinstance(error, aiohttp.WSServerHandshakeError):
        return from_status(question, error.status, "", b"")
    if isinstance(error, TimeoutError):
        verdict = late("proxmox")
        return TimedOut(question.what, where=question.where, why=verdict.why, remedy=verdict.remedy)
    known = of_exception(error, "proxmox")
    if known is not None:
        return known.error(question.what, question.where)
    # Without its own text, which has the URL with the ticket.
    return Unreachable(question.what, where=question.where, why=type(error).__name__)
