"""Routers that refuse, hang or are elsewhere: how a login ends, and which address is taken."""

from __future__ import annotations

import asyncio

import pytest

from labtui.config.schema import Address
from labtui.config.secret import Secret
from labtui.model.errors import (
    LabError,
    Refused,
    Rejected,
    TimedOut,
    Unexpected,
    Unreachable,
)
from labtui.model.overlay import RouterFacts
from labtui.sources.routeros import connect
from labtui.sources.routeros.source import RouterSource
from tests.sources.routeros.fake import (
    FakeRouter,
    menus,
    nothing,
    running,
    until,
)
from tests.sources.routeros.scenes import LAB, read_feed


async def test_a_wrong_password_is_tried_once() -> None:
    async with running(menus(**LAB)) as router:
        source = RouterSource(router.config(password=Secret("plain", "wrong-secret")))
        for topic in ("facts", "wireguard", "bgp"):
            with pytest.raises(Refused) as caught:
                await read_feed(source, topic)
            assert "wrong-secret" not in repr(caught.value) + str(caught.value.problem)
        assert router.logins == 1
        await source.close()


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (["!trap", "=message=cannot log in"], Refused),
        (["!trap", "=category=3", "=message=anything"], Refused),
        (["!fatal", "too many commands before login"], Refused),
        (["!fatal", "shutting down"], Unreachable),
        (["!fatal"], Unexpected),
        (["!trap"], Unexpected),
        (["!done", "=ret=0123456789abcdef0123456789abcdef"], Rejected),
        (["!done", "=ret=01234567890123456789012345678901"], Rejected),
    ],
)
async def test_other_ends_of_a_login(answer: list[str], kind: type[LabError]) -> None:
    async with running(nothing) as router:
        router.refuse_with = answer
        source = RouterSource(router.config())
        with pytest.raises(kind):
            await read_feed(source, "facts")
        await source.close()


async def test_a_login_without_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connect, "CONNECT_LIMIT", 0.1)

    async def mute(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await held.wait()
        writer.close()

    held = asyncio.Event()
    server = await asyncio.start_server(mute, "127.0.0.1", 0)
    fake = FakeRouter(nothing)
    fake.port = server.sockets[0].getsockname()[1]
    source = RouterSource(fake.config())
    with pytest.raises(TimedOut):
        await read_feed(source, "facts")
    await source.close()
    held.set()
    server.close()


async def test_a_router_that_hangs_is_connected_to_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labtui.sources.routeros.source.READ_LIMIT", 0.1)
    async with running(nothing) as router:
        source = RouterSource(router.config())
        with pytest.raises(TimedOut):
            await read_feed(source, "facts")
        router.script = menus(**LAB)
        monkeypatch.setattr("labtui.sources.routeros.source.READ_LIMIT", 5.0)
        assert isinstance((await read_feed(source, "facts")).part, RouterFacts)
        assert router.connections == 2
        await source.close()


async def test_the_next_address_is_taken_and_kept() -> None:
    async with running(menus(**LAB)) as router, running(menus(**LAB)) as other:
        gone = Address("127.0.0.1", 1)
        ways = (gone, Address("127.0.0.1", router.port), Address("127.0.0.1", other.port))
        source = RouterSource(router.config(addresses=ways))
        reading = await read_feed(source, "facts")
        assert reading.via == f"127.0.0.1:{router.port}"
        router.end()
        router.refuse_with = ["!fatal", "shutting down"]
        first = source._reader._wire
        assert first is not None
        await until(lambda: first.closed)
        reading = await read_feed(source, "facts")
        assert reading.via == f"127.0.0.1:{other.port}"
        await source.close()
        assert (router.connections, other.connections) == (2, 1)


async def test_the_address_that_worked_is_tried_first_next_time() -> None:
    async with running(menus(**LAB)) as first, running(menus(**LAB)) as second:
        ways = (Address("127.0.0.1", first.port), Address("127.0.0.1", second.port))
        source = RouterSource(first.config(addresses=ways))
        first.refuse_with = ["!fatal", "shutting down"]
        await read_feed(source, "facts")
        first.refuse_with = None
        source._reader.hang_up()
        await read_feed(source, "facts")
        await source.close()
        assert (first.connections, second.connections) == (1, 2)


async def test_no_address_works() -> None:
    ways = (Address("127.0.0.1", 1), Address("no-such-host.invalid", 8728))
    source = RouterSource(FakeRouter(nothing).config(addresses=ways))
    with pytest.raises(Unreachable) as caught:
        await read_feed(source, "facts")
    assert "127.0.0.1:1" in caught.value.why
    assert "no-such-host.invalid" in caught.value.why
    await source.close()


async def test_closing_while_connecting() -> None:
    never = asyncio.Event()

    async def mute(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await never.wait()
        writer.close()

    server = await asyncio.start_server(mute, "127.0.0.1", 0)
    fake = FakeRouter(nothing)
    fake.port = server.sockets[0].getsockname()[1]
    source = RouterSource(fake.config())
    waiting = asyncio.create_task(read_feed(source, "facts"))
    await asyncio.sleep(0.05)
    await source.close()
    with pytest.raises(Unreachable):
        await waiting
    never.set()
    server.close()
