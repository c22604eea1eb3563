"""TLS against real servers on the loopback: authorities, pins, anonymous routers, odd peers."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterator
from contextlib import closing
from operator import methodcaller
from pathlib import Path

import pytest
import requests
from requests.adapters import HTTPAdapter
from urllib3 import PoolManager

from labtui.config.schema import Address, Tls
from labtui.config.tls import client_context, fingerprint_of, peer_certificate
from labtui.model.errors import TimedOut, TlsFailed, Unexpected, Unreachable
from tests.config.servers import FFDHE2048, NOT_AFTER, REPLY, self_signed, serving


@pytest.fixture(scope="module")
def identity(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    """A self-signed certificate for 127.0.0.1: PEM with key, and DER."""
    return self_signed(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def heard() -> list[bytes]:
    """What clients said inside of TLS."""
    return []


@pytest.fixture
def server(identity: tuple[Path, bytes], heard: list[bytes]) -> Iterator[Address]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(identity[0])

    def answer(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as wrapped:
            said = wrapped.recv(4096)
            heard.append(said)
            if said:
                wrapped.sendall(REPLY)

    with serving(answer) as address:
        yield address


@pytest.fixture
def bare_server(tmp_path: Path) -> Iterator[Address]:
    """A router without a certificate: anonymous Diffie-Hellman and nothing else."""
    (tmp_path / "dh.pem").write_text(FFDHE2048)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ADH:@SECLEVEL=0")
    context.load_dh_params(str(tmp_path / "dh.pem"))

    def answer(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as wrapped:
            wrapped.sendall(wrapped.recv(10))

    with serving(answer) as address:
        yield address


def say(context: ssl.SSLContext, address: Address, host: str = "127.0.0.1") -> bytes:
    """Say hello over a blocking connection."""
    with (
        socket.create_connection((address.host, address.port), 10) as plain,
        context.wrap_socket(plain, server_hostname=host) as wrapped,
    ):
        wrapped.sendall(b"hello")
        return wrapped.recv(4096)


async def say_async(context: ssl.SSLContext, address: Address) -> bytes:
    """Say hello over asyncio."""
    reader, writer = await asyncio.wait_for(
        asyncio.open_connection(
            address.host, address.port, ssl=context, server_hostname="somebody.example"
        ),
        10,
    )
    with closing(writer):
        writer.write(b"hello")
        return await asyncio.wait_for(reader.read(4096), 10)


def get(context: ssl.SSLContext, address: Address, *, verify: bool) -> str:
    """GET with requests, as the sources do."""

    class Adapter(HTTPAdapter):
        def init_poolmanager(
            self, connections: int, maxsize: int, block: bool = False, **more: object
        ) -> None:
            self.poolmanager = PoolManager(
                num_pools=connections, maxsize=maxsize, block=block, ssl_context=context
            )

    with requests.Session() as session:
        session.trust_env = False
        session.mount("https://", Adapter())
        return session.get(f"https://{address}/", verify=verify, timeout=10).text


def test_a_certificate_is_verified_against_the_authority_file(
    server: Address, identity: tuple[Path, bytes]
) -> None:
    own = client_context(Tls("verify", str(identity[0])))
    assert say(own, server) == REPLY
    with pytest.raises(ssl.SSLCertVerificationError):
        say(own, server, "other.example")
    with pytest.raises(ssl.SSLCertVerificationError):
        say(client_context(Tls()), server)


def test_an_authority_file_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("nothing")
    for name in ("none.pem", "empty.pem"):
        with pytest.raises(TlsFailed) as caught:
            client_context(Tls("verify", str(tmp_path / name)))
        assert caught.value.where == str(tmp_path / name)
        assert caught.value.why
        assert caught.value.remedy


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
async def test_any_of_the_pins_will_do_whatever_the_client(
    server: Address, identity: tuple[Path, bytes]
) -> None:
    pin = fingerprint_of(identity[1])
    context = client_context(Tls("pin", "", "00" * 32, (pin,)))
    assert await asyncio.to_thread(say, context, server) == REPLY
    assert await say_async(context, server) == REPLY
    assert await asyncio.to_thread(get, context, server, verify=False) == "ok"


async def test_another_certificate_never_hears_a_word(server: Address, heard: list[bytes]) -> None:
    context = client_context(Tls("pin", "", "00" * 32))
    with pytest.raises(ssl.SSLCertVerificationError, match="not the pinned one"):
        await asyncio.to_thread(say, context, server)
    with pytest.raises(ssl.SSLCertVerificationError, match="not the pinned one"):
        await say_async(context, server)
    with pytest.raises(requests.exceptions.SSLError, match="not the pinned one"):
        await asyncio.to_thread(get, context, server, verify=False)
    assert not any(heard)


def test_a_pin_says_which_certificate_was_there(
    server: Address, identity: tuple[Path, bytes]
) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match=fingerprint_of(identity[1])):
        say(client_context(Tls("pin", "", "00" * 32)), server)


def test_contexts_that_there_are_not() -> None:
    with pytest.raises(TlsFailed):
        client_context(Tls("pin"))
    with pytest.raises(ValueError):
        client_context(Tls("off"))


def test_a_router_without_a_certificate(bare_server: Address) -> None:
    assert say(client_context(Tls("anonymous")), bare_server) == b"hello"
    with pytest.raises(ssl.SSLError):
        say(client_context(Tls("pin", "", "00" * 32)), bare_server)
    with pytest.raises(TlsFailed) as caught:
        peer_certificate(bare_server, 10)
    assert "api-ssl" in caught.value.remedy


def test_anonymous_is_not_taken_for_a_certificate(server: Address) -> None:
    with pytest.raises(ssl.SSLError):
        say(client_context(Tls("anonymous")), server)


def test_what_a_certificate_says(server: Address, identity: tuple[Path, bytes]) -> None:
    der, facts = peer_certificate(server, 10)
    assert der == identity[1]
    assert facts.sha256 == fingerprint_of(der)
    assert facts.subject == facts.issuer == "CN=pve1�.lab"
    assert facts.not_after == NOT_AFTER.timestamp()


def test_a_certificate_of_nonsense(server: Address, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ssl.SSLSocket, "getpeercert", lambda _self, binary_form: b"nonsense")
    with pytest.raises(Unexpected) as caught:
        peer_certificate(server, 10)
    assert fingerprint_of(b"nonsense") in caught.value.remedy


def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(Unreachable) as caught:
        peer_certificate(Address("127.0.0.1", port), 5)
    assert caught.value.where == f"127.0.0.1:{port}"
    assert caught.value.remedy


def test_hosts_that_are_none() -> None:
    for host in ("a..b", "x" * 70, "nobody.invalid"):
        with pytest.raises(Unreachable):
            peer_certificate(Address(host, 1), 5)


def test_somebody_who_never_answers() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        pytest.raises(TimedOut) as caught,
    ):
        peer_certificate(Address("127.0.0.1", listener.getsockname()[1]), 0.2)
    assert caught.value.why


def test_somebody_who_speaks_no_tls() -> None:
    for said in (b"HTTP/1.1 400 Bad Request\r\n\r\n", b""):
        with (
            serving(methodcaller("sendall", said)) as address,
            pytest.raises((TlsFailed, Unreachable)) as caught,
        ):
            peer_certificate(address, 10)
        assert caught.value.why.isprintable()
