"""TLS as the configuration asks for it: clients' contexts, fingerprints, a server's certificate.

A context for a pin holds to the pin by itself: its sockets (and asyncio's TLS objects) end the
handshake with `ssl.SSLCertVerificationError` when the certificate is another one, before a byte of
a login is sent. So no client library has to know about pins.
"""

from __future__ import annotations

import hashlib
import socket
import ssl
import time

import msgspec

from labtui.config.schema import Address, Tls
from labtui.locale import _
from labtui.model.errors import LabError, TimedOut, TlsFailed, Unexpected, Unreachable
from labtui.model.text import clean

# RouterOS without a certificate on api-ssl offers anonymous Diffie-Hellman only, which ends with
# TLS 1.2 and which OpenSSL leaves out above security level 0.
_ANONYMOUS = "ADH:@SECLEVEL=0"


class CertificateFacts(msgspec.Struct, frozen=True):
    """What a person compares: names, and the end of validity as seconds since 1970 (UTC)."""

    subject: str
    issuer: str
    not_after: float
    sha256: str


def fingerprint_of(der: bytes) -> str:
    """SHA-256 of a certificate as lower-case hex without colons, as the configuration keeps it."""
    return hashlib.sha256(der).hexdigest()


def client_context(tls: Tls) -> ssl.SSLContext:
    """A client's context for every mode but `off`, whose connections have no TLS.

    For requests: hand it to an adapter's pool manager as `ssl_context`; with `verify=False` when
    the mode is `pin` (the context checks; urllib3 warns all the same), else with `verify=True`.
    Reads the authority file: blocks. Raises `TlsFailed` when that can't be used, `ValueError` for
    `off`.
    """
    if tls.mode == "verify":
        return _verifying(tls.ca_file)
    if tls.mode == "off":
        raise ValueError("a connection without TLS has no context")
    if tls.mode == "pin":
        if not tls.pins:
            raise TlsFailed(_("no fingerprint to compare with"), remedy=_("set fingerprint"))
        context: ssl.SSLContext = _PinnedContext(tls.pins)
    else:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if tls.mode == "anonymous":
        context.set_ciphers(_ANONYMOUS)
        context.maximum_version = ssl.TLSVersion.TLSv1_2
    return context


def _verifying(ca_file: str) -> ssl.SSLContext:
    if not ca_file:
        return ssl.create_default_context()
    try:
        context = ssl.create_default_context(cafile=ca_file)
    except (OSError, ValueError) as error:
        known = isinstance(error, OSError) and not isinstance(error, ssl.SSLError)
        raise TlsFailed(
            _("the authority file can't be used"),
            where=clean(ca_file),
            why=(error.strerror or "") if known and isinstance(error, OSError) else _("not PEM"),
            remedy=_("check ca_file in the configuration"),
        ) from error
    # Python 3.13 demands extensions that certificates of Proxmox VE and RouterOS authorities lack.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    # The file may hold the server's own certificate instead of the authority's.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context


def peer_certificate(address: Address, timeout: float) -> tuple[bytes, CertificateFacts]:
    """The certificate that a server shows (DER) and what it says; nothing is verified.

    `timeout` is in seconds, for connecting and handshake together (a name with several addresses
    may take it for each). Blocks. Raises `Unreachable`, `TimedOut`, `TlsFailed`, `Unexpected`.
    """
    where = str(address)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    ends = time.monotonic() + timeout
    try:
        with socket.create_connection((address.host, address.port), timeout) as plain:
            plain.settimeout(max(0.001, ends - time.monotonic()))
            with context.wrap_socket(plain, server_hostname=_sni(address.host)) as wrapped:
                der = wrapped.getpeercert(binary_form=True)
    except (OSError, ValueError, OverflowError) as error:
        raise _failure(error, where) from error
    if not der:
        raise TlsFailed(_("the server shows no certificate"), where=where)
    return der, _facts(der, where)


def _sni(host: str) -> str:
    """A name for the handshake: without the dot that DNS allows at the end."""
    return host.rstrip(".")


def _failure(error: Exception, where: str) -> LabError:
    what = _("the certificate can't be read")
    if isinstance(error, TimeoutError):
        return TimedOut(what, where=where, why=_("no answer in time"))
    if isinstance(error, ssl.SSLError):
        why = clean((error.reason or _("no TLS there")).replace("_", " ").lower())
        remedy = _("check the port; a router without a certificate on api-ssl shows none")
        return TlsFailed(what, where=where, why=why, remedy=remedy)
    if isinstance(error, socket.gaierror):
        return Unreachable(what, where=where, why=_("the name is not known"))
    if isinstance(error, OSError):
        why = error.strerror or _("the connection was closed")
        return Unreachable(what, where=where, why=why, remedy=_("check address and port"))
    return Unreachable(what, where=where, why=_("not a host and port"))


def _facts(der: bytes, where: str) -> CertificateFacts:
    # Only `labtui check` needs it, and it is slow to load.
    from cryptography import x509

    try:
        certificate = x509.load_der_x509_certificate(der)
        return CertificateFacts(
            subject=clean(certificate.subject.rfc4514_string()),
            issuer=clean(certificate.issuer.rfc4514_string()),
            not_after=certificate.not_valid_after_utc.timestamp(),
            sha256=fingerprint_of(der),
        )
    except (ValueError, OverflowError) as error:
        raise Unexpected(
            _("the certificate can't be understood"),
            where=where,
            why=type(error).__name__,
            remedy=_("its SHA-256 is {fingerprint}").format(fingerprint=fingerprint_of(der)),
        ) from error


def _hold_to(context: ssl.SSLContext, der: bytes | None) -> None:
    pins = context.pins if isinstance(context, _PinnedContext) else ()
    if der is None or fingerprint_of(der) not in pins:
        shown = fingerprint_of(der) if der else _("none")
        raise ssl.SSLCertVerificationError(
            _("the certificate is not the pinned one; its fingerprint is {shown}").format(
                shown=shown
            )
        )


class _PinnedSocket(ssl.SSLSocket):
    """A blocking connection that ends when the certificate is not a pinned one."""

    def do_handshake(self, block: bool = False) -> None:
        super().do_handshake(block)
        _hold_to(self.context, self.getpeercert(binary_form=True))


class _PinnedObject(ssl.SSLObject):
    """The same for asyncio, which does TLS in memory."""

    def do_handshake(self) -> None:
        super().do_handshake()
        _hold_to(self.context, self.getpeercert(binary_form=True))


class _PinnedContext(ssl.SSLContext):
    """A context whose connections hold to its pins."""

    pins: tuple[str, ...]
    sslsocket_class = _PinnedSocket
    sslobject_class = _PinnedObject

    def __new__(cls, _pins: tuple[str, ...]) -> _PinnedContext:
        return super().__new__(cls, ssl.PROTOCOL_TLS_CLIENT)

    def __init__(self, pins: tuple[str, ...]) -> None:
        self.pins = pins
