"""The source as the live room sees it: feeds, calls, passwords, a clean end."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import Any

import pytest

from labtui.config.schema import RouterConfig, Tls
from labtui.config.secret import Secret
from labtui.model.errors import (
    Forbidden,
    Refused,
    Rejected,
    Unreachable,
)
from labtui.model.overlay import Bgp, RouterFacts, WireGuard
from labtui.sources.routeros.source import RouterSource
from labtui.sources.source import Source
from tests.sources.routeros.fake import (
    PASSWORD,
    Sentence,
    Session,
    menus,
    nothing,
    running,
    tag_of,
    until,
    words_of,
)
from tests.sources.routeros.scenes import LAB, read_feed


class Clock:
    def __init__(self) -> None:
        self.moment = 1000.0

    def __call__(self) -> float:
        return self.moment


def test_the_feeds_and_their_paces() -> None:
    source = RouterSource(RouterConfig("r1", (), Tls("off"), "u", Secret("plain", "p")))
    as_source: Source = source
    found = {
        str(spec.feed): (spec.pace, spec.idle_pace, spec.deadline) for spec in as_source.feeds()
    }
    assert found == {
        "routeros/r1/facts": (60, 120, 10),
        "routeros/r1/wireguard": (5, 20, 10),
        "routeros/r1/bgp": (10, 30, 10),
        "routeros/r1/interfaces": (15, 60, 10),
        "routeros/r1/ospf": (15, 60, 10),
        "routeros/r1/routes": (60, 300, 10),
    }


async def test_all_three_readings() -> None:
    clock = Clock()
    peer = dict(LAB["interface__wireguard__peers"][0])
    async with running(menus(**(LAB | {"interface__wireguard__peers": [peer]}))) as router:
        source = RouterSource(router.config(), clock)
        try:
            facts = await read_feed(source, "facts")
            assert isinstance(facts.part, RouterFacts)
            assert (facts.part.identity, facts.part.version) == ("core-1", "7.20.1")
            assert [found.address for found in facts.part.addresses] == [
                "10.255.0.0/31",
                "2001:db8::1/128",
            ]
            assert facts.via == f"127.0.0.1:{router.port}"
            first = await read_feed(source, "wireguard")
            peer["rx"] = "510"
            clock.moment += 5
            second = await read_feed(source, "wireguard")
            assert isinstance(first.part, WireGuard)
            assert isinstance(second.part, WireGuard)
            assert first.part.peers[0].handshake_at == 980.0
            assert first.part.peers[0].rx_rate is None
            assert second.part.peers[0].rx_rate == 100.0
            paths = await read_feed(source, "bgp")
            assert isinstance(paths.part, Bgp)
            assert paths.part.connections[0].local_as == 65001
            assert paths.part.sessions[0].established_at == clock.moment - 300
            assert paths.complaints == ()
            assert router.connections == 1
        finally:
            await source.close()
    asked = {words[0]: words for words in router.received}
    assert all(any(word.startswith("=.proplist=") for word in words) for words in asked.values())
    assert not any(
        "private" in word or "preshared" in word or "md5" in word
        for words in asked.values()
        for word in words
    )


async def test_readings_at_once_share_one_connection() -> None:
    async with running(menus(**LAB)) as router:
        source = RouterSource(router.config())
        await asyncio.gather(*(read_feed(source, t) for t in ("facts", "wireguard", "bgp")))
        await source.close()
        assert (router.connections, router.logins) == (1, 1)


async def test_version_6_has_peers_and_no_wireguard() -> None:
    peers = [{"name": "A", "state": "established", "uptime": "1d", "remote-as": "65002"}]
    async with running(menus(routing__bgp__peer=peers)) as router:
        source = RouterSource(router.config())
        for _again in range(2):
            paths = await read_feed(source, "bgp")
            assert isinstance(paths.part, Bgp)
            assert paths.part.connections[0].remote_as == 65002
            assert paths.part.sessions[0].established
        reading = await read_feed(source, "wireguard")
        assert reading.part == WireGuard()
        assert reading.complaints
        await source.close()


async def test_calls_use_the_account_that_may_write() -> None:
    async def script(session: Session, sentence: Sentence) -> None:
        await session.send("!re", *words_of({".id": "*1"}), tag_of(sentence))
        await session.send("!done", "=ret=*3", tag_of(sentence))

    async with running(script) as router:
        secret = Secret("plain", PASSWORD)
        config = router.config(write_username="labtui-rw", write_password=secret)
        source = RouterSource(config)
        assert await source.call("API", "/interface/wireguard/add", {"name": "wg1"}) == "*3"
        assert router.received[0][1:2] == ["=name=wg1"]
        assert source._reader._wire is None
        source._writer.hang_up()
        await source.call("API", "/interface/wireguard/add", {"name": "wg2"})
        assert router.logins == 2
        words: dict[str, Any] = {".proplist": ".id", "?name": "wg1"}
        assert await source.get("/interface/wireguard/print", **words) == [{".id": "*1"}]
        assert router.received[-1][1:3] == ["=.proplist=.id", "?name=wg1"]
        with pytest.raises(Rejected):
            await source.get("/interface/wireguard/set", name="wg1")
        assert router.logins == 3
        await source.close()
    plain = RouterSource(router.config())
    with pytest.raises(Forbidden):
        await plain.call("API", "/interface/wireguard/add", {"name": "wg3"})


async def test_closing_wakes_who_waits_and_is_final() -> None:
    async with running(nothing) as router:
        source = RouterSource(router.config())
        waiting = asyncio.create_task(read_feed(source, "facts"))
        await until(lambda: bool(router.received))
        await source.close()
        with pytest.raises(Unreachable):
            await waiting
        with pytest.raises(Unreachable):
            await read_feed(source, "facts")


async def test_a_secret_that_is_not_to_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LABTUI_NO_SUCH", raising=False)
    async with running(nothing) as router:
        source = RouterSource(router.config(password=Secret("env", "LABTUI_NO_SUCH")))
        with pytest.raises(Refused):
            await read_feed(source, "facts")
        assert router.connections == 0
        await source.close()


async def test_the_password_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    async with running(menus(**LAB)) as router:
        source = RouterSource(router.config())
        await read_feed(source, "facts")
        assert PASSWORD not in caplog.text
        assert PASSWORD not in repr(await source._reader.account())
        await source.close()


def test_importing_the_source_loads_no_client_library() -> None:
    code = (
        "import sys, labtui.sources.routeros.source;"
        "bad={'librouteros','cryptography','asyncssh','textual'}&set(sys.modules);"
        "sys.exit(str(bad) if bad else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
