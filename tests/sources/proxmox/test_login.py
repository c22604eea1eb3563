"""Tickets: taken, shared, renewed, replaced."""

from __future__ import annotations

import pytest

from labtui.config.schema import Tls
from labtui.model.errors import Refused, TimedOut
from labtui.sources.proxmox.decode import plain
from labtui.sources.proxmox.login import LASTS, RENEW_AFTER, Login
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
