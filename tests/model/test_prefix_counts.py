"""Counts of prefixes over time: what counts as none, courses that show a short loss, totals."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from labtui.model.overlay import Bgp, BgpConnection, BgpSession
from labtui.model.prefix_counts import SPANS, STEPS, Stretch, counts, course_of, totals
from tests.snapshots import NOW, snapshot


def bgp(*, prefixes: int | None = 5, established: bool = True, disabled: bool = False) -> Bgp:
    connection = BgpConnection("rt-a", "to-b", "10.0.0.2", 65002, disabled=disabled)
    session = BgpSession("rt-a", "to-b-1", "10.0.0.2", 65002, established=established,
                         prefixes=prefixes)  # fmt: skip
    return Bgp((connection,), (session,))


def counted(part: Bgp, routers: tuple[str, ...] = ("rt-a",)) -> dict[str, int]:
    return counts(snapshot(("rt-a", part)), routers, NOW)


def test_a_session_that_is_not_up_brings_none_and_one_without_a_word_is_left_out() -> None:
    assert counted(bgp()) == {"rt-a/to-b": 5}
    assert counted(bgp(established=False)) == {"rt-a/to-b": 0}
    assert counted(bgp(disabled=True)) == {"rt-a/to-b": 0}
    assert counted(Bgp(bgp().connections, ())) == {"rt-a/to-b": 0}
    assert counted(bgp(prefixes=None)) == {}
    assert counted(bgp(), ()) == {}, "of a router that was not read just now nothing is known"


def test_two_sessions_of_one_connection_are_summed_up() -> None:
    one = bgp()
    other = BgpSession("rt-a", "to-b-2", "10.0.0.2", established=True, prefixes=3)
    assert counted(Bgp(one.connections, (*one.sessions, other))) == {"rt-a/to-b": 8}


def test_a_short_loss_shows_in_a_long_course() -> None:
    begin = NOW - SPANS["day"]
    loss = NOW - 40000
    found = (
        Stretch("s", begin, loss, 9),
        Stretch("s", loss, loss + 60, 0),
        Stretch("s", loss + 60, NOW, 9),
    )
    values = course_of(found, "day", NOW).of("s")
    assert len(values) == STEPS
    assert sum(value == 0.0 for value in values) in (1, 2)
    assert None not in values
    assert values[-1] == 9.0


def test_where_nobody_looked_nothing_is_drawn() -> None:
    course = course_of((Stretch("s", NOW - 600, NOW - 300, 4),), "hour", NOW)
    values = course.figures["s"]
    assert values[0] is None
    assert values[-1] is None
    assert 4.0 in values


def test_totals_count_changes_and_not_gaps() -> None:
    found = (
        Stretch("s", 0.0, 10.0, 4),
        Stretch("s", 500.0, 510.0, 4),
        Stretch("s", 510.0, 520.0, 7),
        Stretch("t", 0.0, 1.0, 0),
    )
    one, other = totals(found)
    assert (one.last, one.least, one.most, one.changes) == (7, 4, 7, 1)
    assert (other.session, other.most) == ("t", 0)
    assert totals(()) == ()


@given(st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(0, 1e6), st.integers(0, 10**6)),
                max_size=8))  # fmt: skip
def test_a_course_stays_within_what_was_counted(raw: list[tuple[float, float, int]]) -> None:
    found = [Stretch("s", NOW + at, NOW + at + long, count) for at, long, count in raw]
    course = course_of(found, "week", NOW)
    known = [value for value in course.figures.get("s", ()) if value is not None]
    assert set(known) <= {float(each.count) for each in found}
