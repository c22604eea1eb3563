"""The source over sockets whose other end misbehaves, and over TLS that holds or does not."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import os
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from labtui.config.schema import Tls
from labtui.model.errors import LabError, TimedOut, TlsFailed, Unexpected, Unreachable
from labtui.sources.netbox import connect
from tests.demo.netbox_server import READER, serving
from tests.sources.netbox.reading import inventory, read, source_of

Serving = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


# Servers that misbehave


@asynccontextmanager
async def misbehaving(serve: Serving) -> AsyncIterator[str]:
    """A server that does as it likes with each connection."""

    handling: set[asyncio.Task[None]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        handling.add(asyncio.ensure_future(handle(reader, writer)))

    server = await asyncio.start_server(begin, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in handling:
            task.cancel()
        await asyncio.gather(*handling, return_exceptions=True)


def saying(answer: bytes) -> Serving:
    """Read a request, say that, and hang up."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()

    return serve


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b"", Unreachable),
        (b"rubbish\r\n\r\n", Unexpected),
        (b'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"count"', (Unexpected, Unreachable)),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>", Unexpected),
        (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\n\r\n", Unexpected),
        (b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", Unreachable),
    ],
)
async def test_answers_that_are_none(answer: bytes, kind: type[LabError]) -> None:
    async with misbehaving(saying(answer)) as url, source_of(url) as source:
        with pytest.raises(kind) as caught:
            await read(source)
        assert READER not in str(caught.value)


async def test_nobody_listens() -> None:
    async with misbehaving(saying(b"")) as url:
        pass
    async with source_of(url) as source:
        with pytest.raises(Unreachable, match="connection refused"):
            await read(source)


async def test_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connect, "READ_LIMIT", 0.1)

    async def hang(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    async with misbehaving(hang) as url, source_of(url) as source:
        with pytest.raises(TimedOut):
            await read(source)


async def test_a_connection_that_went_stale_is_renewed() -> None:
    """A server closes an idle connection just when the next request goes out."""
    async with serving() as server:
        port = int(server.base.rpartition(":")[2])
        connections = 0

        async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal connections
            connections += 1
            for _request in range(1 if connections == 1 else 100):
                request = await reader.readuntil(b"\r\n\r\n")
                near, far = await asyncio.open_connection("127.0.0.1", port)
                far.write(request.replace(b"\r\n", b"\r\nConnection: close\r\n", 1))
                writer.write(await near.read())
                await writer.drain()
                far.close()
            # Read the next request, and do not answer it.
            await reader.readuntil(b"\r\n\r\n")

        async with misbehaving(quietly(forward)) as url, source_of(url) as source:
            assert len(inventory(await read(source)).machines) == 58
            assert connections >= 2


def quietly(serve: Serving) -> Serving:
    """Without a word when the other side hangs up."""

    async def inner(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        except asyncio.IncompleteReadError:
            return

    return inner


# TLS


def certificate(folder: Path) -> tuple[ssl.SSLContext, Path, str]:
    """A server's context with a certificate of its own, the file of it, and its fingerprint."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(LOOPBACK)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file, keys = folder / "cert.pem", folder / "key.pem"
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    keys.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, keys)
    return context, file, made.fingerprint(hashes.SHA256()).hex()


LOOPBACK = ip_address("127.0.0.1")


@pytest.mark.filterwarnings("error::urllib3.exceptions.InsecureRequestWarning")
@pytest.mark.parametrize("mode", ["ca", "pin"])
async def test_tls_that_holds(tmp_path: Path, mode: str) -> None:
    context, file, fingerprint = certificate(tmp_path)
    tls = Tls("verify", str(file)) if mode == "ca" else Tls("pin", fingerprint=fingerprint)
    async with serving(tls=context) as server, source_of(server.base, tls=tls) as source:
        assert len(inventory(await read(source)).machines) == 58
        report = await source.probe()
        assert report.certificate is not None
        assert report.certificate.sha256 == fingerprint


@pytest.mark.parametrize("tls", [Tls("verify"), Tls("pin", fingerprint="ab" * 32)])
async def test_tls_that_does_not_hold(tmp_path: Path, tls: Tls) -> None:
    context, _file, fingerprint = certificate(tmp_path)
    async with serving(tls=context) as server, source_of(server.base, tls=tls) as source:
        with pytest.raises(TlsFailed) as caught:
            await read(source)
        assert caught.value.remedy
        if tls.mode == "pin":
            assert fingerprint in caught.value.why
        assert server.asked == []
        report = await source.probe()
        assert report.certificate is not None
        assert report.problem is not None
        assert report.problem.kind == "tls"


async def test_tls_where_none_is_spoken() -> None:
    async with serving() as server:
        url = server.base.replace("http://", "https://")
        async with source_of(url, tls=Tls("verify")) as source:
            with pytest.raises(TlsFailed, match="no TLS is spoken"):
                await read(source)


async def test_an_environment_with_other_authorities_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, file, _fingerprint = certificate(tmp_path)
    monkeypatch.setitem(os.environ, "REQUESTS_CA_BUNDLE", str(file))
    async with serving(tls=context) as server, source_of(server.base, tls=Tls("verify")) as source:
        with pytest.raises(TlsFailed):
            await read(source)
