"""When a feed's data must no longer pass for the present."""

from __future__ import annotations

import msgspec

from labtui.model.errors import Problem
from labtui.model.feed import Freshness
from tests.snapshots import NOW


def test_three_missed_readings_or_one_that_failed() -> None:
    fresh = Freshness(pace=10.0, read_at=NOW)
    assert not fresh.stale(NOW + 34)
    assert fresh.stale(NOW + 36)
    failing = msgspec.structs.replace(fresh, problem=Problem("timed-out", "x", "y", "z"))
    assert not failing.stale(NOW + 19)
    assert failing.stale(NOW + 21)


def test_never_read_is_stale_and_has_no_age() -> None:
    assert Freshness(pace=10.0).stale(NOW)
    assert Freshness(pace=10.0).age(NOW) is None


def test_a_clock_set_back_makes_no_negative_age() -> None:
    assert Freshness(pace=10.0, read_at=NOW).age(NOW - 60) == 0.0
