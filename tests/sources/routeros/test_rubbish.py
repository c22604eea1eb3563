"""A router that sends rubbish, halves of words, or more than anybody asked for."""

from __future__ import annotations

import asyncio
import contextlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labtui.model.errors import (
    LabError,
    Refused,
    TimedOut,
    Unexpected,
    Unreachable,
)
from tests.sources.routeros.fake import (
    Sentence,
    Session,
)
from tests.sources.routeros.talk import SOON, rows, send, talking


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"\xf8\x00", Unexpected),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n" + b" " * 90 + b"\0", Unexpected),
        (b"\0", Unexpected),
        (b"\x03!re\0", Unexpected),
        (b"\x03!re\x06.tag=1\x04junk\0", Unexpected),
        (b"\x03!re\x06.tag=1\x05=junk\0", Unexpected),
        (b"\x05!trap\x0f=message=no tag\0", Unexpected),
        (b"\x06!fatal\0", Unreachable),
        (b"\x06!fatal\x0dshutting down\0", Unreachable),
        (b"\x06!fatal\x0dnot logged in\0", Refused),
    ],
)
async def test_rubbish_ends_the_connection_and_every_caller(
    data: bytes, kind: type[LabError]
) -> None:
    asked = 0

    async def script(session: Session, _sentence: Sentence) -> None:
        nonlocal asked
        asked += 1
        if asked == 2:
            await session.raw(data)

    async with talking(script) as (_router, wire):
        found = await asyncio.gather(rows(wire, "/a"), rows(wire, "/b"), return_exceptions=True)
        assert [type(error) for error in found] == [kind, kind]
        assert found[0] is not found[1]
        assert wire.closed
        with pytest.raises(kind):
            await rows(wire, "/c")


async def test_a_truncated_word_then_the_end() -> None:
    async def script(session: Session, _sentence: Sentence) -> None:
        await session.raw(b"\x03!re\x06.tag=1\x20=name=half")
        session.writer.close()

    async with talking(script) as (_router, wire):
        with pytest.raises(Unreachable):
            await rows(wire, "/a")


async def test_a_truncated_word_then_silence() -> None:
    async def script(session: Session, _sentence: Sentence) -> None:
        await session.raw(b"\x03!re\x06.tag=1\x20=name=half")

    async with talking(script) as (_router, wire):
        with pytest.raises(TimedOut):
            await rows(wire, "/a", SOON)


async def test_an_answer_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labtui.sources.routeros.wire.MOST_ROWS", 5)

    async def script(session: Session, sentence: Sentence) -> None:
        await send(session, sentence, *(list[str | bytes](("!re", "=a=b")) for _row in range(6)))

    async with talking(script) as (_router, wire):
        with pytest.raises(Unexpected):
            await rows(wire, "/a")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=200))
def test_any_bytes_end_as_an_answer_or_a_lab_error(data: bytes) -> None:
    async def script(session: Session, _sentence: Sentence) -> None:
        await session.raw(data)
        session.writer.close()

    async def scene() -> None:
        async with talking(script) as (_router, wire):
            with contextlib.suppress(LabError):
                await rows(wire, "/a")

    asyncio.run(scene())
