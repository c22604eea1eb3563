"""Passwords, second factors and tokens, and how a login fails."""

from __future__ import annotations

import pytest

from labtui.config.schema import ProxmoxConfig, Tls
from labtui.config.secret import Secret
from labtui.model.errors import Refused, Unexpected
from labtui.sources.proxmox.login import LASTS, RENEW_AFTER
from tests.sources.proxmox.realm import Clock, Realm, endpoints, read
from tests.sources.proxmox.server import (
    SECRET,
    Certificate,
    Reply,
    Request,
    serving,
    with_password,
    with_token,
)


async def test_a_code_that_is_not_taken_names_the_likely_reason(certificate: Certificate) -> None:
    realm = Realm("123456")
    with serving(realm, certificate) as server:
        config = with_password(certificate.pin, server.address, totp=True)
        async with endpoints(config, Clock(), lambda: "654321") as lab:
            with pytest.raises(Refused, match="one-time code") as caught:
                await read(lab)
    assert "quorum" in caught.value.remedy


async def test_a_wrong_password_is_not_sent_again_and_again(certificate: Certificate) -> None:
    realm, clock = Realm(), Clock()
    realm.password = "another"
    with serving(realm, certificate) as server:
        async with endpoints(with_password(certificate.pin, server.address), clock) as lab:
            for _number in range(5):
                with pytest.raises(Refused) as caught:
                    await read(lab)
                assert SECRET not in repr(caught.value)
            assert len(realm.logins) == 1
            clock.now += 20
            with pytest.raises(Refused):
                await read(lab)
            clock.now += 20
            with pytest.raises(Refused):
                await read(lab)
            assert len(realm.logins) == 2
            realm.password = SECRET
            clock.now += 60
            assert await read(lab) == "T1"


async def test_a_second_factor(certificate: Certificate) -> None:
    realm, clock = Realm("123456"), Clock()
    asked = []

    def code() -> str:
        asked.append(1)
        return " 123456 "

    with serving(realm, certificate) as server:
        config = with_password(certificate.pin, server.address, totp=True)
        async with endpoints(config, clock, code) as lab:
            assert await read(lab) == "T1"
            clock.now += RENEW_AFTER + 1
            assert await read(lab) == "T2"
            assert len(asked) == 1
            # The same code a second time would count as a failed attempt.
            clock.now += LASTS + 1
            with pytest.raises(Refused, match="used already"):
                await read(lab)
    assert [params["password"] for params in realm.logins].count("totp:123456") == 1


async def test_a_second_factor_that_nobody_can_give(certificate: Certificate) -> None:
    realm, clock = Realm("123456"), Clock()
    with serving(realm, certificate) as server:
        async with endpoints(with_password(certificate.pin, server.address), clock) as lab:
            with pytest.raises(Refused) as caught:
                await read(lab)
    assert "token" in caught.value.remedy
    assert len(realm.logins) == 1


async def test_a_login_page_is_no_ticket(certificate: Certificate) -> None:
    with serving(lambda _request: Reply(body=b"<html>"), certificate) as server:
        async with endpoints(with_password(certificate.pin, server.address), Clock()) as lab:
            with pytest.raises(Unexpected):
                await read(lab)


async def test_no_password_for_a_strange_certificate(certificate: Certificate) -> None:
    realm = Realm()
    other = Tls("pin", fingerprint="1" * 64)
    with serving(realm, certificate) as server:
        async with endpoints(with_password(other, server.address), Clock()) as lab:
            with pytest.raises(Exception, match="pinned"):
                await read(lab)
    assert server.requests == []


async def test_a_changed_token_is_read_again(
    certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    def respond(request: Request) -> Reply:
        if request.headers.get("authorization") == "PVEAPIToken=console@pve!t1=new":
            return Reply("in")
        return Reply(status=401, reason="Authentication failed!", body=b"")

    monkeypatch.setenv("LAB_TOKEN", "old")
    with serving(respond, certificate) as server:
        base = with_token(certificate.pin, server.address)
        config = ProxmoxConfig(
            "lab",
            base.endpoints,
            base.tls,
            token_id=base.token_id,
            token_secret=Secret("env", "LAB_TOKEN"),
        )
        async with endpoints(config, Clock()) as lab:
            with pytest.raises(Refused):
                await read(lab)
            monkeypatch.setenv("LAB_TOKEN", "new")
            assert await read(lab) == "in"


@pytest.mark.parametrize("token_id", ["console@pve", "console@pve!"])
async def test_a_token_without_a_name(certificate: Certificate, token_id: str) -> None:
    with serving(lambda _request: Reply(1), certificate) as server:
        secret = Secret("plain", SECRET)
        config = ProxmoxConfig(
            "lab", (server.address,), certificate.pin, token_id=token_id, token_secret=secret
        )
        async with endpoints(config, Clock()) as lab:
            with pytest.raises(Refused, match="not complete"):
                await read(lab)
    assert server.requests == []
