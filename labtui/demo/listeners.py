"""The front that each server of the lab stands behind: a loopback port that can be broken.

Faults act on connections, below every protocol, so they are the same for all kinds of servers. The
port stays reserved while its listener is closed: a second socket keeps it and never listens.
"""

from __future__ import annotations

import asyncio
import random
import socket
import ssl
import struct
from contextlib import suppress
from enum import StrEnum

HOST = "127.0.0.1"
CHUNK = 1 << 16
SLOW_SECONDS = 1.5
"""Real seconds that a slow server keeps each piece of an answer back, unless told otherwise."""
DRIP_EVERY = 0.1
"""Real seconds between two drops of a dripping server."""
DRIP_BYTES = 5
SHORTEST_CUT = 64
"""Bytes; answers up to that size pass a truncating front, so that logins come about."""
_FILLERS = 2


class Mode(StrEnum):
    """How a front treats connections."""

    OK = "ok"
    REFUSE = "refuse"
    HANG = "hang"
    RESET = "reset"
    RUBBISH = "rubbish"
    SLOW = "slow"
    DRIP = "drip"
    TRUNCATE = "truncate"
    BLACKHOLE = "blackhole"
    """Packets vanish: connecting takes for ever, open connections fall silent."""
    DEAD = "dead"
    """Without power: as a black hole, since nobody is there to refuse."""


_SILENT = (Mode.HANG, Mode.BLACKHOLE, Mode.DEAD)
_ABSENT = (Mode.BLACKHOLE, Mode.DEAD)


class Front:
    """One port on 127.0.0.1 relaying to a server behind it.

    `tls` is the context of the server when it speaks TLS: cutting an answer in the middle needs
    its clear text. `way` is how a console gets here: through the overlay (`inside`) or round it.
    """

    def __init__(self, name: str, tls: ssl.SSLContext | None = None, way: str = "inside") -> None:
        self.name = name
        self.way = way
        self.mode = Mode.OK
        self.slow_seconds = SLOW_SECONDS
        self._tls = tls
        self._backend: tuple[str, int] = (HOST, 0)
        self._reserved = _bound(0)
        self.port: int = self._reserved.getsockname()[1]
        self._server: asyncio.Server | None = None
        self._opened_tls = False
        self._hole: list[socket.socket] = []
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._clients: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self, backend_port: int) -> None:
        """Begin to relay to a port of 127.0.0.1."""
        self._backend = (HOST, backend_port)
        await self._listen()

    async def set_mode(self, mode: Mode) -> None:
        """Change how connections are treated, those already open included."""
        self.mode = mode
        if mode in _SILENT:
            self._flowing.clear()
        else:
            self._flowing.set()
        if mode is Mode.RUBBISH:
            for writer in list(self._clients):
                _write_rubbish(writer)
        opens_tls = mode is Mode.TRUNCATE and self._tls is not None
        if mode in (Mode.REFUSE, Mode.RESET, Mode.RUBBISH) or opens_tls is not self._opened_tls:
            self._drop(reset=mode is Mode.RESET)
        if mode is Mode.REFUSE or mode in _ABSENT or opens_tls is not self._opened_tls:
            self._unlisten()
        self._opened_tls = opens_tls
        if mode in _ABSENT:
            self._dig()
        else:
            self._fill_in()
            if mode is not Mode.REFUSE:
                await self._listen()

    def drop(self) -> None:
        """End every open connection; new ones are taken as before."""
        self._drop(reset=False)

    async def close(self) -> None:
        """End everything at once and free the port."""
        self._unlisten()
        self._fill_in()
        self._flowing.set()
        self._drop(reset=False)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._reserved.close()

    async def _listen(self) -> None:
        if self._server is None:
            context = self._tls if self._opened_tls else None
            listening = _bound(self.port)
            self._server = await asyncio.start_server(self._accept, sock=listening, ssl=context)

    def _unlisten(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    def _dig(self) -> None:
        """Listen with a full queue: the kernel then drops what asks for a connection."""
        if self._hole:
            return
        listening = _bound(self.port)
        listening.listen(0)
        self._hole.append(listening)
        for _ in range(_FILLERS):
            filler = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            filler.settimeout(0)
            with suppress(BlockingIOError):
                filler.connect((HOST, self.port))
            self._hole.append(filler)

    def _fill_in(self) -> None:
        for sock in reversed(self._hole):
            sock.close()
        self._hole.clear()

    def _drop(self, *, reset: bool) -> None:
        for writer in list(self._writers):
            _end(writer, reset=reset and writer in self._clients)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._relay(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        self._clients.add(writer)
        try:
            # Either side may go away at any moment; that ends the relay and nothing else.
            with suppress(OSError):
                await self._serve(reader, writer)
        finally:
            self._forget(writer)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.mode is Mode.RESET:
            _end(writer, reset=True)
            return
        if self.mode is Mode.RUBBISH:
            _write_rubbish(writer)
            await writer.drain()
            return
        await self._flowing.wait()
        inner = _any_certificate() if writer.get_extra_info("ssl_object") is not None else None
        back_reader, back_writer = await asyncio.open_connection(*self._backend, ssl=inner)
        self._writers.add(back_writer)
        try:
            await asyncio.gather(
                self._pump(reader, back_writer), self._pump(back_reader, writer, answers=True)
            )
        finally:
            self._forget(back_writer)

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, answers: bool = False
    ) -> None:
        try:
            while data := await reader.read(CHUNK):
                await self._flowing.wait()
                if answers and self.mode is Mode.TRUNCATE and len(data) > SHORTEST_CUT:
                    writer.write(data[: len(data) // 2])
                    await writer.drain()
                    return
                await self._pass_on(data, writer, answers=answers)
        finally:
            # One side has ended; the other end must learn of it, or both would wait for ever.
            await self._flowing.wait()
            writer.close()

    async def _pass_on(self, data: bytes, writer: asyncio.StreamWriter, *, answers: bool) -> None:
        if answers and self.mode is Mode.SLOW:
            await asyncio.sleep(self.slow_seconds)
        while answers and data and self.mode is Mode.DRIP:
            writer.write(data[:DRIP_BYTES])
            data = data[DRIP_BYTES:]
            await writer.drain()
            await asyncio.sleep(DRIP_EVERY)
            await self._flowing.wait()
        writer.write(data)
        await writer.drain()

    def _forget(self, writer: asyncio.StreamWriter) -> None:
        self._writers.discard(writer)
        self._clients.discard(writer)
        writer.close()


def _bound(port: int) -> socket.socket:
    # With the protocol named, asyncio sends small pieces at once (TCP_NODELAY).
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    # Two sockets on one port: only those that listen get connections.
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    found.settimeout(0)
    found.bind((HOST, port))
    return found


def _any_certificate() -> ssl.SSLContext:
    """For the way from a front to the server behind it, which are one process."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _end(writer: asyncio.StreamWriter, *, reset: bool) -> None:
    sock = writer.get_extra_info("socket")
    if reset and sock is not None:
        with suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def _write_rubbish(writer: asyncio.StreamWriter) -> None:
    with suppress(OSError, RuntimeError):
        writer.write(random.Random(7).randbytes(512))
