"""The filter of a table."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labtui.views.filter import EMPTY, doubts, matches, parse
from labtui.views.guests import GUESTS
from tests.snapshots import NOW, cluster_lab, guest

LAB = cluster_lab(
    guest(104, "pve1", name="gpu-amy"),
    guest(105, "pve2", name="gpu-ben", status="stopped"),
    guest(106, "pve2", name="web amy", tags=("course", "a:b")),
)
ROWS = GUESTS.rows(LAB, NOW)


def found(text: str) -> list[int]:
    wanted = parse(text)
    return [row.guest.vmid for row in ROWS if matches(GUESTS, row, wanted)]


@pytest.mark.parametrize(
    ("text", "vmids"),
    [
        ("", [104, 105, 106]),
        ("GPU", [104, 105]),
        ("gpu pve2", [105]),
        ("amy !gpu", [106]),
        ("node:pve2", [105, 106]),
        ("!node:pve2", [104]),
        ("NODE:PVE1", [104]),
        ("state:stopped", [105]),
        ("id:10", [104, 105, 106]),
        ("~^gpu-(amy|eve)$", [104]),
        ("name:~AMY", [104, 106]),
        ("!~gpu", [106]),
        ('"web amy"', [106]),
        ('name:"web amy"', [106]),
        ("a:b", [106]),
        ("nothing", []),
        ("nosuchcolumn:pve1", []),
        ("!", [104, 105, 106]),
        ("~", [104, 105, 106]),
        ("gpu !", [104, 105]),
    ],
)
def test_what_a_filter_lets_through(text: str, vmids: list[int]) -> None:
    assert found(text) == vmids


def test_a_bad_regex_is_left_out_and_said() -> None:
    wanted = parse("gpu ~(")
    assert "( is no regular expression" in wanted.message
    assert found("gpu ~(") == [104, 105]


def test_an_empty_filter_has_no_terms() -> None:
    assert parse("  ").terms == EMPTY.terms


@given(st.text(max_size=40))
def test_any_text_is_a_filter(text: str) -> None:
    wanted = parse(text)
    for row in ROWS:
        assert matches(GUESTS, row, wanted) in (True, False)


@given(st.sampled_from(["gpu", "node:pve2", "~amy", '"web amy"']))
def test_not_is_the_contrary(term: str) -> None:
    assert sorted(found(term) + found(f"!{term}")) == [104, 105, 106]


@pytest.mark.parametrize(
    ("text", "vmids"),
    [
        ("id:>104", [105, 106]),
        ("id:>=105 id:<106", [105]),
        ("!id:>104", [104]),
        ("memory:>1.5G", [104, 106]),
        ("memory:<1.5G", []),
        ("cpu:>150", [104, 106]),
        ("cpu:>150%", [104, 106]),
        ("cpu:>200%", []),
        ("cpu:>=200%", [104, 106]),
        ("uptime:<2h", [104, 106]),
        ("uptime:>1h", []),
        ("name:>5", []),
        ("cpu:>lots", []),
    ],
)
def test_numbers_are_compared(text: str, vmids: list[int]) -> None:
    assert found(text) == vmids


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("gpu", ""),
        ("node:pve2 id:>5", ""),
        ("a:b", ""),
        ("0000:99", ""),
        ("cpu:>", ""),
        ("cpux:>5", "there is no field 'cpux' here; the fields are id name node"),
        ("!owners:amy", "there is no field 'owners' here"),
        ("cpu:>lots", "'lots' is no number to compare with"),
        ("name:>5", "'name' has words"),
        ("~(", "is no regular expression"),
    ],
)
def test_what_a_filter_can_not_answer_is_told(text: str, told: str) -> None:
    doubt = doubts(GUESTS, parse(text), ROWS)
    assert told in doubt
    assert bool(told) == bool(doubt)


@given(st.text(max_size=40))
def test_doubts_never_raise(text: str) -> None:
    assert isinstance(doubts(GUESTS, parse(text), ROWS), str)
