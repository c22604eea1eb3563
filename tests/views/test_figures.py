"""Figures as people read them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labtui.views.figures import bar, exact_span, rate, share, size, span


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (None, ""),
        (0, "0B"),
        (999, "999B"),
        (1024, "1.0K"),
        (31 << 30, "31G"),
        (int(1.5 * (1 << 40)), "1.5T"),
        (1023 << 30, "1.0T"),
    ],
)
def test_size(count: int | None, text: str) -> None:
    assert size(count) == text


@given(st.integers(0, 1 << 60))
def test_sizes_stay_short(count: int) -> None:
    assert len(size(count)) <= 5


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, ""),
        (0, "0s"),
        (12.9, "12s"),
        (90, "90s"),
        (840, "14m"),
        (3700, "61m"),
        (7300, "2h"),
        (41 * 86400, "41d"),
        (800 * 86400, "2y"),
    ],
)
def test_span(seconds: float | None, text: str) -> None:
    assert span(seconds) == text


@given(st.floats(0, 3e9))
def test_spans_stay_short(seconds: float) -> None:
    assert 2 <= len(span(seconds)) <= 4


def test_exact_span() -> None:
    assert exact_span(41 * 86400 + 3 * 3600 + 12 * 60 + 9) == "41d 03:12:09"
    assert exact_span(61) == "00:01:01"


def test_rate_and_share() -> None:
    assert rate(0.2) == "0"
    assert rate(88) == "88"
    assert rate(1.2 * (1 << 20)) == "1.2M"
    assert share(1, 0) is None
    assert share(1, 4) == 0.25


@given(st.floats(-1, 2), st.integers(1, 40))
def test_bar_has_its_width(fraction: float, width: int) -> None:
    assert len(bar(fraction, width)) == width
