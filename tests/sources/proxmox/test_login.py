"""Passwords, tickets and second factors."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from labtui.config.schema import ProxmoxConfig, Tls
from labtui.config.secret import Secret
from labtui.model.errors import Refused, TimedOut, Unexpected
from labtui.sources.proxmox.connect import Endpoints
from labtui.sources.proxmox.decode import plain
from labtui.sources.proxmox.login import LASTS, RENEW_AFTER, Login
from tests.sources.proxmox.server import (
    SECRET,
    Certificate,
    Reply,
    Request,
    serving,
    with_password,
    with_token,
)

CHALLENGE = "PVE:!tfa!console@pve:1"


class Realm:
    """A server's side of logging in."""

    def __init__(self, code: str = "") -> None:
        self.code = code
        self.password = SECRET
        self.count = 0
        self.valid: set[str] = set()
        self.logins: list[dict[str, str]] = []

    def __call__(self, request: Request) -> Reply:
        if request.path == "/access/ticket":
            return self._login(request.params)
        ticket = request.headers.get("cookie", "").removeprefix("PVEAuthCookie=")
        if ticket not in self.valid:
            return Reply(status=401, reason="Authentication failed!", body=b"")
        if request.method != "GET" and request.headers.get("csrfpreventiontoken") != f"c-{ticket}":
            reason = "Permission denied - invalid csrf token"
            return Reply(status=401, reason=reason, body=b"")
        # A proxy in between that sets cookies of its own.
        return Reply(ticket, headers={"Set-Cookie": "sticky=1; Path=/"})

    def _login(self, params: dict[str, str]) -> Reply:
        self.logins.append(params)
        refused = Reply(status=401, reason="authentication failure")
        challenged = params.get("tfa-challenge")
        if challenged:
            if challenged != CHALLENGE or params["password"] != f"totp:{self.code}":
                return refused
        elif params["password"] not in self.valid | {self.password}:
            return refused
        elif self.code and params["password"] == self.password:
            return Reply({"ticket": CHALLENGE, "CSRFPreventionToken": "x", "NeedTFA": 1})
        self.count += 1
        ticket = f"T{self.count}"
        self.valid.add(ticket)
        return Reply({"ticket": ticket, "CSRFPreventionToken": f"c-{ticket}", "cap": {}})


class Clock:
    """Monotonic seconds that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def endpoints(
    config: ProxmoxConfig, clock: Clock, totp: Callable[[], str] | None = None
) -> AsyncIterator[Endpoints]:
    made = Endpoints(config, totp, clock)
    try:
        yield made
    finally:
        await made.close()


async def read(lab: Endpoints) -> object:
    return (await lab.read("/version", "asking", plain, 10)).value


async def test_one_ticket_serves_all_threads_and_endpoints(certificate: Certificate) -> None:
    realm, clock = Realm(), Clock()
    with serving(realm, certificate) as one, serving(realm, certificate) as two:
        config = with_password(certificate.pin, one.address, two.address)
        async with endpoints(config, clock) as lab:
            assert [await read(lab) for _number in range(3)] == ["T1"] * 3
            one.stop()
            assert await read(lab) == "T1"
            written = await lab.write("POST", "/nodes/a/x", "doing", plain, 10, {"a": 1})
            assert written.value == "T1"
    assert len(realm.logins) == 1
    assert two.requests[-1].headers["csrfpreventiontoken"] == "c-T1"


async def test_a_ticket_is_renewed_with_itself(certificate: Certificate) -> None:
    realm, clock = Realm(), Clock()
    with serving(realm, certificate) as server:
        async with endpoints(with_password(certificate.pin, server.address), clock) as lab:
            assert await read(lab) == "T1"
            clock.now += RENEW_AFTER + 1
            assert await read(lab) == "T2"
            assert realm.logins[-1]["password"] == "T1"
            clock.now += LASTS + 1
            assert await read(lab) == "T3"
            assert realm.logins[-1]["password"] == SECRET


async def test_a_ticket_ages_while_the_machine_sleeps(certificate: Certificate) -> None:
    realm, clock, wall = Realm(), Clock(), Clock()
    with serving(realm, certificate) as server:
        async with endpoints(with_password(certificate.pin, server.address), clock) as lab:
            lab.login = Login(
                with_password(certificate.pin, server.address), clock=clock, wall=wall
            )
            lab.all = tuple(lab._endpoint(endpoint.address) for endpoint in lab.all)
            assert await read(lab) == "T1"
            # An hour and a half asleep: renewed with itself, the monotonic clock stood still.
            wall.now += RENEW_AFTER * 1.5
            assert await read(lab) == "T2"
            assert realm.logins[-1]["password"] == "T1"
            # A night: signed in anew, without a try with a ticket that is dead.
            wall.now += 8 * 3600
            assert await read(lab) == "T3"
            assert realm.logins[-1]["password"] == SECRET
            # A clock that is set back makes nothing younger than it is.
            wall.now -= 86400
            clock.now += RENEW_AFTER + 1
            assert await read(lab) == "T4"
    assert len(realm.logins) == 4


async def test_without_quorum_no_code_is_spent(certificate: Certificate) -> None:
    realm, clock = Realm("123456"), Clock()
    asked = []

    def code() -> str:
        asked.append(1)
        return "123456"

    with serving(realm, certificate) as server:
        config = with_password(certificate.pin, server.address, totp=True)
        async with endpoints(config, clock, code) as lab:
            assert lab.login.kind == "totp"
            lab.login.note_quorum(quorate=False)
            with pytest.raises(Refused, match="quorum") as caught:
                await read(lab)
            assert "token" in caught.value.remedy
            assert asked == []
            # What was known is old: it may be tried again.
            clock.now += 61
            assert await read(lab) == "T1"


async def test_a_code_that_is_not_taken_names_the_likely_reason(certificate: Certificate) -> None:
    realm = Realm("123456")
    with serving(realm, certificate) as server:
        config = with_password(certificate.pin, server.address, totp=True)
        async with endpoints(config, Clock(), lambda: "654321") as lab:
            with pytest.raises(Refused, match="one-time code") as caught:
                await read(lab)
    assert "quorum" in caught.value.remedy


def test_how_we_sign_in() -> None:
    assert Login(with_token(Tls())).kind == "token"
    assert Login(with_password(Tls())).kind == "password"
    assert Login(with_password(Tls(), totp=True)).kind == "totp"


@pytest.mark.parametrize("write", [False, True])
async def test_a_refused_ticket_is_replaced(certificate: Certificate, write: bool) -> None:
    realm, clock = Realm(), Clock()
    with serving(realm, certificate) as server:
        async with endpoints(with_password(certificate.pin, server.address), clock) as lab:
            assert await read(lab) == "T1"
            # As after a laptop slept for a day: the monotonic clock knows nothing of it.
            realm.valid.clear()
            if write:
                answer = await lab.write("POST", "/nodes/a/x", "doing", plain, 10, {})
                assert answer.value == "T2"
            else:
                assert await read(lab) == "T2"
    assert len(realm.logins) == 2


async def test_a_write_refused_before_a_login_that_hangs_was_not_done(
    certificate: Certificate,
) -> None:
    realm = Realm()

    def respond(request: Request) -> Reply:
        if realm.count and request.path == "/access/ticket":
            return Reply(hang=True)
        return realm(request)

    with serving(respond, certificate) as server:
        async with endpoints(with_password(certificate.pin, server.address), Clock()) as lab:
            assert await read(lab) == "T1"
            realm.valid.clear()
            with pytest.raises(TimedOut):
                await lab.write("POST", "/nodes/a/x", "doing", plain, 0.1, {})


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
