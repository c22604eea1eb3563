"""A missed deadline closes the connection under the library, and every request leaves a line."""

from __future__ import annotations

import asyncio
import logging
import threading

import pytest

from labtui.config.schema import NetboxConfig, Tls
from labtui.config.secret import Secret
from labtui.model.errors import LabError, TimedOut
from labtui.model.snapshot import Snapshot
from labtui.sources.netbox import source as netbox
from labtui.sources.proxmox import ProxmoxSource
from labtui.sources.routeros.source import RouterSource
from labtui.sources.threads import Threads
from tests.sources.proxmox.asking import always, ask
from tests.sources.proxmox.server import (
    SECRET,
    Certificate,
    Reply,
    Server,
    serving,
    with_token,
)
from tests.sources.routeros.fake import PASSWORD, menus, running


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    made = Certificate(tmp_path_factory.mktemp("tls"))
    # Load the libraries once, so that no short limit is spent on it.
    with serving(always(Reply({})), made) as server:
        asyncio.run(ask(with_token(made.pin, server.address), deadline=20))
    return made


def working(server: Server) -> int:
    return sum(str(server.address) in thread.name for thread in threading.enumerate())


async def ended(server: Server) -> None:
    for _number in range(200):
        if not working(server):
            return
        await asyncio.sleep(0.01)
    raise AssertionError("a thread still waits for the server")


@pytest.mark.parametrize("reply", [Reply(hang=True), Reply({}, drip=True)], ids=["hang", "drip"])
async def test_a_thread_does_not_wait_for_a_hung_cluster(
    certificate: Certificate, reply: Reply
) -> None:
    with serving(always(reply), certificate) as server:
        source = ProxmoxSource(with_token(certificate.pin, server.address))
        with pytest.raises(TimedOut):
            # The library's own limit for silence is that of the call: only a drip gets past it.
            await source.get("/version", 0.1)
        await source.close()
        await ended(server)


async def test_a_cancelled_call_is_cut_off_as_well(certificate: Certificate) -> None:
    with serving(always(Reply(hang=True)), certificate) as server:
        source = ProxmoxSource(with_token(certificate.pin, server.address))
        asking = asyncio.create_task(source.get("/version", 30))
        for _number in range(200):
            if server.requests:
                break
            await asyncio.sleep(0.01)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await source.close()
        await ended(server)


@pytest.mark.parametrize("tls", [True, False])
async def test_a_thread_does_not_wait_for_a_hung_netbox(
    certificate: Certificate, monkeypatch: pytest.MonkeyPatch, tls: bool
) -> None:
    monkeypatch.setattr(netbox, "DEADLINE", 0.3)
    with serving(always(Reply(hang=True)), certificate if tls else None) as server:
        scheme = "https" if tls else "http"
        config = NetboxConfig(
            f"{scheme}://{server.address}",
            Secret("plain", "0123456789" * 4),
            certificate.pin if tls else Tls("off"),
        )
        source = netbox.NetboxSource(config)
        with pytest.raises(TimedOut):
            await source.feeds()[0].read(Snapshot())
        await source.close()
        await ended(server)


async def test_a_client_that_cannot_be_cut_is_left_alone() -> None:
    release = threading.Event()
    threads: Threads[object] = Threads("x", object)
    with pytest.raises(TimedOut):
        await threads.run(lambda _client: release.wait(5), 0.05, "waiting")
    release.set()
    threads.close()


async def test_every_request_leaves_a_line_without_a_secret(
    certificate: Certificate, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with serving(always(Reply("x")), certificate) as server:
        config = with_token(certificate.pin, server.address)
        source = ProxmoxSource(config)
        await source.get("/version", type="secret-parameter")
        await source.call("POST", "/nodes/pve1/qemu/100/status/start", {})
        await source.close()
    no = always(Reply(status=500, reason="x"))
    with serving(no, certificate) as server, pytest.raises(LabError):
        await ask(with_token(certificate.pin, server.address))
    async with running(menus(system__identity=[{"name": "a"}])) as router:
        line = RouterSource(router.config())
        await line.get("/system/identity/print")
        await line.close()
    told = [record.getMessage() for record in caplog.records if "sources" in record.name]
    assert any("GET /version" in line and line.endswith(" 200") for line in told)
    assert any("POST /nodes/pve1/qemu/100/status/start" in line for line in told)
    assert any(line.endswith(" 500") for line in told)
    assert any("/system/identity/print" in line and line.endswith(" done") for line in told)
    for secret in (SECRET, PASSWORD, "secret-parameter"):
        assert secret not in caplog.text
