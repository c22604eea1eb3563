"""Writes over real TLS sockets: sent once, and what is known when the answer is lost."""

from __future__ import annotations

import asyncio
import threading

import pytest

from labtui.model.errors import (
    Forbidden,
    LabError,
    OutcomeUnknown,
    Refused,
    Rejected,
    TimedOut,
    Unreachable,
)
from labtui.sources.proxmox import ProxmoxSource
from labtui.sources.proxmox.client import Gate
from labtui.sources.proxmox.errors import NodeUnreachable
from tests.sources.proxmox.asking import UPID, always, closed_port, source, tell
from tests.sources.proxmox.server import (
    Certificate,
    Reply,
    Request,
    serving,
    with_token,
)

pytestmark = pytest.mark.usefixtures("warm")


async def test_booleans_are_sent_as_numbers(certificate: Certificate) -> None:
    with serving(always(Reply(UPID)), certificate) as server:
        async with source(with_token(certificate.pin, server.address)) as lab:
            path = "/nodes/pve1/qemu/100/migrate"
            params: dict[str, str | int] = {"online": True, "with-local-disks": 0, "target": "b"}
            assert await lab.call("post", path, params) == UPID
            await lab.call("DELETE", f"/nodes/pve1/tasks/{UPID}", {})
            await lab.get("/cluster/resources", full=False)
    assert server.requests[0].params == {"online": "1", "with-local-disks": "0", "target": "b"}
    assert server.requests[1].method == "DELETE"
    assert server.requests[1].path == f"/nodes/pve1/tasks/{UPID}"
    assert server.requests[2].params == {"full": "0"}


@pytest.mark.parametrize(
    "reply",
    [
        Reply(hang=True),
        Reply({"a": "b" * 500}, drip=True),
        Reply(reset=True),
        Reply(raw=b""),
        Reply({"a": "b" * 500}, cut=100),
        Reply(body=b"<html>"),
        Reply(status=596, reason="Broken pipe", body=b""),
    ],
    ids=["hang", "drip", "reset", "closed", "cut", "page", "596"],
)
async def test_a_write_whose_answer_is_lost_is_never_repeated(
    certificate: Certificate, reply: Reply
) -> None:
    with (
        serving(always(reply), certificate) as first,
        serving(always(Reply(UPID)), certificate) as second,
    ):
        config = with_token(certificate.pin, first.address, second.address)
        with pytest.raises(OutcomeUnknown) as caught:
            # On a busy machine less passes before anything is sent.
            await tell(config, 1.0 if reply.hang or reply.drip else 10.0)
    assert len(first.requests) == 1
    assert second.requests == []
    assert "task" in caught.value.remedy


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(status=500, reason="cluster not ready - no quorum?"), Rejected),
        (Reply(status=403, reason="Permission check failed (/vms/100, VM.PowerMgmt)"), Forbidden),
        (Reply(status=401, reason="No ticket", body=b""), Refused),
        (Reply(status=595, reason="No route to host", body=b""), NodeUnreachable),
    ],
)
async def test_a_write_that_was_refused(
    certificate: Certificate, reply: Reply, error: type[LabError]
) -> None:
    with (
        serving(always(reply), certificate) as first,
        serving(always(Reply(UPID)), certificate) as second,
        pytest.raises(error),
    ):
        await tell(with_token(certificate.pin, first.address, second.address))
    assert len(first.requests) == 1
    assert second.requests == []


async def test_a_write_that_was_not_sent_goes_to_the_next_endpoint(
    certificate: Certificate,
) -> None:
    with serving(always(Reply(UPID)), certificate) as server:
        config = with_token(certificate.pin, closed_port(), server.address)
        assert await tell(config) == UPID
    assert len(server.requests) == 1


async def test_a_write_to_nobody_did_nothing(certificate: Certificate) -> None:
    with pytest.raises(Unreachable) as caught:
        await tell(with_token(certificate.pin, closed_port()))
    assert "refused" in caught.value.why


async def test_a_write_waiting_for_a_thread_is_given_up_unsent(certificate: Certificate) -> None:
    released = threading.Event()

    def respond(request: Request) -> Reply:
        if request.method == "GET":
            released.wait(5)
        return Reply(UPID)

    with serving(respond, certificate) as server:
        async with source(with_token(certificate.pin, server.address)) as lab:
            busy = [asyncio.create_task(lab.get("/nodes/a/status", 3)) for _n in range(2)]
            await asyncio.sleep(0.1)
            with pytest.raises(TimedOut):
                await lab.call("POST", "/nodes/a/qemu/1/status/stop", {}, 0.05)
            released.set()
            await asyncio.gather(*busy)
            assert await lab.get("/version") == UPID
    assert [request.method for request in server.requests] == ["GET"] * 3


def test_a_gate_that_is_shut_lets_nothing_out() -> None:
    gate = Gate()
    assert gate.shut()
    with pytest.raises(TimedOut):
        gate.go_out()
    other = Gate()
    other.go_out()
    assert not other.shut()
    assert other.out


async def test_only_writes_are_called(certificate: Certificate) -> None:
    lab = ProxmoxSource(with_token(certificate.pin))
    with pytest.raises(ValueError, match="GET"):
        await lab.call("GET", "/version", {})
