"""Commands side by side: tags, answers out of order, cancelling, listening, lost routers."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from tests.demo.router_client import RawClient, connected, on_router, served
from tests.demo.still_clock import Stage

PEERS = "/interface/wireguard/peers"
SESSION = "/routing/bgp/session"


def _tag(words: list[str]) -> str | None:
    found = [word.removeprefix(".tag=") for word in words if word.startswith(".tag=")]
    assert len(found) <= 1
    return found[0] if found else None


async def _collect(client: RawClient, tags: set[str]) -> list[list[str]]:
    """Sentences until every one of the tags has had its `!done`."""
    left = set(tags)
    found = []
    while left:
        words = await client.sentence()
        assert words
        found.append(words)
        if words[0] == "!done":
            left.discard(_tag(words) or "")
    return found


async def test_a_later_quick_command_is_answered_first() -> None:
    async with on_router(Stage(speed=10.0)) as client:
        await client.send("/tool/ping", "=address=10.255.0.1", "=count=3", ".tag=slow")
        await client.send("/system/identity/print", ".tag=quick")
        sentences = await _collect(client, {"slow", "quick"})
        ends = [_tag(words) for words in sentences if words[0] == "!done"]
        assert ends == ["quick", "slow"]
        assert sum(1 for words in sentences if _tag(words) == "slow") == 4
        assert all(_tag(words) is not None for words in sentences)


async def test_long_answers_are_interleaved_by_tag() -> None:
    async with on_router(Stage()) as client:
        for tag in ("a", "b"):
            await client.send("/ip/route/print", "=.proplist=dst-address", f".tag={tag}")
        sentences = await _collect(client, {"a", "b"})
        tags = [_tag(words) for words in sentences]
        assert tags.count("a") == tags.count("b") == 1858
        assert "b" in tags[: tags.index("a") + 900]


async def test_traps_carry_the_tag() -> None:
    async with on_router(Stage()) as client:
        await client.send("/nonsense/print", ".tag=7")
        trap, done = await _collect(client, {"7"})
        assert trap == ["!trap", ".tag=7", "=category=0", "=message=no such command prefix"]
        assert done == ["!done", ".tag=7"]


async def test_cancel_one_of_two() -> None:
    async with on_router(Stage()) as client:
        await client.send("/tool/ping", "=address=10.255.0.1", ".tag=1")
        await client.send(f"{PEERS}/listen", ".tag=2")
        assert (await client.sentence())[:2] == ["!re", ".tag=1"]
        await client.send("/cancel", "=tag=1", ".tag=3")
        assert await client.sentence() == ["!trap", ".tag=1", "=category=2", "=message=interrupted"]
        assert await client.sentence() == ["!done", ".tag=3"]
        assert await client.sentence() == ["!done", ".tag=1"]
        await client.send("/cancel", ".tag=4")
        assert await client.sentence() == ["!trap", ".tag=2", "=category=2", "=message=interrupted"]
        assert await client.sentence() == ["!done", ".tag=4"]
        assert await client.sentence() == ["!done", ".tag=2"]
        await client.send("/cancel", "=tag=nobody", ".tag=5")
        assert await client.sentence() == ["!done", ".tag=5"]


async def test_listen_sends_changes_and_no_snapshot() -> None:
    stage = Stage()
    async with served(stage) as port, connected(port) as ear, connected(port) as hand:
        await ear.send(f"{PEERS}/listen", "=.proplist=.id,name,disabled", ".tag=l")
        await ear.send("/system/identity/print", ".tag=p")
        await _collect(ear, {"p"})
        assert await hand.ask(f"{PEERS}/disable", "=.id=*2") == [["!done"]]
        assert await ear.sentence() == [
            "!re",
            ".tag=l",
            "=.id=*2",
            "=name=rt-702",
            "=disabled=true",
        ]


async def test_listen_on_sessions_shows_the_fall_and_the_removal() -> None:
    stage = Stage()
    async with on_router(stage) as client:
        await client.send(
            f"{SESSION}/listen", "=.proplist=.id,established", "?name=to-mou-1", ".tag=l"
        )
        await client.send("/system/identity/print", ".tag=p")
        await _collect(client, {"p"})
        stage.world.set_link(3, False)
        stage.wait(200)
        assert await client.sentence() == ["!re", ".tag=l", "=.id=*2800003"]
        stage.wait(400)
        assert await client.sentence() == ["!re", ".tag=l", "=.id=*2800003", "=.dead=true"]
        stage.world.set_link(3, True)
        stage.wait(30)
        assert await client.sentence() == ["!re", ".tag=l", "=.id=*2800004", "=established=true"]


async def test_a_keepalive_is_pushed_on_sessions() -> None:
    stage = Stage()
    async with on_router(stage) as client:
        await client.send(f"{SESSION}/listen", "=.proplist=name,remote.messages", ".tag=l")
        await client.send("/system/identity/print", ".tag=p")
        await _collect(client, {"p"})
        stage.wait(60)
        names = {(await client.sentence())[2] for _ in range(3)}
        assert names == {"=name=to-835-1", "=name=to-702-1", "=name=to-mou-1"}


async def test_follow_only_is_listen() -> None:
    stage = Stage()
    async with on_router(stage) as client:
        await client.send(f"{PEERS}/print", "=follow-only=", "=.proplist=name", ".tag=f")
        await client.send("/system/identity/print", ".tag=p")
        await _collect(client, {"p"})
        with stage.world.changing():
            stage.peer("rt-836", "wg-mou").comment = "moved"
        assert await client.sentence() == ["!re", ".tag=f", "=name=rt-mou"]


async def test_without_tags_answers_come_untagged() -> None:
    async with on_router(Stage()) as client:
        answer = await client.ask("/system/identity/print")
        assert answer == [["!re", "=name=rt-836"], ["!done"]]


async def test_a_client_that_leaves_leaves_nothing_behind() -> None:
    stage = Stage()
    async with served(stage) as port:
        async with connected(port) as client:
            await client.send(f"{PEERS}/listen", ".tag=1")
            await client.send("/system/identity/print", ".tag=p")
            await _collect(client, {"p"})
            assert len(stage.world._watchers) == 1
        for _ in range(100):
            if not stage.world._watchers:
                break
            await asyncio.sleep(0.01)
        assert stage.world._watchers == []


async def test_power_off_ends_connections_and_takes_no_new_ones() -> None:
    stage = Stage()
    async with served(stage) as port:
        async with connected(port) as client:
            stage.world.set_router("rt-836", False)
            assert await client.sentence() == []
        async with connected(port, None) as client:
            assert await client.sentence() == []
        stage.world.set_router("rt-836", True)
        async with connected(port) as client:
            uptime = (await client.rows("/system/resource/print", "=.proplist=uptime"))[0]
            assert uptime == {"uptime": "0s"}
            rows = await client.rows(f"{PEERS}/print", "=.proplist=.id,name")
            assert rows[0] == {".id": "*41", "name": "rt-835"}


async def test_closing_the_server_ends_its_connections() -> None:
    stage = Stage()
    async with served(stage) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    async with asyncio.timeout(5):
        with suppress(ConnectionError):
            assert await reader.read() == b""
    writer.close()
