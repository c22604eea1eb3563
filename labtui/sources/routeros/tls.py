"""TLS to a router: the context for an address that was looked up before."""

from __future__ import annotations

import functools
import ssl
from collections.abc import Callable

from labtui.config.schema import Tls
from labtui.config.tls import client_context


def context(tls: Tls, host: str) -> ssl.SSLContext | None:
    """The context for connections to `host`, None for `off`. Reads files: not on the event loop.

    Names are looked up before connecting (asyncio would do it in the loop's executor, which holds
    up quitting), so the connection itself only knows an address. The context therefore brings the
    name that the certificate must have. Raises `TlsFailed` when the authorities can't be read.
    """
    if tls.mode == "off":
        return None
    made = client_context(tls)
    named = functools.partial(_wrap_bio, made.wrap_bio, host)
    # asyncio asks for nothing else, and a subclass could not be one of every class made above.
    made.wrap_bio = named  # type: ignore[method-assign]  # for this one context only
    return made


def _wrap_bio(
    wrap: Callable[..., ssl.SSLObject],
    host: str,
    incoming: ssl.MemoryBIO,
    outgoing: ssl.MemoryBIO,
    server_side: bool = False,
    server_hostname: str | bytes | None = None,
    session: ssl.SSLSession | None = None,
) -> ssl.SSLObject:
    """The method of the context, with the name looked for instead of the address in use."""
    return wrap(incoming, outgoing, server_side, host or server_hostname, session)
