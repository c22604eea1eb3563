"""Sentences out of the bytes of a connection, a whole buffer at a time.

librouteros asks its stream three times for each word, which is most of what a table of routes
costs; here the stream is asked when the buffer is used up. The forms of a length are those of the
manual's API page, section API words.
"""

from __future__ import annotations

import asyncio

from labtui.locale import _
from labtui.sources.routeros.sentences import Garbled

MOST_WORDS = 2_000
"""Words of one sentence; a row has some fifty."""
LONGEST = 4 * 1024 * 1024
"""Bytes of one word, far above any script or comment that a router keeps."""
_CHUNK = 1 << 16
# The first byte's bound, the bits of it that are no length, and the bytes that follow it.
_FORMS = ((0xC0, 0x80, 1), (0xE0, 0xC0, 2), (0xF0, 0xE0, 3))


class Sentences:
    """Reads one sentence after the other; there is no other reader of this stream."""

    def __init__(self, stream: asyncio.StreamReader) -> None:
        self._stream = stream
        self._data = b""
        self._at = 0

    async def next(self) -> list[str]:
        """The words of the next sentence, bytes as Latin-1.

        Raises `Garbled` for what is not the protocol, `EOFError` at the end, `OSError`.
        """
        words: list[str] = []
        while True:
            word = self._word()
            if word is None:
                await self._more()
            elif not word:
                return words
            else:
                words.append(word)
                if not words[0].startswith("!"):
                    raise Garbled(_("a sentence that is no reply"))
                if len(words) > MOST_WORDS:
                    raise Garbled(_("a sentence without end"))

    def _word(self) -> str | None:
        """The next word if all of it is there; the empty one ends a sentence."""
        data, at = self._data, self._at
        if at >= len(data):
            return None
        length = data[at]
        at += 1
        if length >= 0x80:
            more, length = _form(length)
            if at + more > len(data):
                return None
            for byte in data[at : at + more]:
                length = length << 8 | byte
            at += more
            if length > LONGEST:
                raise Garbled(_("a word without end"))
        end = at + length
        if end > len(data):
            return None
        self._at = end
        return data[at:end].decode("latin-1")

    async def _more(self) -> None:
        """What is left over, and what comes next behind it."""
        missing = await self._stream.read(_CHUNK)
        if not missing:
            raise EOFError
        self._data = self._data[self._at :] + missing
        self._at = 0


def _form(first: int) -> tuple[int, int]:
    """How many bytes of a length follow its first one, and what that one holds of it.

    Five bytes are for words that nobody sends, and beyond them are control bytes without a meaning.
    """
    for bound, mark, more in _FORMS:
        if first < bound:
            return more, first ^ mark
    raise Garbled(_("a byte that begins no word"))
