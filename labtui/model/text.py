"""Text from outside, made harmless once, where a source makes a model object."""

from __future__ import annotations

import unicodedata

_REPLACEMENT = "�"
_LONGEST = 4096


def clean(text: str, longest: int = _LONGEST) -> str:
    """One line of printable text: what could steer a terminal becomes U+FFFD, odd blanks a space.

    Tabs and line ends become spaces, so that words stay apart. Longer text is cut at `longest`
    characters.
    """
    if len(text) > longest:
        text = text[: longest - 1] + "…"
    if text.isprintable():
        return text
    return "".join(_harmless(character) for character in text)


def clean_lines(text: str, longest: int = _LONGEST) -> str:
    """Like `clean`, but line ends stay (descriptions, logs)."""
    return "\n".join(clean(line) for line in text[:longest].splitlines())


def _harmless(character: str) -> str:
    if character.isprintable():
        return character
    if character in "\t\r\n" or unicodedata.category(character) == "Zs":
        return " "
    # Control, format (bidi, zero width), surrogate, separators, private use, unassigned.
    return _REPLACEMENT
