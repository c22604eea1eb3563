"""Points in time: spans back from now, days, times with and without a zone."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labtui.cli.point import point
from tests.snapshots import NOW


@pytest.mark.parametrize(("text", "back"), [("2h", 7200), ("7d", 604800), ("90s", 90)])
def test_spans_count_back_from_now(text: str, back: int) -> None:
    assert point(text, NOW) == NOW - back


def test_days_and_times() -> None:
    assert point("2026-11-21T09:30:00+00:00", NOW) == 1795253400
    local = datetime(2026, 11, 21).astimezone().timestamp()
    assert point("2026-11-21", NOW) == local


@pytest.mark.parametrize("text", ["", "yesterday", "25:00", "2026-13-01"])
def test_what_is_no_time_is_said(text: str) -> None:
    with pytest.raises(ValueError, match="neither a span like 2h nor a time"):
        point(text, NOW)


@given(st.text(max_size=20))
def test_any_text_is_a_time_or_refused(text: str) -> None:
    try:
        assert isinstance(point(text, NOW), float)
    except ValueError as refused:
        assert "neither" in str(refused)
