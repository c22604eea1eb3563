"""The source against the demo lab's routers, over real sockets, plain and with TLS."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path
from typing import Any

import pytest

from labtui.config.schema import Address, RouterConfig, Tls
from labtui.config.secret import Secret
from labtui.model.errors import Forbidden, Refused, Unreachable
from labtui.model.overlay import Bgp, RouterFacts, WireGuard
from labtui.model.snapshot import Part, Snapshot
from labtui.sources.routeros.source import RouterSource
from tests.demo.router_client import ACCOUNTS, served
from tests.demo.still_clock import START, Stage
from tests.sources.routeros.fake import until
from tests.sources.routeros.papers import papers

ROUTERS = tuple(sorted(Stage().world.routers))


def config(port: int, tls: Tls, user: str = "ro", password: str = "") -> RouterConfig:
    secret = Secret("plain", password or ACCOUNTS[user].password)
    writer = Secret("plain", ACCOUNTS["rw"].password)
    way = (Address("127.0.0.1", port),)
    return RouterConfig("r", way, tls, user, secret, write_username="rw", write_password=writer)


async def part(source: RouterSource, topic: str) -> Part:
    spec = next(spec for spec in source.feeds() if spec.feed.topic == topic)
    reading = await spec.read(Snapshot())
    assert reading.complaints == ()
    return reading.part


@pytest.mark.parametrize("name", ROUTERS)
@pytest.mark.parametrize("encrypted", [False, True])
async def test_every_router_is_read_whole(name: str, encrypted: bool, tmp_path: Path) -> None:
    stage = Stage()
    stage.wait(60.0)
    shown: ssl.SSLContext | None = None
    tls = Tls("off")
    if encrypted:
        own = papers(tmp_path, name)
        shown, tls = own.server, Tls("verify", ca_file=own.path)
    async with served(stage, name, shown) as port:
        source = RouterSource(config(port, tls), stage.clock.now)
        facts, tunnels, paths = await asyncio.gather(
            *(part(source, topic) for topic in ("facts", "wireguard", "bgp"))
        )
        await source.close()
    router = stage.world.routers[name]
    assert isinstance(facts, RouterFacts)
    assert facts.identity == router.name
    assert facts.version
    assert facts.addresses
    assert isinstance(tunnels, WireGuard)
    assert {found.name for found in tunnels.interfaces} == {
        interface.name for interface in router.wireguard
    }
    assert tunnels.peers
    assert any(found.handshake_at and found.handshake_at > START - 300 for found in tunnels.peers)
    assert isinstance(paths, Bgp)
    assert len(paths.connections) == len(router.connections)
    assert all(found.local_as for found in paths.connections)
    up = {found.name: found for found in paths.sessions if found.established}
    assert len(up) == sum(
        1 for found in router.connections if found.session and found.session.established
    )
    assert all(found.established_at for found in up.values())


async def test_rates_come_with_the_second_reading() -> None:
    stage = Stage()
    stage.wait(60.0)
    async with served(stage) as port:
        source = RouterSource(config(port, Tls("off")), stage.clock.now)
        await part(source, "wireguard")
        stage.wait(5.0)
        tunnels = await part(source, "wireguard")
        await source.close()
    assert isinstance(tunnels, WireGuard)
    assert any(found.rx_rate for found in tunnels.peers)


async def test_a_router_that_loses_power_and_comes_back() -> None:
    stage = Stage()
    async with served(stage) as port:
        source = RouterSource(config(port, Tls("off")), stage.clock.now)
        await part(source, "facts")
        stage.world.set_router("rt-836", False)
        first = source._reader._wire
        assert first is not None
        await until(lambda: first.closed)
        with pytest.raises(Unreachable):
            await part(source, "facts")
        stage.world.set_router("rt-836", True)
        assert isinstance(await part(source, "facts"), RouterFacts)
        await source.close()


async def test_a_wrong_password_is_refused() -> None:
    async with served(Stage()) as port:
        source = RouterSource(config(port, Tls("off"), password="wrong"))
        with pytest.raises(Refused):
            await part(source, "facts")
        await source.close()


async def test_calls_go_through_the_account_that_may_write() -> None:
    async with served(Stage()) as port:
        source = RouterSource(config(port, Tls("off")))
        words: dict[str, Any] = {".proplist": ".id,name"}
        rows = await source.get("/routing/bgp/connection/print", **words)
        which = {".id": rows[0][".id"]}
        await source.call("API", "/routing/bgp/connection/disable", which)
        paths = await part(source, "bgp")
        assert isinstance(paths, Bgp)
        disabled = [found.name for found in paths.connections if found.disabled]
        assert disabled == [rows[0]["name"]]
        await source.close()
        reader = RouterSource(
            RouterConfig(
                "r",
                (Address("127.0.0.1", port),),
                Tls("off"),
                "ro",
                Secret("plain", ACCOUNTS["ro"].password),
            )
        )
        with pytest.raises(Forbidden):
            await reader.call("API", "/routing/bgp/connection/enable", which)
        assert "write_username" in reader.against_writing
        await reader.close()


async def test_the_probe_of_a_demo_router() -> None:
    async with served(Stage()) as port:
        source = RouterSource(config(port, Tls("off")))
        found = await source.probe()
        await source.close()
    assert found.ok
    assert found.addresses[0].identity == "rt-836"
