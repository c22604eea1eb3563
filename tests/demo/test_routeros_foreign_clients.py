"""Clients written by others read the servers: RouterOS-api and librouteros, plain and over TLS."""

from __future__ import annotations

import asyncio
import datetime
import ipaddress
import ssl
from pathlib import Path
from typing import Any

import librouteros
import pytest
import routeros_api
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from librouteros.exceptions import TrapError
from librouteros.query import Key
from routeros_api.exceptions import RouterOsApiCommunicationError, RouterOsApiConnectionError

from tests.demo.router_client import served
from tests.demo.still_clock import Stage

PEERS = "/interface/wireguard/peers"


@pytest.fixture(scope="module")
def contexts(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's and a client's TLS context that trust one throw-away certificate."""
    path = Path(tmp_path_factory.mktemp("tls")) / "router.pem"
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "rt-836")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(path)
    return server, ssl.create_default_context(cafile=str(path))


def _tour(port: int, context: ssl.SSLContext | None) -> dict[str, Any]:
    """What RouterOS-api reads in one sitting."""
    pool = routeros_api.RouterOsApiPool(
        "127.0.0.1", "rw", "touch", port=port, plaintext_login=True, ssl_context=context
    )
    pool.set_timeout(10)
    try:
        api = pool.get_api()
        peers = api.get_resource(PEERS)
        found: dict[str, Any] = {
            "identity": api.get_resource("/system/identity").get(),
            "peers": peers.get(),
            "routes": len(api.get_resource("/ip/route").get()),
            "none": api.get_resource("/ip/address").get(comment="nothing"),
            "sessions": api.get_resource("/routing/bgp/session").get(established="true"),
            "ping": api.get_binary_resource("/tool").call(
                "ping", {"address": b"10.255.0.1", "count": b"2"}
            ),
        }
        peers.call("disable", {".id": found["peers"][2]["id"]})
        found["after"] = peers.get(name="rt-mou")
        with pytest.raises(RouterOsApiCommunicationError, match="no such item"):
            peers.call("disable", {".id": "*FF"})
        found["still"] = api.get_resource("/system/identity").get()
        return found
    finally:
        pool.disconnect()


@pytest.mark.parametrize("secure", [False, True])
async def test_routeros_api(secure: bool, contexts: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    server, client = contexts if secure else (None, None)
    async with served(Stage(speed=1000.0), context=server) as port:
        found = await asyncio.to_thread(_tour, port, client)
    assert found["identity"] == found["still"] == [{"name": "rt-836"}]
    assert len(found["peers"]) == 6
    assert found["peers"][5]["comment"] == "陳家豪"
    assert found["routes"] == 1857
    assert found["none"] == []
    assert [row["name"] for row in found["sessions"]] == ["to-835-1", "to-702-1", "to-mou-1"]
    assert [row["sent"] for row in found["ping"]] == [b"1", b"2"]
    assert found["after"][0]["disabled"] == "true"


async def test_routeros_api_is_refused() -> None:
    def attempt(port: int) -> None:
        pool = routeros_api.RouterOsApiPool(
            "127.0.0.1", "rw", "wrong", port=port, plaintext_login=True
        )
        try:
            pool.get_api()
        finally:
            pool.disconnect()

    async with served(Stage()) as port:
        with pytest.raises((RouterOsApiConnectionError, RouterOsApiCommunicationError)) as caught:
            await asyncio.to_thread(attempt, port)
    assert "invalid user name or password" in str(caught.value)


@pytest.mark.parametrize("secure", [False, True])
async def test_librouteros(secure: bool, contexts: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    server, client = contexts if secure else (None, None)
    wrapper = {} if client is None else {"ssl_wrapper": client}
    async with served(Stage(), "rt-mou", context=server) as port:
        api = await librouteros.async_connect(
            "127.0.0.1", "rw", "touch", port=port, encoding="utf-8", **wrapper
        )
        try:
            rows = [row async for row in api.path("interface", "wireguard", "peers")]
            assert rows[0]["comment"] == "link 3 to 836"
            name = Key("name")
            query = api.path("routing", "bgp", "session").select(Key("prefix-count"), name)
            sessions = [row async for row in query.where(name == "to-dn42-1")]
            assert sessions == [{"prefix-count": 611, "name": "to-dn42-1"}]
            with pytest.raises(TrapError, match="no such command prefix"):
                [row async for row in api("/routing/bgp/instance/print")]
            resource = [row async for row in api("/system/resource/print")]
            assert resource[0]["version"] == "7.12.2 (stable)"
        finally:
            await api.close()
