"""Leases and requests in notes: strict lines, and every other byte left alone."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labtui.model.leases import (
    LEASE,
    Broken,
    Lease,
    Request,
    begins_at,
    ends_at,
    exchanged,
    lease_of,
    leases_in,
    line_of,
    parse_lease,
    parse_request,
    requests_in,
)

DAYS = st.dates(
    min_value=dt.date(2000, 1, 1),
    max_value=dt.date(2999, 12, 30),
).map(lambda day: day.isoformat())
_SIGNS = st.characters(categories=("L", "N", "P", "S"), exclude_characters=";") | st.just(" ")
WORDS = st.text(_SIGNS, max_size=60).map(str.strip)
NAMES = WORDS.filter(bool)
CARDS = st.lists(st.integers(0, 15).map(lambda n: f"hostpci{n}"), unique=True, max_size=4)


@st.composite
def leases(draw: st.DrawFn) -> Lease:
    since, until = sorted((draw(DAYS), draw(DAYS)))
    return Lease(
        draw(NAMES),
        draw(st.sampled_from((until, ""))),
        draw(st.sampled_from((since, ""))),
        tuple(draw(CARDS)),
        draw(WORDS),
        draw(WORDS),
    )


@given(leases())
def test_a_lease_is_read_as_it_was_written(lease: Lease) -> None:
    assert parse_lease(line_of(lease)) == lease


@given(leases(), st.text(max_size=300), leases())
def test_other_text_is_left_alone_to_the_byte(lease: Lease, notes: str, other: Lease) -> None:
    known = leases_in(notes)[0]
    if lease in known or other in known or lease == other:
        return
    added = exchanged(notes, None, lease)
    assert added == f"{line_of(lease)}\n{notes}"
    changed = exchanged(added, lease, other)
    assert changed == f"{line_of(other)}\n{notes}"
    assert exchanged(changed, other, None) == notes


@given(st.text(max_size=200))
def test_whatever_stands_there_is_a_lease_a_broken_one_or_none(text: str) -> None:
    for line in (text, LEASE + text):
        found = parse_lease(line)
        if isinstance(found, Lease):
            assert parse_lease(line_of(found)) == found


@pytest.mark.parametrize(
    "line",
    [
        "labtui lease:",
        "labtui lease: amy",
        "labtui lease: owner=",
        "labtui lease: until=2026-12-01",
        "labtui lease: owner=amy; owner=ben",
        "labtui lease: owner=amy; until=soon",
        "labtui lease: owner=amy; until=2026-02-30",
        "labtui lease: owner=amy; until=1026-02-20",
        "labtui lease: owner=amy; from=2026-12-02; until=2026-12-01",
        "labtui lease: owner=amy; cards=hostpci16",
        "labtui lease: owner=amy; cards=hostpci1,hostpci1",
        "labtui lease: owner=amy; colour=red",
        "labtui lease: owner=amy;",
        "labtui lease: owner=" + "a" * 201,
    ],
)
def test_what_is_no_lease_is_told_as_broken_and_stays(line: str) -> None:
    assert isinstance(parse_lease(line), Broken)
    new = Lease("ben")
    assert exchanged(line, None, new).endswith(line)


def test_a_line_in_the_middle_keeps_its_place_and_its_end() -> None:
    old, new = Lease("amy", "2026-12-01"), Lease("amy", "2026-12-24")
    notes = f"# Title\r\n{line_of(old)}\r\nlast"
    assert exchanged(notes, old, new) == f"# Title\r\n{line_of(new)}\r\nlast"


def test_the_last_day_is_part_of_it() -> None:
    begin, end = begins_at("2026-12-01"), ends_at("2026-12-01")
    assert begin is not None
    assert end is not None
    # An hour more or less where clocks are set that day.
    assert abs(end - begin - 86400) <= 3600


def test_a_lease_of_a_line_goes_before_one_of_all() -> None:
    whole, named = Lease("amy"), Lease("ben", cards=("hostpci1",))
    assert lease_of((whole, named), 1) == named
    assert lease_of((whole, named), 0) == whole
    assert lease_of((named,), 0) is None


def test_requests_are_lines_of_the_same_form() -> None:
    request = Request("amy", "2 RTX 4090", "2026-12-01", "2026-12-10", "vision", "a paper")
    assert parse_request(line_of(request)) == request
    found, broken = requests_in(f"notes\n{line_of(request)}\nlabtui request: owner=x\n")
    assert found == (request,)
    assert [each.why for each in broken] == ["want"]
    assert parse_request(line_of(Lease("amy"))) is None
