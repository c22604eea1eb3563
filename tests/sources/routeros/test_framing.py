"""Bytes to sentences: what the library reads word by word, in whatever pieces it comes."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from librouteros.protocol import encode_length, encode_sentence

from labtui.sources.routeros.framing import LONGEST, MOST_WORDS, Sentences
from labtui.sources.routeros.sentences import Garbled

_WORDS = st.lists(st.text("=.a\xe9", min_size=1, max_size=300), max_size=6)


def _stream(*pieces: bytes) -> asyncio.StreamReader:
    stream = asyncio.StreamReader()
    for piece in pieces:
        stream.feed_data(piece)
    stream.feed_eof()
    return stream


async def _piecemeal(stream: asyncio.StreamReader, data: bytes, size: int) -> None:
    for at in range(0, len(data), size):
        stream.feed_data(data[at : at + size])
        await asyncio.sleep(0)
    stream.feed_eof()


@given(st.lists(_WORDS, min_size=1, max_size=5), st.integers(1, 400))
async def test_sentences_come_out_as_the_library_put_them_in(
    sentences: list[list[str]], size: int
) -> None:
    data = b"".join(encode_sentence("!re", *words, encoding="latin-1") for words in sentences)
    stream = asyncio.StreamReader()
    feeding = asyncio.create_task(_piecemeal(stream, data, size))
    read = Sentences(stream)
    assert [await read.next() for _ in sentences] == [["!re", *words] for words in sentences]
    with pytest.raises(EOFError):
        await read.next()
    await feeding


@pytest.mark.parametrize("length", [0x7F, 0x80, 0x3FFF, 0x4000, 0x1FFFFF, 0x200000])
async def test_every_form_of_a_length(length: int) -> None:
    word = "=" + "x" * (length - 1)
    read = Sentences(_stream(encode_sentence("!re", word, encoding="latin-1")))
    assert await read.next() == ["!re", word]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"\xf0\x00\x00\x00\x01x", "begins no word"),
        (b"\xff", "begins no word"),
        (b"\x05hello\x00", "no reply"),
        (b"\x03!re" + encode_length(LONGEST + 1), "word without end"),
        (b"\x03!re" + b"\x01x" * MOST_WORDS, "sentence without end"),
    ],
)
async def test_what_is_not_the_protocol_is_garbled(data: bytes, says: str) -> None:
    with pytest.raises(Garbled, match=says):
        await Sentences(_stream(data)).next()


@given(st.binary(max_size=200))
async def test_rubbish_ends_in_words_garbled_or_the_end(data: bytes) -> None:
    read = Sentences(_stream(data))
    with pytest.raises((Garbled, EOFError)):
        while words := [await read.next()]:
            assert all(isinstance(word, str) for word in words[0])
