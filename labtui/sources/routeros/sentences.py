"""Sentences of the binary API, word by word: attributes, tags, and text as bytes. Pure."""

from __future__ import annotations

from labtui.locale import _
from labtui.sources.routeros.values import text_of_wire

Row = dict[str, str]


class Garbled(Exception):
    """What was read is not the protocol; the text says where."""


def attributes(words: list[str]) -> tuple[str | None, Row]:
    """The tag and the attributes, in whatever order they stand; raises `Garbled`."""
    tag: str | None = None
    row: Row = {}
    for word in words:
        if word.startswith("="):
            name, equals, value = word[1:].partition("=")
            if not equals or not name:
                raise Garbled(_("a word that is no attribute"))
            row[name] = value if value.isascii() else text_of_wire(value.encode("latin-1"))
        elif word.startswith(".tag="):
            tag = word[5:]
        elif not word.startswith("."):
            raise Garbled(_("a word that is no attribute"))
    return tag, row


def reason(words: list[str]) -> str:
    """The bare words of `!fatal`; some come as `=message=`."""
    text = " ".join(word.removeprefix("=message=") for word in words if not word.startswith(".tag"))
    return text_of_wire(text.encode("latin-1"))


def worded(name: str, value: str) -> str:
    return wired(f"{name}={value}" if name.startswith("?") else f"={name}={value}")


def wired(text: str) -> str:
    """UTF-8 in the shape that the library, told Latin-1, sends unchanged."""
    return text.encode("utf-8", "replace").decode("latin-1")
