"""A raw client of the binary API, written apart from the server's codec, and what it talks to."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from labtui.demo.routeros.server import RouterAccount, serve_router
from tests.demo.still_clock import Stage

ACCOUNTS = {
    "ro": RouterAccount("look", frozenset({"api", "read"})),
    "test": RouterAccount("probe", frozenset({"api", "read", "test"})),
    "rw": RouterAccount("touch", frozenset({"api", "read", "write", "test", "sensitive"})),
    "web": RouterAccount("browse", frozenset({"read", "rest-api"})),
}
PATIENCE = 5.0


def pack(words: list[str]) -> bytes:
    """A sentence of short words, none longer than 127 bytes."""
    raw = [word.encode() for word in words]
    assert all(len(word) < 128 for word in raw)
    return b"".join(bytes([len(word)]) + word for word in raw) + b"\0"


class RawClient:
    """Words in, words out."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, *words: str) -> None:
        self.writer.write(pack(list(words)))
        await self.writer.drain()

    async def sentence(self) -> list[str]:
        """The next sentence; empty when the server has closed."""
        words: list[str] = []
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    first = (await self.reader.readexactly(1))[0]
                    if first >= 0x80:
                        first = (first & 0x3F) << 8 | (await self.reader.readexactly(1))[0]
                    if not first:
                        return words
                    words.append((await self.reader.readexactly(first)).decode())
        except (asyncio.IncompleteReadError, ConnectionError):
            return []

    async def until_done(self) -> list[list[str]]:
        """The sentences of one untagged command, up to its end."""
        found: list[list[str]] = []
        while True:
            words = await self.sentence()
            assert words, f"closed after {found}"
            found.append(words)
            if words[0] in ("!done", "!fatal"):
                return found

    async def ask(self, *words: str) -> list[list[str]]:
        """Send a command and read its whole answer."""
        await self.send(*words)
        return await self.until_done()

    async def rows(self, *words: str) -> list[dict[str, str]]:
        """The rows of an answer that is no refusal."""
        answer = await self.ask(*words)
        assert answer[-1] == ["!done"], answer
        return [
            dict(word[1:].split("=", 1) for word in row[1:]) for row in answer if row[0] == "!re"
        ]

    async def trap(self, *words: str) -> dict[str, str]:
        """The words of the one trap a command gets."""
        trap, done = await self.ask(*words)
        assert (trap[0], done) == ("!trap", ["!done"])
        return dict(word[1:].split("=", 1) for word in trap[1:])


@asynccontextmanager
async def served(
    stage: Stage, router: str = "rt-836", context: ssl.SSLContext | None = None
) -> AsyncIterator[int]:
    """The port of a router that serves."""
    server = await serve_router(stage.world, router, ACCOUNTS, ssl=context)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()
        await server.wait_closed()


@asynccontextmanager
async def connected(port: int, user: str | None = "rw") -> AsyncIterator[RawClient]:
    """A client, logged in unless there is no user."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    client = RawClient(reader, writer)
    try:
        if user is not None:
            password = ACCOUNTS[user].password
            answer = await client.ask("/login", f"=name={user}", f"=password={password}")
            assert answer == [["!done"]]
        yield client
    finally:
        writer.close()


@asynccontextmanager
async def on_router(
    stage: Stage, router: str = "rt-836", user: str | None = "rw"
) -> AsyncIterator[RawClient]:
    """A served router with a client on it."""
    async with served(stage, router) as port, connected(port, user) as client:
        yield client
