"""Route checks of the demo's routers: by their own word from 7.18 on, else by their tables."""

from __future__ import annotations

import asyncio

import pytest

from labtui.config.schema import Address, RouterConfig, Tls
from labtui.config.secret import Secret
from labtui.live.diagnosis import route_check
from labtui.live.diagnosis.route_check import check_routes
from labtui.model.errors import Forbidden
from labtui.model.route_checks import RouteCheck, RouteQuestion
from labtui.sources.routeros.source import RouterSource
from tests.demo.branch_lab import branch_lab
from tests.demo.router_client import ACCOUNTS, on_router, served
from tests.demo.still_clock import Stage


async def checked(router: str, *addresses: str, stage: Stage | None = None) -> list[RouteCheck]:
    stage = stage or Stage(speed=1000.0)
    async with served(stage, router) as port:
        secret = Secret("plain", ACCOUNTS["ro"].password)
        way = (Address("127.0.0.1", port),)
        source = RouterSource(RouterConfig(router, way, Tls("off"), "ro", secret, router))
        try:
            questions = [RouteQuestion(router, address) for address in addresses]
            return [await source.check_route(question) for question in questions]
        finally:
            await source.close()


async def test_a_router_of_7_20_says_it_itself() -> None:
    stage = Stage(speed=1000.0)
    stage.wait(150)
    far, own, out = await checked("rt-836", "10.121.170.7", "10.121.250.9", "9.9.9.9", stage=stage)
    assert (far.checked, far.status, far.interface) == (True, "ok", "wg-702")
    assert far.gateway == "10.255.0.3"
    assert far.taken is not None
    assert far.taken.prefix == "10.121.170.0/24"
    assert far.verdict == "goes"
    assert own.verdict == "here"
    assert out.verdict == "default"


async def test_older_ones_and_ipv6_have_their_table() -> None:
    stage = Stage(speed=1000.0)
    stage.wait(150)
    (old,) = await checked("rt-mou", "10.121.170.7", stage=stage)
    assert not old.checked
    assert (old.verdict, old.face) == ("goes", "wg-702")
    (six,) = await checked("rt-836", "2001:db8::1", stage=stage)
    assert (six.checked, six.verdict) == (False, "no-route")


async def test_routeros_six_has_its_table() -> None:
    stage = Stage(speed=1000.0, lab=branch_lab())
    stage.wait(150)
    (old,) = await checked("rt-b1", "9.9.9.9", stage=stage)
    assert (old.checked, old.verdict) == (False, "default")


async def test_the_demo_knows_the_command_from_7_18_on() -> None:
    async with on_router(Stage(), "rt-836") as client:
        trap = await client.trap("/ip/route/check", "=dst-ip=nonsense", "=once=")
        assert trap["category"] == "1"
        rows = await client.rows("/ip/route/check", "=dst-ip=10.121.250.1", "=once=")
        assert rows == [{"status": "ok", "interface": "bridge-lan"}]
    async with on_router(Stage(), "rt-mou") as client:
        trap = await client.trap("/ip/route/check", "=dst-ip=10.0.0.1")
        assert "no such command" in trap["message"]


class Asked:
    """A router that refuses, or hangs."""

    def __init__(self, name: str, *, hangs: bool = False) -> None:
        self.name, self._hangs = name, hangs

    async def check_route(self, question: RouteQuestion) -> RouteCheck:
        if self._hangs:
            await asyncio.sleep(60)
        raise Forbidden("not permitted", where=self.name, why="not enough permissions (9)")


async def test_nobody_is_waited_for_and_everybody_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(route_check, "PATIENCE", 0.05)
    questions = [RouteQuestion(name, "10.0.0.1") for name in ("no", "slow", "gone")]
    sources = (Asked("no"), Asked("slow", hangs=True), object())
    found = {one.question.router: one.why async for one in check_routes(sources, questions)}
    assert found["no"] == "not enough permissions (9)"
    assert "no answer" in found["slow"]
    assert "configuration" in found["gone"]
