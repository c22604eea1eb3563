"""A listener on the loopback that behaves as told: answers, refuses, hangs, drips, redirects."""

from __future__ import annotations

import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple


class Request(NamedTuple):
    """What arrived."""

    path: str
    headers: dict[str, str]
    body: Any


class Listener:
    """`answer` is sent to each request: a status, `hang`, `drip` or `reset`."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.answers: list[int | str] = []
        self.answer: int | str = 200
        self.got: list[Request] = []
        self.opened = 0
        self._context = context
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.settimeout(0.05)
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        scheme = "https" if self._context else "http"
        return f"{scheme}://127.0.0.1:{self._socket.getsockname()[1]}"

    def close(self) -> None:
        self._ending.set()
        self._thread.join(5)
        self._socket.close()

    def wait(self, count: int, seconds: float = 8.0) -> list[Request]:
        """Until so many requests have come."""
        ends = time.monotonic() + seconds
        while len(self.got) < count and time.monotonic() < ends:
            time.sleep(0.02)
        return list(self.got)

    def _run(self) -> None:
        while not self._ending.is_set():
            try:
                plain, _address = self._socket.accept()
            except TimeoutError:
                continue
            self.opened += 1
            threading.Thread(target=self._serve, args=(plain,), daemon=True).start()

    def _serve(self, plain: socket.socket) -> None:
        with suppress(OSError, ValueError), plain:
            plain.settimeout(5)
            if self._context is None:
                self._talk(plain)
            else:
                with self._context.wrap_socket(plain, server_side=True) as wrapped:
                    self._talk(wrapped)

    def _talk(self, stream: socket.socket) -> None:
        data = b""
        while b"\r\n\r\n" not in data:
            data += stream.recv(65536)
        head, _blank, body = data.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        headers = {k.lower(): v for k, _c, v in (line.partition(": ") for line in lines[1:])}
        while len(body) < int(headers.get("content-length", 0)):
            body += stream.recv(65536)
        self.got.append(Request(lines[0].split()[1], headers, json.loads(body)))
        answer = self.answers.pop(0) if self.answers else self.answer
        if answer == "hang":
            self._ending.wait(5)
        elif answer == "drip":
            for byte in b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 100:
                stream.sendall(bytes((byte,)))
                if self._ending.wait(0.1):
                    return
        elif answer != "reset":
            more = f"Location: {self.url}/else\r\n" if 300 <= int(answer) < 400 else ""
            stream.sendall(f"HTTP/1.1 {answer} X\r\n{more}Content-Length: 0\r\n\r\n".encode())


@contextmanager
def listening(context: ssl.SSLContext | None = None) -> Iterator[Listener]:
    listener = Listener(context)
    try:
        yield listener
    finally:
        listener.close()
