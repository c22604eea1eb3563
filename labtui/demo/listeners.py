"""The front that each server of the lab stands behind: a loopback port that can be broken.

Faults act on connections, below every protocol, so they are the same for all kinds of servers. The
port stays reserved while its listener is closed: a second socket keeps it and never listens.
"""

from __future__ import annotations

import asyncio
import random
import socket
import struct
from contextlib import suppress
from enum import StrEnum

HOST = "127.0.0.1"
CHUNK = 1 << 16
SLOW_SECONDS = 1.5
"""Real seconds that a slow server keeps each piece of an answer back."""


class Mode(StrEnum):
    """How a front treats connections."""

    OK = "ok"
    REFUSE = "refuse"
    HANG = "hang"
    RESET = "reset"
    RUBBISH = "rubbish"
    SLOW = "slow"
    DEAD = "dead"
    """Without power: new connections are refused, those already open fall silent."""


class Front:
    """One port on 127.0.0.1 relaying to a server behind it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.mode = Mode.OK
        self._backend: tuple[str, int] = (HOST, 0)
        self._reserved = _bound(0)
        self.port: int = self._reserved.getsockname()[1]
        self._server: asyncio.Server | None = None
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
        if mode in (Mode.HANG, Mode.DEAD):
            self._flowing.clear()
        else:
            self._flowing.set()
        if mode is Mode.RUBBISH:
            for writer in list(self._clients):
                _write_rubbish(writer)
        if mode in (Mode.REFUSE, Mode.RESET, Mode.RUBBISH):
            self._drop(reset=mode is Mode.RESET)
        if mode in (Mode.REFUSE, Mode.DEAD):
            self._unlisten()
        else:
            await self._listen()

    async def close(self) -> None:
        """End everything at once and free the port."""
        self._unlisten()
        self._flowing.set()
        self._drop(reset=False)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._reserved.close()

    async def _listen(self) -> None:
        if self._server is None:
            listening = _bound(self.port)
            self._server = await asyncio.start_server(self._accept, sock=listening)

    def _unlisten(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

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
        back_reader, back_writer = await asyncio.open_connection(*self._backend)
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
                if answers and self.mode is Mode.SLOW:
                    await asyncio.sleep(SLOW_SECONDS)
                writer.write(data)
                await writer.drain()
        finally:
            # One side has ended; the other end must learn of it, or both would wait for ever.
            await self._flowing.wait()
            writer.close()

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


def _end(writer: asyncio.StreamWriter, *, reset: bool) -> None:
    sock = writer.get_extra_info("socket")
    if reset and sock is not None:
        with suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def _write_rubbish(writer: asyncio.StreamWriter) -> None:
    with suppress(OSError, RuntimeError):
        writer.write(random.Random(7).randbytes(512))
