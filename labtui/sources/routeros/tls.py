"""TLS to a router: the context for an address that was looked up before, and failures in words."""

from __future__ import annotations

import functools
import ssl
from collections.abc import Callable

from labtui.config.schema import Tls
from labtui.config.tls import client_context
from labtui.locale import _
from labtui.model.errors import TlsFailed
from labtui.model.text import clean


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


def failure(error: ssl.SSLError, tls: Tls, what: str, where: str) -> TlsFailed:
    """The error of the model for one of the TLS library, with the likely cause."""
    if isinstance(error, ssl.SSLCertVerificationError):
        why = clean(getattr(error, "verify_message", "") or str(error))
        return TlsFailed(what, where=where, why=why, remedy=_distrust(tls))
    reason = error.reason or type(error).__name__
    if reason == "WRONG_VERSION_NUMBER":
        why = _("the port does not speak TLS")
        remedy = _("use the api-ssl port (8729), or tls = off for the plain one")
    elif "HANDSHAKE_FAILURE" in reason or "NO_CIPHERS" in reason:
        why = _("no common cipher")
        remedy = _("give api-ssl a certificate; tls = anonymous is for a router without one")
    else:
        why = clean(reason.replace("_", " ").lower())
        remedy = _("look at the certificate and tls-version of api-ssl in /ip/service")
    return TlsFailed(what, where=where, why=why, remedy=remedy)


def _distrust(tls: Tls) -> str:
    if tls.mode == "pin":
        return _("compare it with /certificate on the router; pin it only if it is the router's")
    return _("set ca_file, or tls = pin with the fingerprint that `labtui check` shows")
