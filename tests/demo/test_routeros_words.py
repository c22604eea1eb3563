"""Framing: the five length forms, control bytes, sentences in pieces."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labtui.demo.routeros.words import (
    FramingError,
    encode_length,
    encode_sentence,
    length_form,
    read_sentence,
    read_word,
)
from tests.demo.router_client import connected, on_router, pack, served
from tests.demo.still_clock import Stage

# From the manual's table, not from the code.
FORMS = [
    (0x00, "00"),
    (0x7F, "7f"),
    (0x80, "8080"),
    (0x3FFF, "bfff"),
    (0x4000, "c04000"),
    (0x1FFFFF, "dfffff"),
    (0x200000, "e0200000"),
    (0xFFFFFFF, "efffffff"),
    (0x10000000, "f010000000"),
    (0xFFFFFFFF, "f0ffffffff"),
]


def _decode(data: bytes) -> int:
    more, value = length_form(data[0])
    assert len(data) == 1 + more
    for byte in data[1:]:
        value = value << 8 | byte
    return value


@pytest.mark.parametrize(("length", "wire"), FORMS)
def test_length_forms(length: int, wire: str) -> None:
    assert encode_length(length).hex() == wire
    assert _decode(bytes.fromhex(wire)) == length


@given(st.integers(0, 0xFFFFFFFF))
def test_lengths_come_back(length: int) -> None:
    assert _decode(encode_length(length)) == length


@pytest.mark.parametrize("length", [-1, 0x100000000])
def test_lengths_that_do_not_fit(length: int) -> None:
    with pytest.raises(ValueError, match=r"length|fit"):
        encode_length(length)


@pytest.mark.parametrize("first", range(0xF8, 0x100))
def test_control_bytes_are_refused(first: int) -> None:
    with pytest.raises(FramingError):
        length_form(first)


@given(st.lists(st.text(min_size=1, max_size=300), min_size=1, max_size=8))
def test_sentences_come_back(words: list[str]) -> None:
    words = [word.encode("utf-8", "replace").decode() for word in words]

    async def through() -> list[str]:
        reader = asyncio.StreamReader()
        reader.feed_data(b"\0\0" + encode_sentence(words))
        reader.feed_eof()
        return await read_sentence(reader)

    assert asyncio.run(through()) == words


@given(st.binary(max_size=200))
def test_any_bytes_give_words_or_a_refusal(data: bytes) -> None:
    async def through() -> None:
        reader = asyncio.StreamReader()
        reader.feed_data(data)
        reader.feed_eof()
        while True:
            await read_sentence(reader)

    with pytest.raises((FramingError, asyncio.IncompleteReadError)):
        asyncio.run(through())


async def test_bytes_that_are_no_utf8_go_out_as_they_came() -> None:
    reader = asyncio.StreamReader()
    reader.feed_data(b"\x05\xe7\xb2ab\xff\0")
    words = await read_sentence(reader)
    assert encode_sentence(words) == b"\x05\xe7\xb2ab\xff\0"


async def test_a_word_beyond_every_bound_is_not_waited_for() -> None:
    reader = asyncio.StreamReader()
    reader.feed_data(b"\xf0\x7f\xff\xff\xff")
    with pytest.raises(FramingError):
        await read_word(reader)


async def test_a_control_byte_ends_the_connection() -> None:
    async with on_router(Stage()) as client:
        client.writer.write(b"\xf8\x01\x00")
        assert await client.sentence() == []


async def test_a_sentence_may_arrive_byte_by_byte_after_empty_ones() -> None:
    async with on_router(Stage()) as client:
        for byte in b"\0\0" + pack(["/system/identity/print"]):
            client.writer.write(bytes([byte]))
            await client.writer.drain()
        assert await client.until_done() == [["!re", "=name=rt-836"], ["!done"]]


async def test_a_long_word_uses_the_longer_forms_both_ways() -> None:
    stage = Stage()
    comment = "é" * 9000
    async with served(stage) as port, connected(port) as client:
        client.writer.write(
            encode_sentence(["/interface/wireguard/peers/set", "=.id=*1", f"=comment={comment}"])
        )
        assert await client.until_done() == [["!done"]]
        assert stage.peer("rt-836", "wg-835").comment == comment
        await client.send("/interface/wireguard/peers/print", "=.proplist=comment", "?.id=*1")
        assert await client.reader.readexactly(4) == b"\x03!re"
        assert await read_word(client.reader) == f"=comment={comment}".encode()
