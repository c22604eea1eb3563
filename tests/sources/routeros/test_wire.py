"""The tagged connection against a router that answers out of order, late, twice or in rubbish."""

from __future__ import annotations

import asyncio

import pytest

from labtui.model.errors import (
    Forbidden,
    NotFound,
    OutcomeUnknown,
    Rejected,
    TimedOut,
    Unreachable,
)
from tests.sources.routeros.fake import (
    Sentence,
    Session,
    nothing,
    tag_of,
    until,
)
from tests.sources.routeros.talk import PATIENCE, SOON, connected, rows, send, talking


async def test_answers_out_of_order_reach_their_callers() -> None:
    held: list[tuple[str, str]] = []

    async def script(session: Session, sentence: Sentence) -> None:
        held.append((sentence[0], tag_of(sentence)))
        if len(held) == 3:
            for command, tag in reversed(held):
                # The tag stands at no fixed place among the words.
                await session.send("!re", tag, f"=of={command}", "=a=b=c")
            for command, tag in held:
                await session.send("!re", f"=again={command}", tag)
                await session.send("!done", tag)

    async with talking(script) as (_router, wire):
        found = await asyncio.gather(*(rows(wire, f"/{name}") for name in "abc"))
    assert found == [[{"of": f"/{name}", "a": "b=c"}, {"again": f"/{name}"}] for name in "abc"]


async def test_a_drip_ends_at_the_deadline_and_nothing_old_is_seen_later() -> None:
    async def script(session: Session, sentence: Sentence) -> None:
        if sentence[0] == "/fast":
            await session.send("!re", "=row=fast", tag_of(sentence))
            await session.send("!done", tag_of(sentence))
        while sentence[0] == "/slow":
            await session.send("!re", "=row=slow", tag_of(sentence))
            await asyncio.sleep(0.02)

    async with talking(script) as (router, wire):
        with pytest.raises(TimedOut) as caught:
            await rows(wire, "/slow", SOON)
        assert wire.closed
        assert "/slow" in caught.value.what
        with pytest.raises(TimedOut):
            await rows(wire, "/fast")
        again = await connected(router)
        assert await rows(again, "/fast") == [{"row": "fast"}]
        await again.close()


async def test_a_missed_deadline_sends_cancel() -> None:
    async with talking(nothing) as (router, wire):
        with pytest.raises(TimedOut):
            await rows(wire, "/slow", SOON)
        await until(lambda: len(router.received) == 2)
        tag = tag_of(router.received[0]).removeprefix(".tag=")
        assert router.received[1][:2] == ["/cancel", f"=tag={tag}"]


async def test_a_cancelled_caller_leaves_the_connection_in_step() -> None:
    started = asyncio.Event()

    async def script(session: Session, sentence: Sentence) -> None:
        tag = tag_of(sentence)
        if sentence[0] == "/slow":
            await session.send("!re", "=row=slow", tag)
            started.set()
        elif sentence[0] == "/cancel":
            target = "." + sentence[1].removeprefix("=")
            for _late in range(3):
                await session.send("!re", "=row=late", target)
            await session.send("!trap", "=category=2", "=message=interrupted", target)
            await session.send("!done", tag)
            await session.send("!done", target)
        else:
            await session.send("!re", f"=row={sentence[0]}", tag)
            await session.send("!done", tag)

    async with talking(script) as (router, wire):
        slow = asyncio.create_task(rows(wire, "/slow"))
        await started.wait()
        slow.cancel()
        with pytest.raises(asyncio.CancelledError):
            await slow
        assert await rows(wire, "/next") == [{"row": "/next"}]
        assert router.received[1][0] == "/cancel"
        assert not wire.closed


async def test_a_router_that_ignores_cancel_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labtui.sources.routeros.wire._LEFT_BEHIND", 0.05)
    async with talking(nothing) as (router, wire):
        slow = asyncio.create_task(rows(wire, "/slow"))
        await until(lambda: bool(router.received))
        slow.cancel()
        await until(lambda: wire.closed)


async def test_bare_rows_count_and_empty_answers_are_none() -> None:
    async def script(session: Session, sentence: Sentence) -> None:
        if sentence[0] == "/bare":
            await send(session, sentence, ["!re"], ["!re"], ["!re"])
        elif sentence[0] == "/empty":
            await send(session, sentence, ["!empty"])
        elif sentence[0] == "/future":
            await send(session, sentence, ["!new", "=x=y", ".section=4"])
        else:
            await session.send("!done", "=ret=*3", tag_of(sentence))

    async with talking(script) as (_router, wire):
        assert await rows(wire, "/bare") == [{}, {}, {}]
        assert await rows(wire, "/empty") == []
        assert await rows(wire, "/future") == []
        assert (await wire.ask("/add", {}, PATIENCE)).ret == "*3"


async def test_two_traps_are_one_error_and_the_connection_stays() -> None:
    async def script(session: Session, sentence: Sentence) -> None:
        if sentence[0] == "/fetch":
            await send(
                session,
                sentence,
                ["!re", "=status=failed"],
                ["!trap", "=category=2", "=message=interrupted"],
                ["!trap", "=message=failure: 301 Moved Permanently"],
            )
        elif sentence[0] == "/forbidden":
            await send(session, sentence, ["!trap", "=message=not enough permissions (9)"])
        elif sentence[0] == "/gone":
            await send(session, sentence, ["!trap", "=category=0", "=message=no such item"])
        elif sentence[0] == "/bare":
            await send(session, sentence, ["!trap"])
        elif sentence[0] == "/odd":
            await send(session, sentence, ["!trap", "=what=ever", "=category=²"])
        else:
            await send(session, sentence)

    async with talking(script) as (_router, wire):
        for command, kind in (
            ("/fetch", Rejected),
            ("/forbidden", Forbidden),
            ("/gone", NotFound),
            ("/bare", Rejected),
            ("/odd", Rejected),
        ):
            with pytest.raises(kind) as caught:
                await rows(wire, command)
            assert caught.value.where.endswith(wire.where)
            assert command in caught.value.what
            assert await rows(wire, "/fine") == []


async def test_text_is_read_in_any_code_page_and_written_as_utf_8() -> None:
    async def script(session: Session, sentence: Sentence) -> None:
        await send(session, sentence, ["!re", b"=comment=fa\xe7ade", "=name=\u53f0\u5317"])

    async with talking(script) as (router, wire):
        (row,) = (await wire.ask("/x", {"comment": "B\xfcro \u53f0", "?name": "="}, PATIENCE)).rows
        assert row == {"comment": "façade", "name": "台北"}
        assert router.received[0][1:3] == ["=comment=Büro 台", "?name=="]


async def test_long_words_and_sentences_pass() -> None:
    long = "x" * 40_000

    async def script(session: Session, sentence: Sentence) -> None:
        await send(session, sentence, ["!re", f"=a={long}", *(f"=f{i}=v" for i in range(300))])

    async with talking(script) as (_router, wire):
        (row,) = (await wire.ask("/x", {"comment": "y" * 20_000}, PATIENCE)).rows
        assert row["a"] == long
        assert len(row) == 301


async def test_a_change_whose_answer_is_lost_is_unknown() -> None:
    async def script(session: Session, sentence: Sentence) -> None:
        if sentence[0] == "/no":
            await send(session, sentence, ["!trap", "=message=failure: already have such address"])
        elif sentence[0] == "/half":
            await send(session, sentence, ["!trap", "=category=2", "=message=interrupted"])
        elif sentence[0] == "/drop":
            session.writer.transport.abort()

    async with talking(script) as (router, wire):
        with pytest.raises(Rejected):
            await wire.ask("/no", {}, PATIENCE, changes=True)
        for command in ("/half", "/drop"):
            with pytest.raises(OutcomeUnknown):
                await wire.ask(command, {}, PATIENCE, changes=True)
        # Never sent: the connection was gone before.
        with pytest.raises(Unreachable):
            await wire.ask("/late", {}, PATIENCE, changes=True)
        wire = await connected(router)
        with pytest.raises(OutcomeUnknown):
            await wire.ask("/hang", {}, SOON, changes=True)


async def test_closing_wakes_who_waits() -> None:
    async with talking(nothing) as (router, wire):
        waiting = asyncio.create_task(rows(wire, "/a"))
        await until(lambda: bool(router.received))
        await wire.close()
        with pytest.raises(Unreachable):
            await waiting
