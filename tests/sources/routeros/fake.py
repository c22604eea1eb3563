"""A scripted RouterOS on loopback that can misbehave in every way a router was seen to.

The framing is written anew from the manual, so that it shares no mistake with the client library.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable

from labtui.config.schema import Address, RouterConfig, Tls
from labtui.config.secret import Secret

USER, PASSWORD = "labtui-ro", "sesame-836"
Sentence = list[str]


def framed(word: bytes) -> bytes:
    """One word with its length, as the manual's table has it."""
    length = len(word)
    if length < 0x80:
        return bytes([length]) + word
    if length < 0x4000:
        return (length | 0x8000).to_bytes(2, "big") + word
    return (length | 0xC00000).to_bytes(3, "big") + word


class Session:
    """One connection of a client."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer

    async def read(self) -> Sentence:
        """The next sentence; raises `IncompleteReadError` at the end."""
        words: Sentence = []
        while (length := await self._length()) != 0:
            words.append((await self._reader.readexactly(length)).decode("utf-8"))
        return words

    async def _length(self) -> int:
        first = (await self._reader.readexactly(1))[0]
        if first < 0x80:
            return first
        if first < 0xC0:
            return int.from_bytes(bytes([first & 0x3F]) + await self._reader.readexactly(1), "big")
        return int.from_bytes(bytes([first & 0x1F]) + await self._reader.readexactly(2), "big")

    async def send(self, *words: str | bytes) -> None:
        """One sentence."""
        parts = [word.encode() if isinstance(word, str) else word for word in words]
        await self.raw(b"".join(framed(part) for part in parts) + b"\0")

    async def raw(self, data: bytes) -> None:
        """Bytes as they are."""
        self.writer.write(data)
        await self.writer.drain()


def tag_of(sentence: Sentence) -> str:
    """The tag word of a sentence, to be sent back."""
    return next(word for word in sentence if word.startswith(".tag="))


def words_of(row: dict[str, str]) -> list[str]:
    return [f"={name}={value}" for name, value in row.items()]


async def until(true: Callable[[], bool]) -> None:
    """Wait until it holds, at most some seconds."""
    for _turn in range(1000):
        if true():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it never came true")


Script = Callable[[Session, Sentence], Awaitable[None]]


async def nothing(_session: Session, _sentence: Sentence) -> None:
    """A script that never answers."""


def menus(**rows: Iterable[dict[str, str]]) -> Script:
    """Answers `print` of the menus named with `__` for `/`; others are not there."""
    known = {"/" + name.replace("__", "/") + "/print": list(found) for name, found in rows.items()}

    async def script(session: Session, sentence: Sentence) -> None:
        tag = tag_of(sentence)
        if sentence[0] not in known:
            await session.send("!trap", "=message=no such command prefix", tag)
        else:
            for row in known[sentence[0]]:
                await session.send("!re", *words_of(row), tag)
        await session.send("!done", tag)

    return script


class FakeRouter:
    """Counts what happens and hands every sentence after the login to `script`."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.received: list[Sentence] = []
        self.connections = 0
        self.logins = 0
        self.refuse_with: list[str] | None = None
        self.mute = False
        self.port = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self.sessions: list[Session] = []

    def config(self, *, tls: Tls | None = None, **changes: object) -> RouterConfig:
        """A configuration for this router."""
        fields: dict[str, object] = {
            "name": "core-1",
            "addresses": (Address("127.0.0.1", self.port),),
            "tls": tls or Tls("off"),
            "username": USER,
            "password": Secret("plain", PASSWORD),
            "site": "main",
        }
        return RouterConfig(**(fields | changes))  # type: ignore[arg-type]  # fields by name

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        session = Session(reader, writer)
        self.sessions.append(session)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                sentence = await session.read()
                if sentence and sentence[0] == "/login":
                    await self._login(session, sentence)
                    continue
                self.received.append(sentence)
                task = asyncio.create_task(self._run(session, sentence))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        writer.close()

    async def _run(self, session: Session, sentence: Sentence) -> None:
        with contextlib.suppress(ConnectionError):
            await self.script(session, sentence)

    async def _login(self, session: Session, sentence: Sentence) -> None:
        self.logins += 1
        if self.mute:
            return
        if self.refuse_with is not None:
            await session.send(*self.refuse_with)
            if self.refuse_with[0] == "!trap":
                await session.send("!done")
        elif f"=password={PASSWORD}" not in sentence:
            await session.send("!trap", "=message=invalid user name or password (6)")
            await session.send("!done")
        else:
            await session.send("!done")

    def end(self) -> None:
        """Stop every script and drop every connection."""
        for task in self._tasks:
            task.cancel()
        for session in self.sessions:
            session.writer.transport.abort()


@contextlib.asynccontextmanager
async def running(script: Script, tls: ssl.SSLContext | None = None) -> AsyncIterator[FakeRouter]:
    """A fake router on a free port of loopback, gone at the end."""
    router = FakeRouter(script)
    server = await asyncio.start_server(router.serve, "127.0.0.1", 0, ssl=tls)
    router.port = server.sockets[0].getsockname()[1]
    try:
        yield router
    finally:
        server.close()
        router.end()
        await asyncio.sleep(0)
