"""Reads over real TLS sockets: time-outs, faults, and which endpoint is asked."""

from __future__ import annotations

import asyncio

import pytest

from labtui.config.schema import Address, Tls
from labtui.model.errors import (
    Forbidden,
    LabError,
    Refused,
    Rejected,
    TimedOut,
    Unexpected,
    Unreachable,
)
from labtui.sources.proxmox import ProxmoxSource
from labtui.sources.proxmox.connect import Endpoints
from labtui.sources.proxmox.decode import plain
from labtui.sources.proxmox.errors import NodeUnreachable
from tests.sources.proxmox.asking import SHORT, always, ask, closed_port, source
from tests.sources.proxmox.server import (
    SECRET,
    Certificate,
    Reply,
    Request,
    serving,
    with_token,
)

pytestmark = pytest.mark.usefixtures("warm")


async def test_a_token_goes_in_a_header(certificate: Certificate) -> None:
    with serving(always(Reply({"version": "9.2"})), certificate) as server:
        assert await ask(with_token(certificate.pin, server.address)) == {"version": "9.2"}
    request = server.requests[0]
    assert request.headers["authorization"] == f"PVEAPIToken=console@pve!t1={SECRET}"
    assert (request.method, request.path) == ("GET", "/version")


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(status=401, reason="Authentication failed!", body=b""), Refused),
        (Reply(status=403, reason="Permission check failed (/, Sys.Audit)"), Forbidden),
        (Reply(status=500, reason="VM is locked (backup)"), Rejected),
        (Reply(status=595, reason="No route to host", body=b""), NodeUnreachable),
        (Reply(status=502, reason="Bad Gateway", body=b"<html>"), Unreachable),
        (
            Reply(status=302, reason="Found", headers={"Location": "http://127.0.0.1:1/"}),
            Unexpected,
        ),
        (Reply(body=b"<html>login</html>"), Unexpected),
        (Reply(body=b'{"data":{"a":'), Unexpected),
        (Reply({"a": "b" * 500}, cut=100), Unexpected),
        (Reply(raw=b"SSH-2.0-OpenSSH_9.2\r\n"), Unexpected),
        (Reply(raw=b""), Unreachable),
        (Reply(reset=True), Unreachable),
        (Reply(hang=True), TimedOut),
        (Reply({}, drip=True), TimedOut),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
async def test_faults_of_a_read(
    certificate: Certificate, reply: Reply, error: type[LabError]
) -> None:
    with serving(always(reply), certificate) as server:
        config = with_token(certificate.pin, server.address)
        with pytest.raises(error) as caught:
            # On a busy machine an answer that comes at once may take its time too.
            await ask(config, "/nodes/pve1/status", SHORT if error is TimedOut else 10.0)
    assert SECRET not in repr(caught.value)
    assert caught.value.why


async def test_an_idle_connection_that_died_is_renewed(certificate: Certificate) -> None:
    count = 0

    def respond(_request: Request) -> Reply:
        nonlocal count
        count += 1
        return Reply(reset=True) if count == 2 else Reply(count)

    with serving(respond, certificate) as server:
        async with source(with_token(certificate.pin, server.address)) as lab:
            assert await lab.get("/version") == 1
            assert await lab.get("/version") == 3


async def test_a_read_goes_to_an_endpoint_that_answers(certificate: Certificate) -> None:
    with (
        serving(always(Reply(hang=True)), certificate) as hanging,
        serving(always(Reply("here")), certificate) as good,
    ):
        config = with_token(certificate.pin, closed_port(), hanging.address, good.address)
        endpoints = Endpoints(config)
        for _number in range(3):
            answer = await endpoints.read("/version", "asking", plain, 0.4)
            assert (answer.value, answer.via) == ("here", str(good.address))
        await endpoints.close()
    assert len(hanging.requests) == 1
    assert len(good.requests) == 3


async def test_an_endpoint_is_passed_over_for_a_growing_while(certificate: Certificate) -> None:
    now = 0.0
    alive = False

    def respond(_request: Request) -> Reply:
        return Reply("first") if alive else Reply(raw=b"")

    with (
        serving(respond, certificate) as first,
        serving(always(Reply(raw=b"")), certificate) as second,
    ):
        config = with_token(certificate.pin, first.address, second.address)
        endpoints = Endpoints(config, clock=lambda: now)
        breaker = endpoints.all[0].breaker
        pauses = []
        for _number in range(8):
            with pytest.raises(Unreachable):
                await endpoints.read("/version", "asking", plain, 2)
            if _number == 0:
                assert not breaker.open
                continue
            pauses.append(breaker.until - now)
            assert not breaker.ready
            now = breaker.until + 1
            assert breaker.ready
        assert pauses[:4] == sorted(pauses[:4])
        assert pauses[0] < pauses[-1] <= 300
        alive = True
        answer = await endpoints.read("/version", "asking", plain, 2)
        assert answer.via == str(first.address)
        assert not breaker.open
        await endpoints.close()


@pytest.mark.parametrize(
    "reply",
    [
        Reply(raw=b"SSH-2.0-OpenSSH_9.2\r\n"),
        Reply({"a": "b" * 500}, cut=100),
        Reply(raw=b""),
        Reply(reset=True),
        Reply(status=502, reason="Bad Gateway", body=b"<html>"),
    ],
    ids=["no http", "cut", "closed", "reset", "gateway"],
)
async def test_an_endpoint_that_sends_rubbish_is_left_for_another(
    certificate: Certificate, reply: Reply
) -> None:
    with (
        serving(always(reply), certificate) as bad,
        serving(always(Reply("good")), certificate) as good,
    ):
        endpoints = Endpoints(with_token(certificate.pin, bad.address, good.address))
        for _number in range(3):
            assert (await endpoints.read("/version", "asking", plain, 2)).via == str(good.address)
        await endpoints.close()


async def test_an_answer_that_nobody_can_read_is_the_same_everywhere(
    certificate: Certificate,
) -> None:
    odd = always(Reply(body=b'{"data":{"a":'))
    with serving(odd, certificate) as first, serving(odd, certificate) as second:
        endpoints = Endpoints(with_token(certificate.pin, first.address, second.address))
        for _number in range(4):
            with pytest.raises(Unexpected):
                await endpoints.read("/version", "asking", plain, 2)
        assert not endpoints.all[0].breaker.open
        await endpoints.close()
    assert second.requests == []


async def test_a_dead_node_is_not_the_fault_of_the_endpoint(certificate: Certificate) -> None:
    dead = Reply(status=595, reason="No route to host", body=b"")
    with (
        serving(always(dead), certificate) as first,
        serving(always(Reply("other")), certificate) as second,
    ):
        endpoints = Endpoints(with_token(certificate.pin, first.address, second.address))
        with pytest.raises(NodeUnreachable) as caught:
            await endpoints.read("/nodes/pve9/hardware/pci", "asking", plain, 2)
        assert caught.value.where == "pve9"
        assert not endpoints.all[0].breaker.open
        await endpoints.close()
    assert second.requests == []


async def test_threads_left_behind_are_replaced(certificate: Certificate) -> None:
    hang = True

    def respond(_request: Request) -> Reply:
        return Reply({}, drip=True) if hang else Reply("back")

    with serving(respond, certificate) as server:
        async with source(with_token(certificate.pin, server.address)) as lab:
            for _number in range(2):
                with pytest.raises(TimedOut):
                    await lab.get("/nodes/a/status", 0.05)
            hang = False
            assert await lab.get("/version") == "back"


async def test_nobody_waits_for_a_hung_call_at_the_end(certificate: Certificate) -> None:
    with serving(always(Reply(hang=True)), certificate) as server:
        lab = ProxmoxSource(with_token(certificate.pin, server.address))
        task = asyncio.create_task(lab.get("/version", 5))
        await asyncio.sleep(0.1)
        await lab.close()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_no_endpoint() -> None:
    with pytest.raises(Unreachable):
        await ask(with_token(Tls()))


async def test_an_unknown_name(certificate: Certificate) -> None:
    with pytest.raises((Unreachable, TimedOut)):
        await ask(with_token(certificate.pin, Address("nowhere.invalid", 8006)), deadline=1)
