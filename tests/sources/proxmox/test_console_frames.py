"""The bytes of a console: what we frame, the terminal server reads; the greeting however cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labtui.demo.proxmox.terminal import split_frames
from labtui.sources.proxmox.console_frames import LONGEST, PING, Welcome, hello, sized, typed


@given(st.lists(st.binary(max_size=40), max_size=6), st.lists(st.integers(1, 9), max_size=40))
def test_what_is_typed_arrives_however_it_is_cut(texts: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(PING + sized(80, 24) + b"".join(typed(text)) for text in texts)
    got, rest = b"", b""
    while stream:
        size = cuts.pop() if cuts else len(stream)
        part, stream = stream[:size], stream[size:]
        frames, rest = split_frames(rest + part)
        got += b"".join(frames)
    assert (got, rest) == (b"".join(texts), b"")


@given(st.binary(min_size=1, max_size=3 * LONGEST))
def test_no_frame_is_too_long_or_empty(data: bytes) -> None:
    frames = list(typed(data))
    assert b"".join(frame.split(b":", 2)[2] for frame in frames) == data
    assert all(0 < len(frame.split(b":", 2)[2]) <= LONGEST for frame in frames)
    assert list(typed(b"")) == []


@given(st.integers(), st.integers())
def test_a_size_is_always_one(columns: int, rows: int) -> None:
    seen: list[tuple[int, int]] = []
    assert split_frames(sized(columns, rows), lambda *size: seen.append(size)) == ([], b"")
    assert all(1 <= each <= 9_999 for each in seen[0])


@given(st.binary(max_size=60), st.lists(st.integers(1, 9), max_size=60))
def test_the_greeting_is_found_however_it_is_cut(screen: bytes, cuts: list[int]) -> None:
    stream, welcome, shown = b"OK" + screen, Welcome(), b""
    while stream:
        size = cuts.pop() if cuts else len(stream)
        shown += welcome.take(stream[:size])
        stream = stream[size:]
    assert welcome.seen
    assert shown == screen


@given(st.binary(min_size=2, max_size=60).filter(lambda data: data[:2] != b"OK"))
def test_another_greeting_is_none_and_nothing_of_it_is_shown(data: bytes) -> None:
    welcome = Welcome()
    assert b"".join(welcome.take(bytes((byte,))) for byte in data) == b""
    assert welcome.seen is False


@pytest.mark.parametrize(("user", "ticket"), [("", "t"), ("a\nb", "t"), ("a:b", "t"), ("a", "t\n")])
def test_the_first_line_is_one_line(user: str, ticket: str) -> None:
    with pytest.raises(ValueError, match="not a user"):
        hello(user, ticket)


def test_the_first_line() -> None:
    assert hello("labtui@pve!console", "PVEVNC:1::x") == b"labtui@pve!console:PVEVNC:1::x\n"
