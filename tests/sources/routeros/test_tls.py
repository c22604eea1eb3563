"""The four ways of trust, over real TLS; a password never goes to the wrong router."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import pytest

from labtui.config.schema import Address, RouterConfig, Tls
from labtui.config.secret import Secret
from labtui.model.errors import LabError, TimedOut, TlsFailed, Unreachable
from labtui.model.snapshot import Snapshot
from labtui.sources.classify import of_exception
from labtui.sources.routeros import connect
from labtui.sources.routeros.source import RouterSource
from tests.sources.routeros.fake import PASSWORD, USER, menus, running
from tests.sources.routeros.papers import Papers, papers, without_certificate

MENUS = menus(
    system__identity=[{"name": "core-1"}],
    system__resource=[{"version": "7.20", "board-name": "CHR"}],
    ip__address=[],
    user=[{"name": USER, "group": "look"}],
    user__group=[{"name": "look", "policy": "api,read,!write,!ftp"}],
)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    return papers(Path(tmp_path_factory.mktemp("tls")), "core-1")


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    return papers(Path(tmp_path_factory.mktemp("tls")), "stranger")


async def connected(config: RouterConfig) -> None:
    source = RouterSource(config)
    facts = next(spec for spec in source.feeds() if spec.feed.topic == "facts")
    try:
        await facts.read(Snapshot())
    finally:
        await source.close()


async def test_verify_with_an_authority(own: Papers, other: Papers) -> None:
    async with running(MENUS, own.server) as router:
        await connected(router.config(tls=Tls("verify", ca_file=own.path)))
        for wrong in (Tls("verify", ca_file=other.path), Tls("verify")):
            with pytest.raises(TlsFailed) as caught:
                await connected(router.config(tls=wrong))
            assert "pin" in caught.value.remedy
        assert router.logins == 1


async def test_verify_checks_the_name(own: Papers) -> None:
    async with running(MENUS, own.server) as router:
        way = Address("localhost", router.port)
        config = router.config(tls=Tls("verify", ca_file=own.path), addresses=(way,))
        with pytest.raises(TlsFailed, match="localhost"):
            await connected(config)
        assert router.logins == 0


async def test_authorities_that_cannot_be_read(tmp_path: Path) -> None:
    async with running(MENUS) as router:
        rubbish = tmp_path / "rubbish.pem"
        rubbish.write_text("no certificate")
        for path in (str(tmp_path / "absent.pem"), str(rubbish)):
            with pytest.raises(TlsFailed, match="authority file"):
                await connected(router.config(tls=Tls("verify", ca_file=path)))
        assert router.connections == 0


async def test_a_pin_is_compared_before_the_login(own: Papers, other: Papers) -> None:
    async with running(MENUS, own.server) as router:
        await connected(router.config(tls=Tls("pin", fingerprint=own.fingerprint)))
        assert router.logins == 1
        with pytest.raises(TlsFailed) as caught:
            await connected(router.config(tls=Tls("pin", fingerprint=other.fingerprint)))
        assert own.fingerprint in caught.value.why
        with pytest.raises(TlsFailed):
            await connected(router.config(tls=Tls("pin")))
        assert router.logins == 1


async def test_anonymous_is_for_routers_without_a_certificate(own: Papers, tmp_path: Path) -> None:
    async with running(MENUS, without_certificate(tmp_path)) as router:
        await connected(router.config(tls=Tls("anonymous")))
        # asyncio's server ends a failed handshake without the alert that says why.
        with pytest.raises((TlsFailed, Unreachable)) as caught:
            await connected(router.config(tls=Tls("pin", fingerprint=own.fingerprint)))
        assert "certificate" in caught.value.remedy
        assert router.logins == 1
    async with running(MENUS, own.server) as router:
        with pytest.raises((TlsFailed, Unreachable)):
            await connected(router.config(tls=Tls("anonymous")))
        assert router.logins == 0


async def test_the_wrong_kind_of_port(own: Papers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connect, "CONNECT_LIMIT", 0.3)
    async with running(MENUS, own.server) as router:
        with pytest.raises(LabError):
            await connected(router.config())
    async with running(MENUS) as router:
        with pytest.raises(LabError):
            await connected(router.config(tls=Tls("pin", fingerprint=own.fingerprint)))
        assert router.logins == 0


async def test_a_login_that_is_never_answered_holds_nobody_up(
    own: Papers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connect, "CONNECT_LIMIT", 0.3)
    async with running(MENUS, own.server) as router:
        router.mute = True
        async with asyncio.timeout(5):
            with pytest.raises(TimedOut):
                await connected(router.config(tls=Tls("pin", fingerprint=own.fingerprint)))
        assert router.logins == 1


def test_alerts_in_words() -> None:
    for reason, word in (
        ("SSLV3_ALERT_HANDSHAKE_FAILURE", "anonymous"),
        ("WRONG_VERSION_NUMBER", "8729"),
        ("TLSV1_ALERT_PROTOCOL_VERSION", "tls-version"),
    ):
        error = ssl.SSLError(1, reason)
        error.reason = reason
        verdict = of_exception(error, "routeros")
        assert verdict is not None
        assert verdict.kind == "tls"
        assert word in verdict.remedy


async def test_the_probe_tells_what_works(own: Papers, other: Papers) -> None:
    async with running(MENUS, own.server) as router:
        ways = (Address("127.0.0.1", router.port), Address("127.0.0.1", 1))
        config = router.config(
            addresses=ways,
            tls=Tls("pin", fingerprint=own.fingerprint),
            write_username="labtui-rw",
            write_password=Secret("plain", "wrong"),
        )
        source = RouterSource(config)
        found = await source.probe()
        await source.close()
        good, gone = found.addresses
        assert (good.identity, good.version, good.board) == ("core-1", "7.20", "CHR")
        assert good.reached
        assert good.problem is None
        assert good.latency is not None
        assert good.certificate is not None
        assert good.certificate.sha256 == own.fingerprint
        reader, writer = good.accounts
        assert (reader.username, reader.policies, reader.problem) == (USER, ("api", "read"), None)
        assert writer.problem is not None
        assert writer.problem.kind == "refused"
        assert not gone.reached
        assert gone.problem is not None
        assert gone.problem.kind == "unreachable"
        assert not found.ok
        assert PASSWORD not in repr(found)


async def test_the_probe_shows_a_certificate_that_is_not_trusted(
    own: Papers, other: Papers
) -> None:
    async with running(MENUS, own.server) as router:
        source = RouterSource(router.config(tls=Tls("pin", fingerprint=other.fingerprint)))
        (found,) = (await source.probe()).addresses
        await source.close()
        assert found.reached
        assert found.problem is not None
        assert found.problem.kind == "tls"
        assert found.certificate is not None
        assert found.certificate.sha256 == own.fingerprint
        assert router.logins == 0


async def test_a_probe_without_tls_and_without_insight() -> None:
    script = menus(system__identity=[{"name": "a"}], system__resource=[])
    async with running(script) as router:
        source = RouterSource(router.config())
        found = await source.probe()
        await source.close()
        assert found.ok
        assert found.addresses[0].certificate is None
        assert found.addresses[0].accounts[0].policies is None
