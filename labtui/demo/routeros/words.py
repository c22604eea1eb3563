"""Framing of the binary API: words with a variable length, sentences ended by an empty word.

The five length forms are those of the manual's API page. A first byte of 0xF8 or more is reserved
for control and ends the connection.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

# No command of ours is near this; a longer word would only fill the memory.
LONGEST_WORD = 1 << 20
MOST_WORDS = 1000

# (first length that no longer fits, marker in the first byte, bytes of the form)
_FORMS = (
    (0x80, 0x00, 1),
    (0x4000, 0x80, 2),
    (0x200000, 0xC0, 3),
    (0x10000000, 0xE0, 4),
    (0x100000000, 0xF0, 5),
)


class FramingError(Exception):
    """What came is no sentence: a control byte, or a word beyond every bound."""


def encode_length(length: int) -> bytes:
    """The length prefix of a word. ValueError for a length that does not fit into 32 bits."""
    if 0 <= length < 0x80:
        return bytes((length,))
    if length < 0:
        raise ValueError(f"negative length {length}")
    for limit, marker, size in _FORMS:
        if length < limit:
            body = length.to_bytes(size if size < 5 else 4, "big")
            return bytes([marker]) + body if size == 5 else bytes([body[0] | marker]) + body[1:]
    raise ValueError(f"a word of {length} bytes does not fit")


def length_form(first: int) -> tuple[int, int]:
    """How many bytes follow the first byte of a length, and what the first byte itself counts.

    Raises FramingError for a reserved control byte.
    """
    if first >= 0xF8:
        raise FramingError(f"control byte 0x{first:02X}")
    for _, marker, size in reversed(_FORMS):
        if first >= marker:
            return size - 1, first - marker if size < 5 else 0
    raise FramingError(f"length byte 0x{first:02X}")


def encode_word(word: str) -> bytes:
    """A word on the wire; bytes that came in without being UTF-8 go out as they came."""
    body = word.encode("utf-8", "surrogateescape")
    return encode_length(len(body)) + body


def encode_sentence(words: Iterable[str]) -> bytes:
    """A whole sentence with its closing empty word."""
    return b"".join(encode_word(word) for word in words) + b"\x00"


async def read_word(reader: asyncio.StreamReader) -> bytes:
    """The next word. Raises FramingError, or asyncio.IncompleteReadError at the end."""
    first = (await reader.readexactly(1))[0]
    more, start = length_form(first)
    length = start
    for byte in await reader.readexactly(more) if more else b"":
        length = length << 8 | byte
    if length > LONGEST_WORD:
        raise FramingError(f"a word of {length} bytes")
    return await reader.readexactly(length)


async def read_sentence(reader: asyncio.StreamReader) -> list[str]:
    """The next sentence that is not empty. Raises like `read_word`."""
    words: list[str] = []
    while True:
        word = await read_word(reader)
        if word:
            words.append(word.decode("utf-8", "surrogateescape"))
            if len(words) > MOST_WORDS:
                raise FramingError("a sentence without an end")
        elif words:
            return words
