"""A connection to a scripted router, for the tests of the wire."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

from labtui.config.schema import Address, Tls
from labtui.sources.routeros.login import Account, Endpoint, log_in
from labtui.sources.routeros.sentences import Row
from labtui.sources.routeros.ways import Way
from labtui.sources.routeros.wire import Wire
from tests.sources.routeros.fake import (
    PASSWORD,
    USER,
    FakeRouter,
    Script,
    Sentence,
    Session,
    running,
    tag_of,
)

PATIENCE = 5.0
SOON = 0.15


async def connected(router: FakeRouter) -> Wire:
    endpoint = Endpoint(Way(Address("127.0.0.1", router.port)), ("127.0.0.1",), Tls("off"), None)
    return await log_in(endpoint, Account(USER, PASSWORD), PATIENCE)


@contextlib.asynccontextmanager
async def talking(script: Script) -> AsyncIterator[tuple[FakeRouter, Wire]]:
    async with running(script) as router:
        wire = await connected(router)
        try:
            yield router, wire
        finally:
            await wire.close()


async def rows(wire: Wire, command: str, limit: float = PATIENCE) -> list[Row]:
    return (await wire.ask(command, {}, limit)).rows


async def send(session: Session, sentence: Sentence, *replies: list[str | bytes]) -> None:
    for reply in replies:
        await session.send(*reply, tag_of(sentence))
    await session.send("!done", tag_of(sentence))
