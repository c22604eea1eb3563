"""The readings of links: few requests, what fails alone fails alone, the demo's routers whole."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from labtui.config.schema import Tls
from labtui.model.feed import Feed
from labtui.model.interfaces import Interfaces
from labtui.model.ospf import Ospf
from labtui.model.overlay import Bgp, BgpConnection, RouterFacts
from labtui.model.routes import Routes
from labtui.model.snapshot import Snapshot
from labtui.sources.routeros import routes
from labtui.sources.routeros.source import RouterSource
from labtui.sources.source import Reading
from tests.demo.router_client import served
from tests.demo.still_clock import Stage
from tests.sources.routeros.fake import FakeRouter, Sentence, Session, menus, running, tag_of
from tests.sources.routeros.scenes import LAB, read_feed
from tests.sources.routeros.test_demo import ROUTERS, config, part

PLAIN = LAB | {"interface": [{"name": "ether1", "type": "ether", "rx-byte": "1", "tx-byte": "1"}]}
BACKUP = PLAIN | {
    "interface": [
        {"name": "l2tp-b", "type": "l2tp-out", "running": "true", "link-downs": "0"},
        {"name": "vx", "type": "vxlan", "running": "true"},
    ],
    "interface__l2tp-client": [{"name": "l2tp-b", "connect-to": "192.0.2.2", "user": "a"}],
    "interface__vxlan": [{"name": "vx", "vni": "5"}],
    "interface__vxlan__vteps": [{"interface": "vx", "remote-ip": "10.0.0.2"}],
    "ip__ipsec__peer": [{"name": "p", "address": "192.0.2.2/32"}],
    "ip__ipsec__identity": [{"peer": "p"}],
    "ip__ipsec__active-peers": [],
    "ip__ipsec__policy": [{"peer": "p", "template": "true"}, {"peer": "p", "ph2-state": "x"}],
    "ip__ipsec__installed-sa": [],
}


def asked(router: FakeRouter) -> Counter[str]:
    return Counter(sentence[0] for sentence in router.received)


async def test_a_router_without_links_of_the_kind_is_asked_one_question_per_round() -> None:
    async with running(menus(**PLAIN)) as router:
        source = RouterSource(router.config())
        for _round in range(3):
            await read_feed(source, "interfaces")
            await read_feed(source, "ospf")
        await source.close()
    assert asked(router) == {
        "/interface/print": 3,
        "/ip/ipsec/peer/print": 1,
        "/routing/ospf/instance/print": 1,
    }


async def test_settings_are_asked_for_once_and_what_moves_each_time() -> None:
    async with running(menus(**BACKUP)) as router:
        source = RouterSource(router.config())
        readings = [await read_feed(source, "interfaces") for _round in range(3)]
        await source.close()
    counts = asked(router)
    assert counts["/interface/l2tp-client/print"] == 1
    assert counts["/interface/vxlan/vteps/print"] == 1
    assert counts["/ip/ipsec/peer/print"] == 1
    assert counts["/ip/ipsec/policy/print"] == 3
    found = readings[-1].part
    assert isinstance(found, Interfaces)
    assert [call.name for call in found.calls] == ["l2tp-b"]
    assert found.vxlans[0].remotes == ("10.0.0.2",)
    assert [policy.state for policy in found.policies] == ["x"]
    assert found.peers[0].identities == 1


async def test_what_the_account_may_not_see_is_said_and_the_rest_is_read() -> None:
    plain = menus(**BACKUP)

    async def script(session: Session, sentence: Sentence) -> None:
        if sentence[0] == "/ip/ipsec/installed-sa/print":
            await session.send("!trap", "=message=not enough permissions (9)", tag_of(sentence))
            await session.send("!done", tag_of(sentence))
        else:
            await plain(session, sentence)

    async with running(script) as router:
        source = RouterSource(router.config())
        reading = await read_feed(source, "interfaces")
        await source.close()
    assert any("installed-sa" in text for text in reading.complaints)
    assert isinstance(reading.part, Interfaces)
    assert reading.part.peers


async def _routes(router: FakeRouter) -> Reading:
    """A reading of routes with a connection that names a list."""
    known = Bgp((BgpConnection("core-1", "b", output_network="own"),))
    shot = Snapshot(parts={Feed("routeros", "core-1", "bgp"): known})
    source = RouterSource(router.config())
    try:
        spec = next(spec for spec in source.feeds() if spec.feed.topic == "routes")
        return await spec.read(shot)
    finally:
        await source.close()


@pytest.mark.parametrize(("count", "whole"), [("2", True), (str(routes.MOST + 1), False)])
async def test_a_table_that_is_too_large_is_counted_and_never_read(count: str, whole: bool) -> None:
    table = [{"dst-address": "10.2.0.0/24", "bgp.as-path": "65002,65003"}]
    lists = [{"list": "own", "address": "10.1.0.0/24"}, {"list": "own", "address": "a.example"}]
    plain = menus(**{
        "routing__route": table,
        "ip__route": [{"dst-address": "10.1.0.0/24"}],
        "ip__firewall__address-list": lists,
    })  # fmt: skip

    async def script(session: Session, sentence: Sentence) -> None:
        if "=count-only=" in sentence:
            await session.send("!done", f"=ret={count}", tag_of(sentence))
        else:
            await plain(session, sentence)

    async with running(script) as router:
        reading = await _routes(router)
        received = router.received
    found = reading.part
    assert isinstance(found, Routes)
    assert (found.whole, found.count) == (whole, int(count))
    assert found.own == ("10.1.0.0/24",)
    assert [route.path for route in found.learnt] == ([(65002, 65003)] if whole else [])
    for sentence in received:
        # Every question about routes is bounded by a query.
        if sentence[0].endswith("route/print"):
            assert any(word.startswith("?") for word in sentence)


@pytest.mark.parametrize("name", ROUTERS)
async def test_every_router_of_the_demo_tells_its_links(name: str) -> None:
    stage = Stage()
    stage.wait(60.0)
    router = stage.world.routers[name]
    async with served(stage, name) as port:
        source = RouterSource(config(port, Tls("off")), stage.clock.now)
        await part(source, "interfaces")
        stage.wait(15.0)
        faces, hellos = await asyncio.gather(part(source, "interfaces"), part(source, "ospf"))
        facts, known = await part(source, "facts"), await part(source, "bgp")
        shot = Snapshot(parts={Feed("routeros", source.name, "bgp"): known})
        spec = next(spec for spec in source.feeds() if spec.feed.topic == "routes")
        table = (await spec.read(shot)).part
        answer = await source.look_up("10.121.251.13")
        await source.close()
    assert isinstance(faces, Interfaces)
    assert len(faces.calls) == 1
    assert faces.calls[0].running
    assert faces.calls[0].since is not None
    face = faces.interface(faces.calls[0].name)
    assert face is not None
    assert face.rx_rate
    assert [one.state for one in faces.active] == ["established"]
    assert all(one.rate for one in faces.associations)
    assert isinstance(hellos, Ospf)
    assert [one.state for one in hellos.neighbours] == ["Full"]
    assert isinstance(facts, RouterFacts)
    assert facts.clock_ahead == pytest.approx(0.0, abs=1.0)
    assert isinstance(table, Routes)
    assert router.subnet in table.own
    assert table.count == len(table.learnt) > 600
    taken = answer.taken
    assert taken is not None
    assert taken.prefix == "10.121.251.0/24"
