"""A scripted server on the loopback, with TLS: answers, hangs, breaks off, resets."""

from __future__ import annotations

import datetime
import ipaddress
import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from labtui.config.schema import Address, ProxmoxConfig, Tls
from labtui.config.secret import Secret
from labtui.config.tls import fingerprint_of

SECRET = "0c5e0bd6-5ecf-4e4c-a86b-2a5a7f0ad5b1"


@dataclass(frozen=True)
class Request:
    """What a client sent."""

    method: str
    path: str
    params: dict[str, str]
    headers: dict[str, str]


@dataclass
class Reply:
    """What the server does: an answer, or a fault.

    `cut` sends that many bytes of the body and closes, `hang` sends nothing until the server
    stops, `reset` breaks the connection, `raw` is sent as it is, `drip` sends byte after byte.
    """

    data: Any = None
    status: int = 200
    reason: str = "OK"
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    hang: bool = False
    reset: bool = False
    raw: bytes | None = None
    drip: bool = False


Respond = Callable[[Request], Reply]


class Server:
    """A running server; `requests` are those that came, in order."""

    def __init__(self, respond: Respond, context: ssl.SSLContext | None) -> None:
        self._respond = respond
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._stopped = threading.Event()
        self._open: list[socket.socket] = []
        self.requests: list[Request] = []
        self.address = Address("127.0.0.1", self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def paths(self) -> list[str]:
        """The paths asked for, without /api2/json."""
        return [request.path for request in self.requests]

    def stop(self) -> None:
        """Close everything."""
        self._stopped.set()
        for each in (self._listener, *self._open):
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
            finally:
                each.close()

    def _accept(self) -> None:
        for _number in range(1000):
            try:
                connection, _peer = self._listener.accept()
            except OSError:
                return
            self._open.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(10)
        try:
            if self._context:
                connection = self._context.wrap_socket(connection, server_side=True)
                self._open.append(connection)
            stream = connection.makefile("rb")
            for _number in range(1000):
                request = _read(stream)
                if request is None:
                    break
                self.requests.append(request)
                if not self._answer(connection, self._respond(request)):
                    break
            connection.close()
        except (OSError, ValueError):
            connection.close()

    def _answer(self, connection: socket.socket, reply: Reply) -> bool:
        """Send the reply; True when the connection stays open."""
        if reply.hang:
            self._stopped.wait(10)
            return False
        if reply.reset:
            linger = struct.pack("ii", 1, 0)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            connection.close()
            return False
        sent = reply.raw if reply.raw is not None else _message(reply)
        if reply.drip:
            for byte in sent:
                connection.sendall(bytes((byte,)))
                if self._stopped.wait(0.01):
                    return False
            return False
        connection.sendall(sent)
        return reply.raw is None and reply.cut is None and reply.status < 400


def _message(reply: Reply) -> bytes:
    body = reply.body if reply.body is not None else json.dumps({"data": reply.data}).encode()
    lines = [f"HTTP/1.1 {reply.status} {reply.reason}", f"Content-Length: {len(body)}"]
    lines += ["Content-Type: application/json;charset=UTF-8"]
    lines += [f"{name}: {value}" for name, value in reply.headers.items()]
    head = "\r\n".join((*lines, "", "")).encode()
    return head + body[: reply.cut]


def _read(stream: Any) -> Request | None:
    first = stream.readline(65536).decode("latin-1").split()
    if len(first) != 3 or first[2] != "HTTP/1.1":
        return None
    headers: dict[str, str] = {}
    for _number in range(100):
        line = stream.readline(65536).decode("latin-1").strip()
        if not line:
            break
        name, _colon, value = line.partition(":")
        headers[name.lower()] = value.strip()
    url = urlsplit(first[1])
    body = stream.read(int(headers.get("content-length", 0))).decode()
    params = dict(parse_qsl(url.query) + parse_qsl(body))
    return Request(first[0], url.path.removeprefix("/api2/json"), params, headers)


class Certificate:
    """A self-signed certificate for 127.0.0.1."""

    def __init__(self, folder: Path) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "pve1.lab")])
        loopback = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC))
            .not_valid_after(datetime.datetime(2055, 1, 1, tzinfo=datetime.UTC))
            .add_extension(x509.SubjectAlternativeName([loopback]), critical=False)
            .sign(key, hashes.SHA256())
        )
        pem = made.public_bytes(serialization.Encoding.PEM)
        secret = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        self.file = folder / "ca.pem"
        self.file.write_bytes(pem)
        both = folder / "both.pem"
        both.write_bytes(pem + secret)
        self.fingerprint = fingerprint_of(made.public_bytes(serialization.Encoding.DER))
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(both)

    @property
    def pin(self) -> Tls:
        return Tls("pin", fingerprint=self.fingerprint)


@contextmanager
def serving(respond: Respond, certificate: Certificate | None) -> Iterator[Server]:
    """A server for the time of the block; without TLS when there is no certificate."""
    server = Server(respond, certificate.context if certificate else None)
    try:
        yield server
    finally:
        server.stop()


def with_token(tls: Tls, *addresses: Address) -> ProxmoxConfig:
    """A configuration with a token."""
    return ProxmoxConfig(
        "lab", addresses, tls, token_id="console@pve!t1", token_secret=Secret("plain", SECRET)
    )


def with_password(tls: Tls, *addresses: Address, totp: bool = False) -> ProxmoxConfig:
    """A configuration with user and password."""
    secret = Secret("plain", SECRET)
    return ProxmoxConfig("lab", addresses, tls, username="console@pve", password=secret, totp=totp)
