"""When a way is left alone, and who tries it again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from labtui.sources.breaker import FIRST_REST, LONGEST_REST, Breaker


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def breaker(clock: Clock, jitter: float = 0.5) -> Breaker:
    return Breaker(clock, threshold=2, jitter=lambda: jitter)


def may_go(one: Breaker) -> bool:
    return one.ready


def test_one_failure_is_none() -> None:
    one = breaker(Clock())
    one.failed()
    assert may_go(one)
    assert not one.open


def test_it_opens_after_several_in_a_row() -> None:
    clock = Clock()
    one = breaker(clock)
    one.failed()
    one.answered()
    one.failed()
    assert may_go(one)
    one.failed()
    assert not may_go(one)
    clock.now += FIRST_REST + 0.1
    assert may_go(one)
    assert one.open


def test_half_open_one_probe_goes() -> None:
    clock = Clock()
    one = breaker(clock)
    one.failed()
    one.failed()
    clock.now = one.until
    assert may_go(one)
    one.begin()
    assert not may_go(one)
    one.answered()
    assert may_go(one)
    assert not one.open


def test_a_probe_that_failed_makes_the_rest_longer() -> None:
    clock = Clock()
    one = breaker(clock)
    one.failed()
    one.failed()
    rests = []
    for _number in range(8):
        rests.append(one.until - clock.now)
        clock.now = one.until
        one.begin()
        one.failed()
        assert not may_go(one)
    assert rests == sorted(rests)
    assert rests[-1] == LONGEST_REST


def test_a_probe_that_nobody_reports_ends_by_itself() -> None:
    clock = Clock()
    one = breaker(clock)
    one.failed()
    one.failed()
    clock.now = one.until
    one.begin()
    clock.now += 60
    assert may_go(one)


def test_late_failures_of_calls_under_way_add_nothing() -> None:
    clock = Clock()
    one = breaker(clock)
    for _number in range(6):
        one.failed()
    assert one.until - clock.now == FIRST_REST


@given(st.floats(0, 1), st.integers(0, 12))
def test_the_jitter_is_bounded(jitter: float, more: int) -> None:
    clock = Clock()
    one = breaker(clock, jitter)
    one.failed()
    one.failed()
    for _number in range(more):
        clock.now = one.until
        one.failed()
    assert FIRST_REST * 0.8 <= one.until - clock.now <= LONGEST_REST * 1.2
