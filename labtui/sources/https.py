"""What every client over requests shares: our TLS context, limits, and a connection to cut.

requests and urllib3 are loaded inside functions: only in worker threads.
"""

from __future__ import annotations

import contextlib
import errno
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ssl

    from requests.adapters import HTTPAdapter

Limits = tuple[float, float]
"""Seconds for connecting, and for the next byte."""


class Cut:
    """The socket in use, so that it can be cut from another thread. Once cut, always cut."""

    def __init__(self) -> None:
        self.done = False
        self._socket: socket.socket | None = None

    def opened(self, opened: socket.socket) -> None:
        """That is the socket from now on; `OSError` when nobody wants it any more."""
        self._socket = opened
        if self.done:
            opened.close()
            raise ConnectionAbortedError(errno.ECONNABORTED, "given up")

    def cut(self) -> None:
        """End the connection in use: whoever waits on it is woken with an error."""
        self.done = True
        if self._socket is not None:
            with contextlib.suppress(OSError):
                # The method of a TLS socket would first take its state from under the reader.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


def no_cookies() -> Any:
    """A policy that takes none: of a server or of a proxy in between."""
    from http.cookiejar import DefaultCookiePolicy

    return DefaultCookiePolicy(allowed_domains=())


def adapter(
    context: ssl.SSLContext | None,
    cut: Cut,
    on_send: Callable[[], None] | None = None,
    limits: Callable[[], Limits] | None = None,
) -> HTTPAdapter:
    """An adapter whose TLS `context` decides alone (None: no TLS is spoken).

    `on_send` is called as the last thing before a request goes out, `limits` gives the time-outs
    where the library above sets none.
    """
    from requests.adapters import HTTPAdapter

    class Adapter(HTTPAdapter):
        def init_poolmanager(self, *args: Any, **options: Any) -> None:
            super().init_poolmanager(*args, **options)
            self.poolmanager.pool_classes_by_scheme = _pools(cut, on_send)

        def send(
            self,
            request: Any,
            stream: bool = False,
            timeout: Any = None,
            *args: Any,
            **options: Any,
        ) -> Any:
            wanted = limits() if timeout is None and limits else timeout
            return super().send(request, stream, wanted, *args, **options)

        def build_connection_pool_key_attributes(
            self, request: Any, verify: Any, cert: Any = None
        ) -> Any:
            host, _tls = super().build_connection_pool_key_attributes(request, verify, cert)
            return host, {} if context is None else {"ssl_context": context}

        def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
            """The context decides alone; the base class would add certifi's authorities."""

    return Adapter(max_retries=0, pool_connections=1, pool_maxsize=1)


def _pools(cut: Cut, on_send: Callable[[], None] | None) -> dict[str, Any]:
    from urllib3.connection import HTTPConnection, HTTPSConnection
    from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

    class Connection(HTTPSConnection):
        def connect(self) -> None:
            super().connect()
            # A pin is held to by the context; urllib3 sees but that no authority was asked.
            self.is_verified = True
            cut.opened(self.sock)

        def request(self, *args: Any, **options: Any) -> None:
            # By now the TLS session stands and the server has proved who it is.
            if on_send is not None:
                on_send()
            super().request(*args, **options)

    class PlainConnection(HTTPConnection):
        def connect(self) -> None:
            super().connect()
            cut.opened(self.sock)

    class Pool(HTTPSConnectionPool):
        ConnectionCls = Connection

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = PlainConnection

    return {"http": PlainPool, "https": Pool}
