"""Hostile text in every text field of every struct, and what must never come of it."""

from __future__ import annotations

import re
import typing
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
from hypothesis import strategies as st

from labtui.ui.thrift import Thrift
from tests.ui.driver import Console

_S = TypeVar("_S")
Rewrite = Callable[[str], str]

WRITTEN = (
    "[/b]",
    "[@click=app.quit]x[/]",
    "[bold red]x",
    "[link=https://example.org]x[/link]",
    "\\[b]",
    "$primary [$error]",
    "\x1b]52;c;aGFoYQ==\x07",
    "\x1b]8;;https://example.org\x1b\\x\x1b]8;;\x1b\\",
    "\x1b]0;title\x07",
    "\x1b[31mred",
    "\x1b[2J\x1b[1;1H",
    "\x1bc",
    "\x1bP$q\x1b\\",
    "\x9b31m\x90x\x9c",
    "a\u202eb\u2066c",
    "\u200b\u200d\ufe0f\ufeff",
    "e\u0301" * 9,
    "\U0001f469\u200d\U0001f4bb\U0001f1f9\U0001f1fc",
    "方怡君" * 30,
    "\ufdfd\u0e33\u1160",
    "line\nbreak\ttab\r\x0b\x0c\x85\u2028",
    "\x00\x08\x7f",
    "x" * 5000,
    "",
    " ",
)
_NASTY = st.characters(categories=("Cc", "Cf", "Zs", "Zl", "Zp", "Mn", "Co", "Lo", "So", "Ps"))
TEXTS = st.one_of(
    st.sampled_from(WRITTEN),
    st.text(_NASTY, max_size=40),
    st.text(st.sampled_from("[]/=@\\$#:()'\"b \x1b\x9b方\u202e\u0301"), max_size=30),
)


def poisoned(thing: _S, rewrite: Rewrite) -> _S:
    """The same struct with every text in it rewritten, however deep; choices of words stay."""
    return typing.cast(_S, _poisoned(thing, rewrite))


def _poisoned(thing: Any, rewrite: Rewrite) -> Any:
    if isinstance(thing, str):
        return rewrite(thing)
    if isinstance(thing, msgspec.Struct):
        hints = typing.get_type_hints(type(thing))
        changes = {
            name: _poisoned(getattr(thing, name), rewrite)
            for name in thing.__struct_fields__
            if typing.get_origin(hints[name]) is not typing.Literal
        }
        return msgspec.structs.replace(thing, **changes)
    if isinstance(thing, tuple):
        return tuple(_poisoned(each, rewrite) for each in thing)
    if isinstance(thing, frozenset):
        return frozenset(_poisoned(each, rewrite) for each in thing)
    if isinstance(thing, dict):
        return {_poisoned(k, rewrite): _poisoned(v, rewrite) for k, v in thing.items()}
    return thing


# What a driver may send: colours, and where to write.
_OWN = re.compile(r"\x1b\[[0-9;]*[mH]")
_STEERS = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def written(console: Console) -> str:
    """What a terminal would be sent for the whole screen, as the driver sends it."""
    update = console.app.screen._compositor.render_update(full=True)
    assert update is not None
    sent: str = update.render_segments(console.app.console)  # type: ignore[union-attr]
    return Thrift().rewritten(sent)


def breaches(console: Console, width: int) -> list[str]:
    """What is wrong with what is on the screen."""
    found = []
    sent = written(console)
    if steering := _STEERS.findall(_OWN.sub("", sent).replace("\n", "").replace("\r", "")):
        found.append(f"sent to the terminal: {steering[:5]!r}")
    strips = console.app.screen._compositor.render_strips()
    if lengths := {strip.cell_length for strip in strips} - {width}:
        found.append(f"lines of {lengths} cells instead of {width}")
    for strip in strips:
        if _STEERS.search(strip.text):
            found.append(f"in a line: {strip.text!r}")
        for segment in strip:
            if segment.style and (segment.style.link or segment.style.meta.get("@click")):
                found.append(f"a link or an action: {segment.text!r}")
    sent.encode()
    return found
