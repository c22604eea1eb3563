"""Fewer bytes, the same screen: compared cell by cell on an emulated terminal."""

from __future__ import annotations

import pyte
from hypothesis import given
from hypothesis import strategies as st

from labtui.ui.thrift import Thrift

COLOURS = st.sampled_from(
    ["", "31", "39", "42", "49", "97", "104", "38;5;188", "48;5;16", "38;2;1;2;3", "48;2;250;0;9"]
)
ATTRIBUTES = st.sampled_from(["", "1", "3", "4", "7", "9", "1;4"])


def style(parts: tuple[str, str, str]) -> str:
    return f"\x1b[{';'.join(part for part in parts if part)}m" if any(parts) else ""


STYLED = st.builds(
    lambda look, text, reset: style(look) + text + ("\x1b[0m" if reset else ""),
    st.tuples(ATTRIBUTES, COLOURS, COLOURS),
    st.text("abc █陳", max_size=6),
    st.booleans(),
)
MOVES = st.builds(
    lambda row, column: f"\x1b[{row};{column}H", st.integers(1, 6), st.integers(1, 20)
)
OTHERS = st.sampled_from(
    ["\x1b[0m", "\x1b[m", "\x1b[2J", "\x1b[K", "\x1b[?25l", "\x1b[?2026h", "\x1b[5;3H", "\r\n", "x"]
)
WRITINGS = st.lists(
    st.lists(st.one_of(STYLED, MOVES, OTHERS), max_size=12).map("".join), max_size=6
)


def shown(writings: list[str]) -> list[list[object]]:
    screen = pyte.Screen(24, 6)
    stream = pyte.Stream(screen)
    for writing in writings:
        stream.feed(writing)
    return [[screen.buffer[row][column] for column in range(24)] for row in range(6)]


@given(WRITINGS)
def test_the_screen_is_the_same(writings: list[str]) -> None:
    thrift = Thrift()
    assert shown([thrift.rewritten(writing) for writing in writings]) == shown(writings)


def test_what_is_in_force_is_not_said_again() -> None:
    thrift = Thrift()
    piece = "\x1b[38;5;188;48;5;16m12%\x1b[0m"
    thrift.rewritten(f"\x1b[1;1H{piece}")
    assert thrift.rewritten(f"\x1b[2;1H{piece}") == "\x1b[2;1H12%"
    assert thrift.rewritten(f"\x1b[3;1H{piece}{piece}") == "\x1b[3;1H12%12%"


def test_only_the_difference_is_sent() -> None:
    thrift = Thrift()
    thrift.rewritten("\x1b[38;5;188;48;5;16ma\x1b[0m")
    assert thrift.rewritten("\x1b[38;5;78;48;5;16mb\x1b[0m") == "\x1b[38;5;78mb"
    assert thrift.rewritten("\x1b[1;38;5;78;48;5;16mb\x1b[0m") == "\x1b[1mb"
    assert thrift.rewritten("\x1b[38;5;78;48;5;16mb\x1b[0m") == "\x1b[0;38;5;78;48;5;16mb"


def test_leaving_the_screen_leaves_no_colour_behind() -> None:
    thrift = Thrift()
    thrift.rewritten("\x1b[31mred")
    assert thrift.rewritten("\x1b[?1049l").startswith("\x1b[0m")


def test_an_unknown_style_is_passed_on() -> None:
    thrift = Thrift()
    assert "\x1b[4:3m" in thrift.rewritten("\x1b[4:3mx")
    assert thrift.rewritten("\x1b[58;5;1mx").endswith("\x1b[58;5;1mx")
    assert thrift.rewritten("\x1b[0m\x1b[31my") == "\x1b[0;31my"
