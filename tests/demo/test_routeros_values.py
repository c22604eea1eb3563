"""Query words and value forms, apart from any server."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labtui.demo.routeros.menu import Trap
from labtui.demo.routeros.query import matches
from labtui.demo.routeros.values import duration, parse_duration, parse_version, stamp
from tests.demo.still_clock import START

ROW = {"name": "amy", "rx": "900", "age": "1m45s", "disabled": "false", "ebgp": ""}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], True),
        (["?name"], True),
        (["?colour"], False),
        (["?-name"], False),
        (["?-colour"], True),
        (["?name=amy"], True),
        (["?=name=amy"], True),
        (["?name=ben"], False),
        (["?colour="], False),
        (["?ebgp="], True),
        (["?disabled=no"], True),
        (["?disabled=false"], True),
        (["?disabled=yes"], False),
        (["?>rx=1000"], False),
        (["?<rx=1000"], True),
        (["?>age=100"], True),
        (["?<age=2m"], True),
        (["?name=amy", "?rx=1"], False),
        (["?name=amy", "?rx=1", "?#|"], True),
        (["?name=ben", "?#!"], True),
        (["?name=amy", "?rx=900", "?#&"], True),
        (["?name=amy", "?rx=900", "?#&!"], False),
        (["?name=amy", "?name=ben", "?#1"], True),
        (["?name=ben", "?name=amy", "?#1.&!|"], True),
    ],
)
def test_query_words(words: list[str], expected: bool) -> None:
    assert matches(ROW, words) is expected


@given(st.integers(0, 10**9))
def test_durations_come_back(seconds: int) -> None:
    assert parse_duration(duration(seconds)) == seconds


@pytest.mark.parametrize(
    ("seconds", "step", "text"),
    [
        (0, "s", "0s"),
        (105, "s", "1m45s"),
        (11827341, "s", "19w3d21h22m21s"),
        (3190.72, "ms", "53m10s720ms"),
        (0.009445, "us", "9ms445us"),
        (0.000453, "us", "453us"),
    ],
)
def test_durations_in_the_recorded_forms(seconds: float, step: str, text: str) -> None:
    assert duration(seconds, step) == text


def test_dates_and_versions() -> None:
    assert stamp(START, (7, 12, 2)) == "2027-01-15 16:00:00"
    assert stamp(START, (7, 9)) == "jan/15/2027 16:00:00"
    assert parse_version("7.9 (stable)") < parse_version("7.20.4 (stable)")


@given(st.text(max_size=30))
def test_any_text_is_a_duration_or_a_value_error(text: str) -> None:
    try:
        assert parse_duration(text) >= 0
    except ValueError as error:
        assert "duration" in str(error)


@given(st.lists(st.text(max_size=12).map(lambda body: "?" + body), max_size=6))
def test_any_query_words_give_an_answer_or_a_trap(words: list[str]) -> None:
    try:
        assert matches(ROW, words) in (True, False)
    except Trap as trap:
        assert trap.message == "invalid query"
